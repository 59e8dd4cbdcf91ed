"""An object that raises wherever it is looked at."""

from __future__ import annotations


class Unhelpful:
    """A user's own, given where it does not belong."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other):
        raise ValueError("It cannot be compared.")

    def __bool__(self):
        raise ValueError("It is neither true nor false.")

    def __repr__(self):
        raise ValueError("It cannot be shown.")
