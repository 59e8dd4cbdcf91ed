"""Between a session and its pages: the one place that decides which way a message goes.

A page has a data channel to this process (past the kernel, so that it works while a cell runs), or
it has none yet, or never (the streams of services). What every page is told goes over the channel
where one is open, and to the kernel, which passes it on by widget message where one is missing.
What a page says arrives here either way, and is carried out by the same code.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from typing import Protocol

from ..core.clock import Clock
from ..core.speech import Utterance
from ..core.tasks import TaskSet
from ..core.text import clean_text
from ..errors import AvatarError, HostError, InvalidArgument, StreamTaken
from ..protocol import page as p
from ..protocol.frames import Acknowledge, Missed, Subscribe
from ..protocol.host import Announced, FromPage, SessionEvent, ToPage
from ..protocol.listening import Microphone, MicrophoneSound
from ..protocol.page import Fact
from ..protocol.page_media import MediaOver, MediaPiece
from ..protocol.page_order import PageOrder
from ..providers.base import Provider
from .audience import Audience
from .microphones import Microphones
from .page_clocks import PageClocks
from .page_ways import PageWays
from .service_recognition import ServiceRecognition

SYNC_AFTER_S = (3.0, 6.0, 12.0, 24.0, 48.0)
"""A `Sync` goes out so long after the last widget message, and again while it is not answered. A
server that drops what we send does so for seconds on end."""

FOR_THE_KERNEL = (p.Start, p.Stop, p.SetSound, p.Stats, p.Media)
"""What a page says that the kernel has to know; the rest is carried out here."""

UNFORESEEN = "Reload the page; if that does not help, stop the avatar and start it again."


class RoutedSession(Protocol):
    """What the pages' messages need of a session."""

    id: str
    audience: Audience
    microphones: Microphones
    recognition: ServiceRecognition
    responds: bool
    """Whether the kernel has a responder, which answers what is typed."""

    @property
    def provider(self) -> Provider | None:
        """The open provider; None while there is none."""

    def speak(self, utterance: Utterance, *, interrupt: bool = False) -> None:
        """Queue a speech."""

    def reject(self, utterance: Utterance, reason: str) -> None:
        """Report a speech that cannot be said."""

    def interrupt(self, speech: str = "") -> None:
        """Cut off one speech, or all."""

    def facts(self) -> list[Fact]:
        """Where the session is: what a page is told that knows nothing yet."""


class PageRouter:
    """The pages of one session. Used on the session's loop; `close()` ends what it has started."""

    def __init__(
        self,
        session: RoutedSession,
        emit: Callable[[SessionEvent], None],
        clock: Clock,
        new_id: Callable[[], str] = lambda: uuid.uuid4().hex[:12],
    ) -> None:
        self._session = session
        self._emit = emit
        self._clock = clock
        self._pages: set[str] = set()
        self._ways = PageWays()
        self._clocks = PageClocks()
        self._order = PageOrder()
        self._new_id = new_id
        self._told_directly: set[str] = set()
        self._unsynced: set[str] = set()
        self._syncing: asyncio.Task[None] | None = None
        self._tasks = TaskSet("a session's pages")

    # ---- to the pages -----------------------------------------------------------------------

    def announce(self, message: p.Announcement) -> None:
        """Tell the kernel and every page."""
        missed = {page for page in self._pages if not self._send(page, message)}
        forward = bool(missed) or not self._pages
        self._emit(Announced(self._session.id, message, forward=forward))
        if missed:
            self._sync_soon(missed)

    def open(self, page: str) -> None:
        """The data channel of `page` is open: it is told where the session is."""
        self._pages.add(page)
        for fact in self._session.facts():
            self._send(page, fact)

    def lose(self, page: str) -> None:
        """The last way to `page` has ended, without a word of it."""
        self._ways.forget(page)

    async def close(self) -> None:
        """End what was started for pages, and wait."""
        await self._tasks.close()

    # ---- from a page ------------------------------------------------------------------------

    def handle(self, message: p.FromPage, *, direct: bool, buffers: Sequence[bytes] = ()) -> None:
        """Carry out what a page says.

        Args:
            message: What it says.
            direct: It came over the data channel, so the kernel has not seen it.
            buffers: They have come with it.
        """
        if not self._order.is_news(message):
            return
        if isinstance(message, p.Hangup):
            self._hang_up(message)
            return
        provider = self._session.provider
        self._ways.note(message)
        self._session.audience.hear(message)
        self._handle_microphone(message, buffers)
        match message:  # what is not here is the kernel's
            case p.Say() if not self._session.responds:
                self._say(message)
            case p.Interrupt():
                self._session.interrupt(message.speech)
            case p.Hello():
                self._pages.add(message.page)
                self._clocks.note(message.page, message.at_ms, self._clock.now())
            case p.Offer() | p.Join() | p.AcceptOffer() | Subscribe():
                self._pages.add(message.page)
                self._tasks.start(self._connect(message))
            case (
                p.Candidate()
                | p.RoomData()
                | p.StreamOver()
                | p.Media()
                | Acknowledge()
                | Missed()
                | Microphone()
                | MediaPiece()
                | MediaOver()
            ):
                if provider is not None:
                    provider.on_page_report(message, buffers)
            case p.Synced():
                self._on_synced(message.page)
                if provider is not None:
                    provider.on_page_report(message)
            case p.Stats():
                self._clocks.note(message.page, message.at_ms, self._clock.now())
        asked = self._session.responds and isinstance(message, p.Say)
        if direct and (asked or isinstance(message, FOR_THE_KERNEL)):
            self._emit(FromPage(self._session.id, message))

    def _hang_up(self, message: p.Hangup) -> None:
        """One way of a page has ended; it leaves with its last one."""
        if self._ways.note(message):
            self._session.audience.hear(message)
            self._session.recognition.handle(message)
            self._pages.discard(message.page)
            self._told_directly.discard(message.page)
            self._unsynced.discard(message.page)
            self._clocks.forget(message.page)
        provider = self._session.provider
        if provider is not None:
            self._tasks.start(provider.hang_up(message.peer))

    def _handle_microphone(self, message: p.FromPage, buffers: Sequence[bytes]) -> None:
        """What it means for who listens, here or at the service."""
        if isinstance(message, Microphone | MicrophoneSound):
            self._session.microphones.handle(message, buffers)
        if isinstance(message, Microphone):
            self._session.recognition.handle(message)

    def _say(self, say: p.Say) -> None:
        """Say what was typed. The latency counts from the click."""
        asked_at = self._clocks.note(say.page, say.at_ms, self._clock.now())
        # Another host may have named some before: the kernel still knows those.
        name = say.speech or f"page-{self._new_id()}"
        try:
            text = clean_text(say.text)
        except InvalidArgument as error:
            self._session.reject(Utterance(name, say.text[:200], asked_at=asked_at), str(error))
            return
        self._session.speak(Utterance(name, text, asked_at=asked_at), interrupt=say.interrupt)

    # ---- whether pages have heard -----------------------------------------------------------

    def _sync_soon(self, missed: set[str]) -> None:
        """These pages were told by widget messages: find out, once all is told, if they heard."""
        self._unsynced |= missed
        if self._syncing is not None:
            self._syncing.cancel()
        self._syncing = self._tasks.start(self._sync(), "sync")

    async def _sync(self) -> None:
        for wait_s in SYNC_AFTER_S:
            await self._clock.sleep_until(self._clock.now() + wait_s)
            if not self._unsynced:
                return
            self._emit(ToPage(self._session.id, p.Sync()))
        # Closed without a word, or behind a kernel that is busy for long: then it will answer.
        self._pages -= self._unsynced
        self._told_directly &= self._pages
        for page in self._unsynced:
            self._ways.forget(page)
        self._unsynced.clear()

    def _on_synced(self, page: str) -> None:
        self._unsynced.discard(page)
        if page not in self._pages:
            self._pages.add(page)
            for fact in self._session.facts():
                self._emit(ToPage(self._session.id, fact))

    # ---- inside -----------------------------------------------------------------------------

    async def _connect(self, request: p.StreamRequest) -> None:
        """Answer a page that wants the stream, whatever happens."""
        answer: p.ToPage
        try:
            provider = self._provider()
            match request:
                case p.Offer():
                    answer = await provider.answer(request)
                case p.Join(page, peer):
                    answer = p.StreamGranted(page, peer, await provider.grant_stream(page, peer))
                case p.AcceptOffer():
                    await provider.accept_offer(request)
                    return  # the page sees that it is connected
                case Subscribe():
                    provider.subscribe(request)
                    self._tell_again(request.page)
                    return  # the frames are the answer
        except Exception as error:
            self._ways.end(request.page, request.peer)
            answer = refusal(request, error)
        self._emit(ToPage(self._session.id, answer))

    def _tell_again(self, page: str) -> None:
        """The way past the kernel is gone: what was said over it last may have gone with it.

        Sound is sent ahead of its time, so that it may all be there, and its caption not.
        """
        if page in self._told_directly:
            self._told_directly.discard(page)
            for fact in self._session.facts():
                self._emit(ToPage(self._session.id, fact))

    def _provider(self) -> Provider:
        provider = self._session.provider
        if provider is None:
            raise HostError("The avatar is stopped.", "Press play, or call start().")
        return provider

    def _send(self, page: str, message: p.ToPage) -> bool:
        provider = self._session.provider
        sent = provider is not None and provider.send_to_page(page, message)
        if sent:
            self._told_directly.add(page)
        return sent


def refusal(request: p.StreamRequest, error: Exception) -> p.Refused:
    """What a page is told whose wish cannot be granted."""
    if isinstance(error, AvatarError):
        taken = isinstance(error, StreamTaken)
        return p.Refused(request.page, request.peer, error.what, error.fix, taken)
    return p.Refused(request.page, request.peer, f"The stream failed: {error!r}.", UNFORESEEN)
