"""Who there is: the embedded characters and voices, for people and for completion."""

from __future__ import annotations

from ..engine.face import CHARACTERS
from ..engine.voice import VOICES


def characters() -> dict[str, str]:
    """The characters that can be drawn: name to description."""
    return {name: info.description for name, info in CHARACTERS.items()}


def voices() -> dict[str, str]:
    """The voices that can speak: name to description."""
    return {name: info.description for name, info in VOICES.items()}
