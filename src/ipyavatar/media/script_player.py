"""Plays a script as fast as the machine can: voices, faces and captions, without a clock.

Three threads, each with bounded work ahead: a voice, the faces (the caller's), and a movie that
takes it all. None of them holds more than a few seconds, however long the script is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..core.script import Script
from ..core.subtitles import Cue, make_cues
from ..engine.playout import SAMPLE_RATE, PlayoutTimeline, SpeechSegment
from ..engine.synthesis import synthesize
from ..engine.voice.base import Voice
from .encoders import FPS

STEP = SAMPLE_RATE // FPS
"""Samples from one picture to the next."""

PAUSE_S = 0.45
"""Between two lines."""

CHAPTER_PAUSE_S = 0.9
"""Before a chapter."""

REST_S = 0.5
"""Before the first and after the last word."""


class Picture(Protocol):
    """Draws; `GroupPicture` is one."""

    def draw(
        self, position: int, timelines: Mapping[str, PlayoutTimeline], speaker: str
    ) -> NDArray[np.uint8]:
        """The picture of a position, I420."""


class Output(Protocol):
    """Takes what is played; `MovieThread` is one."""

    def put(
        self, position: int, sound: NDArray[np.float32], picture: NDArray[np.uint8] | None
    ) -> None:
        """The sound and the picture of a position."""

    def put_cue(self, cue: Cue) -> None:
        """A caption that has begun."""


class ScriptPlayer:
    """Plays one script. Belongs to one thread.

    Args:
        voices: The voice of each speaker, loaded.
        executor: Of one thread: the voices speak there.
        picture: Draws them; None where nobody wants pictures.
        output: Takes what is played; None where only captions are wanted.
        on_progress: Told how many characters of the script have been said.

    Attributes:
        cues: Captions so far, with their times.
        chapters: Where each begins, in seconds, and its title.
        seconds: Played so far.
    """

    def __init__(
        self,
        voices: Mapping[str, Voice],
        executor: Executor,
        picture: Picture | None,
        output: Output | None,
        on_progress: Callable[[int], None],
    ) -> None:
        self._voices = voices
        self._executor = executor
        self._picture = picture
        self._output = output
        self._on_progress = on_progress
        self._timelines = {name: PlayoutTimeline() for name in voices}
        self._position = 0
        self._waiting: list[Cue] = []  # captions of what is sounding, not begun yet
        self.cues: list[Cue] = []
        self.chapters: list[tuple[float, str]] = []

    STEP_S = 1 / FPS
    """From one picture to the next."""

    @property
    def seconds(self) -> float:
        """Played so far."""
        return self._position / SAMPLE_RATE

    def play(self, script: Script) -> None:
        """Play all of it.

        Raises:
            MediaError: The output takes no more.
            SpeechFailed: A voice failed; what was said before has been played.
        """
        for number, line in enumerate(script.lines):
            if number == 0:
                self.rest(line.speaker, REST_S)
            elif line.chapter is not None:
                self.rest(line.speaker, CHAPTER_PAUSE_S)
            else:
                self.rest(line.speaker, PAUSE_S)
            if line.chapter is not None:
                self.begin_chapter(line.chapter)
            self.say(line.speaker, line.text)
        if script.lines:
            self.rest(script.lines[-1].speaker, REST_S)

    def begin_chapter(self, title: str) -> None:
        """A chapter begins here."""
        # A player that jumps there is to hear the first word.
        begin = 0.0 if not self.chapters and not self.cues else self.seconds - 0.2
        self.chapters.append((begin, title))

    def say(self, speaker: str, text: str) -> None:
        """Play `text` as `speaker` says it; raises as `play()`."""
        timeline, left = self._timelines[speaker], len(text)
        for segment in self._segments(speaker, text):
            start = self.seconds + timeline.queued_s
            timeline.add(segment)
            words = [(word.text, word.start, word.end) for word in segment.words]
            end = start + len(segment.audio) / SAMPLE_RATE
            self._waiting += make_cues(segment.text, words, start, end)
            # The rest of a step sounds together with the beginning of what comes next.
            while timeline.queued_s * SAMPLE_RATE >= STEP:
                self._step(speaker)
            said = min(len(segment.text), left)  # markup is not in it
            left -= said
            self._on_progress(said)
        while timeline.sounding:
            self._step(speaker)
        self._on_progress(left)

    def rest(self, speaker: str, seconds: float) -> None:
        """Play silence."""
        for _ in range(round(seconds * FPS)):
            self._step(speaker)

    def _segments(self, speaker: str, text: str) -> Iterator[SpeechSegment]:
        """The segments of a text, each made while the one before is played."""
        cancel = threading.Event()
        segments = synthesize(self._voices[speaker], speaker, text, cancel)
        coming: Future[SpeechSegment | None] = self._executor.submit(next, segments, None)
        try:
            while (segment := coming.result()) is not None:
                coming = self._executor.submit(next, segments, None)
                yield segment
        finally:
            cancel.set()
            coming.cancel()
            self._executor.submit(segments.close)  # where they are made

    def _step(self, speaker: str) -> None:
        while self._waiting and self._waiting[0].start * SAMPLE_RATE < self._position + STEP:
            cue = self._waiting.pop(0)
            self.cues.append(cue)
            if self._output is not None:
                self._output.put_cue(cue)
        picture = None
        if self._picture is not None:
            picture = self._picture.draw(self._position, self._timelines, speaker)
        sound = np.zeros(STEP, np.float32)
        for timeline in self._timelines.values():
            part = timeline.take(STEP).audio
            if part is not None:
                sound += part
        if self._output is not None:
            self._output.put(self._position, sound, picture)
        self._position += STEP
