# ruff: noqa: RUF001, SIM905 - letters of other scripts; word lists

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.engine.voice.text_normalization import find_unreadable, normalize_text, strip_markup
from ipyavatar.engine.voice.word_alignment import align_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<b>Hi</b> &amp; <a href='x'>you</a>", "Hi & you"),
        ("a <b and c> d", "a <b and c> d"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ('<speak>Hi<break time="1s"/> you</speak>', "Hi you"),
        ("<script>x = 1</script>Hi", "Hi"),
        ("**bold** and *it* and __this__ and `code()`", "bold and it and this and code()"),
        ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
        ("# Title\nText", "Title\n\nText"),
        ("- one\n- two", "one\n\ntwo"),
        ("1. one\n2. two", "1: one\n\n2: two"),
        ("[docs](https://a.b/c_(d)) ![pic](x.png)", "docs pic"),
        ("Look:\n```py\nx = 1\n```\nDone.", "Look:\n\nDone."),
        ("```\nx = 1\n```", "x = 1"),
        ("> quoted\n> text", "quoted\ntext"),
        ("Hi 😀👍🏽 there 🇩🇪 ❤️!", "Hi there!"),
        ("a\x00b\x1bc\u200bd\ufeff", "abcd"),
        ("It is 20 °C ©", "It is 20 °C ©"),
        ("", ""),
        ("😀", ""),
    ],
)
def test_plain(text: str, expected: str) -> None:
    assert strip_markup(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Python 3.11 and pi 3.14", "Python 3 point 11 and pi 3.14"),
        ("v1.2.3", "version 1 point 2 point 3"),
        ("C++, C# and .NET", "C plus plus, C sharp and dot net"),
        ("a >= b != c", "a is at least b is not equal to c"),
        ("e.g. this", "for example this"),
        ("It costs 20 €.", "It costs €20."),
        ("See https://www.example.com/a/b.html?x=1.", "See example dot com."),
        ("mail bob.smith@example.org.", "mail bob dot smith at example dot org."),
        ("α and √2", "alpha and the square root of 2"),
        ("1e-5", "1 times 10 to the power of -5"),
        ("open file.py", "open file dot py"),
        ("the end.Next one", "the end. Next one"),
        ("U.S. and Ph.D.", "U.S. and Ph.D."),
        ("1234567890123", "1 2 3 4 5 6 7 8 9 0 1 2 3"),
        ("hello мир 日本", "hello"),
    ],
)
def test_spoken(text: str, expected: str) -> None:
    assert normalize_text(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Plain English, café, naïve, Łódź.", ""),
        ("α + β, 5 µm, ½, 😀", ""),
        ("привет world 日本", "привет 日本"),
        ("Ελλάδα and שלום", "Ελλάδα שלום"),
        ("한국어 مرحبا", "한국어 مرحبا"),
    ],
)
def test_unreadable(text: str, expected: str) -> None:
    assert find_unreadable(text) == expected


@given(st.text())
def test_any_text_can_be_read(text: str) -> None:
    said = normalize_text(strip_markup(text))
    assert said == said.strip()
    assert find_unreadable(said) == ""


@given(st.lists(st.sampled_from("the price is $5 five dollars now".split())), st.data())
def test_alignment_is_in_order_and_complete(written: list[str], data: st.DataObject) -> None:
    said = data.draw(st.lists(st.sampled_from("the price is five dollars now".split())))
    spans = align_words(written, said)
    assert len(spans) == len(written)
    ends = [0, *(end for _, end in spans)]
    assert all(before <= a <= b for before, (a, b) in zip(ends, spans, strict=False))


def test_alignment_gives_a_symbol_all_its_words() -> None:
    written, said = ["It", "is", "$5", "now."], ["It", "is", "five", "dollars", "now."]
    assert align_words(written, said) == [(0, 1), (1, 2), (2, 4), (4, 5)]
