"""The show: one session's speeches, performed by a face.

The session decides what is said and in which order; the show says it, and tells the session when
the first and the last sound of each speech are heard. An interrupt or an end of the session is
silence in the next packet of sound.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from ...core.clock import Clock
from ...engine.animator import Animator
from ...engine.playout import (
    PlayoutEvent,
    PlayoutTimeline,
    SegmentFinished,
    SegmentStarted,
    SpeechSegment,
)
from ...engine.resources import EngineResources
from ...engine.synthesis import synthesize
from ...engine.voice.base import Voice
from ...media.media_pump import MediaPump
from ..responder import Responder
from ..session import TwinPhase, TwinSession, TwinSpeech
from .appearance import Appearance
from .audio_input import PcmSegmenter, file_segments

log = logging.getLogger(__name__)

PREPARED_S = 8.0
"""Seconds of sound prepared ahead: enough for any stall, little enough to forget on interrupt."""

PICTURE_FIRST_S = 1.0
"""The voice is loaded this long after the first picture: it takes the machine for itself."""

RESPONDER_FAILED = "Sorry, the responder of this twin failed."


@dataclass(frozen=True)
class MediaEvent:
    """Something a client may be told: `text` is what is said from now on, `seconds` its length."""

    kind: Literal["started", "chunk", "text_end", "ended"]
    speech: TwinSpeech
    text: str = ""
    seconds: float = 0.0


@dataclass(eq=False)
class _SpeechInProgress:
    """How far the speech under way is."""

    speech: TwinSpeech
    cancel: threading.Event
    added: int = 0
    started: int = 0
    finished: int = 0
    complete: bool = False  # nothing more will be added
    text_ended: bool = False
    task: asyncio.Task[None] | None = None


class SessionMedia:
    """One session's face and voice. `run()` owns it; cancelling that, or the end, closes it.

    Attributes:
        stage: Gives seats to viewers.
        on_happening: Called with each happening, on the loop.
    """

    def __init__(
        self,
        session: TwinSession,
        role: Appearance,
        *,
        workshop: EngineResources,
        clock: Clock,
        now: Callable[[], float],
        responder: Responder,
    ) -> None:
        self.session = session
        self.role = role
        self.on_happening: Callable[[MediaEvent], None] = lambda _: None
        self.on_phase: Callable[[], None] = lambda: None
        self._workshop = workshop
        self._now = now
        self._responder = responder
        self._performer = PlayoutTimeline()
        self.stage = MediaPump(self._performer, clock, workshop.painter, self._cued)
        self._act: _SpeechInProgress | None = None
        self._changed = asyncio.Event()
        self._moved = asyncio.Event()
        self._phase = session.phase
        session.performed = True
        session.listeners.add(self._session_moved)

    @property
    def over(self) -> bool:
        """Whether the session has ended, or is about to."""
        return self.session.phase in (TwinPhase.CLOSING, TwinPhase.CLOSED)

    async def run(self) -> None:
        """Perform until the session ends."""
        warming = asyncio.ensure_future(self._warm_up())
        try:
            while not self.over:
                self._changed.clear()
                self._next_act()
                await self._wait()
                self.session.advance(self._now())
        finally:
            self.session.performed = False
            self.session.listeners.discard(self._session_moved)
            self._drop_act()
            warming.cancel()
            await asyncio.gather(warming, return_exceptions=True)
            await self.stage.close()

    async def _wait(self) -> None:
        """Until the session changes, or something in it is due."""
        due = self.session.next_at()
        timeout = None if due is None else max(0.0, due - self._now())
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._changed.wait(), timeout)

    async def _warm_up(self) -> None:
        """Show the face, then load the voice: first pictures first."""
        loop = asyncio.get_running_loop()
        try:
            role = self.role
            portrait = await loop.run_in_executor(
                self._workshop.painter, Animator, role.character, role.size, role.seed
            )
            self.stage.show(portrait)
            await asyncio.sleep(PICTURE_FIRST_S)
            await self._voice()
        except Exception:
            log.exception("The face or the voice could not be loaded")

    async def _voice(self) -> Voice:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(
                self._workshop.speaker, self._workshop.voice, self.role.voice
            )
        finally:
            self.stage.open_sound()

    # ---- from the session ---------------------------------------------------------------------

    def _session_moved(self) -> None:
        """At once, inside the session's own verb: an interrupt does not wait for the loop."""
        act = self._act
        if act is not None and act.speech.state == "interrupted":
            self._drop_act()
            self._text_end(act)
            self._tell("ended", act.speech, seconds=act.speech.seconds)
        if self.session.phase is not self._phase:
            self._phase = self.session.phase
            self.on_phase()
        self._changed.set()
        self._moved.set()

    def _next_act(self) -> None:
        head = self.session.head
        if self._act is None and head is not None and head.performed:
            act = self._act = _SpeechInProgress(head, threading.Event())
            act.task = asyncio.ensure_future(self._perform(act))

    def _drop_act(self) -> None:
        act, self._act = self._act, None
        if act is not None:
            act.cancel.set()
            if act.task is not None:
                act.task.cancel()
            self._performer.flush()

    # ---- performing ---------------------------------------------------------------------------

    async def _perform(self, act: _SpeechInProgress) -> None:
        try:
            if self.session.rules.speech_delay_s:
                await asyncio.sleep(self.session.rules.speech_delay_s)
            async for passage in self._passages(act):
                while self._performer.queued_s > PREPARED_S:
                    await self._next_move()
                act.added += 1
                self._performer.add(passage)
                self.stage.wake()
        except Exception:
            log.exception("Speech %s could not be said to its end", act.speech.id)
        act.complete = True
        self._settle(act)

    async def _passages(self, act: _SpeechInProgress) -> AsyncIterator[SpeechSegment]:
        speech = act.speech
        if speech.kind == "audio":
            await self._voice()  # opens the sound when the machine has settled
            passages = self._pcm(speech) if self.role.streams_pcm else self._file(speech)
            async for passage in passages:
                yield passage
            return
        async for text in self._words(speech):
            async for passage in self._spoken(speech, text, act.cancel):
                yield passage

    async def _words(self, speech: TwinSpeech) -> AsyncIterator[str]:
        """What is to be said, part by part."""
        if speech.kind == "repeat":
            yield speech.text
            return
        try:
            async for part in self._responder(self.session.id, speech.text):
                yield part
        except Exception as error:
            log.warning("The responder failed: %s: %s", type(error).__name__, error)
            yield RESPONDER_FAILED

    async def _spoken(
        self, speech: TwinSpeech, text: str, cancel: threading.Event
    ) -> AsyncIterator[SpeechSegment]:
        loop, speaker = asyncio.get_running_loop(), self._workshop.speaker
        passages = synthesize(await self._voice(), speech.id, text, cancel)
        while (passage := await loop.run_in_executor(speaker, next, passages, None)) is not None:
            yield passage

    async def _pcm(self, speech: TwinSpeech) -> AsyncIterator[SpeechSegment]:
        """The audio of an open speech, as it comes."""
        passages = PcmSegmenter(speech.id)
        while True:
            pieces, last = tuple(speech.sound), not speech.open
            speech.sound.clear()
            passage = passages.feed(b"".join(pieces), last=last)
            if passage is not None:
                yield passage
            if last:
                return
            if not speech.sound and speech.open:
                await self._next_move()

    async def _file(self, speech: TwinSpeech) -> AsyncIterator[SpeechSegment]:
        """The audio of a file: WAV, MP3, or what else PyAV reads."""
        data = b"".join(speech.sound)
        loop = asyncio.get_running_loop()
        for passage in await loop.run_in_executor(
            self._workshop.speaker, file_segments, speech.id, data
        ):
            yield passage

    # ---- from the stage -----------------------------------------------------------------------

    def _cued(self, cues: Sequence[PlayoutEvent]) -> None:
        for cue in cues:
            act = self._act
            if act is None:
                continue  # the end of an interrupted speech
            if isinstance(cue, SegmentStarted):
                self._begun(act, cue.passage)
            elif isinstance(cue, SegmentFinished):
                act.finished += 1
                self._settle(act)
        self._moved.set()

    def _begun(self, act: _SpeechInProgress, passage: SpeechSegment) -> None:
        act.started += 1
        if act.started == 1:
            self._tell("started", act.speech)
            self.session.sounds(self._now(), act.speech)
        if passage.text:
            seconds = len(passage.audio) / 48_000
            self._tell("chunk", act.speech, passage.text, seconds)
        if act.complete and act.started == act.added:
            self._text_end(act)

    def _settle(self, act: _SpeechInProgress) -> None:
        if act is not self._act or not act.complete or act.finished < act.added:
            return
        self._text_end(act)
        self._act = None
        self.session.said(self._now(), act.speech)
        self._tell("ended", act.speech, seconds=act.speech.seconds)
        self._changed.set()

    def _text_end(self, act: _SpeechInProgress) -> None:
        if not act.text_ended:
            act.text_ended = True
            self._tell("text_end", act.speech)

    def _tell(
        self,
        kind: Literal["started", "chunk", "text_end", "ended"],
        speech: TwinSpeech,
        text: str = "",
        seconds: float = 0.0,
    ) -> None:
        self.on_happening(MediaEvent(kind, speech, text, seconds))

    async def _next_move(self) -> None:
        self._moved.clear()
        await self._moved.wait()
