"""Captions with their times, cut to what people can read, as files."""

import re

from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.core.subtitles import LONGEST, Cue, make_cues, to_srt, to_vtt

LONG = "word " * 60
WORDS = [("word", i * 0.4, i * 0.4 + 0.3) for i in range(60)]


def test_a_short_text_is_one_caption():
    """From its beginning to its end, with its words at their place."""
    (cue,) = make_cues("Hello  there.", [("Hello", 0.1, 0.4), ("there.", 0.5, 0.9)], 10.0, 11.0)
    assert (cue.start, cue.end, cue.text) == (10.0, 11.0, "Hello there.")
    assert cue.words == (("Hello", 10.1, 10.4), ("there.", 10.5, 10.9))


def test_a_long_text_is_cut_between_words():
    """Each caption begins with its first word, ends with the next one's, and can be read."""
    cues = make_cues(LONG, WORDS, 5.0, 30.0)
    assert len(cues) > 2
    assert all(len(cue.text) <= LONGEST for cue in cues)
    assert " ".join(cue.text for cue in cues) == LONG.strip()
    assert [cue.start for cue in cues[1:]] == [cue.end for cue in cues[:-1]]
    assert (cues[0].start, cues[-1].end) == (5.0, 30.0)


def test_nothing_said_is_no_caption():
    """White space alone is nothing."""
    assert make_cues("  ", [], 0.0, 1.0) == []


def test_subrip():
    """Numbered, with commas, and an empty line after each."""
    text = to_srt([Cue(0.0, 1.5, "One."), Cue(3661.25, 3662.0, "Two.")])
    assert text == (
        "1\n00:00:00,000 --> 00:00:01,500\nOne.\n\n2\n01:01:01,250 --> 01:01:02,000\nTwo.\n\n"
    )


def test_webvtt_with_the_time_of_each_word():
    """Its first word has the caption's; markup of the text is shown as it is."""
    cue = Cue(1.0, 2.0, "a <b> c", (("a", 1.0, 1.2), ("<b>", 1.25, 1.5), ("c", 1.6, 2.0)))
    assert to_vtt([cue]).endswith("00:00:01.000 --> 00:00:02.000\na &lt;b&gt; c\n\n")
    timed = to_vtt([cue], word_times=True)
    assert "a <00:00:01.250>&lt;b&gt; <00:00:01.600>c" in timed


@given(st.text(max_size=60))
def test_no_text_breaks_the_file(text):
    """Whatever is said, there is one caption, and what is after it is another."""
    cues = [Cue(0.0, 1.0, text), Cue(1.0, 2.0, "after")]
    assert len(re.findall(r"-->", to_srt(cues))) == 2
    assert len(re.findall(r"-->", to_vtt(cues))) == 2
    assert re.split(r"\n\n", to_vtt(cues))[-2].endswith("after")
