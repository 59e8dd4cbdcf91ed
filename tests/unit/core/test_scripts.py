"""Scripts: what English voices cannot read, and how fast each is read."""

# ruff: noqa: RUF001 - letters of other scripts

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.core.markup import find_unreadable
from ipyavatar.core.scripts import estimate_seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Plain English, café, naïve, Łódź.", ""),
        ("α + β, 5 µm, ½, 😀", ""),
        ("привет world 日本", "привет 日本"),
        ("Ελλάδα and שלום", "Ελλάδα שלום"),
        ("한국어 مرحبا", "한국어 مرحبا"),
        ("a ꘌ and ー", "ꘌ ー"),
        ("٣ and ३ are digits", ""),
    ],
)
def test_unreadable(text: str, expected: str) -> None:
    assert find_unreadable(text) == expected


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("x" * 150, 10.0, 10.0),
        ("今天天气很好我们去公园散步吧" * 10, 26.0, 36.0),
        ("きょうはてんきがいいですね" * 10, 15.0, 20.0),
        ("오늘은날씨가좋습니다" * 10, 16.0, 20.0),
        ("Привет, как дела? " * 10, 10.0, 14.0),
        ("1,234,567", 2.5, 5.0),
        ("", 0.3, 0.3),
    ],
)
def test_each_script_has_its_pace(text: str, least: float, most: float) -> None:
    """Chinese is 4 to 5 characters a second, Japanese 7 to 8 morae, Korean 5 to 6 syllables."""
    assert least <= estimate_seconds(text) <= most


@given(st.text("ab 一二かき가나я1", min_size=20), st.text("ab 一二かき가나я1", min_size=20))
def test_mixed_texts_are_summed(one: str, other: str) -> None:
    both = estimate_seconds(f"x{one}xx{other}x")
    assert both == pytest.approx(estimate_seconds(f"x{one}x") + estimate_seconds(f"x{other}x"))
