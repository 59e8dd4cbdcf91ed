"""What the user may ask for, checked at the call: every mistake is named with its fix."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..core.quality import QUALITIES
from ..engine.face import CHARACTERS
from ..engine.voice import VOICES
from ..errors import InvalidArgument, UnknownName
from .messages import Options

PROVIDERS = ("embedded",)

LONGEST_TEXT = 200_000
"""Characters in one speech: more than three hours of talk; beyond that it is a mistake."""

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def validated(provider: object, character: object, voice: object, quality: object) -> Options:
    """The options of a session, or an error that names what is wrong.

    Raises:
        UnknownName: No such provider, character, voice or quality.
    """
    known(kind="provider", name=provider, names=PROVIDERS)
    known(kind="character", name=character, names=CHARACTERS)
    known(kind="quality", name=quality, names=QUALITIES)
    if voice is None:
        voice = voice_of(str(character))
    known(kind="voice", name=voice, names=VOICES)
    return Options(str(provider), str(character), str(voice), str(quality))


def voice_of(character: str) -> str:
    """The voice that goes with a character when the user names none."""
    hint = CHARACTERS[character].voice
    fitting = (name for name, info in VOICES.items() if info.description.startswith(hint))
    return next(fitting, next(iter(VOICES)))


def known(kind: str, name: object, names: Iterable[str]) -> None:
    """Raise unless `name` is one of `names`.

    Raises:
        UnknownName: It is not; the message lists them and guesses.
    """
    names = list(names)
    if name not in names:
        raise UnknownName.of(kind, name, names)


def sayable(text: object) -> str:
    """`text` without control characters, or an error that says why it cannot be said.

    Raises:
        InvalidArgument: It is not text, holds nothing to say, or is too long.
    """
    if not isinstance(text, str):
        raise InvalidArgument(
            f"speak() takes text, not {type(text).__name__}.", "Pass a str, for example str(value)."
        )
    clean = _CONTROL.sub(" ", text)
    if not any(character.isalnum() for character in clean):
        shown = repr(text if len(text) <= 40 else text[:39] + "…")
        raise InvalidArgument(
            f"There is nothing to say in {shown}.", "Pass a text with at least one word."
        )
    if len(clean) > LONGEST_TEXT:
        raise InvalidArgument(
            f"The text has {len(clean):,} characters; one speech takes {LONGEST_TEXT:,}.",
            "Split it and call speak() for each part; speeches queue in order.",
        )
    return clean
