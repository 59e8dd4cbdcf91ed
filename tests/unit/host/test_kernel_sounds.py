"""Sound from the kernel: asked for, taken, dropped, and given up in time."""

import asyncio

import numpy as np
import pytest

from ipyavatar.errors import SpeechFailed
from ipyavatar.host.kernel_sounds import KernelSounds
from ipyavatar.protocol import host as m
from ipyavatar.protocol.errors import Failure
from tests.support.virtual_time import run_virtual

PIECE = np.arange(240, dtype="<i2").tobytes()


def with_sounds(script):
    async def go():
        emitted = []
        sounds = KernelSounds(emitted.append, lambda: "a1")
        return await script(sounds, emitted)

    return run_virtual(go())


def test_pieces_come_in_order_and_each_is_told_as_taken():
    async def script(sounds, emitted):
        stream = sounds.stream("s", speech="s1")
        first = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        for _ in range(2):
            sounds.on_message(m.SoundPiece("s", "a1", 24_000, PIECE))
        sounds.on_message(m.SoundEnd("s", "a1"))
        blocks = [await first, *[block async for block in stream]]
        return blocks, emitted

    blocks, emitted = with_sounds(script)
    assert [(len(block.audio), block.rate) for block in blocks] == [(240, 24_000)] * 2
    assert emitted[0] == m.SoundWanted("s", "a1", "s1", "")
    assert emitted[1:] == [m.SoundTaken("s", "a1", 1)] * 2


def test_why_it_could_not_be_made_is_raised():
    async def script(sounds, emitted):
        stream = sounds.stream("s", text="Hello.")
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        sounds.on_message(m.SoundEnd("s", "a1", Failure("SpeechFailed", "No.", "Fix.")))
        with pytest.raises(SpeechFailed, match="No"):
            await waiting
        return emitted

    assert with_sounds(script) == [m.SoundWanted("s", "a1", "", "Hello.")]


def test_what_is_silent_for_long_is_given_up_and_dropped():
    async def script(sounds, emitted):
        began = asyncio.get_running_loop().time()
        with pytest.raises(SpeechFailed, match="7 s"):
            await anext(sounds.stream("s", text="Hello.", silent_s=7.0))
        assert asyncio.get_running_loop().time() - began == pytest.approx(7.0)
        sounds.on_message(m.SoundPiece("s", "a1", 24_000, PIECE))  # too late: nobody minds
        return emitted

    assert with_sounds(script)[-1] == m.SoundDropped("s", "a1")


def test_whoever_stops_listening_drops_it():
    async def script(sounds, emitted):
        stream = sounds.stream("s", speech="s1")
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        sounds.on_message(m.SoundPiece("s", "a1", 24_000, PIECE))
        await waiting
        await stream.aclose()
        return emitted

    assert with_sounds(script)[-1] == m.SoundDropped("s", "a1")
