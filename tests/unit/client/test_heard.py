"""What was heard of a speech that was cut off."""

from ipyavatar.client.heard import HeardWords
from ipyavatar.protocol.page import Caption

WORDS = [("One", 0.0, 0.3), ("two", 0.4, 0.7), ("three.", 0.8, 1.2)]


def test_words_that_have_begun_were_heard():
    heard = HeardWords()
    heard.take(Caption("s1", "Zero.", 9.0))
    heard.take(Caption("s1", "One two three.", 10.0, WORDS))
    assert heard.until("s1", 10.5) == "Zero. One two"
    assert heard.until("s1", 12.0) == "Zero. One two three."
    assert heard.until("s2", 12.0) == ""


def test_of_a_gap_in_the_middle_the_words_are_left_out():
    heard = HeardWords()
    for at in (10.0, 20.0, 30.0):
        heard.take(Caption("s1", "One two three.", at, WORDS))
    heard.take(Caption("s1", "No times.", 40.0))
    assert heard.until("s1", 10.5, 30.4) == "One two … two three. No times."
    assert heard.until("s1", 19.0, 41.0) == "One two three. …"
    late = HeardWords()
    late.take(Caption("s1", "Back again.", 20.0, [("Back", 0.3, 0.5), ("again.", 0.5, 0.9)]))
    assert late.until("s1", 19.0, 20.1) == "… Back again.", "its caption came before its sound"


def test_what_is_over_is_forgotten():
    heard = HeardWords()
    heard.take(Caption("s1", "One.", 1.0))
    heard.forget("s1")
    assert heard.until("s1", 2.0) == ""


def test_a_line_of_which_more_is_told_is_heard_once():
    """A service tells its answers word by word; the mark that it thinks is no word."""
    heard = HeardWords()
    for at, text in enumerate(["…", "The sky", "The sky is blue.", "That is", "That is all."]):
        heard.take(Caption("s1", text, float(at)))
    assert heard.until("s1", 9.0) == "The sky is blue. That is all."
