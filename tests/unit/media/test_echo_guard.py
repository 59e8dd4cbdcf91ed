"""What a microphone hears is told from what is played, delayed and damped."""

import itertools

import numpy as np
import pytest

from ipyavatar.errors import AvatarError
from ipyavatar.media.echo_guard import HEARD, EchoGuard

RATE = 16_000


def voice(seconds, seed, pitch):
    """A sound with the pitch, the formants and the syllables of a voice."""
    rng = np.random.default_rng(seed)
    count = round(seconds * RATE)
    glide = pitch * (1 + 0.15 * np.interp(np.arange(count), *_points(rng, count, 8)))
    phase = np.cumsum(glide) / RATE
    tones = np.arange(1, 25)[:, None]
    weight = np.stack([np.interp(np.arange(count), *_points(rng, count, 6)) for _ in tones])
    sound = (np.abs(weight) * np.sin(2 * np.pi * tones * phase) / tones).sum(0)
    syllables = np.abs(np.interp(np.arange(count), *_points(rng, count, 5)))
    sound = (sound / np.abs(sound).max() + rng.normal(0, 0.2, count)) * syllables
    return (0.3 * sound / np.abs(sound).max()).astype(np.float32)


def _points(rng, count, per_second):
    times = np.arange(0, count + 1, RATE // per_second)
    return times, rng.normal(0, 1, len(times))


def judgements(heard, played):
    """Of each chunk of voice after the first two seconds, whether it is judged to be an echo."""
    guard, history, echoes = EchoGuard(), np.zeros(HEARD, np.float32), []
    for at in range(0, len(heard) - 512, 512):
        for start in range(at, at + 512, 256):
            guard.put_audio(0, np.repeat(played[start : start + 256], 3))
        chunk = heard[at : at + 512]
        history = np.concatenate([history[512:], chunk])
        if at >= 2 * RATE and np.sqrt(np.mean(chunk**2)) > 0.004:
            echoes.append(guard.is_echo(history, voice=True))
    assert len(echoes) > 20
    return echoes


def share_of_echoes(heard, played):
    echoes = judgements(heard, played)
    return sum(echoes) / len(echoes)


def delayed(sound, delay_s, gain):
    silence = np.zeros(round(delay_s * RATE), np.float32)
    return gain * np.concatenate([silence, sound])[: len(sound)]


@pytest.mark.parametrize("delay_s", [0.02, 0.05, 0.3, 0.7, 1.2])
@pytest.mark.parametrize("gain", [0.9, 0.2, -0.3])
def test_what_is_played_is_an_echo_delayed_and_damped(delay_s, gain):
    played = voice(5, 1, 120)
    heard = delayed(played, delay_s, gain)
    heard = heard + np.random.default_rng(2).normal(0, 2e-4, len(heard)).astype(np.float32)
    assert share_of_echoes(heard, played) > 0.9


def stretched(sound, seed):
    """As a jitter buffer plays it: each second, by some milliseconds sooner or later."""
    rng = np.random.default_rng(seed)
    parts = [sound[at : at + RATE] for at in range(0, len(sound), RATE)]
    shifts = [np.zeros(rng.integers(20, 200), np.float32) for _ in parts]
    return np.concatenate([piece for pair in zip(shifts, parts, strict=True) for piece in pair])


@pytest.mark.parametrize("seed", range(4))
def test_a_jitter_buffer_that_lengthens_what_it_plays_makes_nobody_else_of_it(seed):
    """Somebody begins to speak with two chunks in a row that are no echo."""
    played = voice(9, seed, 120)
    heard = delayed(stretched(played, seed), 0.2, 0.3)[: len(played)]
    echoes = judgements(heard, played)
    assert all(one or other for one, other in itertools.pairwise(echoes))


@pytest.mark.parametrize("pitch", [170, 210])
def test_somebody_else_is_none(pitch):
    """Who speaks while it speaks, over its echo or without one."""
    played, other = voice(5, 1, 120), voice(5, 7, pitch)
    assert share_of_echoes(other, played) < 0.25
    assert share_of_echoes(other + delayed(played, 0.2, 0.3), played) < 0.6


def test_who_is_louder_than_any_echo_is_heard_at_once():
    """Also with a voice like the avatar's own, where the page has taken the echo away."""
    played = voice(6, 1, 120)
    guard, noise = EchoGuard(), np.random.default_rng(2)
    other, judged = voice(6, 1, 122), []
    for at in range(0, len(played) - 512, 512):
        for start in range(at, at + 512, 256):
            guard.put_audio(0, np.repeat(played[start : start + 256], 3))
        heard = noise.normal(0, 3e-4, HEARD).astype(np.float32)
        speaks = at > 4 * RATE
        if speaks:
            heard[-512:] += other[at : at + 512]
        if np.abs(heard[-512:]).max() > 0.05 or not speaks:
            judged.append(guard.is_echo(heard, voice=speaks))
    assert len(judged) > 140
    assert not any(judged)


def test_a_silent_avatar_has_no_echo():
    guard = EchoGuard()
    assert not guard.audible
    assert not guard.is_echo(voice(1, 3, 150)[:HEARD], voice=True)
    for _ in range(10):
        guard.put_audio(0, np.full(960, 0.2, np.float32))
    assert guard.sounding
    guard.put_audio(0, None)
    assert guard.audible
    assert not guard.sounding
    for _ in range(100):
        guard.put_audio(0, None)
    assert not guard.audible


def test_it_takes_neither_pictures_nor_time():
    """A pump stays in real time for it."""
    guard = EchoGuard()
    assert (guard.pictures, guard.hold_until) == (False, 0.0)
    guard.put_picture(0, np.zeros((3, 2), np.uint8))
    guard.put_caption(None)
    assert not guard.is_echo(np.zeros(HEARD, np.float32), voice=True)


def test_what_has_failed_in_the_middle_of_a_word_sounds_no_more():
    """No more sound comes that would end it: half duplex would hear nobody ever again."""
    guard = EchoGuard()
    guard.put_audio(0, np.full(960, 0.3, np.float32))
    assert guard.sounding
    guard.fail(AvatarError("It broke."))
    assert (guard.sounding, guard.audible) == (False, False)
