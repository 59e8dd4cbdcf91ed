"""Marks for the face in a text."""

import pytest

from ipyavatar.core.markup import strip_markup
from ipyavatar.core.markup.expressions import drop_marks, find_marks, unknown_marks


@pytest.mark.parametrize(
    ("text", "plain", "names"),
    [
        ("[smile] Well done!", "Well done!", ["smile"]),
        ("Yes [nod]. And you?", "Yes . And you?", ["nod"]),
        ("Let me see [think]", "Let me see ", ["think"]),
        ("[smile][nod] Hi", "[smile][nod] Hi", []),
        ("See [docs](https://a.b) and x[index].", "See [docs](https://a.b) and x[index].", []),
        ("- [x] done [1] [A]", "- [x] done [1] [A]", []),
        ("[think]a[/think] b", "[think]a[/think] b", []),
    ],
)
def test_a_mark_is_a_word_of_its_own(text, plain, names):
    assert drop_marks(text) == plain
    assert [name for _, name in find_marks(text)] == names


def test_captions_voices_and_services_get_the_text_without_marks():
    assert strip_markup("[smile] Hello. [shrug] Who knows?") == "Hello. Who knows?"


def test_unknown_marks_are_named_once():
    assert unknown_marks("[shrug] a [nod] b [wink] c [shrug] d") == ["shrug", "wink"]
