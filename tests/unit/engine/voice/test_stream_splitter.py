"""Where a text that comes bit by bit is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.engine.voice.stream_splitter import StreamSplitter


def split(bits, *, ended=True):
    """The pieces of a text, each as soon as it is there, and the rest."""
    splitter, pieces = StreamSplitter(), []
    for bit in bits:
        splitter.add(bit)
        while (piece := splitter.take()) is not None:
            pieces.append(piece)
    while ended and (piece := splitter.take(ended=True)) is not None:
        pieces.append(piece)
    return pieces


def by_letters(text):
    return list(text)


def test_the_first_piece_is_a_clause_and_the_others_are_sentences():
    text = "Well then, let us begin, shall we? First, we look. Then we go on."
    assert split(by_letters(text), ended=False) == [
        "Well then,",
        "let us begin, shall we?",
        "First, we look.",
    ]


def test_a_very_short_first_clause_waits_for_more():
    assert split(by_letters("No, it is not so, he said."))[0] == "No, it is not so,"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Ask Dr. Smith about 3.5 kg of it. Then go.", "Ask Dr. Smith about 3.5 kg of it."),
        ("It costs 1,000 dollars now. Yes.", "It costs 1,000 dollars now."),
        ("Here: 1. First 2. Second. Go on.", "Here: 1."),
        ("We use Eq. (5) for it now. Yes.", "We use Eq. (5)"),
        ("We read Matt. 5:3 for it now. Yes.", "We read Matt. 5:3 for it now."),
        ("I spoke to Sam. 5 people came. Yes.", "I spoke to Sam."),
        ("Type find . -name x for it. Yes.", "Type find . -name x for it."),
        ("It is a s.t. $x > 0$ holds. Yes.", "It is a s.t. $x > 0$ holds."),
        ("So $$a, b. C$$ holds here. Yes.", "So $$a, b. C$$ holds here."),
        ("It is **very, very. Bold** now. Yes.", "It is **very, very. Bold** now."),
        ("Call `f(a, b. C)` for it. Yes.", "Call `f(a, b. C)` for it."),
        ("| Ann | 30. |\n| Bob | 25. |\n\nSo.", "| Ann | 30. |\n| Bob | 25. |"),
        ("And *this, too. Is* bold. Yes.", "And *this, too. Is* bold."),
        ("It is ~~gone, now. Not~~ here. Yes.", "It is ~~gone, now. Not~~ here."),
        ("![A cat, here. Too](cat.png) is it. Yes.", "![A cat, here. Too](cat.png)"),
        ("x = [0. 1. 2.] it is. Yes.", "x = [0. 1. 2.] it is."),
        (
            "\\begin{equation}\na, b. C\n\\end{equation}\nSo.",
            "\\begin{equation}\na, b. C\n\\end{equation}\nSo.",
        ),
        ("---\ntitle: A, b. C\n---\nHello, all of you.", "---\ntitle: A, b. C\n---\nHello,"),
        ("A star * here, and [one. Two\nis three. Four.", "A star * here,"),
    ],
)
def test_no_cut_is_in_the_middle_of_what_belongs_together(text, first):
    """Numbers, abbreviations, formulas, code, bold type, rows of tables and links."""
    assert split(by_letters(text))[0] == first


def test_a_block_of_code_is_left_out_where_there_is_something_else():
    text = "Look at this.\n\n```python\nx = 1. Y\n```\nIt is one. Good."
    assert split(by_letters(text)) == ["Look at this.", "It is one.", "Good."]


def test_code_alone_is_said():
    assert split(by_letters("```\nprint(1)\n```")) == ["```\nprint(1)\n```"]


def test_a_full_stop_ends_a_sentence_when_nothing_follows_for_a_while():
    splitter = StreamSplitter()
    splitter.add("That is all.")
    assert splitter.take() is None
    assert splitter.take(pausing=True) == "That is all."


def test_half_a_sentence_waits_although_nothing_comes():
    splitter = StreamSplitter()
    splitter.add("That is")
    assert splitter.take(pausing=True) is None


def test_list_items_are_pieces_without_full_stops():
    assert split(by_letters("We need:\n- apples\n- pears\n")) == ["We need:", "- apples", "- pears"]


def test_a_text_without_any_mark_is_cut_all_the_same():
    pieces = split(["word "] * 500, ended=False)
    assert len(pieces) > 5
    assert all(len(piece) <= 240 for piece in pieces)


def test_a_formula_that_never_ends_does_not_stop_the_speech():
    assert len(split(["It is $$x. "] + ["And so on it goes. "] * 200, ended=False)) > 50


@given(st.lists(st.text("ab,. \n*`$", max_size=8), max_size=40))
def test_nothing_is_lost_and_nothing_is_said_twice(bits):
    """But code, white space and what has nothing to say."""
    text = "".join(bits)
    said = "".join(split(bits))
    if "```" not in text:
        letters = [c for c in text if c.isalpha()]
        assert [c for c in said if c.isalpha()] == letters
