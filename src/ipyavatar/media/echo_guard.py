"""Whether what a microphone hears is the avatar itself, come back through the room.

A page has its browser take the echo away; what that leaves, or a page that has none, must not make
the avatar interrupt itself. What is played is known: if a short filter of it explains most of what
was heard last, nobody else has spoken.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from ..engine.playout import SAMPLE_RATE
from ..engine.sound.resample import StreamResampler
from ..engine.sound.samples import SoundBlock
from ..errors import AvatarError
from .sinks import SpokenCaption

Sound = NDArray[np.float32]

CHUNK_S = 0.032

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

SHORT_WINDOW = 1024
"""A jitter buffer lengthens and shortens what it plays, a few milliseconds at a time: until half a
second has come since, only so much of the newest is alike."""

SHORT_TAPS = 64
"""A filter that is fitted to little is short, or it would explain anybody's voice."""

JUMP_CHUNKS = 2
"""In so many chunks where it lengthens or shortens nothing is alike."""

SHIFT = 400
"""By so many samples at most is the way longer or shorter than it was."""

EXPLAINED = 0.5
"""With more of its energy explained, what is heard is an echo."""

HEARD = 2 * WINDOW
"""Samples of a microphone, at 16 kHz, that are looked at."""

LOUDER = 3.0
"""What has so many times the energy of all echoes before is none, and is not looked at further."""

KNOWN_S = 2.0
"""After so much speech of the avatar it is known how loud its echoes are; they come late."""

FORGET = 0.997
"""Of the loudness of the loudest echo, with each chunk: the room changes within ten seconds."""

AUDIBLE = 0.05
"""What is played is loud enough to have an echo, by its energy in so many samples."""

BEFORE_VOICE = 6
"""So many chunks before a voice may be the beginning of its first word: nothing is learned."""

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
        self._loudest = 0.0  # of the echoes: their energy, as a share of that of what was played
        self._known_s = 0.0
        self._unsure: deque[float] = deque()
        self._delay: int | None = None  # of the newest echo
        self._unexplained = 0  # chunks in a row

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
        del error
        self._silent_s = DELAY_S

    def is_echo(self, heard: Sound, *, voice: bool) -> bool:
        """Whether the end of `heard`, the newest `HEARD` samples at 16 kHz, is what is played.

        Args:
            heard: Sound of the microphone. Asked for each chunk of it: what is no `voice` tells
                how loud echoes are.
            voice: Whether it is like a voice.
        """
        if not self.audible:
            self._unsure.clear()
            return False
        heard = np.convolve(heard, _HALVE, "same")[::2].astype(np.float32)
        energy = float(np.dot(heard[-NEWEST:], heard[-NEWEST:]))
        blocks = self._played[: len(self._played) // NEWEST * NEWEST].reshape(-1, NEWEST)
        share = energy / max(float((blocks**2).sum(1).max()), AUDIBLE)
        if not voice:
            self._unexplained = 0
            self._unsure.append(share)
            if len(self._unsure) > BEFORE_VOICE:
                self._learn(self._unsure.popleft())
            return False
        if self._known_s >= KNOWN_S and share > LOUDER * self._loudest:
            self._unsure.clear()
            return False
        delay = self._find_delay(heard, self._played)
        if self._explains(heard, delay, TAPS, AFTER, energy):
            self._delay = delay
        elif self._delay is None or not self._is_shifted(heard[-SHORT_WINDOW:], energy):
            self._unexplained += 1
            jumped = self._delay is not None and self._unexplained <= JUMP_CHUNKS
            return jumped or share < self._loudest / LOUDER
        self._unexplained = 0
        self._learn(share)
        return True

    def _is_shifted(self, heard: Sound, energy: float) -> bool:
        """Whether the newest is an echo by a way a little longer or shorter than just before."""
        assert self._delay is not None  # noqa: S101  # looked at by who asks
        first = max(_KEPT - len(heard) - self._delay - SHIFT, 0)
        near = self._played[first : first + len(heard) + 2 * SHIFT]
        delay = self._find_delay(heard, near) + _KEPT - first - len(near)
        return self._explains(heard, delay, SHORT_TAPS, SHORT_TAPS // 2, energy)

    def _explains(self, heard: Sound, delay: int, taps: int, after: int, energy: float) -> bool:
        left = heard - self._fit(heard, delay, taps, after)
        return float(np.dot(left[-NEWEST:], left[-NEWEST:])) < (1.0 - EXPLAINED) * energy

    def _learn(self, share: float) -> None:
        self._loudest = max(share, self._loudest * FORGET)
        if self.sounding:
            self._known_s = min(self._known_s + CHUNK_S, KNOWN_S)

    def _find_delay(self, heard: Sound, played: Sound) -> int:
        """After how many samples what is played is heard, most likely: by phase correlation."""
        size = 1 << (len(played) + len(heard) - 1).bit_length()
        cross = np.fft.rfft(played, size) * np.conj(np.fft.rfft(heard, size))
        # Half whitened: a voice is so alike from one period to the next that its peaks are broad.
        room = len(played) - len(heard)
        likely = np.fft.irfft(cross / np.sqrt(np.abs(cross) + 1e-9), size)[: room + 1]
        return room - int(np.argmax(np.abs(likely)))

    def _fit(self, heard: Sound, delay: int, taps: int, after: int) -> Sound:
        """What of `heard` a filter of what was played explains.

        By Fourier transforms alone: what uses more than one core waits for busy ones.

        Args:
            heard: The newest sound.
            delay: After how many samples it is heard.
            taps: Length of the filter.
            after: Of these, how many come after the strongest one.
        """
        count, size = len(heard), 2 * len(heard)
        first = min(max(_KEPT - count - delay - after, 0), _KEPT - count - taps)
        part = np.fft.rfft(self._played[first : first + count + taps], size)
        power = np.abs(part) ** 2
        whole = np.fft.irfft(
            np.fft.rfft(np.concatenate([np.zeros(taps, np.float32), heard]), size)
            * np.conj(part)
            / (power + 1e-3 * power.mean() + 1e-9),
            size,
        )
        whole[taps:] = 0.0
        return np.asarray(
            np.fft.irfft(np.fft.rfft(whole) * part, size)[taps : taps + count], np.float32
        )
