"""One session's speeches, said by a face.

The session decides what is said and in which order; `SessionMedia` says it, and tells the session
when the first and the last sound of each speech are heard. An interrupt or an end of the session is
silence in the next packet of sound.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Literal

from ...core.clock import Clock
from ...core.log import get_logger
from ...core.speech import SpokenWord
from ...core.tasks import TaskSet, wait_until
from ...core.text import name_error
from ...engine.playout import SpeechSegment
from ...engine.resources import EngineResources
from ...media.media_pump import MediaPump
from ...media.speech_player import FIRST_PICTURE_S, SpeechPlayer
from ..responder import Responder, ResponderTimeout
from ..session import TwinPhase, TwinSession
from ..speech_queue import TwinSpeech
from .appearance import Appearance
from .audio_input import PcmSegmenter, file_segments

log = get_logger(__name__)

RESPONDER_LATE = "Sorry, the responder of this twin did not answer in time."
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
    """The speech under way."""

    speech: TwinSpeech
    task: asyncio.Task[None]
    text_ended: bool = False


class SessionMedia:
    """One session's face and voice. `run()` owns it; cancelling that, or the end, closes it.

    Attributes:
        on_event: Called with each event, on the loop.
        on_phase: Called when the session's phase has changed.
    """

    def __init__(
        self,
        session: TwinSession,
        appearance: Appearance,
        *,
        resources: EngineResources,
        clock: Clock,
        now: Callable[[], float],
        responder: Responder,
    ) -> None:
        self.session = session
        self.appearance = appearance
        self.on_event: Callable[[MediaEvent], None] = lambda _: None
        self.on_phase: Callable[[], None] = lambda: None
        self._resources = resources
        self._clock = clock
        self._now = now
        self._responder = responder
        self._player = SpeechPlayer(resources, clock, appearance.voice, self)
        self._current: _SpeechInProgress | None = None
        self._tasks = TaskSet(f"the media of session {session.id}")
        self._changed = asyncio.Event()  # for `run`: the session moved, or a speech has ended
        self._sound_came = asyncio.Event()  # for a speech that is fed
        self._phase = session.phase
        session.has_playout = True
        session.listeners.add(self._on_session_change)

    @property
    def pump(self) -> MediaPump:
        """Viewers subscribe to it."""
        return self._player.pump

    @property
    def over(self) -> bool:
        """Whether the session has ended, or is about to."""
        return self.session.phase in (TwinPhase.CLOSING, TwinPhase.CLOSED)

    async def run(self) -> None:
        """Say what the session has to say, until it ends."""
        self._tasks.start(self._warm_up(), "warm up")
        try:
            while not self.over:
                self._changed.clear()
                self._start_next()
                await self._wait_for_change()
                self.session.advance(self._now())
        finally:
            self.session.has_playout = False
            self.session.listeners.discard(self._on_session_change)
            self._drop_current()
            await self._tasks.close()
            await self._player.close()

    async def _wait_for_change(self) -> None:
        """Until the session changes, or something in it is due."""
        due = self.session.next_at()
        if due is None:
            await self._changed.wait()
        else:
            await wait_until(self._clock, self._clock.now() + due - self._now(), self._changed)

    async def _warm_up(self) -> None:
        """Show the face, then load the voice: first pictures first."""
        look = self.appearance
        await self._player.load_face(look.character, look.size, look.seed)
        await self._clock.sleep_until(self._clock.now() + FIRST_PICTURE_S)
        await self._player.load_voice()

    # ---- from the session ---------------------------------------------------------------------

    def _on_session_change(self) -> None:
        """At once, inside the session's own verb: an interrupt does not wait for the loop."""
        current = self._current
        if current is not None and current.speech.state == "interrupted":
            self._drop_current()
            if not self.session.is_silent:
                self._end_text(current)
                self._send("ended", current.speech, seconds=current.speech.seconds)
        if self.session.phase is not self._phase:
            self._phase = self.session.phase
            self.on_phase()
        self._changed.set()
        self._sound_came.set()

    def _start_next(self) -> None:
        head = self.session.head
        if self._current is None and head is not None and head.has_playout:
            self._current = _SpeechInProgress(head, self._tasks.start(self._say(head), "speech"))

    def _drop_current(self) -> None:
        current, self._current = self._current, None
        if current is not None:
            self._player.interrupt()
            current.task.cancel()

    # ---- saying -------------------------------------------------------------------------------

    async def _say(self, speech: TwinSpeech) -> None:
        if self.session.rules.speech_delay_s:
            await asyncio.sleep(self.session.rules.speech_delay_s)
        await self._player.play(speech.id, self._segments(speech))
        current = self._current
        if current is not None and current.speech is speech:
            self._end_text(current)
            self._current = None
            self.session.on_playout_finished(self._now(), speech)
            self._send("ended", speech, seconds=speech.seconds)
        self._changed.set()

    async def _segments(self, speech: TwinSpeech) -> AsyncGenerator[SpeechSegment, None]:
        """The segments of a speech; one that fails ends with what there is of it."""
        source = self._heard(speech) if speech.kind == "audio" else self._spoken(speech)
        try:
            async with contextlib.aclosing(source):
                async for segment in source:
                    yield segment
        except Exception:
            log.exception("Speech %s could not be said to its end", speech.id)

    async def _spoken(self, speech: TwinSpeech) -> AsyncGenerator[SpeechSegment, None]:
        async with contextlib.aclosing(self._texts(speech)) as texts:
            async for text in texts:
                synthesized = self._player.synthesize(speech.id, text)
                async with contextlib.aclosing(synthesized) as segments:
                    async for segment in segments:
                        yield segment

    async def _texts(self, speech: TwinSpeech) -> AsyncGenerator[str, None]:
        """What is to be said, part by part."""
        if speech.kind == "repeat":
            yield speech.text
            return
        try:
            async with contextlib.aclosing(self._responder(self.session.id, speech.text)) as parts:
                async for part in parts:
                    yield part
        except ResponderTimeout as error:
            log.warning("The responder said %s, and is left", error)
            yield RESPONDER_LATE
        except Exception as error:
            log.warning("The responder failed: %s", name_error(error))
            yield RESPONDER_FAILED

    async def _heard(self, speech: TwinSpeech) -> AsyncGenerator[SpeechSegment, None]:
        """The segments of sound that a client sends."""
        await self._player.load_voice()  # enables sound when the machine has settled
        segments = self._pcm(speech) if self.appearance.streams_pcm else self._file(speech)
        async for segment in segments:
            yield segment

    async def _pcm(self, speech: TwinSpeech) -> AsyncGenerator[SpeechSegment, None]:
        """The audio of an open speech, as it comes."""
        segmenter = PcmSegmenter(speech.id)
        while True:
            pieces, last = tuple(speech.audio), not speech.open
            speech.audio.clear()
            segment = segmenter.feed(b"".join(pieces), last=last)
            if segment is not None:
                yield segment
            if last:
                return
            if not speech.audio and speech.open:
                self._sound_came.clear()
                await self._sound_came.wait()

    async def _file(self, speech: TwinSpeech) -> AsyncGenerator[SpeechSegment, None]:
        """The audio of a file: WAV, MP3, or what else PyAV reads."""
        data = b"".join(speech.audio)
        loop, executor = asyncio.get_running_loop(), self._resources.voice_executor
        for segment in await loop.run_in_executor(executor, file_segments, speech.id, data):
            yield segment

    # ---- what the player tells ----------------------------------------------------------------

    def on_first_sound(self, speech: str) -> None:
        """The first sample of the current speech goes out."""
        del speech
        if self._current is not None:
            self._send("started", self._current.speech)
            self.session.on_playout_started(self._now(), self._current.speech)

    def on_caption(
        self, speech: str, text: str, words: list[SpokenWord], seconds: float, at: int
    ) -> None:
        """`text` is being spoken from now on, for `seconds`."""
        del speech, words, at
        if self._current is not None:
            self._send("chunk", self._current.speech, text, seconds)

    def on_last_segment(self, speech: str) -> None:
        """No more text follows."""
        del speech
        if self._current is not None:
            self._end_text(self._current)

    def _end_text(self, current: _SpeechInProgress) -> None:
        if not current.text_ended:
            current.text_ended = True
            self._send("text_end", current.speech)

    def _send(
        self,
        kind: Literal["started", "chunk", "text_end", "ended"],
        speech: TwinSpeech,
        text: str = "",
        seconds: float = 0.0,
    ) -> None:
        self.on_event(MediaEvent(kind, speech, text, seconds))
