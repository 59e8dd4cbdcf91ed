"""Checks that any argument may need."""

from __future__ import annotations

import inspect
import math
import numbers
from collections.abc import Iterable

from ..errors import InvalidArgument, UnknownName, class_name, describe, type_name


def require_known(kind: str, name: object, names: Iterable[str], where: str = "") -> str:
    """`name` as it is among `names`, which are those `where` the message says.

    A text may be of any class of users': a member of an enumeration shows another one.

    Raises:
        UnknownName: It is not; the message lists them and guesses.
    """
    known = list(names)
    if not isinstance(name, str) or name not in known:
        raise UnknownName.of(kind, name, known, where)
    return known[known.index(name)]


def refuse_class(taker: str, given: object, *kinds: type) -> None:
    """Raise for a class that is given where one of it is meant.

    A class that makes what is wanted when it is called is a function like any other.

    Args:
        taker: What it was given to, for the message.
        given: What was given.
        kinds: Classes whose instances are taken there; those that can be called are, anyway.

    Raises:
        InvalidArgument: It is one.
    """
    if not isinstance(given, type):
        return
    own = (vars(kind) for kind in given.__mro__)
    if issubclass(given, kinds) or any("__call__" in names for names in own):
        what = f"{taker} takes one of {class_name(given)}, and not the class itself."
        raise InvalidArgument(what, f"Make one: {class_name(given)}(...).")


def require_callable(taker: str, function: object) -> None:
    """Raise unless `function` can be called.

    Raises:
        InvalidArgument: It cannot.
    """
    if not callable(function):
        raise InvalidArgument(f"{taker} takes no {type_name(function)}.", "Give a function.")


def require_fits(taker: str, function: object, given: str, *names: str) -> None:
    """Raise unless `function` can be called with what it will be given, one argument a name.

    Raises:
        InvalidArgument: It takes fewer, or needs more.
    """
    try:
        signature = inspect.signature(function)  # type: ignore[arg-type]
    except (TypeError, ValueError):  # one of C, which does not say
        return
    try:
        signature.bind(*names)
    except TypeError:
        what = f"The {taker} cannot be called with {given}: it is {signature}."
        raise InvalidArgument(what, f"Give a function of ({', '.join(names)}).") from None


def require_switch(name: str, value: object) -> bool:
    """`value`, if it says yes or no: what merely counts as true may be meant otherwise (`"no"`).

    NumPy's say so, too; None counts as not given: no.

    Raises:
        InvalidArgument: It does not.
    """
    if value is None:
        return False
    if not isinstance(value, bool) and type_name(value) not in ("bool", "bool_"):
        raise InvalidArgument(f"{name}={describe(value)} cannot work.", "Give True or False.")
    return bool(value)


def require_seconds(name: str, value: object) -> float:
    """`value`, if it says how long a session may live.

    Raises:
        InvalidArgument: It is no number, not more than 0, or for ever.
    """
    number = number_of(value)
    if number is None or not 0 < number < math.inf:
        forever = "" if number is None else ": there is no session for ever"
        what = f"{name}={describe(value)} cannot work{forever}."
        raise InvalidArgument(what, "Give seconds, as a number of more than 0.")
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
