"""Every page in each state it has, by name, with how it is brought about."""

from collections.abc import Awaitable, Callable, Mapping

from tests.web.browser import (
    pages_choosing,
    pages_entering,
    pages_following,
    pages_withdrawing,
)
from tests.web.browser.product import Product
from tests.web.browser.way import Way

Bring = Callable[[Product], Awaitable[Way]]

_ALL: tuple[Bring, ...] = (
    pages_entering.enter,
    pages_entering.enter_unfinished,
    pages_entering.sent,
    pages_entering.once,
    pages_entering.too_much,
    pages_entering.link_expired,
    pages_entering.signed_out,
    pages_entering.left,
    pages_entering.missing,
    pages_entering.form_refused,
    pages_entering.preferences,
    pages_entering.preferences_of_a_stranger,
    pages_choosing.home,
    pages_choosing.home_searched,
    pages_choosing.an_order,
    pages_choosing.an_appointment,
    pages_choosing.part_of_order,
    pages_choosing.too_late,
    pages_choosing.by_law,
    pages_choosing.partly_cancelled,
    pages_choosing.being_cancelled,
    pages_choosing.all_cancelled,
    pages_choosing.choose,
    pages_choosing.choose_with_fee,
    pages_choosing.choose_method,
    pages_choosing.choose_not_all,
    pages_choosing.refused,
    pages_choosing.choose_nothing,
    pages_choosing.choose_without_note,
    pages_choosing.choose_too_many,
    pages_choosing.review,
    pages_choosing.review_with_fee,
    pages_choosing.review_request,
    pages_choosing.review_fee_unknown,
    pages_choosing.review_changed,
    pages_choosing.other_first,
    pages_choosing.exception,
    pages_choosing.exception_unfinished,
    pages_following.waiting,
    pages_following.undo_window,
    pages_following.undone,
    pages_following.declined,
    pages_following.working,
    pages_following.on_its_way,
    pages_following.paid,
    pages_following.cancelled_with_fee,
    pages_following.restored,
    pages_following.needs_attention,
    pages_following.to_be_asked_for,
    pages_following.to_be_chosen,
    pages_following.receipt_of_cancellation,
    pages_following.history,
    pages_following.history_of_nothing,
    pages_withdrawing.withdraw,
    pages_withdrawing.withdraw_unfinished,
    pages_withdrawing.confirm,
    pages_withdrawing.withdraw_gone,
    pages_withdrawing.withdraw_own,
    pages_withdrawing.confirm_own,
    pages_withdrawing.receipt,
    pages_withdrawing.receipt_of_own,
)
PAGES: Mapping[str, Bring] = {bring.__name__: bring for bring in _ALL}


_FLEETING = {"sent", "too_much", "working"}
"""Pages that are no longer the same after a while, or after they were looked at often."""


class Stage:
    """Brings a page about once, however often it is looked at."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self._ways: dict[str, Way] = {}

    async def way(self, name: str) -> Way:
        if name not in self._ways or name in _FLEETING:
            self._ways[name] = await PAGES[name](self.product)
        return self._ways[name]
