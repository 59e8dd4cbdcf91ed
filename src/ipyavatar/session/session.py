"""One avatar session: its status, its queue of speeches, and the provider that does the work.

Runs on one loop. Commands are plain calls; everything that happens goes out as events, to the
kernel through `emit` and to the pages through the `PageRouter`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ..core.clock import Clock
from ..core.log import get_logger
from ..core.speech import SpokenWord, Utterance
from ..core.tasks import failure_of, run_apart
from ..errors import AvatarError, SessionClosed
from ..protocol import page as p
from ..protocol.errors import Failure
from ..protocol.grants import SessionGrant
from ..protocol.host import (
    AddText,
    AnswerTold,
    FellBack,
    Noticed,
    NoticeKind,
    SessionEvent,
    SessionGranted,
    ToPage,
    UsageCounted,
)
from ..protocol.listening import Listen
from ..providers.base import Provider, UserStep
from .audience import Audience
from .media_outputs import MediaOutputs
from .microphones import Microphones
from .opening import opening_failure
from .page_router import PageRouter
from .service_recognition import ServiceRecognition
from .speech_queue import SpeechQueue
from .state import OPEN, check

log = get_logger(__name__)

READY = "Ready"
STOPPED = "The avatar was stopped."
LEFT = "Ended, since its page was left. It starts again when somebody comes back to it."

TICK_S = 1e-6
"""Two facts of a session are at least so far apart: pages and kernel sort them by their time."""

CLOSE_MOST_S = 90.0
"""A provider that has not closed by then is given up."""


class Session:
    """Opens, speaks, interrupts and stops. `close()` ends everything, and waits."""

    def __init__(
        self,
        session_id: str,
        make_provider: Callable[[], Provider],
        emit: Callable[[SessionEvent], None],
        clock: Clock,
        *,
        responds: bool = False,
    ) -> None:
        self.id = session_id
        self.audience = Audience(clock.now)
        self.responds = responds
        self.pages = PageRouter(self, emit, clock)
        self.outputs = MediaOutputs(session_id, lambda: self._provider, emit, clock)
        self.microphones = Microphones(self, emit, clock)
        self.recognition = ServiceRecognition(self, emit, clock)
        self._make_provider = make_provider
        self._emit = emit
        self._clock = clock
        self._told_at = float("-inf")
        self._status: p.StatusName = "idle"
        self._shown = p.Status("idle", "", 0.0)
        self._caption: p.Caption | None = None
        self._unconfirmed = ""
        self._ready = READY
        self._provider: Provider | None = None
        self._speeches = SpeechQueue(self, emit, clock)
        self._running: asyncio.Task[None] | None = None
        self._stopping: asyncio.Task[None] | None = None

    # ---- verbs ------------------------------------------------------------------------------

    @property
    def status(self) -> p.StatusName:
        """Where the session is in its life."""
        return self._status

    @property
    def provider(self) -> Provider | None:
        """The open provider; None before `start` and after `stop`."""
        return self._provider

    def start(self) -> None:
        """Open the session; nothing to do when it is open already."""
        if self._status in OPEN:
            self._show(self._shown.text)  # whoever asks is answered
            return
        if self._stopping is not None:
            return
        self._become("starting", "Getting ready")
        self._unconfirmed, self._ready = "", READY
        try:
            self._provider = self._make_provider()
        except Exception as error:
            self._fail(opening_failure(error))
            return
        self._running = asyncio.get_running_loop().create_task(self._run(self._provider))

    def speak(self, utterance: Utterance, *, interrupt: bool = False) -> None:
        """Queue a speech; with `interrupt` everything before it is dropped."""
        if utterance.id in self._speeches:
            return
        if self._status not in OPEN:
            self.reject(utterance, "The session is not open; call start() first.")
            return
        if interrupt:
            self.interrupt()
        self._speeches.add(utterance)

    def add_text(self, more: AddText) -> None:
        """More of the text of a speech has come; nothing, where that has ended."""
        self._speeches.add_text(more)

    def express(self, name: str) -> None:
        """Have the face do something, now."""
        if self._provider is not None:
            self._provider.express(name)

    def listen(self, command: Listen) -> None:
        """Listen in this way from now on, or not any more."""
        ours, services = self.microphones, self.recognition
        chosen, other = (services, ours) if command.by_service else (ours, services)
        other.listen(Listen(self.id, "off"))
        chosen.listen(command)

    def reject(self, utterance: Utterance, reason: str) -> None:
        """Report a speech that cannot be said."""
        self._speeches.report(utterance, "failed", reason)

    def interrupt(self, speech: str = "") -> None:
        """Cut off `speech`, or with an empty id all that is said and queued."""
        self._speeches.interrupt(speech)

    def begin_stop(
        self, goodbye: str = STOPPED, asked_at: float = 0.0
    ) -> asyncio.Task[None] | None:
        """Begin to end the session, before anything that is asked for after this.

        Returns:
            What is done when it has ended; None where nothing is open.
        """
        if self._stopping is not None:
            # It may fail: then its end is told all the same, for that is what is asked for.
            self._stopping.add_done_callback(lambda _: self._tell_end_again(asked_at))
            return self._stopping
        cleared = self._running is None or self._running.done()
        if self._status in ("idle", "ended") or (self._status == "failed" and cleared):
            self._tell_end_again(asked_at)
            return None
        self._stopping = asyncio.get_running_loop().create_task(self._stop(goodbye))
        return self._stopping

    def rest(self) -> None:
        """Nobody is there: end it until somebody comes back."""
        self.on_over(LEFT, resumes=True)

    def _tell_end_again(self, asked_at: float) -> None:
        """Answer one who asks for the end of what is over.

        After an end by itself the answer is as old as can be: who has heard of that, and has the
        session opened again, must not take this for the end of the new one.
        """
        if self._status in OPEN:
            return  # opened again meanwhile: who asked has had an answer before
        if self._status == "ended":
            self._show(self._shown.text, at=max(self._shown.at, asked_at))
        else:
            self._become("ended", "Stopped")

    async def stop(self, goodbye: str = STOPPED) -> None:
        """End the session; a second caller waits for the first."""
        stopping = self.begin_stop(goodbye)
        if stopping is not None:
            await asyncio.shield(stopping)

    async def close(self, goodbye: str = STOPPED) -> None:
        """End the session for good."""
        await self.stop(goodbye)
        await self.pages.close()
        await self.microphones.close()
        await self.recognition.close()

    def touch(self) -> None:
        """The user did something."""
        if self._provider is not None:
            self._provider.touch()

    def expect_page(self, within_s: float) -> None:
        """Somebody is meant to see and hear it in a page, which comes within so many seconds."""
        self.audience.expected = self.audience.shown = True
        if self._provider is not None:
            self._provider.expect_page(within_s)

    async def keep_alive(self) -> None:
        """Keep the session alive now.

        Raises:
            SessionClosed: It is not open.
            AvatarError: It could not be done.
        """
        if self._provider is None or self._status not in OPEN:
            raise SessionClosed("There is no open session to keep alive.", "Call start() first.")
        await self._provider.keep_alive()

    # ---- what the provider reports (`ProviderListener`) -------------------------------------

    def on_trouble(self, text: str) -> None:
        """The line to the service is troubled; it is being tried again."""
        if self._status == "live":
            self._become("reconnecting", text)
        elif self._status == "starting":
            self._show(text)

    def on_recovered(self) -> None:
        """The trouble is over."""
        if self._status == "reconnecting":
            self._become("live", self._ready)

    def on_notice(self, kind: NoticeKind, text: str) -> None:
        """Something the user should know, that changes nothing by itself."""
        self._emit(Noticed(self.id, kind, text))
        if kind == "unconfirmed":
            self._unconfirmed = text
        elif kind == "ending" and self._status in OPEN:
            self._show(text)
        elif kind == "going on" and self._status == "live":
            self._show(self._ready)

    def on_over(
        self,
        text: str,
        error: AvatarError | None = None,
        *,
        resumes: bool = False,
        unasked: AvatarError | None = None,
    ) -> None:
        """It is over, or has to end now; with `resumes` until somebody looks at it."""
        del unasked  # the end is the same
        if self._stopping is None and self._status in OPEN:
            stop = self._stop(text, error, resumes=resumes)
            self._stopping = asyncio.get_running_loop().create_task(stop)

    def on_fallback(self, text: str) -> None:
        """Another avatar goes on; `text` says so for as long as it does."""
        self._ready = text
        self._emit(FellBack(self.id))
        self.on_notice("fallback", text)

    def on_usage(
        self, seconds: float, credits: float | None, credits_per_minute: float | None
    ) -> None:
        """What the session took so far."""
        self._emit(UsageCounted(self.id, seconds, credits, credits_per_minute))

    def on_grant(self, grant: SessionGrant) -> None:
        """What it takes to take the session over."""
        self._emit(SessionGranted(self.id, grant))

    def on_room_command(self, page: str, topic: str, payload: str) -> None:
        """`page` is to send this into the service's room."""
        self._emit(ToPage(self.id, p.RoomData(page, topic, payload)))

    def on_widget_message(self, message: p.ToPage, buffers: Sequence[bytes] = ()) -> None:
        """This is to go by widget message."""
        self._emit(ToPage(self.id, message, tuple(buffers)))

    def on_first_sound(self, speech: str) -> None:
        """The first sample of `speech` has gone out."""
        self._speeches.on_first_sound(speech)

    def on_answer(self, speech: str, text: str) -> None:
        """More of what the service's own language model answers `speech`."""
        self._emit(AnswerTold(self.id, speech, text))

    def on_caption(
        self, speech: str, text: str, words: list[SpokenWord], clock_ms: float | None = None
    ) -> None:
        """`text` is being spoken from now on."""
        self.audience.look()
        self._caption = p.Caption(speech, text, self.tick(), words if text else [], clock_ms)
        self.pages.announce(self._caption)

    def on_page_opened(self, page: str) -> None:
        """The data channel of `page` is open: it knows nothing yet."""
        self.pages.open(page)

    def on_page_closed(self, page: str) -> None:
        """A page has lost its connection: it plays nothing any more."""
        self.audience.lose(page)
        self.pages.lose(page)

    def on_unheard(self, since: float) -> None:
        """Nobody has heard what was said since then."""
        self.audience.miss(since)

    def on_gap(self, seconds: float) -> None:
        """Nobody has heard the last so many seconds, and somebody does again."""
        self.audience.note_gap(seconds)

    def on_microphone_sound(self, page: str, samples: NDArray[np.float32]) -> None:
        """Sound of the microphone of `page`, at 16 kHz."""
        self.microphones.hear(page, samples)

    def on_user_speech(self, step: UserStep, text: str = "") -> None:
        """The service's own recognition tells of somebody who speaks."""
        self.recognition.on_user(step, text)

    def on_page_message(self, page: str, message: p.FromPage) -> None:
        """`page` sent this over its data channel."""
        del page  # the message says it where it matters
        if isinstance(message, p.ACTIVITY):
            self.touch()
        self.pages.handle(message, direct=True)

    def facts(self) -> list[p.Fact]:
        """Where the session is: what a page is told that knows nothing yet."""
        speeches = self._speeches.under_way(self._told_at)
        listening = [self.microphones.fact, self.recognition.fact]
        facts = [self._shown, *speeches, self._caption, *listening]
        return [fact for fact in facts if fact is not None]

    # ---- what its queue of speeches reports (`QueueOwner`) ------------------------------------

    def announce(self, fact: p.Announcement) -> None:
        """Tell pages and kernel."""
        self.pages.announce(fact)

    def tick(self) -> float:
        """The time of a fact: later than that of every fact before it."""
        self._told_at = max(self._clock.now(), self._told_at + TICK_S)
        return self._told_at

    def show_thinking(self, text: str) -> None:
        """Say in the status what it is at; empty: nothing more."""
        if self._status == "live":
            self._show(text or self._ready)

    # ---- inside -----------------------------------------------------------------------------

    async def _run(self, provider: Provider) -> None:
        opening = await run_apart(provider.open(self))
        error = failure_of(opening)
        if error is not None:
            failure = opening_failure(error)
            self._fail(failure)
            self._provider = None
            await self.outputs.end(failure)
            closing = asyncio.create_task(self._close(provider, failure.what))
            try:
                await asyncio.shield(closing)
            except asyncio.CancelledError:
                # Stopped in the middle of it: what may be open at a service is closed all the same.
                await asyncio.wait({closing})
                raise
            return
        if self._status == "starting":
            self._become("live", self._ready)
        await self._speeches.run(provider)

    async def _stop(
        self, goodbye: str, error: AvatarError | None = None, *, resumes: bool = False
    ) -> None:
        provider, running = self._provider, self._running
        self._become("stopping", "Stopping")
        self.interrupt()
        if running is not None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        await self.outputs.end()
        if provider is not None:
            await self._close(provider, goodbye)
        self._provider = self._running = None
        self._stopping = None
        if error is None:
            said = "Stopped" if goodbye == STOPPED else goodbye
            self._become("ended", self._unconfirmed or said, resumes=resumes)
        else:
            self._become("failed", error.what, error)

    async def _close(self, provider: Provider, goodbye: str) -> None:
        """Close it; the session ends all the same, and what may be open is in the ledger."""
        closing = asyncio.ensure_future(provider.close(goodbye))
        try:
            await asyncio.wait({closing}, timeout=CLOSE_MOST_S)
        finally:
            in_time = closing.done()
            closing.cancel()
        if not in_time:
            log.error("A provider did not close within %.0f s", CLOSE_MOST_S)
        elif not closing.cancelled() and (error := closing.exception()) is not None:
            log.error("A provider could not be closed, in a way nobody foresaw", exc_info=error)

    def _fail(self, error: AvatarError) -> None:
        self._speeches.fail(str(error))
        self._become("failed", error.what, error)

    def _become(
        self,
        status: p.StatusName,
        text: str,
        error: AvatarError | None = None,
        *,
        resumes: bool = False,
    ) -> None:
        """The one place where the status changes."""
        check(self._status, status)
        self._status = status
        self._show(text, error, resumes=resumes)
        if status not in OPEN:
            self.microphones.stop()
            self.recognition.stop()

    def _show(
        self,
        text: str,
        error: AvatarError | None = None,
        *,
        at: float | None = None,
        resumes: bool = False,
    ) -> None:
        """Tell the status and one line for the user, as of `at`, or of now."""
        failure = None if error is None else Failure.of(error)
        at = self.tick() if at is None else at
        self._told_at = max(self._told_at, at)
        self._shown = p.Status(self._status, text, at, failure, resumes)
        self.pages.announce(self._shown)
