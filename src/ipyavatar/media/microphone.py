"""The sound of a page's microphone as one stream, whichever way it comes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..engine.sound.resample import StreamResampler
from ..engine.sound.samples import SoundBlock, pcm_samples
from ..errors import InvalidArgument
from ..protocol.listening import HEARD_RATE

LOWEST_RATE, HIGHEST_RATE = 8_000, 96_000
"""What comes in; no microphone has less or more."""

LONGEST_PIECE_S = 1.0
"""A longer piece is no piece of a page of ours."""

LONGEST_HOLE_S = 1.0
"""What is missing is silence, so that words do not run together; at most so much of it."""

MOST_LATE = 100
"""A number so far below the newest is a late piece's; one further below begins a new count."""


class MicrophoneStream:
    """Takes pieces as they come, and gives `float32[n]`, mono, of `HEARD_RATE`, at once.

    Args:
        on_samples: Called with what comes out.
    """

    def __init__(self, on_samples: Callable[[NDArray[np.float32]], None]) -> None:
        self._on_samples = on_samples
        self._resampler = StreamResampler(HEARD_RATE)
        self._newest = 0

    def push(self, sound: bytes | NDArray[np.float32], rate: int, number: int = 0) -> None:
        """Take a piece; one that came before, or after a later one, is nothing.

        Args:
            sound: Mono: samples, or bytes of 16 bit, little endian.
            rate: Samples a second.
            number: Pieces are numbered from 1 since the microphone is on; 0 where none can be
                missing.

        Raises:
            InvalidArgument: It is no sound of a microphone.
        """
        if not LOWEST_RATE <= rate <= HIGHEST_RATE:
            raise InvalidArgument(f"No microphone has {rate} samples a second.", "Reload the page.")
        seconds = len(sound) / rate / (2 if isinstance(sound, bytes) else 1)
        if seconds > LONGEST_PIECE_S:
            what = f"A piece of {seconds:.1f} s is too long for a microphone's."
            raise InvalidArgument(what, "Reload the page.")
        if number < 0:
            raise InvalidArgument(f"No piece has the number {number}.", "Reload the page.")
        if number and self._newest - number > MOST_LATE:
            self._newest = 0
        if 0 < number <= self._newest:
            return
        if isinstance(sound, bytes):
            sound = pcm_samples(sound[: len(sound) // 2 * 2])
        if number:
            missing = number - self._newest - 1 if self._newest else 0
            self._newest = number
            silence = min(missing * len(sound), int(LONGEST_HOLE_S * rate))
            if silence:
                sound = np.concatenate([np.zeros(silence, np.float32), sound])
        samples = self._resampler.feed(SoundBlock(sound, rate))
        if len(samples):
            self._on_samples(samples)
