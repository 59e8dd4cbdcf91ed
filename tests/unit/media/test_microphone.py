"""Pieces of a microphone's sound become one stream, with silence where some are missing."""

import numpy as np
import pytest

from ipyavatar.errors import InvalidArgument
from ipyavatar.media.microphone import LONGEST_HOLE_S, MicrophoneStream
from ipyavatar.protocol.listening import HEARD_RATE as RATE

PIECE = 960  # samples of 60 ms


def pcm(value, samples=PIECE):
    return np.full(samples, round(value * 32768), "<i2").tobytes()


@pytest.fixture
def heard():
    return []


@pytest.fixture
def stream(heard):
    return MicrophoneStream(heard.append)


def test_pieces_come_out_as_they_went_in(stream, heard):
    """At the rate that is wanted nothing is kept back, and nothing changed."""
    for number, value in enumerate((0.25, -0.5), 1):
        stream.push(pcm(value), RATE, number)
    assert [piece.tolist() for piece in heard] == [[0.25] * PIECE, [-0.5] * PIECE]
    assert heard[0].dtype == np.float32


def test_what_is_missing_is_silence_and_what_comes_twice_or_late_is_nothing(stream, heard):
    """So words stay as far apart as they were said."""
    for number in (3, 3, 6, 5, 7):
        stream.push(pcm(0.5), RATE, number)
    sound = np.concatenate(heard)
    assert len(sound) == 5 * PIECE  # 3, two missing ones, 6, 7
    assert (sound == 0).reshape(5, PIECE).all(axis=1).tolist() == [False, True, True, False, False]


def test_a_long_hole_is_made_no_longer_than_a_second(stream, heard):
    """A page that slept for an hour brings no hour of silence."""
    stream.push(pcm(0.5), RATE, 1)
    stream.push(pcm(0.5), RATE, 10**15)
    assert len(np.concatenate(heard)) == 2 * PIECE + LONGEST_HOLE_S * RATE


def test_a_number_far_too_high_silences_nobody(stream, heard):
    """What comes after it is counted anew."""
    for number in (1, 2**53, 2, 3, 3, 4):
        stream.push(pcm(0.5), RATE, number)
    sound = np.concatenate(heard)
    assert np.count_nonzero(sound) == 5 * PIECE


@pytest.mark.parametrize("number", [-1, -(2**53)])
def test_a_number_below_zero_is_refused(stream, heard, number):
    stream.push(pcm(0.5), RATE, 1)
    with pytest.raises(InvalidArgument, match="number -"):
        stream.push(pcm(0.5), RATE, number)
    stream.push(pcm(0.5), RATE, 2)
    assert len(np.concatenate(heard)) == 2 * PIECE


@pytest.mark.parametrize("rate", [8_000, 44_100, 48_000, 96_000])
def test_any_rate_becomes_the_one_that_is_wanted(stream, heard, rate):
    """A tone stays that tone, in pieces of any length, and its length is kept."""
    tone = np.sin(2 * np.pi * 440 * np.arange(rate) / rate).astype(np.float32) / 2
    for piece in np.array_split(tone, 17):
        stream.push(piece, rate)
    sound = np.concatenate(heard)
    assert abs(len(sound) - RATE) < 0.01 * RATE
    loudest = np.argmax(np.abs(np.fft.rfft(sound))) * RATE / len(sound)
    assert abs(loudest - 440) < 3


@pytest.mark.parametrize(
    ("sound", "rate", "what"),
    [
        (pcm(0.5), 0, "0 samples a second"),
        (pcm(0.5), 10**12, "samples a second"),
        (pcm(0.5, RATE + 1), RATE, "too long"),
        (np.zeros(96_001, np.float32), 96_000, "too long"),
    ],
)
def test_what_no_microphone_gives_is_refused(stream, heard, sound, rate, what):
    """Nobody's page makes the host resample an hour, or divide by nothing."""
    with pytest.raises(InvalidArgument, match=what):
        stream.push(sound, rate, 1)
    assert heard == []


@pytest.mark.parametrize("sound", [b"", b"x", np.zeros(0, np.float32)])
def test_a_piece_without_a_sample_is_nothing(stream, heard, sound):
    """Half a sample is none."""
    stream.push(sound, RATE, 1)
    assert heard == []
