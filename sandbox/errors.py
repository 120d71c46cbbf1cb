"""How the sandbox's memory says no, or nothing at all. The wire has words of its own."""


class CardsUnavailable(Exception):
    """Its database doesn't answer: what was asked may have been done."""


class CardsRefused(Exception):
    """What was to be kept or scripted makes no sense; nothing was."""

    def __init__(self, failure: str) -> None:
        super().__init__(failure)
        self.failure = failure
