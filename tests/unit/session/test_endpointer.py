"""Where what somebody says begins and ends, counted in samples."""

import numpy as np
import pytest

from ipyavatar.media.voice_activity import CHUNK
from ipyavatar.session.endpointer import (
    BEFORE_S,
    BEGIN_CHUNKS,
    LONGEST_S,
    PAUSE_S,
    RATE,
    Endpointer,
)

QUIET, LOUD = 0.0, 0.5


def sound(seconds, level=LOUD):
    return np.full(round(seconds * RATE), level, np.float32)


class Heard:
    """An endpointer whose model takes what is loud for speech."""

    def __init__(self, *, held=False, is_echo=lambda heard, voice: False):
        self.begun = 0
        self.spoken = []
        self.endpointer = Endpointer(
            lambda chunk: float(abs(chunk).max() > 0.1),
            is_echo,
            self.begin,
            self.spoken.append,
            held=held,
        )

    def begin(self):
        self.begun += 1

    def push(self, *parts, piece=700):
        whole = np.concatenate(parts)
        for at in range(0, len(whole), piece):
            self.endpointer.push(whole[at : at + piece])


@pytest.mark.parametrize("piece", [1, 160, 512, 960, 16_000])
def test_an_utterance_has_its_beginning_and_ends_with_a_pause(piece):
    """Whatever the size of the pieces it comes in."""
    heard = Heard()
    heard.push(sound(1, QUIET), sound(1), sound(1, QUIET), piece=piece)
    (spoken,) = heard.spoken
    assert heard.begun == 1
    assert not spoken.cut
    length = len(spoken.samples) / RATE
    assert length == pytest.approx(BEFORE_S + 1 + PAUSE_S, abs=0.07)
    assert spoken.after_s == pytest.approx(PAUSE_S, abs=0.05)
    assert np.count_nonzero(spoken.samples) == RATE  # all of it


def test_it_begins_within_a_tenth_of_a_second():
    """Barge-in has 200 ms for all of the way."""
    heard = Heard()
    heard.push(sound(1.01, QUIET), sound(0.1))
    assert heard.begun == 1
    assert BEGIN_CHUNKS * CHUNK / RATE < 0.07


def test_pauses_within_a_sentence_are_of_it():
    heard = Heard()
    heard.push(sound(1), sound(0.5, QUIET), sound(1), sound(0.6, QUIET), sound(1), sound(1, QUIET))
    assert len(heard.spoken) == heard.begun == 1


def test_a_click_is_nothing():
    heard = Heard()
    heard.push(sound(32 * CHUNK / RATE, QUIET), sound(0.03), sound(2, QUIET))
    assert (heard.begun, heard.spoken) == (0, [])


def test_what_is_too_long_is_cut_and_goes_on():
    """Nothing of it is lost, and nothing twice."""
    heard = Heard()
    heard.push(sound(2 * LONGEST_S + 5), sound(1, QUIET))
    assert [spoken.cut for spoken in heard.spoken] == [True, True, False]
    assert heard.begun == 1
    kept = sum(np.count_nonzero(spoken.samples) for spoken in heard.spoken)
    assert kept == pytest.approx((2 * LONGEST_S + 5) * RATE, abs=CHUNK)


def test_an_echo_neither_begins_nor_prolongs_anything():
    echo = False
    heard = Heard(is_echo=lambda heard, voice: echo and voice)
    heard.push(sound(1))
    echo = True
    heard.push(sound(3))
    assert (heard.begun, len(heard.spoken)) == (1, 1)
    assert heard.spoken[0].after_s < 1


def test_a_held_button_is_one_utterance():
    """However long its pauses are; letting go ends it at once."""
    heard = Heard(held=True)
    heard.endpointer.begin()
    heard.push(sound(1), sound(5, QUIET), sound(1))
    assert (heard.begun, heard.spoken) == (1, [])
    heard.endpointer.end()
    (spoken,) = heard.spoken
    assert len(spoken.samples) == pytest.approx(7 * RATE, abs=CHUNK)


@pytest.mark.parametrize("seconds", [0, 0.05, 3])
def test_a_held_button_without_a_word_is_an_empty_utterance(seconds):
    heard = Heard(held=True)
    heard.endpointer.begin()
    heard.push(sound(seconds, QUIET) if seconds else sound(0))
    heard.endpointer.end()
    heard.endpointer.end()
    (spoken,) = heard.spoken
    assert len(spoken.samples) == 0
