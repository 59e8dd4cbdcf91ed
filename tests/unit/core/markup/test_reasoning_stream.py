"""What a model thought, taken out of a stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.core.markup.model_output import drop_reasoning
from ipyavatar.core.markup.reasoning_stream import ReasoningFilter


def filtered(bits):
    thoughts = ReasoningFilter()
    return "".join([*map(thoughts.add, bits), thoughts.finish()])


@pytest.mark.parametrize(
    "text",
    [
        "<think>I must not say it.</think>Yes.",
        "Well. <thinking budget='3'>Hmm.</thinking>Yes.",
        "[THINK]a[/THINK]Yes.",
        "◁think▷a◁/think▷Yes.",
        "<|begin_of_thought|>a<|end_of_thought|>Yes.",
        "<think>a<think>b</think>c</think>Yes.",
        "<|channel|>analysis<|message|>a. b.<|end|>Yes.",
        "<think>never closed",
        "I thought</think>Yes.",
        "a < b and [note] it.",
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_a_thought_is_left_out_wherever_its_marks_are_split(text, size):
    said = filtered([text[at : at + size] for at in range(0, len(text), size)])
    for word in ("must", "Hmm", "never", "budget", "b.", "channel>analysis"):
        assert word not in said
    assert ("Yes." in said) == ("Yes." in text)
    assert ("b and [note] it." in said) == ("b and [note] it." in text)


def test_what_is_no_mark_is_given_out_at_once():
    """Only what may still become one is held back."""
    thoughts = ReasoningFilter()
    assert thoughts.add("Hello there, ") == "Hello there, "
    assert thoughts.add("a < b. ") == "a < b. "
    assert thoughts.add("It is <thi") == "It is "
    assert thoughts.add("s> one.") == "<this> one."


def test_halves_of_a_character_come_out_together():
    thoughts = ReasoningFilter()
    assert thoughts.add("Hi \ud83d") == "Hi "
    assert thoughts.add("\ude00!") == "\ud83d\ude00!"


@given(st.lists(st.sampled_from(["<think>", "</think>", "a", " ", "<", "th", "ink>", "b."])))
def test_a_whole_text_gives_what_it_gives_at_once(parts):
    """The stream says no less; more only where an end without a beginning came too late."""
    text = "".join(parts)
    whole = ReasoningFilter()
    said = whole.add(text) + whole.finish()
    assert said.replace("\n", "") == drop_reasoning(text).replace("\n", "")
