"""Endpointing: where what somebody says begins and ends in the sound of a microphone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..media.voice_activity import CHUNK, VoiceActivityModel

Sound = NDArray[np.float32]

RATE = 16_000

BEGIN_LIKELY = 0.5
"""Somebody speaks where it is as likely as this."""

END_LIKELY = 0.35
"""Nobody does where it is less likely than this; in between it stays as it was."""

BEGIN_CHUNKS = 2
"""Speech begins with so many chunks in a row: 64 ms, for a click is shorter."""

PAUSE_S = 0.7
"""It ends after so long a pause; shorter ones belong to the sentence."""

BEFORE_S = 0.3
"""So much of before its beginning belongs to it: first consonants are weak."""

LONGEST_S = 30.0
"""It is cut there, and goes on: what recognizers take at once."""

LEAST_S = 0.096
"""With less speech in it, nobody has said anything."""


@dataclass(frozen=True, slots=True)
class SpokenSound:
    """What somebody said.

    Attributes:
        samples: At `RATE`, with a little of before; empty where nobody said anything.
        after_s: How long ago it ended.
        cut: It goes on.
    """

    samples: Sound
    after_s: float
    cut: bool = False


class Endpointer:
    """Takes the sound of one microphone as it comes. Time is counted in samples: it has no clock.

    Args:
        model: Judges chunks.
        is_echo: Whether the sound that ends with the newest chunk is the avatar's own; asked for
            each, and told whether that is like a voice.
        on_begin: Somebody begins to speak.
        on_end: That was all.
        held: A button is held: from `begin()` to `end()` all of it is one utterance.
        history: So many samples `is_echo` is given.
    """

    def __init__(
        self,
        model: VoiceActivityModel,
        is_echo: Callable[[Sound, bool], bool],
        on_begin: Callable[[], None],
        on_end: Callable[[SpokenSound], None],
        *,
        held: bool = False,
        history: int = CHUNK,
    ) -> None:
        self._model = model
        self._is_echo = is_echo
        self._on_begin, self._on_end = on_begin, on_end
        self._held = held
        self._rest = np.zeros(0, np.float32)
        self._history = np.zeros(max(history, round(BEFORE_S * RATE)) + BEGIN_CHUNKS * CHUNK, "f4")
        self._length = history
        self._run = 0  # chunks of speech in a row
        self._quiet = 0  # samples since the last speech
        self._spoken = 0  # samples of speech
        self._kept: list[Sound] | None = None

    @property
    def speaking(self) -> bool:
        """Whether somebody is speaking."""
        return self._kept is not None

    @property
    def voiced(self) -> bool:
        """Whether somebody was, in the newest chunks."""
        return self._run >= BEGIN_CHUNKS

    def push(self, samples: Sound) -> None:
        """More of the sound."""
        sound = np.concatenate([self._rest, samples])
        whole = len(sound) // CHUNK * CHUNK
        self._rest = sound[whole:]
        for at in range(0, whole, CHUNK):
            self._take(sound[at : at + CHUNK])

    def begin(self) -> None:
        """Somebody begins to speak, as a button says."""
        if self._kept is None:
            self._begin()

    def end(self) -> None:
        """What is being said ends here."""
        if self._kept is not None:
            self._finish()

    def _take(self, chunk: Sound) -> None:
        self._history = np.concatenate([self._history[len(chunk) :], chunk])
        likely = self._model(chunk)
        voice = likely >= BEGIN_LIKELY
        if self._is_echo(self._history[-self._length :], voice):
            voice, likely = False, 0.0
        self._run = self._run + 1 if voice else 0
        if self._kept is None:
            if self.voiced:
                self._begin()
            return
        self._kept.append(chunk)
        if voice:
            self._spoken += len(chunk)
        self._quiet = self._quiet + len(chunk) if not voice and likely < END_LIKELY else 0
        if self._quiet >= PAUSE_S * RATE and not self._held:
            self._finish()
        elif sum(map(len, self._kept)) >= LONGEST_S * RATE:
            self._finish(cut=True)
            self._kept, self._spoken = [], 0

    def _begin(self) -> None:
        before = round(BEFORE_S * RATE) + BEGIN_CHUNKS * CHUNK
        self._kept = [] if self._held else [self._history[-before:]]
        self._spoken = 0 if self._held else BEGIN_CHUNKS * CHUNK
        self._quiet = 0
        self._on_begin()

    def _finish(self, *, cut: bool = False) -> None:
        kept, self._kept = self._kept or [], None
        sound = np.concatenate(kept) if kept else np.zeros(0, np.float32)
        if self._spoken < LEAST_S * RATE:
            sound = sound[:0]
        self._on_end(SpokenSound(sound, self._quiet / RATE, cut))
