"""What a lesson is made of."""

import itertools

import pytest

from ipyavatar.client.segments import Segment, make_segments, split_markdown, title_of
from ipyavatar.errors import InvalidArgument


def test_texts_functions_and_titled_texts_are_segments():
    def show():
        pass

    assert make_segments(["# One\nText.", show, ("Two", "More."), Segment("x")]) == [
        Segment("# One\nText.", "One"),
        Segment(run=(show,)),
        Segment("More.", "Two"),
        Segment("x"),
    ]


@pytest.mark.parametrize(
    "given",
    [
        *([], "text", None, 7, [""], ["…"], [1], [("a", 1)], [None], b"text"),
        *([lambda text: text], {"a": "b"}, {"a", "b"}, itertools.repeat("for ever")),
    ],
)
def test_what_is_no_lesson_is_refused(given):
    with pytest.raises(InvalidArgument) as refused:
        make_segments(given)
    assert refused.value.fix


def test_a_notebook_is_sent_to_who_takes_one():
    with pytest.raises(InvalidArgument, match=r"given to ipyavatar\.lesson\(\)"):
        make_segments("lesson.ipynb")


def test_markdown_is_cut_at_headings_and_dashes():
    text = "First.\n\n# Title #\nText.\n---\n\nMore.\n\n## Next\n- a\n"
    assert [(one.title, one.text) for one in split_markdown(text)] == [
        ("", "First."),
        ("Title", "# Title #\nText."),
        ("", "More."),
        ("Next", "## Next\n- a"),
    ]
    with pytest.raises(InvalidArgument):
        split_markdown(" \n ")


def test_code_in_markdown_is_not_cut():
    """A comment is no heading there, and dashes are no break."""
    code = "````python\n# sum\n---\n```\ntotal = 1\n````"
    text = f"# Title\n{code}\n~~~\n# x\n~~~\nMore.\n# Next\nEnd."
    assert [one.title for one in split_markdown(text)] == ["Title", "Next"]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# *Big* `data` & <b>more</b> #\nText.", "Big data & more"),
        ("\n## One [link](https://example.com)", "One link"),
        ("Text.\n# Not at its beginning", ""),
        ("#hashtag", ""),
    ],
)
def test_the_title_of_a_chapter_has_no_markup(text, title):
    """It is shown in the page, in movies and in files that know none."""
    assert title_of(text) == title
