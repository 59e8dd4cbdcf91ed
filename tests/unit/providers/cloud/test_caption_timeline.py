"""Lines of what is told bit by bit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.providers.cloud.caption_timeline import CaptionTimeline
from ipyavatar.providers.cloud.driver import CAPTION_CHARACTERS


def shown(*pieces, step=0.1, until=60.0):
    """All lines of `pieces`, told quickly."""
    subtitles = CaptionTimeline()
    subtitles.begin(0.0)
    for number, piece in enumerate(pieces):
        subtitles.add(piece, number * step)
    found, now = [], 0.0
    while now < until:
        line = subtitles.show(now)
        if line is not None:
            found.append(line)
        now += 0.1
    return found


@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        (["Hello", " wor", "ld", "!"], ["Hello world!"]),
        (["Hello ", "world", "! ", "Bye."], ["Hello world!", "Bye."]),
        (["Hello", "world", ",", "my", "friend", "'s"], ["Hello world, my friend's"]),
        (["Hello there.", "How are you?"], ["Hello there.", "How are you?"]),
        (['"Quoted."', "After it"], ['"Quoted."', "After it"]),
        (["你好。", "再见。"], ["你好。", "再见。"]),
        (["", "  ", "x"], ["x"]),
    ],
)
def test_pieces_become_lines(pieces, lines):
    """Parts of words, words with and without their spaces, sentences."""
    assert shown(*pieces) == lines


@given(st.lists(st.text(st.sampled_from("ab. ,"), max_size=30), max_size=30))
def test_nothing_is_lost(pieces):
    """Every letter is shown once, in order, on lines that fit unless a piece does not."""
    lines = shown(*pieces, step=0.0, until=200.0)
    letters = [c for piece in pieces for c in piece if c in "ab"]
    assert [c for line in lines for c in line if c in "ab"] == letters
    assert all(len(line) <= CAPTION_CHARACTERS for line in lines)


def test_known_lines_take_their_share():
    """30 s for three lines of which one is as long as the others together."""
    subtitles = CaptionTimeline(["a" * 10, "b" * 20, "c" * 10], 30.0)
    assert subtitles.show(0.0) is None  # it has not begun
    subtitles.begin(1.0)
    times = {}
    for tenth in range(10, 400):
        line = subtitles.show(tenth / 10)
        if line:
            times[line[0]] = tenth / 10
    assert times == {"a": 1.0, "b": 8.5, "c": 23.5}
