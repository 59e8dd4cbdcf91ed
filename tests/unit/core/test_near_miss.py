"""What was probably meant by a name that is not there."""

import asyncio
import inspect

import pytest

from ipyavatar.client.listening import Listening
from ipyavatar.core.handle import Handle
from ipyavatar.core.near_miss import guess_name
from ipyavatar.core.speech import Speech, Utterance
from ipyavatar.protocol.listening import Listen

MADE = {
    "speech": lambda: Speech(Utterance("s1", "Hello."), lambda name: None, 0.0),
    "handle": Handle[None],
    "listening": lambda: Listening(Listen("a", "open"), lambda listening: None),
}
"""What verbs return."""


@pytest.mark.parametrize(
    ("thing", "name", "meant"),
    [
        ("speech", "status", "state"),
        ("speech", "cancel", "interrupt"),
        ("speech", "stop", "interrupt"),
        ("speech", "latency", "latency_ms"),
        ("speech", "wrods", "words"),
        ("handle", "result", "wait"),
        ("listening", "text", "texts"),
        ("listening", "cancel", "stop"),
    ],
)
def test_what_a_verb_returns_guesses(thing, name, meant):
    said = rf"has no attribute {name!r}\. Did you mean {meant!r}\?$"
    with pytest.raises(AttributeError, match=said):
        getattr(MADE[thing](), name)


def test_what_is_like_nothing_is_not_guessed():
    """Nor are names that only machines ask for."""
    for name in ("colour", "_repr_html_", "__wrapped__", "_asyncio_future_blocking"):
        with pytest.raises(AttributeError, match=rf"no attribute {name!r}$"):
            getattr(Handle.finished(None), name)
    assert guess_name("speek", ()) == ""


def test_a_handle_is_what_asyncio_takes_it_for():
    """A coroutine, and no future."""
    handle = Handle.finished(3)
    assert asyncio.iscoroutine(handle)
    assert not asyncio.isfuture(handle)
    assert not inspect.iscoroutinefunction(handle)
    assert asyncio.run(handle) == 3
