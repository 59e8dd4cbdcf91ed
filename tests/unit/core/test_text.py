"""Text to be said: what is refused, and where a long one is cut."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.core.text import LONGEST_TEXT, clean_text, is_silent, split_text
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


@pytest.mark.parametrize(
    "text", ["", "   ", "\n\t", "\x00\x07", ",", "...", "🎉🎉", "?!", "—", "---"]
)
def test_a_piece_with_nothing_to_say_is_silent(text):
    """Tokens come one by one; one without a word is no mistake."""
    assert is_silent(clean_text(text))


@pytest.mark.parametrize("text", ["a", "7", "%", "+", "√", "я", "½", " x.", "$"])
def test_what_has_a_word_is_not_silent(text):
    assert not is_silent(clean_text(text))


def test_a_language_model_may_be_asked_with_a_mark():
    assert not is_silent("?", "talk")
    assert is_silent("  ", "talk")


@pytest.mark.parametrize(
    ("value", "fix"),
    [
        (None, "str"),
        (7, "str"),
        (b"hi", "decode"),
        (["hi"], "join"),
        ((c for c in "hi"), "join"),
    ],
)
def test_what_is_not_text_is_refused_with_its_type(value, fix):
    """The error names the type and the fix."""
    with pytest.raises(InvalidArgument, match=type(value).__name__) as refused:
        clean_text(value)
    assert fix in refused.value.fix


def test_lone_surrogates_are_taken_out_and_halves_put_together():
    """Half an emoji from a token stream can be neither said nor sent."""
    assert clean_text("Hi \ud83d there") == "Hi   there"
    assert clean_text("\ud83d\ude00") == "😀"
    assert clean_text("\ude00\ud83d") == "  "
    clean_text("a\udfff\ud800b").encode()


@given(st.text(st.characters()))
def test_any_text_can_be_sent(text):
    """What comes out can be encoded, is no longer, and stays as it is the second time."""
    clean = clean_text(text)
    clean.encode()
    assert len(clean) <= len(text)
    assert clean_text(clean) == clean


def test_control_characters_are_taken_out():
    """They neither reach the voice nor stick words together."""
    assert clean_text("one\x00two\x1bthree") == "one two three"
    assert clean_text("\x1b[1;31mred\x1b[0m") == "red"
    assert clean_text("line\nbreak\tand tab") == "line\nbreak\tand tab"


def test_a_text_over_the_limit_is_refused_with_both_numbers():
    """The limit and the length are in the message."""
    assert len(clean_text("a" * LONGEST_TEXT)) == LONGEST_TEXT
    with pytest.raises(InvalidArgument, match="200,001"):
        clean_text("a" * (LONGEST_TEXT + 1))
