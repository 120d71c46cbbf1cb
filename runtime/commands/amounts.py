"""Amounts as people type them."""

import re
from decimal import Decimal

import click

from domain import money

_AMOUNT = re.compile(r"\d{1,15}(\.\d{1,6})?", re.ASCII)


def minor(text: str, currency: str, option: str) -> int:
    """The amount in the currency's smallest unit, exactly. `option` is where it was typed."""
    if not _AMOUNT.fullmatch(text):
        raise click.BadParameter(f"{text!r}: write it like 600.00", param_hint=option)
    places = money.decimals(currency)
    found = Decimal(text).scaleb(places)
    if found != int(found):
        raise click.BadParameter(f"{text!r}: {currency} has {places} decimals", param_hint=option)
    return int(found)
