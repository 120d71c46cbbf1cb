"""Faults at start-up, told in plain words with the way out and without a traceback."""


class StartupError(Exception):
    """Something outside the program stands in the way; the message says what to do."""


class PartDied(StartupError):
    """A part ended by itself while the others were running."""
