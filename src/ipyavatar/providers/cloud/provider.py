"""A paid service as a session's provider: a driver for the calls, a lease for the rules."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import random as _random
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from ...core.clock import Clock
from ...core.scripts import estimate_seconds
from ...core.speech import SpokenWord, Utterance
from ...core.tasks import TaskSet
from ...core.text import is_silent
from ...errors import AvatarError, MediaError, NotOffered, SessionClosed, SessionGone
from ...media.local_voice import LocalVoice
from ...protocol import page as p
from ...protocol.frames import Acknowledge, Missed, Subscribe
from ...protocol.grants import SessionGrant, StreamGrant
from ...protocol.host import NoticeKind
from ...protocol.page import PageReport
from ...protocol.page_media import MediaOver, MediaPiece
from ..base import ProviderListener
from ..spoken_text import plain_utterance
from ..text_stream import TextFeed, say_in_turn, split_stream
from .driver import Driver, ListeningDriver
from .left_watch import LeftWatch
from .offered_connection import OfferedConnection
from .page_streams import PageStreams
from .reception import StreamReceiver
from .service_events import GAP, ServiceEvent, read_packet
from .session_lease import MakeLease, SessionLease
from .stream_access import ConnectRoom, StreamAccess, connect_room
from .user_speech import UserSpeech
from .viewers import PICTURE_WAIT_S, Viewers
from .whep_proxy import WhepProxy

if TYPE_CHECKING:
    from ...media.received_stream import ReceivedStream
    from ...media.sinks import MediaSource

INTERRUPT_S = 3.0
"""A speech waits this long at most for the interrupt of the one before to be confirmed."""

UNDER_WAY_S = 2.0
"""A service tells that something is said before the last of it has come here: so late at most."""

SPOKEN_UNSEEN = (
    f"The page did not show the picture within {PICTURE_WAIT_S:.0f} s; "
    "the avatar speaks all the same."
)

ANOTHER_SIZE = (
    "A running session keeps its picture size; the next one is opened with another quality: "
)


class CloudProvider:
    """One session of a paid service.

    Args:
        driver: Makes its calls.
        make_lease: Makes its lease, told who listens.
        clock: Time.
        grant: An open session to take over.
        voice: Who speaks where we bring the voice; closed with it.
        whep_proxy: Passes pages' WHEP offers on.
        connect: Enters the service's room from here.
        random: Gives numbers in 0 to 1, for jitter.
    """

    def __init__(
        self,
        driver: Driver,
        make_lease: MakeLease,
        clock: Clock,
        grant: SessionGrant | None = None,
        *,
        voice: LocalVoice | None = None,
        whep_proxy: WhepProxy | None = None,
        connect: ConnectRoom = connect_room,
        random: Callable[[], float] = _random.random,
    ) -> None:
        self.name = driver.profile.name
        self._driver = driver
        self._make_lease = make_lease
        self._clock = clock
        self._grant = grant
        self._voice = voice
        self._lease: SessionLease | None = None
        self._begun = asyncio.Event()
        self._ready = asyncio.Event()
        self._failure: AvatarError | None = None
        self._listener: ProviderListener | None = None
        self._interrupting: asyncio.Task[None] | None = None
        self._tasks = TaskSet("a session of a service")
        self._size_noticed = False
        self._users = UserSpeech()
        self._saying = 0
        self._random = random
        self._received: ReceivedStream | None = None
        self._abandoned = TaskSet("rooms that were not joined")
        connect_here = functools.partial(connect, profile=driver.profile, abandoned=self._abandoned)
        self._room = StreamAccess(
            clock,
            Viewers(driver.profile.first_words_s),
            stream_grant=lambda: driver.grant().stream,
            to_page=self._to_page,
            on_event=self._on_service_event,
            on_lost=self._on_room_lost,
            connect=connect_here,
        )
        shared = driver, self._room, whep_proxy or WhepProxy(), OfferedConnection(driver)
        self._receiver = StreamReceiver(
            *shared,
            opened=self._opened,
            connect=connect_here,
            on_event=self._on_service_event,
            check=self._check,
            to_page=self._send_to_page,
            clock=clock,
        )
        self._pages = PageStreams(
            *shared,
            opened=self._opened,
            make_way=self._make_way,
            notify=functools.partial(self._notify, "picture"),
            check=self._check,
            end=self._end_by_itself,
            ask=lambda: self._send_to_page(p.Sync()),
            clock=clock,
        )
        self._left = LeftWatch(clock, self._room.viewers, self._is_used, self._end_by_itself)
        self._leaving: asyncio.Task[None] | None = None
        driver.set_room(self._room)

    # ---- session ----------------------------------------------------------------------------

    async def open(self, listener: ProviderListener) -> None:
        """Open it at the service, or take it over."""
        self._listener = listener
        self._lease = self._make_lease(self._driver, listener)
        self._begun.set()
        grant, self._grant = self._grant, None
        try:
            await self._lease.open(grant)
        except AvatarError as error:
            self._failure = error
            raise
        self._ready.set()
        limit_s = self._driver.profile.join_within_s
        if limit_s is not None:
            self._tasks.start(self._room.join_in_time(limit_s, self._notify_unjoined), "join")

    async def say(self, utterance: Utterance) -> list[SpokenWord]:
        """Say it; cancelling it interrupts at the service. What is silent is not sent."""
        lease, listener = self._lease, self._listener
        utterance = plain_utterance(utterance)
        if not utterance.is_sound and is_silent(utterance.text, utterance.mode):
            return []
        assert lease is not None and listener is not None  # noqa: S101, PT018  # opened before
        await self._await_interrupt()
        with lease.speaking(), self._counted():
            if not await self._room.wait_shown():
                self._pages.notice(SPOKEN_UNSEEN)
            received = self._received
            if received is not None:
                await received.wait_flowing(PICTURE_WAIT_S)
                received.expect_speech()
            relay = _SpeechRelay(utterance.id, listener, self._caption_received, self._clock)
            try:
                words = await self._driver.say(utterance, relay)
                if received is not None:
                    await received.wait_said(relay.seconds(), UNDER_WAY_S)
                return words
            except asyncio.CancelledError:
                # Not waited for here: whoever interrupts wants silence, not a confirmation.
                self._interrupting = self._tasks.start(self._interrupt())
                raise
            except SessionGone:
                self._check()
                raise
            finally:
                listener.on_caption("", "", [])
                self._caption_received("", [])

    async def say_stream(self, utterance: Utterance, feed: TextFeed) -> list[SpokenWord]:
        """Say what comes, sentence by sentence: each is a call to the service."""
        return await say_in_turn(self.say, utterance, split_stream(feed, self._clock))

    async def close(self, goodbye: str) -> None:
        """End it at the service."""
        self._begun.set()
        if not self._ready.is_set() and self._failure is None:
            self._failure = SessionClosed("The session was stopped.", "Press play to start it.")
        self._ready.set()
        await self._tasks.close()  # the end is an interrupt too
        if self._received is not None:
            await self._received.close(MediaError("The service's session has ended."))
        await self._receiver.close()
        await asyncio.gather(self._end(goodbye), self._room.leave_room(), self._pages.close())
        await self._abandoned.join()
        if self._voice is not None:
            await self._voice.close()

    def touch(self) -> None:
        """The user did something."""
        self._left.touch()
        if self._lease is not None:
            self._lease.touch()

    async def keep_alive(self) -> None:
        """Keep it alive now."""
        self._left.touch()
        await self._begun.wait()
        if self._lease is None:
            raise SessionClosed("The session was stopped.", "Call start() to open it again.")
        await self._lease.keep_alive()

    def change_quality(self, quality: str) -> None:
        """The size is fixed when a session is opened; the next one has the new one."""
        if self._listener is None or self._size_noticed or not self._driver.profile.sizes:
            return
        self._size_noticed = True
        self._listener.on_notice("picture", f"{ANOTHER_SIZE}{quality!r}.")

    # ---- pages ------------------------------------------------------------------------------

    def expect_page(self, within_s: float) -> None:
        """Speeches wait for a page, but not longer than for a picture."""
        self._room.expect(within_s)

    async def grant_stream(self, page: str, peer: str) -> StreamGrant:
        """How `page` gets what the service gave, once the session is open."""
        if self._leaving is None:
            self._leaving = self._tasks.start(self._left.run(), "end what was left")
        try:
            return await self._pages.grant(page, peer)
        finally:
            self._left.on_pages()
            self._receiver.on_viewers()

    async def answer(self, offer: p.Offer) -> p.Answer:
        """Pass the offer of a page that may not reach the WHEP address on to it."""
        return await self._pages.answer(offer)

    async def accept_offer(self, answer: p.AcceptOffer) -> None:
        """Pass a page's answer to the service's offer on to it."""
        await self._pages.accept(answer)

    async def hang_up(self, peer: str) -> None:
        """A page does not watch any more."""
        try:
            await self._pages.hang_up(peer)
        finally:
            self._left.on_pages()
            self._on_page_out()

    def on_page_report(self, report: PageReport, buffers: Sequence[bytes] = ()) -> None:
        """A page tells what it heard in the room, or what became of the stream."""
        self._pages.hear(report.page)
        match report:
            case p.Media():
                self._pages.on_media(report)
                self._left.on_pages()
                if report.playback == "interrupted":
                    self._note_gap()
            case p.RoomData():
                event = read_packet(report.topic, report.payload, self._driver.grant().secrets())
                if self._room.on_packet(report.page) and event is not None:
                    self._on_service_event(event)
            case p.Candidate():
                self._tasks.start(self._pages.add_candidate(report))
            case p.StreamOver():
                self._pages.on_stream_over(report)
                self._left.on_pages()
                self._on_page_out()
            case MediaPiece() | MediaOver():
                self._receiver.on_media(report, buffers)
            case p.Synced() | Acknowledge() | Missed():
                pass  # it is there; and we send no frames

    def subscribe(self, request: Subscribe) -> None:
        """Refuse: the page gets the stream from the service."""
        del request
        raise MediaError("A service's stream does not come by widget message.", "Reload the page.")

    def send_to_page(self, page: str, message: p.ToPage) -> bool:
        """There is no data channel: the kernel tells the pages."""
        del page, message
        return False

    async def listen(self, on: bool, *, push_to_talk: bool) -> None:
        """Tell the service, which hears what comes into its stream."""
        if not isinstance(self._driver, ListeningDriver):
            title = self._driver.profile.title
            what, fix = f"{title} has no recognition.", "Use the embedded avatar to listen."
            raise NotOffered(what, fix, service=self.name, call="listen")
        await self._opened()
        await self._driver.listen(on, push_to_talk=push_to_talk)

    def express(self, name: str) -> None:
        """The face is the service's."""

    def think(self, thinking: bool) -> None:
        """The face is the service's."""

    def media(self) -> MediaSource:
        """The service's stream, received here as well while somebody takes it."""
        if self._received is None:
            from ...media.received_stream import ReceivedStream  # late: few ask for it

            self._received = ReceivedStream(self._receiver.receive, self._clock, self._random)
        return self._received

    def stats(self) -> dict[str, float]:
        """Keep-alives made, and the worst lateness of one in milliseconds."""
        if self._lease is None:
            return {}
        return {
            "keep_alives": float(self._lease.calls),
            "keep_alive_late_ms": round(self._lease.latest_s * 1000, 1),
        }

    # ---- inside -----------------------------------------------------------------------------

    async def _opened(self) -> None:
        """Wait until the session is open.

        Raises:
            AvatarError: It will not be.
        """
        await self._ready.wait()
        if self._failure is not None:
            raise self._failure

    async def _end(self, goodbye: str) -> None:
        if self._lease is not None and not await self._lease.close(goodbye):
            self._notify(
                "unconfirmed",
                "The service has not confirmed the end of the session; it stays in "
                "ipyavatar.sessions() until it has.",
            )

    def _send_to_page(self, message: p.ToPage) -> None:
        if self._listener is not None:
            self._listener.on_widget_message(message)

    def _to_page(self, page: str, topic: str, payload: str) -> None:
        if self._listener is not None:
            self._listener.on_room_command(page, topic, payload)

    def _on_service_event(self, event: ServiceEvent) -> None:
        """The service told something in the room."""
        ended = event.kind == "session_ended"
        if ended:
            self._check()
        if ended and event.session_id not in (None, self._driver.grant().session_id):
            return  # another one: it ends no speech of ours
        self._driver.on_event(event)
        if (
            not ended
            and self._listener is not None
            and self._users.on_event(event, self._listener, speaking=self._saying > 0)
        ):
            self.touch()  # who speaks with the avatar uses it

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        """A speech of ours is under way at the service."""
        self._saying += 1
        try:
            yield
        finally:
            self._saying -= 1
            self._left.touch()

    def _is_used(self) -> bool:
        received = self._received
        return self._saying > 0 or (received is not None and received.taken)

    def _notify(self, kind: NoticeKind, text: str) -> None:
        if self._listener is not None:
            self._listener.on_notice(kind, text)

    def _notify_unjoined(self, error: AvatarError) -> None:
        profile = self._driver.profile
        minutes = (profile.join_within_s or 0.0) / 60
        self._notify(
            "service",
            f"{profile.title} ends a session whose room nobody joins within {minutes:.0f} minutes, "
            f"and nobody is there: {error}",
        )

    def _end_by_itself(self, text: str) -> None:
        if self._listener is not None:
            self._listener.on_over(text)

    def _check(self) -> None:
        """Something said that the session is over: the service is asked."""
        if self._lease is None or not self._ready.is_set():
            return
        self._tasks.start(self._lease.check())

    def _on_page_out(self) -> None:
        """A page watches no more, as while it is reloaded: with it may go who hears the service."""
        self._receiver.on_viewers()
        self._note_gap()

    def _note_gap(self) -> None:
        """What the service tells meanwhile may be lost."""
        if not self._room.hears:
            self._driver.on_event(GAP)

    def _on_room_lost(self, broken: bool) -> None:
        """We are not in the room any more: the session may be over, or the room's process."""
        self._check()
        if broken:
            self._tasks.start(self._enter_again(), "enter the room again")

    async def _enter_again(self) -> None:
        with contextlib.suppress(AvatarError):  # what is sent next tries again, and tells
            if not self._room.hears:
                await self._room.enter()

    async def _make_way(self) -> None:
        await asyncio.gather(self._room.leave_room(), self._receiver.make_way())

    def _caption_received(self, text: str, words: list[SpokenWord]) -> None:
        """Recordings of what is received show it."""
        if self._received is not None:
            seconds = words[-1][2] if words else estimate_seconds(text)
            self._received.put_caption(text, words, seconds)

    async def _interrupt(self) -> None:
        with contextlib.suppress(AvatarError):
            await self._driver.interrupt()

    async def _await_interrupt(self) -> None:
        """Wait for the last interrupt: else it would cut off the next speech."""
        task, self._interrupting = self._interrupting, None
        if task is not None:
            await asyncio.wait({task}, timeout=INTERRUPT_S)


class _SpeechRelay:
    """Passes on what the driver says of one speech."""

    def __init__(
        self,
        speech: str,
        listener: ProviderListener,
        on_caption: Callable[[str, list[SpokenWord]], None],
        clock: Clock,
    ) -> None:
        self._speech = speech
        self._listener = listener
        self._on_caption = on_caption
        self._clock = clock
        self._begun_at: float | None = None

    def seconds(self) -> float:
        """Since it has begun."""
        return 0.0 if self._begun_at is None else self._clock.now() - self._begun_at

    def on_first_sound(self) -> None:
        if self._begun_at is None:
            self._begun_at = self._clock.now()
            self._listener.on_first_sound(self._speech)

    def on_answer(self, text: str) -> None:
        self._listener.on_answer(self._speech, text)

    def on_caption(self, text: str, words: list[SpokenWord]) -> None:
        self._listener.on_caption(self._speech, text, words)
        self._on_caption(text, words)

    def on_notice(self, kind: NoticeKind, text: str) -> None:
        self._listener.on_notice(kind, text)
