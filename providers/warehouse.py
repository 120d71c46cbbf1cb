"""What a warehouse must offer: to stop what is on its way out, and to let it go on."""

from typing import Protocol

from domain.warehouses import StopAnswer, StopRequest


class Warehouse(Protocol):
    """Silence, a lost connection and an answer that can't be read raise WarehouseUnavailable: it
    may have been heard. A repeat of a key gives the answer it had. No call outlasts the adapter's
    own time-out.
    """

    async def ask_to_stop(self, request: StopRequest) -> StopAnswer:
        """Ask it to stop these lines; pending means that the answer comes by itself later."""
        ...

    async def withdraw(self, request: StopRequest) -> None:
        """Take the question back: what was stopped may go on. A key withdrawn stays so, also if
        the question itself arrives only afterwards. Safe to repeat."""
        ...
