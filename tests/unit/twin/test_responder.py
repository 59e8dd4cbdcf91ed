"""Who answers users."""

import asyncio

import pytest

from ipyavatar.errors import InvalidArgument
from ipyavatar.twin.responder import find_responder, split_sentences, wrap_function


def answer(responder, text="hello"):
    async def go():
        return [part async for part in responder("session", text)]

    return asyncio.run(go())


async def _later(text):
    return f"later {text}"


async def _parts(text):
    yield "two"
    yield text


@pytest.mark.parametrize(
    ("function", "parts"),
    [
        (lambda text: text.upper(), ["HELLO"]),
        (lambda text: ["one", text], ["one", "hello"]),
        (_later, ["later hello"]),
        (_parts, ["two", "hello"]),
    ],
)
def test_a_function_of_any_kind_can_answer(function, parts):
    assert answer(wrap_function(function)) == parts


def test_a_responder_is_found_by_name():
    assert answer(find_responder("json:dumps")) == ['"hello"']
    assert "nobody is here to answer" in " ".join(answer(find_responder(None)))


@pytest.mark.parametrize(
    "spec",
    ["nonsense", "no_such_module_at_all:f", "json:nothing", "json:__name__", "http://host/v1"],
)
def test_a_responder_that_is_none_is_refused(spec):
    with pytest.raises(InvalidArgument):
        find_responder(spec)


def test_sentences_come_whole_out_of_a_stream():
    async def stream():
        for piece in ("Hel", "lo there. How", " are you? Fi", "ne"):
            yield piece

    async def go():
        return [sentence async for sentence in split_sentences(stream())]

    assert asyncio.run(go()) == ["Hello there.", "How are you?", "Fine"]
