"""Who speaks: a voice as a handful of numbers on top of the one network, and the sound it makes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

SAMPLE_RATE = 24_000
HOP = 300
"""Samples per frame of the network: 12.5 ms."""


@dataclass(frozen=True, slots=True)
class Timbre:
    """How a voice differs from the network's own.

    Attributes:
        speed: Pace; 1 is the network's own, 1.1 is faster.
        gain: Factor on the finished sound, so that all voices are about equally loud.
    """

    speed: float = 1.0
    gain: float = 1.9


@dataclass(frozen=True, slots=True)
class Spectrum:
    """What the network predicts for a stretch of speech, F frames of 12.5 ms.

    Attributes:
        harmonic: `float32[601, F]`, log gain of the pulse train.
        phase: `float32[601, F]`, phase of that filter before tanh and times pi.
        noise: `float32[601, F]`, log level of the noise.
        free: `float32[601, F]`, log level of the part with its own phase.
        free_phase: `float32[601, F]`, that phase in radians.
        f0: `float32[F]`, pitch in Hz, under 40 where there is no voice.
    """

    harmonic: FloatArray
    phase: FloatArray
    noise: FloatArray
    free: FloatArray
    free_phase: FloatArray
    f0: FloatArray


def sound(spectrum: Spectrum, timbre: Timbre, rng: np.random.Generator) -> FloatArray:
    """The waveform, `float32[F * 300]` at 24 kHz, as loud as it came out."""
    from hibari import dsp

    return np.asarray(
        dsp.synth(
            spectrum.harmonic,
            spectrum.phase,
            spectrum.noise,
            spectrum.free,
            spectrum.free_phase,
            spectrum.f0,
            rng,
        ),
        dtype=np.float32,
    )


def level(audio: FloatArray, gain: float, ceiling: float = 0.85, knee: float = 0.6) -> FloatArray:
    """`audio` times `gain`; what is over the knee is bent so that it stays under the ceiling."""
    loud = audio * np.float32(gain)
    size = np.abs(loud)
    over = size > knee
    if over.any():
        room = ceiling - knee
        bent = knee + room * np.tanh((size[over] - knee) / room)
        loud[over] = np.copysign(bent, loud[over])
    return loud
