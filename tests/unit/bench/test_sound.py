"""Onset, end and lag of sound: on signals whose answer is known."""

import numpy as np
import pytest

from tests.bench.lag import lag
from tests.bench.sound import Blocks, end_of_sound, envelope, onset, steady

STEP = 128 / 48  # ms


def blocks(*spans, length=3000.0):
    """Sound during the spans (ms), silence elsewhere."""
    at = np.arange(0, length, STEP)
    loud = np.zeros(len(at), bool)
    for low, high in spans:
        loud |= (at >= low) & (at < high)
    return Blocks(at, np.where(loud, 0.2, 1e-4), np.where(loud, 0.1, 1e-5))


def test_onset_is_the_first_loud_block():
    heard = onset(blocks((700, 900)), after=300)
    assert 700 <= heard < 700 + STEP


def test_onset_fails_where_there_is_nothing():
    with pytest.raises(ValueError, match="nothing was heard"):
        onset(blocks((100, 200)), after=300)


def test_onset_fails_when_it_sounded_already():
    with pytest.raises(ValueError, match="before it was asked for"):
        onset(blocks((100, 900)), after=300)


def test_the_end_is_not_a_closure():
    """A gap of 100 ms is a consonant; the end comes before the long silence."""
    end = end_of_sound(blocks((100, 500), (600, 800)), after=300)
    assert end == pytest.approx(800, abs=STEP)


def test_silence_before_the_cut_is_an_end_at_once():
    assert end_of_sound(blocks((100, 200)), after=300) == 300


def test_no_end_within_the_recording_is_an_error():
    with pytest.raises(ValueError, match="never went silent"):
        end_of_sound(blocks((100, 2990)), after=300)


def test_bursts_do_not_move_the_clock():
    """Blocks made every 2.7 ms, handed over in bursts of 10 ms, some of them late."""
    nominal = np.arange(2000) * STEP
    arrivals = 5000 + np.ceil((nominal + 1e-9) / 10) * 10
    arrivals[::97] += 40
    assert steady(arrivals, nominal) == pytest.approx(5000, abs=1.0)


def test_envelope_of_a_burst():
    audio = np.zeros(4800, np.float32)
    audio[2400:] = 0.5
    found = envelope(audio, 48_000, per_s=1000, window_ms=2.5)
    assert len(found) == 100
    assert found[40] == 0
    assert found[60] == pytest.approx(0.5)


def noise(seed, count):
    rng = np.random.default_rng(seed)
    return np.convolve(rng.normal(size=count), np.ones(9) / 9, "same")


@pytest.mark.parametrize("late", [0.0, 37.0, -41.5])
def test_lag_of_uneven_samples(late):
    """Seen 25 times a second with jitter, in noise: found within 2 ms."""
    rng = np.random.default_rng(1)
    reference = noise(2, 800)  # 4 s at 200 a second
    times = np.arange(-500, 4500, 40.0) + rng.uniform(-8, 8, 125)
    truth = np.interp(times - late, np.arange(800) * 5.0, reference, left=0, right=0)
    found = lag(times, truth + rng.normal(0, 0.03, len(times)), reference, 200, -150, 150)
    assert found.ms == pytest.approx(late, abs=2.0)
    assert found.fit > 0.9


def test_lag_of_something_else_does_not_fit():
    times = np.arange(0, 4000, 5.0)
    found = lag(times, noise(3, 800), noise(4, 800), 200, -150, 150)
    assert found.fit < 0.5


def test_lag_without_enough_values_fits_not_at_all():
    assert lag(np.arange(5.0), np.arange(5.0), noise(5, 100), 200, -10, 10).fit == -1
