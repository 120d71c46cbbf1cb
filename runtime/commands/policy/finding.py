"""A policy named on the command line: a file, or one that the service keeps."""

from pathlib import Path
from urllib.parse import quote

import click
from click.exceptions import Exit

from domain.errors import PolicyInvalid
from domain.policy.policy import Policy
from domain.policy.reading.policies import parse_policy
from runtime.client import Refused, connect
from runtime.commands.policy.reading import policy_in, refuse


def find_policy(named: str, *, as_json: bool) -> Policy:
    """Read FILE, or the newest version of ID, or ID@VERSION.

    Says what stands in the way and ends with 2.
    """
    path = Path(named)
    if path.is_file():
        return policy_in(path, as_json=as_json)
    if path.suffix or len(path.parts) > 1:
        refuse(path, ["there is no such file"], as_json)
        raise Exit(2)
    return _kept(named, as_json=as_json)


def _kept(named: str, *, as_json: bool) -> Policy:
    id_, _, version = named.partition("@")
    if version and not version.isdecimal():
        raise click.UsageError(f"{named}: write ID@VERSION, such as {id_}@2.")
    try:
        wanted = {"version": version} if version else {}
        kept = connect().get(f"/v1/policies/{quote(id_, safe='')}", **wanted)
        return parse_policy(kept["document"], _others)
    except (Refused, PolicyInvalid) as error:
        refuse(Path(named), [str(error)], as_json)
        raise Exit(2) from None


def _others(id_: str) -> dict[str, object] | None:
    """The policy that one extends, as it is kept now."""
    try:
        found: dict[str, object] = connect().get(f"/v1/policies/{quote(id_, safe='')}")["document"]
    except Refused:
        return None
    return found
