"""What was probably meant by a name that is not there, where Python or IPython would not say it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from types import MappingProxyType

OTHER_WORDS: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("say", "talk", "tell"), "speak"),
        **dict.fromkeys(("play", "open"), "start"),
        **dict.fromkeys(("end", "quit", "shutdown"), "stop"),
        "subtitles": "captions_on",
    }
)
"""What other packages call it."""


def public_names(kind: type) -> set[str]:
    """What is public of a class and the classes it is made of."""
    names = {name for part in kind.__mro__ for name in vars(part)}
    return {name for name in names if not name.startswith("_")}


def did_you_mean(name: str, known: Iterable[str], cutoff: float = 0.75) -> str:
    """`"Did you mean 'speak'?"`; empty where nothing is like `name`."""
    names = set(known)
    other = OTHER_WORDS.get(name)
    close = [other] if other in names else difflib.get_close_matches(name, names, 1, cutoff)
    return f"Did you mean {close[0]!r}?" if close else ""


def no_attribute(what: str, name: str, known: Iterable[str]) -> AttributeError:
    """The error for a name that is not there, with a guess.

    IPython shows what an AttributeError says, and not what Python itself would guess by its `obj`.
    So the guess is in the message, and `obj` is None: a script would be told twice.
    """
    guess = "" if name.startswith("_") else did_you_mean(name, known)
    return AttributeError(f"{what}. {guess}" if guess else what, name=name, obj=None)
