"""What makes text of speech: what users give as `recognizer=`, as one kind of function."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from ..core.secret import NoKey, Secret
from ..core.validate import refuse_class
from ..errors import InvalidArgument, describe, type_name
from ..protocol.listening import HEARD_RATE
from .transcription_api import TranscriptionApi
from .whisper import WhisperFolder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Recognizer = Callable[..., "str | Awaitable[str | None] | None"]
"""Called with samples, `float32[n]` at 16 kHz, and by name with `rate=` and `language=` where it
takes them; gives what was said."""

Recognize = Callable[["NDArray[np.float32]"], "object"]

MAKES_TEXT = (
    "Give recognizer=: a function of samples, the address of an OpenAI-compatible transcription "
    "service, or the folder of a Whisper model."
)


def make_recognizer(recognizer: object) -> Recognizer:
    """What the user gave, as something that can be called.

    Raises:
        InvalidArgument: It cannot work.
        MissingPart: What it needs is not installed.
    """
    refuse_class("recognizer=", recognizer)
    if callable(recognizer):
        if inspect.isgeneratorfunction(recognizer) or inspect.isasyncgenfunction(recognizer):
            what = "recognizer= is a generator function: what was said is one text."
            raise InvalidArgument(what, "Have it return the text.")
        _names_of(recognizer)
        return recognizer
    if isinstance(recognizer, os.PathLike):
        return WhisperFolder(recognizer)
    if isinstance(recognizer, str):
        if "://" in recognizer or not recognizer.strip():
            return TranscriptionApi(recognizer)
        return WhisperFolder(recognizer)
    if isinstance(recognizer, Secret | NoKey):
        return TranscriptionApi(recognizer)
    raise InvalidArgument(f"recognizer= takes no {type_name(recognizer)}.", MAKES_TEXT)


def bind_language(recognizer: Recognizer, language: str) -> Recognize:
    """`recognizer` as a function of samples alone."""
    offered = {"rate": HEARD_RATE, "language": language}
    taken = _names_of(recognizer)
    more = {name: value for name, value in offered.items() if name in taken}
    return lambda samples: recognizer(samples, **more)


def require_language(language: object) -> str:
    """`language`, if it may be the code of one; empty where the recognizer is to find out.

    Raises:
        InvalidArgument: It is none.
    """
    known = isinstance(language, str) and re.fullmatch(r"([A-Za-z]{2,3}([-_]\w{2,8})*)?", language)
    if not known:
        raise InvalidArgument(
            f"There is no language={describe(language)}.", 'Give a code, as "en".'
        )
    return str(language)


def _names_of(recognizer: Recognizer) -> frozenset[str]:
    """Which of the offered arguments it takes by name.

    Raises:
        InvalidArgument: It cannot be called with samples.
    """
    try:
        signature = inspect.signature(recognizer)
    except (TypeError, ValueError):  # one of C, which does not say
        return frozenset()
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    parameters = [one for one in signature.parameters.values() if one.kind in named]
    names = frozenset(one.name for one in parameters) & {"rate", "language"}
    try:
        signature.bind(None, **dict.fromkeys(names))
    except TypeError:
        what = f"The recognizer cannot be called with samples: it is {signature}."
        raise InvalidArgument(what, "Give a function of (samples).") from None
    return names
