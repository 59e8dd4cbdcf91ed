"""The readers and recordings of a session: each name is one's, and each has an end."""

import asyncio
from types import SimpleNamespace

import numpy as np
import pytest

from ipyavatar.core.clock import MonotonicClock
from ipyavatar.protocol import media as mm
from ipyavatar.session.media_outputs import MediaOutputs


class Source:
    """Gives its sinks what a test puts into it."""

    def __init__(self):
        self.sinks = []

    def add_sink(self, sink):
        self.sinks.append(sink)

    def remove_sink(self, sink):
        if sink in self.sinks:
            self.sinks.remove(sink)

    def wake(self):
        pass

    def catch_up(self, within_s):
        return None


@pytest.fixture
def told():
    return []


@pytest.fixture
def source():
    return Source()


@pytest.fixture
def outputs(source, told):
    provider = SimpleNamespace(media=lambda: source, touch=lambda: None)
    return MediaOutputs("s", lambda: provider, told.append, MonotonicClock())


def test_a_recording_that_is_begun_twice_is_one_and_ends(outputs, source, told, tmp_path):
    """Another in its place would leave the first without an end, and the session waiting for it."""

    async def record():
        start = mm.StartRecording("s", "m", str(tmp_path / "a.wav"))
        outputs.handle(start)
        outputs.handle(start)
        [recorder] = source.sinks
        recorder.put_audio(0, np.zeros(960, np.float32))
        await outputs.end()

    asyncio.run(record())
    assert source.sinks == []
    assert [one.recording for one in told if one.ended] == ["m"]


def test_a_reader_that_is_opened_twice_is_one_and_ends(outputs, source, told):
    async def read():
        opened = mm.OpenReader("s", "r", "audio", 4)
        outputs.handle(opened)
        outputs.handle(opened)
        assert len(source.sinks) == 1
        await outputs.end()

    asyncio.run(read())
    assert source.sinks == []
    assert [one.reader for one in told if one.ended] == ["r"]
