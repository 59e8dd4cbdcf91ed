"""Text to be said: what is refused, and where a long one is cut."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.core.text import LONGEST_TEXT, clean_text, split_text
from ipyavatar.errors import InvalidArgument


@given(st.text(max_size=400), st.integers(1, 60))
def test_order_and_characters_are_kept(text, limit):
    """Pieces are within the limit, not blank, and hold all but white space, in order."""
    pieces = split_text(text, limit)
    assert all(0 < len(p) <= limit for p in pieces)
    assert all(p.strip() for p in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(st.lists(st.sampled_from(["Ja.", "Yes!", "No?", "Ein Satz.", "Well, then."]), max_size=60))
def test_sentences_stay_whole_when_they_fit(sentences):
    for piece in split_text(" ".join(sentences), 40):
        assert piece[-1] in ".!?"


@pytest.mark.parametrize(
    ("text", "limit", "pieces"),
    [
        ("", 10, ()),
        (" \n\t ", 10, ()),
        ("Short.", 10, ("Short.",)),
        ("One is here. Two is here.", 15, ("One is here.", "Two is here.")),
        ('He said "No." Then he left.', 16, ('He said "No."', "Then he left.")),
        ("First part, second part", 14, ("First part,", "second part")),
        ("Pi is 3.14159 you know", 14, ("Pi is 3.14159", "you know")),
        ("no stops at all here", 9, ("no stops", "at all", "here")),
        ("abcdefghij", 4, ("abcd", "efgh", "ij")),
        ("一二三。四五六。七八九。", 8, ("一二三。四五六。", "七八九。")),
        ("A paragraph\n\nB. C. D", 16, ("A paragraph", "B. C. D")),
    ],
)
def test_where_it_cuts(text, limit, pieces):
    assert split_text(text, limit) == pieces


def test_accents_and_joined_emoji_are_not_parted():
    accent, family = "e\u0301", "👩\u200d👩\u200d👧"
    assert split_text(accent * 3, 3) == (accent, accent, accent)
    assert split_text("abc" + family, 5) == ("abc", family)


def test_a_hundred_thousand_characters_are_quick():
    text = "This is one of very many sentences, and it is said. " * 2000
    began = time.process_time()
    pieces = split_text(text, 900)
    assert time.process_time() - began < 1.0
    assert len(pieces) < 2.2 * len(text) / 900
    assert len(split_text("x" * 100_000, 900)) == 112


def test_a_limit_below_one_is_refused():
    with pytest.raises(InvalidArgument):
        split_text("a", 0)


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00\x07", "...", "🎉🎉", "?!", "—"])
def test_nothing_to_say_is_refused_at_the_call(text):
    """An empty speech is a mistake, told with the value."""
    with pytest.raises(InvalidArgument, match="nothing to say"):
        clean_text(text)


@pytest.mark.parametrize("text", [None, 7, b"hi", ["hi"]])
def test_what_is_not_text_is_refused_with_its_type(text):
    """The error names the type and the fix."""
    with pytest.raises(InvalidArgument, match=type(text).__name__):
        clean_text(text)


def test_control_characters_are_taken_out():
    """They neither reach the voice nor stick words together."""
    assert clean_text("one\x00two\x1bthree") == "one two three"
    assert clean_text("line\nbreak\tand tab") == "line\nbreak\tand tab"


def test_a_text_over_the_limit_is_refused_with_both_numbers():
    """The limit and the length are in the message."""
    assert len(clean_text("a" * LONGEST_TEXT)) == LONGEST_TEXT
    with pytest.raises(InvalidArgument, match="200,001"):
        clean_text("a" * (LONGEST_TEXT + 1))
