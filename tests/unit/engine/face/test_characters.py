"""The shipped sprites are those of the data and the drawing code in the tree."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from ipyavatar.engine.face import CHARACTERS
from ipyavatar.engine.face.characters import DATA

ART = Path(__file__).parents[4] / "tools/art"


def test_there_are_people_to_choose_from() -> None:
    assert len(CHARACTERS) >= 3
    assert {c.voice for c in CHARACTERS.values()} == {"female", "male"}
    assert all(c.description for c in CHARACTERS.values())
    shapes = {
        json.dumps([c.facts[k] for k in ("face", "eyes", "mouth")]) for c in CHARACTERS.values()
    }
    assert len(shapes) == len(CHARACTERS)


@pytest.mark.parametrize("name", CHARACTERS)
def test_sprites_belong_to_the_data(name: str) -> None:
    """If this fails, draw anew: `python tools/art/make.py`."""
    sources = [ART / "characters" / f"{name}.json", *sorted(ART.glob("*.py"))]
    stamp = hashlib.sha256(b"\0".join(s.read_bytes() for s in sources)).hexdigest()[:16]
    assert CHARACTERS[name].facts["stamp"] == stamp


@pytest.mark.parametrize("name", CHARACTERS)
def test_a_character_is_small(name: str) -> None:
    size = sum(len(f.read_bytes()) for f in DATA.iterdir() if f.name.startswith(f"{name}."))
    assert size < 200_000
