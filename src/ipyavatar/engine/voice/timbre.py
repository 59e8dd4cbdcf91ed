"""Who speaks: a voice as a handful of numbers on top of the one network, and the sound it makes."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]

SAMPLE_RATE = 24_000
HOP = 300
"""Samples per frame of the network: 12.5 ms."""

NOISE_FRAMES = 480
"""After 6 s the noise repeats, which nobody can hear."""

PITCH = 190.0
"""Hz: the median pitch of the network's own voice."""

_VOICED = 40.0  # Hz: the network's mark for "there is a voice"
_BIN = SAMPLE_RATE / (4 * HOP)


@dataclass(frozen=True, slots=True)
class Timbre:
    """How a voice differs from the network's own.

    A longer vocal tract is a slower tape: every frame is stretched by `hop / 300`, which lowers
    formants and pitch alike and keeps the sound whole; the pitch is then set apart from it. The
    harmonics of the old pitch have left ripples in the network's filter, which would be heard as
    roughness at a new one: `smoothing` takes them out. The numbers were searched for with a
    listening-test predictor (DNSMOS P.808) on sentences the tests do not use.

    Attributes:
        hop: Samples per frame of the finished sound; 300 leaves the formants where they are,
            360 lowers them by 17 %. 4 * hop should have small prime factors.
        pitch: Factor on the pitch.
        pitch_range: Exponent on its movement about the median; under 1 is calmer.
        smoothing: Bins of 20 Hz over which the filter of the harmonics is averaged, odd.
        tilt: Decibels per octave about 1 kHz added to the harmonics.
        speed: Pace; 1 is the network's own, 1.1 is faster.
        gain: Factor on the finished sound, so that all voices are about equally loud.
    """

    hop: int = HOP
    pitch: float = 1.0
    pitch_range: float = 1.0
    smoothing: int = 1
    tilt: float = 0.0
    speed: float = 1.0
    gain: float = 1.9

    @property
    def stretch(self) -> float:
        """How much longer everything sounds than the network made it."""
        return self.hop / HOP

    @property
    def network_speed(self) -> float:
        """The pace to ask of the network, so that the stretched sound has `speed`."""
        return self.speed * self.stretch


TIMBRES = {
    "june": Timbre(gain=2.05),
    "iris": Timbre(hop=280, pitch=1.07, pitch_range=0.95, gain=2.05),
    "wren": Timbre(hop=320, pitch=0.85, gain=1.83),
    "cole": Timbre(350, pitch=0.59, pitch_range=0.85, smoothing=5, tilt=2.0, speed=0.97, gain=2.3),
    "miles": Timbre(360, pitch=0.54, pitch_range=0.85, smoothing=9, tilt=1.4, speed=0.95, gain=2.4),
}
"""The voices there are; `VOICES` describes them."""


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


def sound(spectrum: Spectrum, timbre: Timbre) -> FloatArray:
    """The waveform, `float32[F * timbre.hop]` at 24 kHz, as loud as it came out."""
    from hibari import dsp

    frames = len(spectrum.f0)
    pulses = dsp.pulses(_pitch(spectrum.f0, timbre))
    mix = dsp.stft(pulses, frames)
    harmonic = _smooth(spectrum.harmonic, timbre.smoothing)
    if timbre.tilt:
        hertz = np.arange(len(harmonic), dtype=np.float32) * (_BIN / timbre.stretch)
        octaves = np.log2(np.maximum(hertz, 200.0) / 1000.0)
        harmonic = harmonic + (octaves * timbre.tilt * math.log(10) / 20)[:, None]
    mix *= _polar(harmonic, np.tanh(spectrum.phase) * np.float32(math.pi))
    mix += _white_noise(frames) * _magnitude(spectrum.noise)
    mix += _polar(spectrum.free, spectrum.free_phase)
    return _overlap_add(mix, timbre.hop)


def _white_noise(frames: int) -> NDArray[np.complex64]:
    """Noise of all bins, `complex64[601, frames]`: the same each time, so is a text's sound."""
    table = _noise_table()
    if frames > NOISE_FRAMES:
        table = np.tile(table, (1, -(-frames // NOISE_FRAMES)))
    return table[:, :frames]


@functools.cache
def _noise_table() -> NDArray[np.complex64]:
    """Made once: it would be a third of the work for each sound."""
    rng = np.random.default_rng(0)
    noise = rng.standard_normal((2 * HOP + 1, 2 * NOISE_FRAMES), dtype=np.float32)
    return noise.view(np.complex64)


def _pitch(f0: FloatArray, timbre: Timbre) -> FloatArray:
    """The pitch to synthesise with, before the stretch lowers it."""
    moved = PITCH * (np.maximum(f0, _VOICED) / PITCH) ** timbre.pitch_range
    return np.where(f0 > _VOICED, moved * timbre.pitch * timbre.stretch, f0).astype(np.float32)


def _smooth(filters: FloatArray, bins: int) -> FloatArray:
    """Running mean over `bins` along frequency (the first axis)."""
    if bins == 1:
        return filters
    half = bins // 2
    padded = np.pad(filters, ((half + 1, half), (0, 0)), mode="edge")
    sums = np.cumsum(padded, axis=0, dtype=np.float64)
    return ((sums[bins:] - sums[:-bins]) / bins).astype(np.float32)


def _magnitude(log_level: FloatArray) -> FloatArray:
    # The network is capped at e^7 when it is trained.
    return np.exp(np.minimum(log_level, 7.0), dtype=np.float32)


def _polar(log_level: FloatArray, angle: FloatArray) -> NDArray[np.complex64]:
    out = np.empty(angle.shape, np.complex64)
    np.cos(angle, out=out.real)
    np.sin(angle, out=out.imag)
    out *= _magnitude(log_level)
    return out


def _overlap_add(spectra: NDArray[np.complex64], hop: int) -> FloatArray:
    """Inverse STFT, `complex64[601, F]` to `float32[F * hop]`; Hann windows of four hops."""
    frames, size = spectra.shape[1], 4 * hop
    # irfft cuts or pads the bins to the size: that alone stretches the frame.
    time = np.fft.irfft(np.ascontiguousarray(spectra.T), size, axis=1)
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)
    time *= window * np.float32(hop / HOP)
    blocks = time.reshape(frames, 4, hop)
    squares = (window * window).reshape(4, hop)
    total = np.zeros((frames + 3, hop), np.float32)
    weight = np.zeros((frames + 3, hop), np.float32)
    for part in range(4):
        total[part : part + frames] += blocks[:, part]
        weight[part : part + frames] += squares[part]
    total /= np.maximum(weight, 1e-6)
    return total.reshape(-1)[2 * hop : (2 + frames) * hop]


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
