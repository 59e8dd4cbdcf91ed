"""The characters as data: what the drawing step wrote next to the sprites."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

# Not importlib.resources: it would triple the time of this import, and wheels are unpacked.
DATA = Path(__file__).parent / "data"
_ORDER = ("ava", "leo", "maya", "arthur")


@dataclass(frozen=True, slots=True)
class CharacterInfo:
    """One drawn character.

    Attributes:
        name: What a user asks for.
        description: One line for lists.
        voice: Which kind of voice suits it.
        facts: Palette and geometry the renderer needs, in art units (`tools/art`).
    """

    name: str
    description: str
    voice: Literal["female", "male"]
    facts: Mapping[str, Any]


def _load(name: str) -> CharacterInfo:
    facts = json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    return CharacterInfo(name, facts["description"], facts["voice"], MappingProxyType(facts))


CHARACTERS: Mapping[str, CharacterInfo] = MappingProxyType({name: _load(name) for name in _ORDER})
"""The characters by name; the first one is the default."""
