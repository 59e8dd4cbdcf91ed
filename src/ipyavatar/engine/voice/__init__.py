"""The embedded voices by name. Importing this loads no network; `Voice.warm` does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from ...errors import UnknownName

if TYPE_CHECKING:
    from .base import Voice


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """A voice as a user chooses it.

    Attributes:
        name: What it is called.
        description: Who it sounds like, as "female, warm".
    """

    name: str
    description: str


VOICES = MappingProxyType(
    {
        info.name: info
        for info in (
            VoiceInfo("june", "female, warm"),
            VoiceInfo("iris", "female, bright"),
            VoiceInfo("wren", "female, low and calm"),
            VoiceInfo("cole", "male, friendly"),
            VoiceInfo("miles", "male, deep"),
        )
    }
)
"""The embedded voices; the first is the default."""


def load_voice(name: str, speed: float = 1.0, pitch: float = 1.0) -> Voice:
    """The voice called `name`; loads nothing yet, see `Voice.warm`.

    Args:
        name: One of `VOICES`.
        speed: Its pace, against its own.
        pitch: Its pitch, against its own.

    Raises:
        UnknownName: there is no such voice; the message lists them.
    """
    if name not in VOICES:
        raise UnknownName.of("voice", name, VOICES)
    from .hibari import HibariVoice
    from .timbre import TIMBRES

    timbre = TIMBRES[name]
    varied = replace(timbre, speed=timbre.speed * speed, pitch=timbre.pitch * pitch)
    return HibariVoice(name, varied)
