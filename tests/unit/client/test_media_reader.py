"""Readers: iterators for loops and async loops, over what the host sends."""

import asyncio
import gc

import numpy as np
import pytest

from ipyavatar.client.media_reader import AudioReader, FrameReader
from ipyavatar.core.handle import Handle
from ipyavatar.errors import HostError, SlowReader
from ipyavatar.protocol import media as mm
from ipyavatar.protocol.errors import Failure

I420 = np.concatenate([np.full(64, 235, np.uint8), np.full(32, 128, np.uint8)]).tobytes()


def picture(at):
    return mm.MediaItem(at, I420, 8, 8)


class Read:
    """A reader, and what it has sent."""

    def __init__(self, kind=FrameReader, until=None):
        self.sent = []
        self.reader = kind("s", "m1", self.sent.append, until)

    def bring(self, *items, **more):
        self.reader.take(mm.MediaRead("s", "m1", list(items), **more))


def test_pictures_are_arrays_with_their_time():
    """RGB, whatever the host has them as; a copy keeps the time."""
    read = Read()
    read.bring(picture(0.25), ended=True)
    (frame,) = read.reader
    assert (frame.shape, frame.dtype, frame.timestamp) == ((8, 8, 3), np.uint8, 0.25)
    assert (np.asarray(frame) >= 253).all()
    assert frame[:4].timestamp == 0.25


def test_sound_is_arrays_with_their_time():
    """Silence has its samples, too."""
    read = Read(AudioReader)
    loud = np.full(960, 0.5, np.float32)
    read.bring(mm.MediaItem(1.0), mm.MediaItem(1.02, loud.tobytes()), ended=True)
    silent, sound = read.reader
    assert (silent.shape, silent.dtype, silent.timestamp) == ((960,), np.float32, 1.0)
    assert not silent.any()
    assert (sound == loud).all()


def test_more_is_asked_for_as_it_is_taken():
    """Never more under way than the window."""
    read = Read()
    assert read.reader.command == mm.OpenReader("s", "m1", "frames", 4)
    read.bring(*(picture(i / 25) for i in range(4)))
    for _ in range(4):
        next(read.reader)
    assert read.sent == [mm.AskForMedia("s", "m1", 2), mm.AskForMedia("s", "m1", 2)]


def test_an_async_loop():
    """It waits for what comes, and ends with it."""

    async def go():
        read = Read()
        loop = asyncio.get_running_loop()
        loop.call_later(0.01, read.bring, picture(0.0))
        loop.call_later(0.02, lambda: read.bring(picture(0.04), ended=True))
        return [frame.timestamp async for frame in read.reader]

    assert asyncio.run(go()) == [0.0, 0.04]


def test_it_ends_with_what_it_was_to_last_for():
    """The host is told once, and what was on its way is given out."""
    speech = Handle()
    read = Read(until=speech)
    read.bring(picture(0.0))
    next(read.reader)
    speech.finish(None)
    read.bring(picture(0.04), ended=True)
    assert [frame.timestamp for frame in read.reader] == [0.04]
    assert list(read.reader) == []
    assert read.sent == [mm.CloseReader("s", "m1")]


def test_an_error_comes_after_what_there_is():
    """It is raised once; then there is nothing more."""
    read = Read()
    read.bring(picture(0.0))
    read.reader.end(HostError("It died."))
    assert next(read.reader).timestamp == 0.0
    with pytest.raises(HostError, match="It died"):
        next(read.reader)
    assert list(read.reader) == []


def test_a_failure_of_the_host_is_raised():
    """As an error of ours."""
    read = Read()
    read.bring(ended=True, failure=Failure("MediaError", "No.", ""))
    with pytest.raises(Exception, match="No"):
        next(read.reader)


def test_a_slow_loop_is_told_how_much_it_missed():
    """At its end, by a warning; before, by the attribute."""
    read = Read()
    read.bring(picture(0.0), dropped=7)
    next(read.reader)
    assert read.reader.dropped == 7
    read.bring(dropped=9, ended=True)
    with pytest.warns(SlowReader, match="too slow for 9 pictures"):
        assert list(read.reader) == []


def test_a_loop_that_was_left_is_closed():
    """Nobody holds it any more: the host is told, and keeps nothing for it."""
    read = Read()
    read.bring(picture(0.0), picture(0.04))
    for _ in read.reader:
        break
    sent = read.sent
    del read
    gc.collect()
    assert sent == [mm.CloseReader("s", "m1")]


def test_a_reader_shows_what_it_is():
    reader = Read().reader
    assert repr(reader) == "<FrameReader: open, 0 dropped>"
    reader.close()
    assert repr(reader) == "<FrameReader: closed, 0 dropped>"
