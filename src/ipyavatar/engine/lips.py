"""Phonemes and their times to the movement of a mouth.

Each phoneme is one of fifteen visemes (the set of Oculus and Meta, plus a weak open shape for the
schwa), a diphthong two; neighbours blend after Cohen and Massaro's dominance functions (1993), and
p b m and f v then close the lips whatever their neighbours want.
"""

# ruff: noqa: RUF001 - phonemes are IPA

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .pose import MOUTH_KEYS, Mouth
from .sound_lips import mouth_from_sound
from .voice.base import Phone, VoiceChunk

FloatArray = NDArray[np.float32]

LEAD = 0.05
"""Seconds by which lips move before the sound, as people's do (40 to 60 ms)."""

_SILENCE = "sil"
_CLOSED, _TUCKED = "PP", "FF"

VISEMES: dict[str, Mouth] = {
    _SILENCE: Mouth(),
    _CLOSED: Mouth(jaw=0.02),
    _TUCKED: Mouth(jaw=0.14, upper=0.35, teeth=1.0),
    "TH": Mouth(jaw=0.22, upper=0.2, tongue=1.0, teeth=0.9),
    "DD": Mouth(jaw=0.20, wide=0.12, upper=0.15, tongue=0.75, teeth=0.8),
    "kk": Mouth(jaw=0.28, wide=0.05, teeth=0.5),
    "CH": Mouth(jaw=0.18, wide=-0.1, round=0.55, upper=0.55, teeth=1.0),
    "SS": Mouth(jaw=0.12, wide=0.35, upper=0.35, teeth=1.0),
    "nn": Mouth(jaw=0.20, wide=0.1, upper=0.1, tongue=0.6, teeth=0.6),
    "RR": Mouth(jaw=0.22, round=0.5, upper=0.3, teeth=0.5),
    "aa": Mouth(jaw=0.80, wide=0.1, upper=0.35, teeth=0.55),
    "E": Mouth(jaw=0.46, wide=0.45, upper=0.3, teeth=0.75),
    "I": Mouth(jaw=0.26, wide=0.7, upper=0.3, teeth=0.9),
    "O": Mouth(jaw=0.52, wide=-0.2, round=0.75, teeth=0.15),
    "U": Mouth(jaw=0.25, wide=-0.3, round=1.0),
    "ax": Mouth(jaw=0.32, wide=0.1, teeth=0.5),
}
"""The shape each viseme aims at; `press` and `tuck` come from the closures alone."""

_PHONES = {
    _CLOSED: "pbm",
    _TUCKED: "fvβɸɱʋ",
    "TH": "θð",
    "DD": "tdlɾTʔʎɫɭɬɖʈɽ",
    "nn": "nɲɳɴ",
    "kk": "kɡghxŋcçɟɣχqɢʁʀħʕɰɦ",
    "CH": "ʃʒʧʤʂʐ",
    "SS": "szɕʑ",
    "RR": "ɹrɜɚɻ",
    "aa": "ɑaæʌɐɒ",
    "E": "ɛe",
    "I": "iɪᵻjyɨ",
    "O": "ɔoœɤɶ",
    "U": "uʊwʍøʏʉɵɯ",
    "ax": "əᵊɘ",
}
_VISEME = {phone: viseme for viseme, phones in _PHONES.items() for phone in phones}
# The voice writes its diphthongs as capitals; the first shape takes 55 % of the time.
_DIPHTHONGS = {
    "A": ("E", "I"),
    "I": ("aa", "I"),
    "W": ("aa", "U"),
    "O": ("O", "U"),
    "Q": ("ax", "U"),
    "Y": ("O", "I"),
}
_FIRST_SHARE = 0.55
_VOWELS = frozenset(("aa", "E", "I", "O", "U", "ax"))
_STRESS = "ˈ"
_MARKS = "ˈˌ"  # they hold time that belongs to the vowel after them
_SHORTEST_PAUSE = 0.06
"""Seconds; a shorter gap between words does not close the mouth."""

_SHAPES = np.array([[getattr(m, k) for k in MOUTH_KEYS] for m in VISEMES.values()], np.float32)
_ROW = {viseme: row for row, viseme in enumerate(VISEMES)}
_JAW, _PRESS, _TUCK = (MOUTH_KEYS.index(key) for key in ("jaw", "press", "tuck"))


@dataclass(frozen=True, slots=True)
class VisemeInterval:
    """A viseme and its time in seconds."""

    viseme: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class MouthTrack:
    """The mouth and the stress through one chunk of speech.

    Attributes:
        values: `float32[n, 8]`, columns as `MOUTH_KEYS`; row `i` is for `i / rate` seconds.
        stress: `float32[n]`, 0 to 1, a bump at each main stress: for brows and nods.
    """

    rate = 100

    values: FloatArray
    stress: FloatArray

    @classmethod
    def of(cls, chunk: VoiceChunk) -> MouthTrack:
        """The track of a chunk: from its phonemes, or from its sound when it has none."""
        times = np.arange(math.ceil(chunk.duration * cls.rate) + 1) / cls.rate
        if not chunk.phones:
            seen = mouth_from_sound(chunk.audio, chunk.sample_rate, times + LEAD / 2, chunk.loud)
            return cls(seen, np.zeros(len(times), np.float32))
        loudness = _loudness(chunk, times)
        segments = visemes(chunk.phones)
        values = _blend(segments, times + LEAD)
        # Louder speech opens wider; LEAD of shift is small against the loudness window.
        values[:, _JAW] *= np.clip(0.65 + 0.5 * loudness, 0.5, 1.15)
        _close(values, segments, times + LEAD)
        return cls(np.clip(values, -0.3, 1.0).astype(np.float32), _stress(chunk.phones, times))

    def at(self, seconds: float) -> Mouth:
        """The mouth at a time from the chunk's start; at rest before and after."""
        row = _sample(self.values, seconds * self.rate)
        return Mouth() if row is None else Mouth(*row.tolist())

    def stress_at(self, seconds: float) -> float:
        """How much stress there is at a time, 0 to 1."""
        value = _sample(self.stress, seconds * self.rate)
        return 0.0 if value is None else float(value)


def _sample(rows: FloatArray, place: float) -> FloatArray | None:
    """Linear interpolation between rows; None outside."""
    if not 0.0 <= place <= len(rows) - 1:
        return None
    low = int(place)
    high = min(low + 1, len(rows) - 1)
    part = np.float32(place - low)
    blended: FloatArray = rows[low] + (rows[high] - rows[low]) * part
    return blended


def visemes(phones: Iterable[Phone]) -> list[VisemeInterval]:
    """The shapes of the mouth in time order, without gaps between sounds."""
    out: list[VisemeInterval] = []
    waiting: float | None = None
    for phone in phones:
        if phone.end <= phone.start:
            continue
        if phone.symbol in _MARKS:
            waiting = phone.start if waiting is None else waiting
            continue
        start, end = phone.start if waiting is None else waiting, phone.end
        shapes = _shapes(phone, start, end)
        if shapes:
            waiting = None
            out += shapes
        elif out:  # a length mark, or a gap too short to close the mouth
            out[-1] = VisemeInterval(out[-1].viseme, out[-1].start, end)
    return out


def _shapes(phone: Phone, start: float, end: float) -> list[VisemeInterval]:
    if phone.symbol in _DIPHTHONGS:
        first, second = _DIPHTHONGS[phone.symbol]
        middle = start + (end - start) * _FIRST_SHARE
        return [VisemeInterval(first, start, middle), VisemeInterval(second, middle, end)]
    if phone.symbol in _VISEME:
        return [VisemeInterval(_VISEME[phone.symbol], start, end)]
    if phone.symbol != "ː" and end - start > _SHORTEST_PAUSE:
        return [VisemeInterval(_SILENCE, start, end)]
    return []


def _blend(segments: list[VisemeInterval], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Dominance-weighted mean of the shapes, `float64[len(times), 8]`."""
    if not segments:
        return np.zeros((len(times), len(MOUTH_KEYS)))
    start = np.array([s.start for s in segments])
    end = np.array([s.end for s in segments])
    vowel = np.array([s.viseme in _VOWELS for s in segments])
    silent = np.array([s.viseme == _SILENCE for s in segments])
    # Past 0.2 s a sound is held, and reaches no further into its neighbours.
    length = np.clip(end - start, 0.03, 0.2)
    held = np.maximum((end - start - length) / 2, 0.0)
    # Reach in seconds and strength: vowels reach further and own the jaw; silence gives way.
    reach = np.where(silent, 0.4 * length + 0.02, 0.55 * length + np.where(vowel, 0.045, 0.028))
    strength = np.where(silent, 0.8, np.where(vowel, 1.0, 0.9))
    centre = (start + end) / 2
    distance = np.maximum(np.abs(times[:, None] - centre) - held, 0.0) / reach
    weights = strength * np.exp(-(distance**1.6))
    targets = _SHAPES[[_ROW[s.viseme] for s in segments]]
    # 0.06: the pull of the mouth at rest, which wins where no sound is near.
    blended: NDArray[np.float64] = (weights @ targets) / (weights.sum(1, keepdims=True) + 0.06)
    return blended


def _close(
    values: NDArray[np.float64], segments: list[VisemeInterval], times: NDArray[np.float64]
) -> None:
    """Press the lips on p b m and tuck the lower one on f v, in place."""
    press = _ramp([s for s in segments if s.viseme == _CLOSED], times, 0.035)
    tuck = _ramp([s for s in segments if s.viseme == _TUCKED], times, 0.04)
    values[:, _PRESS], values[:, _TUCK] = press, tuck
    jaw = values[:, _JAW] * (1.0 - press)
    values[:, _JAW] = np.where(tuck > 0, np.minimum(jaw, 0.16 + 0.6 * (1.0 - tuck)), jaw)


def _ramp(
    segments: list[VisemeInterval], times: NDArray[np.float64], fade: float
) -> NDArray[np.float64]:
    """1 while a segment lasts (at least 50 ms, so that a frame sees it), smooth 0 outside."""
    if not segments:
        return np.zeros(len(times))
    start = np.array([s.start for s in segments])
    end = np.maximum(np.array([s.end for s in segments]), start + 0.05)
    rise = (times[:, None] - (start - fade)) / fade
    fall = ((end + fade) - times[:, None]) / fade
    level = np.clip(np.minimum(rise, fall), 0.0, 1.0).max(1)
    smooth: NDArray[np.float64] = level * level * (3.0 - 2.0 * level)
    return smooth


def _stress(phones: Iterable[Phone], times: NDArray[np.float64]) -> FloatArray:
    marks = np.array([p.start for p in phones if p.symbol == _STRESS])
    if not len(marks):
        return np.zeros(len(times), np.float32)
    bumps = np.exp(-(((times[:, None] - marks) / 0.12) ** 2)).max(1)
    return np.asarray(bumps, np.float32)


def _loudness(chunk: VoiceChunk, times: NDArray[np.float64]) -> NDArray[np.float64]:
    """RMS over 40 ms at each time, 1 where the chunk is loud (its 90th percentile)."""
    if not len(chunk.audio):
        return np.zeros(len(times))
    half = max(1, round(0.02 * chunk.sample_rate))
    energy = np.concatenate([[0.0], np.cumsum(np.square(chunk.audio, dtype=np.float64))])
    centre = np.round(times * chunk.sample_rate).astype(int)
    low = np.clip(centre - half, 0, len(chunk.audio))
    high = np.clip(centre + half, 0, len(chunk.audio))
    rms = np.sqrt(np.maximum(energy[high] - energy[low], 0.0) / (2 * half))
    # A silent chunk must not be scaled up to speech.
    rank = len(rms) * 9 // 10  # np.percentile imports 40 ms of modules at its first call
    loud = max(float(np.partition(rms, rank)[rank]), 0.01)
    scaled: NDArray[np.float64] = np.clip(rms / loud, 0.0, 1.3)
    return scaled
