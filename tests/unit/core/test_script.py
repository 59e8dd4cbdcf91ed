"""Scripts: plain text, Markdown with chapters, conversations."""

from ipyavatar.core.script import Line, parse_script

SPEAKERS = {"ava", "leo"}


def lines(text, first="ava"):
    return list(parse_script(text, SPEAKERS, first).lines)


def test_plain_text_is_one_speaker_paragraph_by_paragraph():
    """Lines of one paragraph belong together."""
    assert lines("One\ntwo.\n\n\nThree.") == [Line("ava", "One\ntwo."), Line("ava", "Three.")]


def test_headings_begin_chapters_and_are_not_said():
    """Of every level, with closing marks and markup in them."""
    text = "# **Welcome** #\nOne.\n\nTwo.\n## The end\nThree."
    assert lines(text) == [
        Line("ava", "One.", "Welcome"),
        Line("ava", "Two."),
        Line("ava", "Three.", "The end"),
    ]


def test_a_name_gives_the_floor_until_the_next():
    """In any case, in bold, with the text on the line or below."""
    text = "AVA: One.\n**Leo:** Two.\n\nStill two.\nava:\nThree."
    assert [(line.speaker, line.text) for line in lines(text)] == [
        ("ava", "One."),
        ("leo", "Two."),
        ("leo", "Still two."),
        ("ava", "Three."),
    ]
    assert parse_script(text, SPEAKERS, "ava").speakers == ("ava", "leo")


def test_other_words_before_a_colon_are_text():
    """A note, a time, somebody who is not there."""
    for text in ("Note: this.", "At 10:30 we go.", "Bob: hello."):
        assert lines(text) == [Line("ava", text)]


def test_code_is_no_chapter_and_nobody():
    """A comment in a block of code is not a heading; what is not said is no line."""
    text = "See:\n```python\n# no chapter\nleo: 1\n```\nDone."
    assert lines(text) == [Line("ava", "See:"), Line("ava", "Done.")]
    assert lines("```\n# only code\n```\n\n---\n") in ([], lines("```\n# only code\n```"))
    assert all(line.chapter is None for line in lines(text))
    assert [line.text for line in lines("# A\nHi there.\n\n```\ncode\n```\n")] == ["Hi there."]


def test_front_matter_is_not_said():
    """As Quarto, Jekyll and Jupytext write it; a rule between paragraphs is none."""
    text = "---\ntitle: My talk\nauthor:\n  - me\n---\n# A\nHello."
    assert lines(text) == [Line("ava", "Hello.", "A")]
    assert [line.text for line in lines("Note: one.\n\n---\n\nTwo.")] == ["Note: one.", "Two."]


def test_nothing_to_say_is_no_line():
    """White space, and a heading without text below it."""
    assert lines(" \n\n") == []
    assert lines("# Title\n") == []
