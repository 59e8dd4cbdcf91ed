"""A unit test stands where what it tests stands."""

from __future__ import annotations

from pathlib import Path

UNIT = Path(__file__).parent
ROOT = UNIT.parents[1]
# Folders of ours that are not below src, with their own tests.
BESIDE = {"bench": "tests/bench", "tools": "tools"}
ELSEWHERE = {
    "engine/voice/test_reading.py": "rules, splitter and model, by tables of what is heard",
    "protocol/test_messages.py": "every message of page.py and host.py, and how they travel",
    "providers/kaltura/test_stream_grant.py": "a part of driver.py",
    "tools/test_set_up.py": "lock.py, unit_on.py",
    "twin/test_wire.py": "every call of every service, by the wire fixtures",
}


def place_of(test: Path) -> Path:
    """The module or package it is about, without its ending."""
    where = test.relative_to(UNIT).parent
    first, *rest = where.parts or ("",)
    base = (
        ROOT.joinpath(BESIDE[first], *rest) if first in BESIDE else ROOT / "src/ipyavatar" / where
    )
    return base / test.stem.removeprefix("test_")


def is_there(place: Path) -> bool:
    """Whether there is such a module or package, or one whose name it begins with."""
    if place.is_dir() or (place.stem == "main" and (place.parent / "__main__.py").exists()):
        return True
    words = place.name.split("_")
    names = ("_".join(words[:count]) for count in range(1, len(words) + 1))
    return any((place.parent / f"{name}.py").exists() for name in names)


def test_every_unit_test_is_where_its_subject_is() -> None:
    """Below the same folders, by the same name; what is about the whole project stands here."""
    tests = [path for path in UNIT.rglob("test_*.py") if path.parent != UNIT]
    assert len(tests) > 60
    lost = {t.relative_to(UNIT).as_posix() for t in tests if not is_there(place_of(t))}
    assert lost == set(ELSEWHERE)
