"""The speech player: says speeches one after the other, with a face, for whoever subscribes.

It owns the playout timeline, the media pump, and the way from a text to segments on the timeline.
It knows nothing of pages or sessions; what the owner may want to know goes to a `PlayerListener`.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from ..core.clock import Clock
from ..core.speech import SpokenWord, Utterance
from ..core.text import name_error
from ..engine.animator import Animator
from ..engine.playout import (
    SAMPLE_RATE,
    PlayoutEvent,
    PlayoutTimeline,
    SegmentFinished,
    SegmentStarted,
    SpeechSegment,
)
from ..engine.resources import EngineResources
from ..engine.synthesis import make_segment, synthesize
from ..engine.voice.base import Voice, VoiceChunk
from ..errors import AvatarError, SpeechFailed
from .local_voice import LocalVoice, chunks_of
from .media_pump import MediaPump

PREPARED_S = 8.0
"""Seconds of sound prepared ahead: enough for any stall, little enough to forget on interrupt."""

FIRST_PICTURE_S = 1.0
"""The first picture gets this long before the voice is loaded, which takes the whole machine."""


MOST_REPEATS = 5
"""A page whose line breaks again and again, or that says so, keeps no speech from ending."""


QUIET_S = 10.0
"""A voice that has not spoken for so long gives back the memory that its speeches took."""


class PlayerListener(Protocol):
    """What an owner hears while a speech is played; called on the loop, when the sound goes out."""

    def on_first_sound(self, speech: str) -> None:
        """The first sample of `speech` goes out."""

    def on_caption(
        self, speech: str, text: str, words: list[SpokenWord], seconds: float, at: int
    ) -> None:
        """`text` is being spoken from now on, for `seconds`; word times count from now.

        `at` is the sample with which it begins.
        """

    def on_last_segment(self, speech: str) -> None:
        """The segment that begins now is the last; not told when that is not known yet."""


@dataclass(eq=False)
class PlayedSpeech:
    """How far a speech is, or was when it ended.

    Attributes:
        speech: Its id.
        added: Segments put on the timeline.
        started: Segments that have begun to sound.
        finished: Segments that have sounded to their end.
        complete: Whether no more segments will be added.
        words: The words that have begun to sound, in seconds from the first sound.
        repeats: How often some of it was said again.
    """

    speech: str
    added: int = 0
    started: int = 0
    finished: int = 0
    complete: bool = False
    words: list[SpokenWord] = field(default_factory=list)
    repeats: int = 0
    began_at: int | None = None  # sample position of the first sound


class SpeechPlayer:
    """One avatar's voice and face. Lives on one loop; `close()` ends it.

    Args:
        resources: Voices, and threads to draw and speak on.
        clock: Time.
        voice: The name of the voice of ours that speaks, where no other one does.
        listener: Told what is heard.
        other_voice: Who speaks instead.

    Attributes:
        pump: Subscribers get sound and pictures from it.
    """

    def __init__(
        self,
        resources: EngineResources,
        clock: Clock,
        voice: str,
        listener: PlayerListener,
        other_voice: LocalVoice | None = None,
    ) -> None:
        self._resources = resources
        self._voice_name = voice
        self._other_voice = other_voice
        self._voice: Voice | None = None  # once it is loaded
        self._listener = listener
        self._timeline = PlayoutTimeline()
        self.pump = MediaPump(
            self._timeline, clock, resources.drawing_executor, self._on_playout_events
        )
        self._animator: Animator | None = None  # once it is loaded
        self._thinking = False
        self._closed = False
        self._current: PlayedSpeech | None = None
        self._release: asyncio.TimerHandle | None = None  # of memory
        self._progress = asyncio.Event()  # there may be room on the timeline, or an end

    @property
    def queued_s(self) -> float:
        """Seconds of sound that are prepared and have not gone out."""
        return self._timeline.queued_s

    async def load_face(self, character: str, size: str | tuple[int, int], seed: int) -> None:
        """Load a character in one size, and draw it from then on."""
        animator = await asyncio.get_running_loop().run_in_executor(
            self._resources.drawing_executor, self._resources.animator, character, size, seed
        )
        self._animator = animator
        self._animator.expressions.hold_think(self._thinking)
        self.pump.set_frame_source(animator)

    def express(self, name: str) -> None:
        """Have the face do it now; one that is not there yet does nothing."""
        if self._animator is not None:
            self._animator.expressions.begin(name)

    def think(self, thinking: bool) -> None:
        """Have the face look aside until it has something to say."""
        self._thinking = thinking
        if self._animator is not None:
            self._animator.expressions.hold_think(thinking)

    async def warm_up(self) -> None:
        """Load who speaks; sound goes out from then on, even if that failed."""
        if self._other_voice is None or self._voice_name:
            await self.load_voice()
            return
        try:
            await self._other_voice.load()
        finally:
            self.pump.enable_audio()

    async def load_voice(self) -> Voice:
        """Load the voice if it is not yet; sound goes out from then on, even if that failed."""
        try:
            if self._voice is None:
                self._voice = await asyncio.get_running_loop().run_in_executor(
                    self._resources.voice_executor, self._resources.voice, self._voice_name
                )
            return self._voice
        finally:
            self.pump.enable_audio()

    async def say(self, utterance: Utterance) -> AsyncGenerator[SpeechSegment, None]:
        """What is heard of `utterance`, by whoever speaks here.

        Raises:
            SpeechFailed: It could not be made.
        """
        other = self._other_voice
        if other is None or (not utterance.is_sound and self._voice_name):
            segments = self.synthesize(utterance.id, utterance.text)
        else:
            self.pump.enable_audio()
            segments = self.convert(utterance.id, chunks_of(other, utterance))
        async with contextlib.aclosing(segments):
            async for segment in segments:
                yield segment

    async def convert(
        self, speech: str, chunks: AsyncIterator[VoiceChunk]
    ) -> AsyncGenerator[SpeechSegment, None]:
        """The segments of what another voice makes.

        Raises:
            AvatarError: It breaks off; what came before has sounded to its end.
        """
        loop = asyncio.get_running_loop()
        try:
            async for chunk in chunks:
                # Not on the loop: a second of sound takes a millisecond.
                yield await loop.run_in_executor(
                    self._resources.drawing_executor, make_segment, speech, chunk
                )
        except AvatarError:
            while self._timeline.sounding:
                await self._next_progress()
            raise
        finally:
            close = getattr(chunks, "aclose", None)
            if close is not None:
                await close()

    async def synthesize(self, speech: str, text: str) -> AsyncGenerator[SpeechSegment, None]:
        """The segments of `text` in order, each as soon as the voice has it.

        Raises:
            SpeechFailed: The voice failed.
        """
        loop, executor = asyncio.get_running_loop(), self._resources.voice_executor
        cancel = threading.Event()
        self._keep_memory()
        try:
            segments = synthesize(await self.load_voice(), speech, text, cancel)
            while (item := await loop.run_in_executor(executor, next, segments, None)) is not None:
                yield item
        except AvatarError:
            raise
        except Exception as error:
            raise SpeechFailed(f"The voice failed: {name_error(error)}.") from error
        finally:
            cancel.set()
            self._release_memory_later()

    async def say_stream(
        self, utterance: Utterance, pieces: AsyncGenerator[str, None]
    ) -> AsyncGenerator[SpeechSegment, None]:
        """The same for a text that comes in pieces; the next is asked for when it is needed.

        Raises:
            SpeechFailed: It could not be made.
        """
        if self._other_voice is not None and not self._voice_name:
            self.pump.enable_audio()
            others = self.convert(utterance.id, self._other_voice.stream_all(pieces))
            async with contextlib.aclosing(others):
                async for segment in others:
                    yield segment
            return
        async with contextlib.aclosing(pieces):
            async for piece in pieces:
                part = msgspec.structs.replace(utterance, text=piece, streamed=False)
                async with contextlib.aclosing(self.say(part)) as segments:
                    async for segment in segments:
                        yield segment

    async def play(
        self,
        speech: str,
        segments: AsyncGenerator[SpeechSegment, None],
        until_heard: Callable[[], Awaitable[None]] | None = None,
    ) -> PlayedSpeech:
        """Play `segments` as they come; returns when the last one has sounded.

        `until_heard` is awaited then: some of it may have to be said again. Cancelling it is
        silence in the next packet. What `segments` raises is raised here; what was added before
        sounds to its end.
        """
        playing = self._current = PlayedSpeech(speech)
        self.pump.expect_more(True)
        try:
            async with contextlib.aclosing(segments):
                async for segment in segments:
                    await self._room_for_more()
                    playing.added += 1
                    self._timeline.add(segment)
                    self.pump.wake()
            playing.complete = True
            self.pump.expect_more(False)
            while True:
                while playing.finished < playing.added:
                    await self._next_progress()
                if until_heard is not None:
                    await until_heard()
                if playing.finished == playing.added:  # else some of it is said again
                    break
        except asyncio.CancelledError:
            if self._current is playing:
                self._cut_off()
            raise
        finally:
            if self._current is playing:
                self._current = None
                self.pump.expect_more(False)
        return playing

    def say_again(self, seconds: float) -> bool:
        """Go back to what was said so long ago, as far as it was not cut off, and go on from there.

        Whole pieces are said again, with their captions; nothing when no speech is played, for
        then there is none that could be interrupted, nor in a speech for the sixth time.

        Returns:
            Whether anything was said since then.
        """
        playing = self._current
        if playing is None or playing.repeats >= MOST_REPEATS:
            return False
        playing.repeats += 1
        position = self._timeline.position - round(seconds * SAMPLE_RATE)
        repeated = self._timeline.rewind(position)
        for segment, finished in repeated:
            if segment.speech == playing.speech:
                playing.started -= 1
                playing.finished -= int(finished)
                del playing.words[len(playing.words) - len(segment.words) :]
        self.pump.wake()
        return bool(repeated)

    def interrupt(self) -> None:
        """Silence in the next packet; whoever awaits `play` is to cancel that."""
        self._current = None
        self.pump.expect_more(False)
        self._cut_off()

    async def close(self) -> None:
        """End the pump and all its subscribers. A `play` that is awaited has to be cancelled."""
        self._keep_memory()
        self._closed = True
        self._animator = None
        await self.pump.close()

    def _cut_off(self) -> None:
        self._timeline.flush()
        self.pump.end_caption()

    def _keep_memory(self) -> None:
        if self._release is not None:
            self._release.cancel()

    def _release_memory_later(self) -> None:
        self._keep_memory()
        if not self._closed:
            loop, resources = asyncio.get_running_loop(), self._resources
            self._release = loop.call_later(
                QUIET_S, resources.voice_executor.submit, resources.release_memory
            )

    async def _room_for_more(self) -> None:
        while self._timeline.queued_s > PREPARED_S:
            await self._next_progress()

    async def _next_progress(self) -> None:
        self._progress.clear()
        await self._progress.wait()

    def _on_playout_events(self, events: Sequence[PlayoutEvent]) -> None:
        for event in events:
            playing = self._current
            if playing is None or event.segment.speech != playing.speech:
                continue  # the rest of a speech that failed, or said again of the one before
            match event:
                case SegmentStarted(segment, at):
                    self._on_started(playing, segment, at)
                case SegmentFinished():
                    playing.finished += 1
        self._progress.set()

    def _caption(self, segment: SpeechSegment, at: int) -> None:
        if segment.text:  # the later parts of a very long word have none: its caption stays
            words = [(word.text, word.start, word.end) for word in segment.words]
            seconds = len(segment.audio) / SAMPLE_RATE
            self._listener.on_caption(segment.speech, segment.text, words, seconds, at)

    def _on_started(self, playing: PlayedSpeech, segment: SpeechSegment, at: int) -> None:
        playing.started += 1
        if playing.began_at is None:
            playing.began_at = at
            self._listener.on_first_sound(playing.speech)
        offset = (at - playing.began_at) / SAMPLE_RATE
        playing.words += [(w.text, w.start + offset, w.end + offset) for w in segment.words]
        self._caption(segment, at)
        if playing.complete and playing.started == playing.added:
            self._listener.on_last_segment(playing.speech)
