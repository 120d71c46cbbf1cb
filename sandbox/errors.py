"""How the card sandbox says no, or nothing at all."""


class CardsUnavailable(Exception):
    """The line went dead: what was asked may have been done."""


class CardsRefused(Exception):
    """A definite no, kept under the key it was asked with."""

    def __init__(self, failure: str, *, retryable: bool = False) -> None:
        super().__init__(failure)
        self.failure = failure
        self.retryable = retryable


class KeyReused(Exception):
    """The key came before with other parameters."""
