"""Whether what a microphone hears is the avatar itself, come back through the room.

A page has its browser take the echo away; what that leaves, or a page that has none, must not make
the avatar interrupt itself. What is played is known: if a short filter of it explains most of what
was heard last, nobody else has spoken.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..engine.playout import SAMPLE_RATE
from ..engine.sound.resample import StreamResampler
from ..engine.sound.samples import SoundBlock
from ..errors import AvatarError
from .sinks import SpokenCaption

Sound = NDArray[np.float32]

RATE = 8_000
"""Samples a second that are compared: most of a voice is below 4 kHz, and it costs a quarter."""

DELAY_S = 1.5
"""From the host to a loudspeaker, through the room, and back: an echo comes no later."""

WINDOW = 4096
"""Samples of the microphone that the filter is fitted to: half a second."""

NEWEST = 512
"""Samples at its end that are judged: where somebody begins to speak, it is there."""

TAPS = 512
"""Length of the filter: the way through a room, 64 ms of it."""

AFTER = 400
"""Taps after the strongest one."""

FFT = 2 * WINDOW

EXPLAINED = 0.5
"""With more of its energy explained, what is heard is an echo."""

HEARD = 2 * WINDOW
"""Samples of a microphone, at 16 kHz, that are looked at."""

LEARNING = 0.1
"""How fast the level of echoes is learned."""

LOUDER = 1.5
"""What is not explained is an echo all the same, of a room with much of it, unless its energy is so
many times that of echoes."""

_KEPT = round(DELAY_S * RATE) + WINDOW + TAPS
_HALVE = np.sinc(np.arange(-15, 16) / 2) * np.hamming(31) / 2


class EchoGuard:
    """A sink of a pump, which stays in real time for it; and the judge of its microphones."""

    pictures = False
    hold_until = 0.0
    """Long past: it is never waited for, and without a page time goes no faster."""

    def __init__(self) -> None:
        self._played = np.zeros(_KEPT, np.float32)
        self._resampler = StreamResampler(RATE)
        self._silent_s = DELAY_S
        self._level = 0.0  # of echoes

    @property
    def audible(self) -> bool:
        """Whether the avatar may be heard in the room: it speaks, or has just done so."""
        return self._silent_s < DELAY_S

    @property
    def sounding(self) -> bool:
        """Whether it speaks."""
        return self._silent_s == 0.0

    def put_audio(self, start: int, audio: Sound | None) -> None:
        """20 ms of sound that are being played."""
        del start
        packet = np.zeros(SAMPLE_RATE // 50, np.float32) if audio is None else audio
        silent = audio is None or not np.any(np.abs(audio) > 1e-4)
        self._silent_s = min(self._silent_s + len(packet) / SAMPLE_RATE, DELAY_S) if silent else 0.0
        samples = self._resampler.feed(SoundBlock(packet, SAMPLE_RATE))
        self._played = np.concatenate([self._played[len(samples) :], samples])

    def put_picture(self, start: int, picture: NDArray[np.uint8]) -> None:
        """Pictures make no sound."""

    def put_caption(self, caption: SpokenCaption) -> None:
        """Nor do captions."""

    def fail(self, error: AvatarError) -> None:
        """Nothing is played any more: there is no echo."""

    def is_echo(self, heard: Sound) -> bool:
        """Whether the end of `heard`, the newest `HEARD` samples at 16 kHz, is what is played."""
        heard = np.convolve(heard, _HALVE, "same")[::2].astype(np.float32)
        energy = float(np.dot(heard[-NEWEST:], heard[-NEWEST:]))
        if not self.audible or energy <= 0.0:
            return False
        delay = self._find_delay(heard)
        left = heard - self._fit(heard, delay)
        if float(np.dot(left[-NEWEST:], left[-NEWEST:])) < (1.0 - EXPLAINED) * energy:
            self._level += LEARNING * (energy - self._level)
            return True
        return energy < LOUDER * self._level

    def _find_delay(self, heard: Sound) -> int:
        """After how many samples what is played is heard, most likely: by phase correlation."""
        size = 1 << (_KEPT + WINDOW - 1).bit_length()
        cross = np.fft.rfft(self._played, size) * np.conj(np.fft.rfft(heard, size))
        # Half whitened: a voice is so alike from one period to the next that its peaks are broad.
        likely = np.fft.irfft(cross / np.sqrt(np.abs(cross) + 1e-9), size)[: _KEPT - WINDOW + 1]
        return _KEPT - WINDOW - int(np.argmax(np.abs(likely)))

    def _fit(self, heard: Sound, delay: int) -> Sound:
        """What of `heard` a filter of what was played explains.

        By Fourier transforms alone: what uses more than one core waits for busy ones.
        """
        first = min(max(_KEPT - WINDOW - delay - AFTER, 0), _KEPT - WINDOW - TAPS)
        part = np.fft.rfft(self._played[first : first + WINDOW + TAPS], FFT)
        power = np.abs(part) ** 2
        whole = np.fft.irfft(
            np.fft.rfft(np.concatenate([np.zeros(TAPS, np.float32), heard]), FFT)
            * np.conj(part)
            / (power + 1e-3 * power.mean() + 1e-9),
            FFT,
        )
        whole[TAPS:] = 0.0
        return np.asarray(
            np.fft.irfft(np.fft.rfft(whole) * part, FFT)[TAPS : TAPS + WINDOW], np.float32
        )
