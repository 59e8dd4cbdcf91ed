"""Checks that any argument may need."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable

from ..errors import InvalidArgument, UnknownName


def require_known(kind: str, name: object, names: Iterable[str]) -> None:
    """Raise unless `name` is one of `names`.

    Raises:
        UnknownName: It is not; the message lists them and guesses.
    """
    known = list(names)
    if name not in known:
        raise UnknownName.of(kind, name, known)


def require_callable(taker: str, function: object) -> None:
    """Raise unless `function` can be called.

    Raises:
        InvalidArgument: It cannot.
    """
    if not callable(function):
        raise InvalidArgument(f"{taker} takes no {type(function).__name__}.", "Give a function.")


def require_seconds(name: str, value: object) -> float:
    """`value`, if it says how long a session may live.

    Raises:
        InvalidArgument: It is no number, not more than 0, or for ever.
    """
    number = number_of(value)
    if number is None or not 0 < number < math.inf:
        raise InvalidArgument(
            f"{name}={value!r:.80} cannot work: there is no session for ever.",
            "Give seconds, more than 0.",
        )
    return number


def number_of(value: object) -> float | None:
    """`value` as a float, NumPy's numbers too; None where it is none, or no number (`nan`)."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return None
    try:
        number = float(value)
    except OverflowError:  # a whole number beyond every float
        return math.inf if value == abs(value) else -math.inf
    return None if math.isnan(number) else number
