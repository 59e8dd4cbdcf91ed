"""The embedded avatar: our own voice, lips and face, with no key and no network."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..core.clock import Clock
from ..core.speech import SpokenWord, Utterance
from ..core.tasks import TaskSet, wait_until
from ..engine.playout import KEPT_S, SAMPLE_RATE, SpeechSegment
from ..engine.resources import EngineResources
from ..errors import AvatarError, MediaError
from ..media.frame_subscriptions import FrameSubscriptions
from ..media.local_voice import LocalVoice
from ..media.media_pump import Subscriber
from ..media.peer import Peer
from ..media.relays import RelayFinder
from ..media.sinks import MediaSource
from ..media.socket_server import SocketServer
from ..media.speech_player import FIRST_PICTURE_S, PlayedSpeech, SpeechPlayer
from ..protocol import page as wire
from ..protocol import page_codec
from ..protocol.frames import Acknowledge, Missed, Subscribe
from ..protocol.grants import StreamGrant
from ..protocol.listening import Microphone
from ..protocol.options import MAX_IDLE_S, VIDEO_CODECS, IceServer
from ..protocol.page import PageReport
from .base import ProviderListener
from .gestures import Gestures
from .hearing import Connection, Hearing
from .idle_watch import IdleWatch
from .spoken_text import require_readable
from .text_stream import TextFeed, split_stream

FIND_WAY_S = 5.0
"""A page that is not reached by WebRTC soon goes by widget messages; with much to spare."""

SETTLE_S = 1.5
"""A page whose channel is open is taken to be listening after this long, whatever it says."""


UNDER_WAY_S = 0.15
"""What goes out is heard so much later: what a page has not heard began so long before that."""

IDLE = "Ended, since nobody used it. It starts again when you come back to it."


class EmbeddedProvider:
    """One embedded avatar: a speech player whose subscribers are pages."""

    name = "embedded"

    def __init__(
        self,
        resources: EngineResources,
        clock: Clock,
        *,
        character: str,
        voice: str,
        quality: str,
        seed: int,
        other_voice: LocalVoice | None = None,
        video_codec: str = "auto",
        ice_servers: Sequence[IceServer] = (),
        max_idle_s: float = MAX_IDLE_S,
        transport: str = "auto",
        sockets: SocketServer | None = None,
    ) -> None:
        self._clock = clock
        self._character = character
        self._quality = quality
        self._seed = seed
        self._codecs = VIDEO_CODECS[video_codec]
        self._other_voice = other_voice
        self._reads_english = other_voice is None or other_voice.reads_english
        self._ice_servers = tuple(ice_servers)
        self._relays = RelayFinder(self._ice_servers)
        self._idle = IdleWatch(clock, max_idle_s)
        self._player = SpeechPlayer(resources, clock, voice, self, other_voice)
        self._listener: ProviderListener | None = None
        self._peers: dict[str, Peer] = {}
        self._subscriptions = FrameSubscriptions(
            self._player.pump,
            clock,
            None if transport == "messages" else sockets,
            self,
            by_messages=transport != "websocket",
        )
        self._gestures = Gestures(self._player.express)  # of the speech that is being said
        self._tasks = TaskSet("the embedded avatar")
        self._hearing = Hearing(self._find_only_way, lambda: bool(self._pages), clock)
        self._page_playing = asyncio.Event()  # cleared while no page is connected
        self._expected_until = 0.0

    # ---- session ----------------------------------------------------------------------------

    async def open(self, listener: ProviderListener) -> None:
        """Draw the first picture; then the voice warms up."""
        self._listener = listener
        await self._load_face()
        self._tasks.start(self._warm_up(), "warm up")
        self._idle.touch()
        self._tasks.start(self._end_when_idle(), "end when idle")

    async def say(self, utterance: Utterance) -> list[SpokenWord]:
        """Say it; cancelling it is silence in the next packet."""
        self._gestures.add_text(utterance.text)
        played = await self._play(utterance.id, self._player.say(utterance))
        if not played.added and self._reads_english:
            require_readable(utterance.text)
        return played.words

    async def say_stream(self, utterance: Utterance, feed: TextFeed) -> list[SpokenWord]:
        """Say what comes, as it comes."""
        pieces = self._note_gestures(split_stream(feed, self._clock))
        played = await self._play(utterance.id, self._player.say_stream(utterance, pieces))
        if not played.added and self._reads_english:
            require_readable(feed.text)
        return played.words

    async def close(self, goodbye: str) -> None:
        """End the pages' connections and the player."""
        farewell = wire.Goodbye(goodbye, "Press play to start it again.")
        for page in {peer.page for peer in self._peers.values()}:
            self.send_to_page(page, farewell)
        if len(self._subscriptions) and self._listener is not None:
            self._listener.on_widget_message(farewell)
        await asyncio.sleep(0)  # lets the channels send it
        for peer in list(self._peers):
            await self.hang_up(peer)
        await self._subscriptions.close()
        await self._tasks.close()
        await self._relays.close()
        if self._other_voice is not None:
            await self._other_voice.close()
        await self._player.close()

    # ---- pages ------------------------------------------------------------------------------

    def expect_page(self, within_s: float) -> None:
        """Speeches wait for a page this long at most."""
        self._expected_until = max(self._expected_until, self._clock.now() + within_s)

    async def answer(self, offer: wire.Offer) -> wire.Answer:
        """Answer a page's offer. One that cannot be reached directly comes again, by a relay.

        Not with the first: most pages need none, and a server that does not answer takes seconds.
        One that comes again under the same name takes the place of the one before.
        """
        page, peer = offer.page, offer.peer
        self._expect_found_page()
        await self._end_connection(peer)
        servers = await self._relays.find() if offer.relay else []
        subscriber = self._player.pump.subscribe()
        connection = self._peers[peer] = Peer(
            page,
            subscriber,
            on_message=lambda text: self.on_page_text(page, text, subscriber),
            on_connected=lambda: self.on_page_opened(page),
            on_closed=lambda: self._on_connection_closed(peer, connection),
            on_microphone=lambda samples: self._on_microphone(page, samples),
            codecs=self._codecs,
            ice_servers=servers,
        )
        try:
            sdp = await connection.answer(offer.sdp)
        except AvatarError:
            if self._peers.get(peer) is connection:
                await self.hang_up(peer)
            raise
        return wire.Answer(page, peer, sdp, () if offer.relay else self._ice_servers)

    def subscribe(self, request: Subscribe) -> None:
        """Send a page sound and pictures as frames; asked again, begin anew."""
        self._expect_found_page()
        self._subscriptions.open(request)
        asyncio.get_running_loop().call_later(SETTLE_S, self._page_playing.set)

    async def hang_up(self, peer: str) -> None:
        """Close one page's connection, or send it no more frames."""
        subscribed = await self._subscriptions.hang_up(peer)
        page = await self._end_connection(peer) or subscribed
        if not self._peers and not len(self._subscriptions):
            self._page_playing.clear()
        if page and self._listener is not None and not self._has_way_to(page):
            self._listener.on_page_closed(page)

    async def grant_stream(self, page: str, peer: str) -> StreamGrant:
        """Refuse: a page offers a peer connection, see `answer`."""
        del page, peer
        raise MediaError("The embedded avatar has no service's stream.", "Reload the page.")

    async def accept_offer(self, answer: wire.AcceptOffer) -> None:
        """Refuse: it has offered nothing."""
        del answer
        raise MediaError("The embedded avatar has made no offer.", "Reload the page.")

    def on_page_report(self, report: PageReport, buffers: Sequence[bytes] = ()) -> None:
        """A page tells of the frames that it gets, and of its microphone."""
        del buffers  # what is recorded of us, we record ourselves
        match report:
            case Acknowledge():
                self._subscriptions.acknowledge(report)
            case Missed(page, ms):
                self.on_page_missed(page, ms / 1000 + UNDER_WAY_S)
            case Microphone(page, state, via):
                for connection in self._peers.values():
                    if connection.page == page:
                        connection.listen(state == "on" and via == "track")
            case wire.Media(page, playback):
                known = self._subscriptions.set_shown(page, playback != "paused")
                if known and playback in ("playing", "sound-blocked", "paused"):
                    self._page_playing.set()

    def send_to_page(self, page: str, message: wire.ToPage) -> bool:
        """Send `message` past the kernel; False when `page` has no way for it that is open."""
        text = page_codec.text(message)
        if self._subscriptions.send_text(page, text):
            return True
        # An older connection of the same page may still be there; the page ignores what is not new.
        sent = [peer.send(text) for peer in self._peers.values() if peer.page == page]
        # One that takes frames by message has lost its peer connection, which is not noticed here
        # for seconds, or is about to have one: what is sent by that alone may not come.
        return any(sent) and page not in self._subscriptions.pages

    def change_quality(self, quality: str) -> None:
        """Draw in another size as soon as the sprites of that size are loaded."""
        if quality != self._quality:
            self._quality = quality
            self._tasks.start(self._load_face(), "load face")

    async def listen(self, on: bool, *, push_to_talk: bool) -> None:
        """Nothing: what is heard is recognized in the kernel."""

    def express(self, name: str) -> None:
        """Have the face do it now."""
        self._player.express(name)

    def think(self, thinking: bool) -> None:
        """Have the face look aside meanwhile."""
        self._player.think(thinking)

    def media(self) -> MediaSource:
        """Everything is made here."""
        self._idle.touch()
        return self._player.pump

    def stats(self) -> dict[str, float]:
        """Pages, pictures sent, held up, late and failed, seconds of sound prepared."""
        return {
            "pages": float(len(self._peers) + len(self._subscriptions)),
            "pictures": float(self._player.pump.pictures),
            "pictures_held_up": float(self._subscriptions.dropped),
            "pictures_late": float(self._player.pump.late),
            "failed": float(self._player.pump.failed),
            "prepared_s": round(self._player.queued_s, 2),
        }

    def touch(self) -> None:
        """It is not idle."""
        self._idle.touch()

    async def keep_alive(self) -> None:
        """It counts as use, and nothing else runs out here."""
        self._idle.touch()

    # ---- what becomes of subscriptions (`SubscriptionListener`) --------------------------------

    def on_widget_message(self, message: wire.ToPage, buffers: Sequence[bytes] = ()) -> None:
        """This is to go by widget message."""
        if self._listener is not None:
            self._listener.on_widget_message(message, buffers)

    def on_page_opened(self, page: str) -> None:
        """A page has a way past the kernel, and knows nothing yet."""
        self._idle.touch()
        asyncio.get_running_loop().call_later(SETTLE_S, self._page_playing.set)
        if self._listener is not None:
            self._listener.on_page_opened(page)

    def on_page_text(self, page: str, text: str, subscriber: Subscriber | None = None) -> None:
        """A page says this past the kernel; over a peer connection, which has a subscriber."""
        try:
            message = page_codec.parse(text)
        except ValueError:
            return  # not of our table: a page of another version, or garbage
        if subscriber is not None and isinstance(message, wire.Media):
            watching = message.playback != "paused"
            self._player.pump.set_watching(subscriber, watching=watching)
            if message.playback != "waiting":
                self._page_playing.set()
        if self._listener is not None:
            self._listener.on_page_message(page, message)

    def on_page_gone(self, peer: str) -> None:
        """A page takes nothing any more."""
        self._tasks.start(self.hang_up(peer), "hang up")

    # ---- what the player tells ----------------------------------------------------------------

    def on_first_sound(self, speech: str) -> None:
        """The first sample of `speech` goes out."""
        if self._listener is not None:
            self._listener.on_first_sound(speech)

    def on_caption(
        self, speech: str, text: str, words: list[SpokenWord], seconds: float, at: int
    ) -> None:
        """`text` is being spoken from now on."""
        self._gestures.on_caption(text, words, seconds)
        self._send_caption(speech, text, words, at)

    def on_last_segment(self, speech: str) -> None:
        """Nobody needs to know."""

    # ---- inside -----------------------------------------------------------------------------

    async def _end_connection(self, peer: str) -> str:
        """End the peer connection of this name; returns its page, or nothing without one."""
        connection = self._peers.pop(peer, None)
        if connection is None:
            return ""
        self._player.pump.unsubscribe(connection.subscriber)
        await connection.close()
        return connection.page

    def _on_connection_closed(self, peer: str, connection: Peer) -> None:
        """It was lost; one that has taken its place goes on."""
        if self._peers.get(peer) is connection:
            self.on_page_gone(peer)

    async def _play(
        self, speech: str, segments: AsyncGenerator[SpeechSegment, None]
    ) -> PlayedSpeech:
        with self._idle.using():
            watch = self._tasks.start(self._hearing.watch(), "watch who hears")
            over_at = None  # what is cut off is over at once
            try:
                playing = self._once_a_page_plays(segments)
                played = await self._player.play(speech, playing, self._wait_until_heard)
                self._gestures.finish()
                over_at = self._player.pump.timeline.position
                return played
            except asyncio.CancelledError:
                self._subscriptions.flush()
                raise
            finally:
                watch.cancel()
                self._gestures.cancel()
                self._gestures = Gestures(self._player.express)
                self._send_caption("", "", [], over_at)

    async def _wait_until_heard(self) -> None:
        since = await self._hearing.until_heard()
        if since is not None and self._listener is not None:
            self._listener.on_unheard(since)

    async def _warm_up(self) -> None:
        """Load the voice, but let an expected page see its first picture before."""
        deadline = min(self._clock.now() + FIRST_PICTURE_S, self._expected_until)
        await wait_until(self._clock, deadline, self._page_playing)
        with contextlib.suppress(Exception):  # the first speech will say why it cannot be loaded
            await self._player.warm_up()

    async def _end_when_idle(self) -> None:
        """Let go of voice and face where nobody looks; the page brings them back by itself."""
        await self._idle.wait()
        if self._listener is not None:
            self._listener.on_over(IDLE, resumes=True)

    async def _load_face(self) -> None:
        await self._player.load_face(self._character, self._quality, self._seed)

    async def _once_a_page_plays(
        self, segments: AsyncGenerator[SpeechSegment, None]
    ) -> AsyncGenerator[SpeechSegment, None]:
        """`segments`, the first not before a page plays or the time for one to come is over."""
        waited = False
        async with contextlib.aclosing(segments):
            async for segment in segments:
                if not waited and not self._page_playing.is_set():
                    await wait_until(self._clock, self._expected_until, self._page_playing)
                waited = True
                yield segment

    @property
    def _pages(self) -> set[str]:
        """Those that have a way to the stream."""
        return {one.page for one in self._peers.values()} | self._subscriptions.pages

    def on_page_missed(self, page: str, seconds: float) -> None:
        """Say what `page` has missed, unless others have heard it: they would hear it twice.

        What is longer ago is past: nobody waits for the rest of it.
        """
        others = self._pages - {page}
        if seconds > KEPT_S:
            if not others and self._listener is not None:
                self._listener.on_gap(seconds)
        elif not others and not self._player.pump.recorded and self._player.say_again(seconds):
            self._subscriptions.flush()
        self._hearing.note_missed()

    def _find_only_way(self) -> Connection | None:
        """What alone brings sound to anybody."""
        if not self._peers:
            return self._subscriptions.find_only()
        alone = len(self._peers) == 1 and not len(self._subscriptions)
        peer = next(iter(self._peers.values())) if alone else None
        return peer if peer is not None and peer.connected else None

    def _has_way_to(self, page: str) -> bool:
        return page in self._pages

    def _expect_found_page(self) -> None:
        """A page is there and looks for a way: that it finds one is worth waiting for."""
        if not self._page_playing.is_set():
            self.expect_page(FIND_WAY_S)

    async def _note_gestures(self, pieces: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
        async with contextlib.aclosing(pieces):
            async for piece in pieces:
                self._gestures.add_text(piece)
                yield piece

    def _send_caption(
        self, speech: str, text: str, words: list[SpokenWord], at: int | None
    ) -> None:
        if self._listener is not None:
            clock_ms = None if at is None else round(1000 * at / SAMPLE_RATE, 1)
            self._listener.on_caption(speech, text, words, clock_ms)

    def _on_microphone(self, page: str, samples: NDArray[np.float32]) -> None:
        if self._listener is not None:
            self._listener.on_microphone_sound(page, samples)
