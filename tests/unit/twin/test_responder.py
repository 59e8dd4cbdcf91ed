"""Who answers users."""

import asyncio
import concurrent.futures
import os
import sys
import threading

import pytest

from ipyavatar.errors import InvalidArgument
from ipyavatar.twin.responder import (
    BoundedResponder,
    ResponderTimeout,
    find_responder,
    search_folder_last,
    split_sentences,
)
from ipyavatar.twin.user_function import ResponderFailed, UserFunction


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
    assert answer(UserFunction(function)) == parts


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


def test_a_module_that_ends_the_program_is_refused_in_words(tmp_path, monkeypatch):
    """Without a word it would read as a twin that does not start."""
    (tmp_path / "leaves.py").write_text("import sys\nsys.exit(2)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    with pytest.raises(InvalidArgument, match="ends the program"):
        find_responder("leaves:answer")


def test_sentences_come_whole_out_of_a_stream():
    async def stream():
        for piece in ("Hel", "lo there. How", " are you? Fi", "ne"):
            yield piece

    async def go():
        return [sentence async for sentence in split_sentences(stream())]

    assert asyncio.run(go()) == ["Hello there.", "How are you?", "Fine"]


def test_files_of_the_folder_shadow_no_module(tmp_path, monkeypatch):
    """A module of the folder is found behind all others, also where the folder stood first."""
    (tmp_path / "string.py").write_text("def answer(text): raise SystemExit")
    (tmp_path / "my_answers.py").write_text("import string\ndef answer(text): return string.digits")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [os.getcwd(), *sys.path])
    monkeypatch.delitem(sys.modules, "string")
    search_folder_last()
    assert sys.path.index(os.getcwd()) == len(sys.path) - 1
    assert answer(find_responder("my_answers:answer")) == ["0123456789"]


@pytest.mark.parametrize("given", [None, 7, b"bytes", {"a": "b"}, ["one", 2], object()])
def test_what_is_no_text_is_an_error_that_names_its_type(given):
    """An answer that is not text fails, and is not spelt out."""
    with pytest.raises(TypeError, match="not text"):
        answer(UserFunction(lambda text: given))


def raising(error, way):
    """A responder of the kind `way` that raises."""

    def function(text):
        raise error

    def generator(text):
        yield "One. "
        raise error

    async def async_function(text):
        raise error

    async def async_generator(text):
        yield "One. "
        raise error

    return locals()[way.replace(" ", "_")]


def test_what_it_raises_comes_out():
    """An error of the user's function ends the answer alone."""
    with pytest.raises(ZeroDivisionError):
        answer(UserFunction(lambda text: 1 / 0))


@pytest.mark.parametrize("way", ["function", "generator", "async function", "async generator"])
@pytest.mark.parametrize(
    "error",
    [
        SystemExit,
        KeyboardInterrupt,
        GeneratorExit,
        asyncio.CancelledError,
        concurrent.futures.CancelledError,
        StopAsyncIteration,
        TimeoutError,
    ],
)
def test_what_it_raises_says_nothing_to_the_loop_of_the_twin(error, way):
    """It neither ends the twin, nor passes for the answer's end or for one that is late."""
    with pytest.raises((ResponderFailed, RuntimeError), match=error.__name__):
        answer(BoundedResponder(UserFunction(raising(error, way)), 30))


def test_a_million_characters_are_cut():
    """However much it says, in one piece or many, an answer has an end."""

    def endless(text):
        while True:
            yield "word "

    def nothing(text):
        while True:
            yield ""

    for function in (lambda text: "x" * 1_000_000, endless, nothing):
        parts = answer(BoundedResponder(UserFunction(function), 30))
        assert len("".join(parts)) <= 20_000


class Hang:
    """Functions that hang in every way, until `release`."""

    def __init__(self):
        self.release = threading.Event()
        self.ended = threading.Event()

    def blocks(self, text):
        self.release.wait(30)
        return "late"

    def generator_blocks(self, text):
        yield "first"
        self.release.wait(30)

    async def waits(self, text):
        try:
            await asyncio.sleep(30)
        finally:
            self.ended.set()

    async def blocks_its_loop(self, text):
        self.release.wait(30)


@pytest.mark.parametrize("how", ["blocks", "generator_blocks", "waits", "blocks_its_loop"])
def test_one_that_hangs_is_left_and_the_next_call_is_answered(how):
    """A responder that says nothing for too long is left, and holds up no other."""
    hang = Hang()
    function = UserFunction(
        lambda text: getattr(hang, how)(text) if text == "hang" else _later(text)
    )
    try:
        with pytest.raises(ResponderTimeout, match="nothing for"):
            answer(BoundedResponder(function, 0.05), "hang")
        assert answer(BoundedResponder(function, 60), "again") == ["later again"]
        if how == "waits":
            assert hang.ended.wait(5)
    finally:
        hang.release.set()


def test_calls_that_hang_are_bounded():
    """Hanging calls do not pile up threads for ever."""
    hang = Hang()
    responder = BoundedResponder(UserFunction(hang.blocks), 0.001)
    seen = set()
    try:
        for _ in range(40):
            with pytest.raises(Exception, match=r"nothing for|have not come back") as caught:
                answer(responder)
            seen.add(type(caught.value).__name__)
        threads = [t for t in threading.enumerate() if t.name == "ipyavatar-responder"]
        assert len(threads) <= 16
        assert seen == {"ResponderTimeout", "TooManyCalls"}
    finally:
        hang.release.set()


def test_async_calls_share_one_loop():
    """What a function keeps between calls, such as a client, may belong to a loop."""
    loops = []

    async def function(text):
        loops.append(asyncio.get_running_loop())
        return text

    responder = UserFunction(function)
    assert [answer(responder), answer(responder)] == [["hello"], ["hello"]]
    assert loops[0] is loops[1]
