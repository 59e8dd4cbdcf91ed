"""What was probably meant by a name that is not there, where Python or IPython would not say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn

from ..errors import did_you_mean

OTHER_WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        **dict.fromkeys(("say", "talk", "tell"), ("speak",)),
        **dict.fromkeys(("play", "open"), ("start",)),
        **dict.fromkeys(("end", "quit", "shutdown", "cancel"), ("stop", "interrupt")),
        **dict.fromkeys(("stop", "pause"), ("interrupt",)),
        **dict.fromkeys(("result", "join"), ("wait",)),
        "status": ("state",),
        "state": ("status",),
        "subtitles": ("captions_on",),
    }
)
"""What other packages call it: the first that is there is meant."""


def public_names(thing: object) -> set[str]:
    """What is public of a thing, its class and the classes that is made of."""
    names = {name for part in type(thing).__mro__ for name in vars(part)}
    names.update(thing.__dict__)
    return {name for name in names if not name.startswith("_")}


def guess_name(name: str, known: Iterable[str], cutoff: float = 0.75) -> str:
    """`"Did you mean 'speak'?"`, also of "say"; empty where nothing is like `name`."""
    names = set(known)
    other = next((other for other in OTHER_WORDS.get(name, ()) if other in names), "")
    return did_you_mean(other or name, sorted(names), cutoff)


def no_attribute(what: str, name: str, known: Iterable[str]) -> AttributeError:
    """The error for a name that is not there, with a guess.

    IPython shows what an AttributeError says, and not what Python itself would guess by its `obj`.
    So the guess is in the message, and `obj` is None: a script would be told twice.
    """
    guess = "" if name.startswith("_") else guess_name(name, known)
    return AttributeError(f"{what}. {guess}" if guess else what, name=name, obj=None)


class GuessesNames:
    """Has a user who asks for what is not there told what was probably meant."""

    if not TYPE_CHECKING:  # a type checker is to find names that are not there

        def __getattr__(self, name: str) -> NoReturn:
            what = f"{type(self).__name__!r} object has no attribute {name!r}"
            raise no_attribute(what, name, public_names(self))
