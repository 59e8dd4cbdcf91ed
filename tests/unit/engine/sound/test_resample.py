"""One rate to another: no seams, nothing lost."""

import numpy as np
import pytest

from ipyavatar.engine.sound.resample import StreamResampler, resample
from ipyavatar.engine.sound.samples import SoundBlock


def tone(rate, seconds=0.5):
    return (0.5 * np.sin(2 * np.pi * 300 * np.arange(round(rate * seconds)) / rate)).astype("f4")


@pytest.mark.parametrize("rate", [8_000, 22_050, 24_000, 44_100, 48_000, 96_000])
def test_pieces_give_the_same_as_the_whole(rate):
    audio = tone(rate)
    stream = StreamResampler(48_000)
    parts = [
        stream.feed(SoundBlock(audio[at : at + 777], rate)) for at in range(0, len(audio), 777)
    ]
    joined = np.concatenate([*parts, stream.flush()])
    assert len(joined) == 24_000
    assert np.array_equal(joined, resample(audio, rate, 48_000))
    assert np.abs(joined[200:-200] - tone(48_000)[200:-200]).max() < 0.01


def test_the_rate_may_change_on_the_way():
    stream = StreamResampler(48_000)
    parts = [stream.feed(SoundBlock(tone(rate), rate)) for rate in (24_000, 16_000, 48_000, 24_000)]
    assert sum(map(len, parts)) + len(stream.flush()) == 4 * 24_000


def test_of_nothing_comes_nothing():
    stream = StreamResampler(48_000)
    assert len(stream.feed(SoundBlock(np.zeros(0, np.float32), 24_000))) == 0
    assert len(stream.flush()) == 0
