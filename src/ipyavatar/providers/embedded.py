"""The embedded avatar: our own voice, lips and face, with no key and no network."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine, Sequence

from ..core.clock import Clock
from ..core.speech import SpokenWord, Utterance
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
from ..engine.synthesis import synthesize
from ..engine.voice.base import Voice
from ..errors import AvatarError, MediaError, SpeechFailed
from ..media.media_pump import MediaPump, Subscriber
from ..media.peer import Peer
from ..protocol import page as wire
from ..protocol.grants import StreamGrant
from ..protocol.page import PageReport
from .base import ProviderListener

PREPARED_S = 8.0
"""Seconds of sound prepared ahead: enough for any stall, little enough to forget on interrupt."""

PICTURE_FIRST_S = 1.0
"""The voice's loading waits this long for the first picture, whose way it would be in."""

SETTLE_S = 1.5
"""A page whose channel is open is taken to be listening after this long, whatever it says."""


class EmbeddedProvider:
    """One embedded avatar."""

    name = "embedded"

    def __init__(
        self,
        workshop: EngineResources,
        clock: Clock,
        *,
        character: str,
        voice: str,
        quality: str,
        seed: int,
    ) -> None:
        self._workshop = workshop
        self._clock = clock
        self._character = character
        self._voice = voice
        self._quality = quality
        self._seed = seed
        self._performer = PlayoutTimeline()
        self._stage = MediaPump(self._performer, clock, workshop.painter, self._cued)
        self._listener: ProviderListener | None = None
        self._peers: dict[str, Peer] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._watching = asyncio.Event()  # a page plays, or nobody is expected
        self._expected_until = 0.0
        self._moved = asyncio.Event()  # the performer went on: there may be room, or an end
        self._speech: _Progress | None = None

    # ---- session ----------------------------------------------------------------------------

    async def open(self, listener: ProviderListener) -> None:
        """Draw the first picture; then the voice warms up."""
        self._listener = listener
        await self._redraw()
        self._spawn(self._warm_up())

    async def say(self, utterance: Utterance) -> list[SpokenWord]:
        """Say it; cancelling it is silence in the next packet."""
        cancel = threading.Event()
        progress = self._speech = _Progress(utterance.id)
        try:
            await self._rehearse_all(utterance, cancel)
            while progress.finished < progress.added:
                await self._next_move()
        except asyncio.CancelledError:
            self._performer.flush()
            raise
        finally:
            cancel.set()
            self._speech = None
            self._caption("", [])
        if not progress.added:
            raise SpeechFailed("There was nothing in the text that the voice can read.")
        return progress.words

    async def close(self, goodbye: str) -> None:
        """End the pages' connections and the stage."""
        farewell = wire.Goodbye(goodbye, "Press play to start it again.")
        for page in {peer.page for peer in self._peers.values()}:
            self.send_to_page(page, farewell)
        await asyncio.sleep(0)  # lets the channels send it
        for peer in list(self._peers):
            await self.hang_up(peer)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._stage.close()

    # ---- pages ------------------------------------------------------------------------------

    def expect_page(self, within_s: float) -> None:
        """Speeches wait for a page this long at most."""
        self._expected_until = max(self._expected_until, self._clock.now() + within_s)

    async def answer(self, page: str, peer: str, sdp: str) -> str:
        """Answer a page's offer; a page's earlier connections are closed."""
        seat = self._stage.join()
        connection = self._peers[peer] = Peer(
            page,
            seat,
            on_message=lambda data: self._heard(page, seat, data),
            on_connected=lambda: self._page_came(page),
            on_closed=lambda: self._spawn(self.hang_up(peer)),
        )
        try:
            return await connection.answer(sdp)
        except AvatarError:
            await self.hang_up(peer)
            raise

    async def hang_up(self, peer: str) -> None:
        """Close one page's connection."""
        connection = self._peers.pop(peer, None)
        if connection is None:
            return
        self._stage.leave(connection.seat)
        if not self._peers:
            self._watching.clear()
        await connection.close()

    async def grant_stream(self, page: str, peer: str) -> StreamGrant:
        """Refuse: a page offers a peer connection, see `answer`."""
        del page, peer
        raise MediaError("The embedded avatar has no service's stream.", "Reload the page.")

    def on_page_report(self, report: PageReport) -> None:
        """There is no service's stream to tell of."""

    def send_to_page(self, page: str, message: wire.ToPage) -> bool:
        """Send `message` over the data channel of `page`; False when it has none that is open."""
        text = wire.text(message)
        # An older connection of the same page may still be there; the page ignores what is not new.
        sent = [peer.send(text) for peer in self._peers.values() if peer.page == page]
        return any(sent)

    def change_quality(self, quality: str) -> None:
        """Draw in another size as soon as the sprites of that size are loaded."""
        if quality != self._quality:
            self._quality = quality
            self._spawn(self._redraw())

    def stats(self) -> dict[str, float]:
        """Pages, pictures drawn, pictures late, seconds of sound prepared."""
        return {
            "pages": float(len(self._peers)),
            "pictures": float(self._stage.pictures),
            "pictures_late": float(self._stage.late),
            "prepared_s": round(self._performer.queued_s, 2),
        }

    def touch(self) -> None:
        """Nothing runs out here."""

    async def keep_alive(self) -> None:
        """Nothing runs out here."""

    # ---- inside -----------------------------------------------------------------------------

    async def _warm_up(self) -> None:
        """Load the voice, but let an expected page see its first picture before."""
        waiting = min(PICTURE_FIRST_S, self._expected_until - self._clock.now())
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._watching.wait(), max(0.0, waiting))
        with contextlib.suppress(Exception):  # the first speech will say why it cannot be loaded
            await self._load_voice()

    async def _load_voice(self) -> Voice:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(
                self._workshop.speaker, self._workshop.voice, self._voice
            )
        finally:
            self._stage.open_sound()

    async def _redraw(self) -> None:
        """Load the sprites for the size that is asked for, and draw with them from then on."""
        loop = asyncio.get_running_loop()
        portrait = await loop.run_in_executor(
            self._workshop.painter, Animator, self._character, self._quality, self._seed
        )
        self._stage.show(portrait)

    async def _rehearse_all(self, utterance: Utterance, cancel: threading.Event) -> None:
        loop = asyncio.get_running_loop()
        speaker = self._workshop.speaker
        voice = await self._load_voice()
        passages = synthesize(voice, utterance.id, utterance.text, cancel)
        progress = self._speech
        assert progress is not None  # noqa: S101  # set by `say`, the only caller
        while True:
            try:
                passage = await loop.run_in_executor(speaker, next, passages, None)
            except AvatarError:
                raise
            except Exception as error:
                raise SpeechFailed(f"The voice failed: {error}.") from error
            if passage is None:
                return
            if not progress.added:
                await self._page_there()
            while self._performer.queued_s > PREPARED_S:
                await self._next_move()
            progress.added += 1
            self._performer.add(passage)
            self._stage.wake()

    async def _page_there(self) -> None:
        """Wait until a page plays, or the time for one to come is over."""
        while not self._watching.is_set():
            left = self._expected_until - self._clock.now()
            if left <= 0:
                return
            try:
                await asyncio.wait_for(self._watching.wait(), left)
            except asyncio.TimeoutError:  # another class before Python 3.11
                return

    async def _next_move(self) -> None:
        self._moved.clear()
        await self._moved.wait()

    def _cued(self, cues: Sequence[PlayoutEvent]) -> None:
        for cue in cues:
            progress = self._speech
            if progress is None or cue.passage.speech != progress.speech:
                continue  # the end of an interrupted speech
            if isinstance(cue, SegmentStarted):
                self._begun(progress, cue.passage, cue.at)
            elif isinstance(cue, SegmentFinished):
                progress.finished += 1
        self._moved.set()

    def _begun(self, progress: _Progress, passage: SpeechSegment, at: int) -> None:
        words = [(word.text, word.start, word.end) for word in passage.words]
        if progress.began_at is None:
            progress.began_at = at
            if self._listener is not None:
                self._listener.on_first_sound(progress.speech)
        offset = (at - progress.began_at) / SAMPLE_RATE
        progress.words += [(text, start + offset, end + offset) for text, start, end in words]
        if passage.text:  # the later parts of a very long word have none: its caption stays
            self._caption(passage.text, words, progress.speech)

    def _caption(self, text: str, words: list[SpokenWord], speech: str = "") -> None:
        if self._listener is not None:
            self._listener.on_caption(speech, text, words)

    def _page_came(self, page: str) -> None:
        asyncio.get_running_loop().call_later(SETTLE_S, self._watching.set)
        if self._listener is not None:
            self._listener.on_page_opened(page)

    def _heard(self, page: str, seat: Subscriber, data: str) -> None:
        try:
            message = wire.parse(data)
        except ValueError:
            return  # not of our table: a page of another version, or garbage
        if isinstance(message, wire.Media):
            self._stage.look(seat, watching=message.playback != "paused")
            if message.playback != "waiting":
                self._watching.set()
        if self._listener is not None:
            self._listener.on_page_message(page, message)

    def _spawn(self, coroutine: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Progress:
    """How far the current speech is."""

    def __init__(self, speech: str) -> None:
        self.speech = speech
        self.added = 0
        self.finished = 0
        self.began_at: int | None = None
        self.words: list[SpokenWord] = []
