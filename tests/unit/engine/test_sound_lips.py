"""Lips from sound alone."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from ipyavatar.engine.lips import MouthTrack
from ipyavatar.engine.pose import MOUTH_KEYS
from ipyavatar.engine.sound_lips import loudness, mouth_from_sound
from ipyavatar.engine.voice import load_voice

RATE = 24_000
TIMES = np.arange(101) / 100
SECOND = np.arange(RATE) / RATE


def mouth(audio, key, rate=RATE):
    return mouth_from_sound(audio.astype("f4"), rate, TIMES)[:, MOUTH_KEYS.index(key)]


def vowel(first, second):
    """Two formants over a voice of 120 Hz."""
    harmonics = np.arange(120, 4000, 120)
    gain = sum(1 / (1 + ((harmonics - f) / 90.0) ** 2) for f in (first, second))
    return 0.1 * (gain[:, None] * np.sin(2 * np.pi * harmonics[:, None] * SECOND)).sum(0)


def test_an_open_vowel_opens_the_jaw_wider_than_a_close_one():
    assert mouth(vowel(750, 1200), "jaw")[50] > mouth(vowel(280, 2300), "jaw")[50] + 0.1


def test_a_front_vowel_spreads_the_lips_and_a_back_one_rounds_them():
    front, back = vowel(300, 2400), vowel(350, 800)
    assert mouth(front, "wide")[50] > mouth(back, "wide")[50] + 0.2
    assert mouth(back, "round")[50] > mouth(front, "round")[50] + 0.1


def test_hiss_shows_the_teeth_and_keeps_the_jaw_up():
    noise = np.random.default_rng(1).normal(0, 0.1, RATE)
    hiss = np.diff(noise, prepend=0.0)
    assert mouth(hiss, "teeth")[50] > 0.7
    assert mouth(hiss, "jaw")[50] < 0.3


def test_a_hush_between_vowels_closes_the_lips():
    audio = vowel(750, 1200)
    audio[RATE * 48 // 100 : RATE * 56 // 100] = 0.0
    press = mouth(audio, "press")
    assert press[52] > 0.8
    assert press[30] == 0.0
    assert mouth(audio, "jaw")[52] < 0.1


@pytest.mark.parametrize("rate", [8_000, 16_000, 48_000])
def test_silence_is_a_mouth_at_rest_at_any_rate(rate):
    faint = np.random.default_rng(1).normal(0, 1e-4, rate)
    assert np.abs(mouth_from_sound(faint.astype("f4"), rate, TIMES)).max() < 0.05
    assert mouth_from_sound(np.zeros(0, np.float32), rate, TIMES[:1]).any() == np.False_


def test_a_soft_piece_of_a_loud_sound_stays_soft():
    soft = vowel(750, 1200) * 0.02
    alone = mouth_from_sound(soft.astype("f4"), RATE, TIMES)
    within = mouth_from_sound(soft.astype("f4"), RATE, TIMES, loudness(vowel(750, 1200)))
    assert within[50, 0] < alone[50, 0] / 2


def test_it_goes_with_the_lips_that_phonemes_give():
    """As measured: jaw 0.62, width 0.38, rounding 0.26; loudness alone has 0.4, 0, 0."""
    chunks = load_voice("june").stream(
        "How about we measure the voltage of both wires before we power the pump?",
        threading.Event(),
    )
    pairs = [(MouthTrack.of(c).values, MouthTrack.of(replace(c, phones=())).values) for c in chunks]
    exact, guessed = (np.concatenate(values) for values in zip(*pairs, strict=True))
    for key, least in {"jaw": 0.45, "wide": 0.2, "round": 0.1}.items():
        column = MOUTH_KEYS.index(key)
        assert np.corrcoef(exact[:, column], guessed[:, column])[0, 1] > least, key
