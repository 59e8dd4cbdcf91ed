"""Sound from the kernel to the host: what the user gave, or what the user's own voice makes.

The host says what it wants, and what it has used; a thread for each sound sends it in pieces, a few
ahead. So users' code runs on no loop and under no lock of ours, and no message is large.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np

from ..core.log import get_logger
from ..core.text import name_error
from ..core.threads import GuardedThread
from ..engine.pcm import to_int16
from ..engine.sound.audio import Audio, SoundReader
from ..engine.sound.samples import LONGEST_S, SoundBlock, check_rate
from ..errors import AvatarError, SpeechFailed
from ..protocol import host as m
from ..protocol.errors import Failure
from .sound_pull import SoundPull

log = get_logger("ipyavatar")

Voice = Callable[[str], Any]
"""A user's own voice: a text, to sound in any form that `Audio` and its chunks have."""

USUAL_RATE = 24_000
"""Of plain samples from a voice that does not say another: what most voices of today make."""

MOST_STUCK = 4
"""Threads that never came back from a user's voice; then it is not called again."""


class SoundFeed(GuardedThread):
    """Sends one sound, and ends with it.

    Args:
        session: Whose.
        stream: Its name.
        source: Makes the blocks; called, and run, on this thread.
        send: Sends a command to the host.
    """

    def __init__(
        self,
        session: str,
        stream: str,
        source: Callable[[SoundPull], Iterator[SoundBlock]],
        send: Callable[[m.Command], object],
    ) -> None:
        super().__init__(name="ipyavatar-sound", daemon=True)
        self._session, self._stream = session, stream
        self._source, self._send = source, send
        self._pull = SoundPull()
        self._changed = threading.Condition()
        self._under_way = 0
        self.dropped = False

    def take(self, pieces: int) -> None:
        """The host has used so many."""
        with self._changed:
            self._under_way -= pieces
            self._changed.notify()

    def drop(self) -> None:
        """Nobody wants more of it."""
        with self._changed:
            self.dropped = True
            self._changed.notify()
        self._pull.cancel()

    def run(self) -> None:
        """Send all of it, then that it has ended."""
        failure = None
        try:
            self._send_all()
        except BaseException as error:
            failure = self._failed(error)
        finally:
            self._source = _nothing  # what is the user's is not kept
        if not self.dropped:
            self._send(m.SoundEnd(self._session, self._stream, failure))

    def _failed(self, error: BaseException) -> Failure:
        """What the host is told of it, whatever class of the user's it is. Never raises."""
        if issubclass(type(error), AvatarError):
            with contextlib.suppress(Exception):  # a class made from one of ours may lack its parts
                return Failure.of(cast("AvatarError", error))
        if not self.dropped:
            with contextlib.suppress(Exception):
                log.warning("What makes the sound of a speech failed", exc_info=error)
        return Failure.of(SpeechFailed(f"What was to make its sound raised {name_error(error)}."))

    def _send_all(self) -> None:
        seconds = 0.0
        blocks = self._source(self._pull)
        try:
            for block in blocks:
                seconds += block.duration
                if seconds > LONGEST_S:
                    raise SpeechFailed(
                        f"The sound goes on after {LONGEST_S:,.0f} s.", "Give it in parts."
                    )
                if not all(map(self._send_piece, _pieces(block))):
                    return
        finally:
            blocks.close()  # type: ignore[attr-defined]  # a generator

    def _send_piece(self, piece: SoundBlock) -> bool:
        """Send it once there is room; False where nobody wants it any more."""
        with self._changed:
            self._changed.wait_for(lambda: self.dropped or self._under_way < m.SOUND_AHEAD)
            if self.dropped:
                return False
            self._under_way += 1
        samples = to_int16(piece.audio).astype("<i2", copy=False).tobytes()
        self._send(m.SoundPiece(self._session, self._stream, piece.rate, samples))
        return True


class SoundFeeds:
    """The sounds of one session that are under way. Thread-safe."""

    def __init__(
        self, session: str, send: Callable[[m.Command], object], voice: Voice | None = None
    ) -> None:
        self._session = session
        self._send = send
        self._voice = voice
        self._lock = threading.Lock()
        self._feeds: dict[str, SoundFeed] = {}
        self._stuck: list[SoundFeed] = []

    def start(self, wanted: m.SoundWanted, audio: Audio | None) -> None:
        """Begin to send `audio`, or what the voice says, in the background."""
        stuck = [feed for feed in self._stuck if feed.is_alive()]
        if audio is not None:
            self._begin(wanted.stream, lambda pull: _blocks_of(audio, pull))
        elif self._voice is None or wanted.speech:
            self._refuse(wanted.stream, SpeechFailed("The sound of that speech is gone."))
        elif len(stuck) >= MOST_STUCK:
            what = f"Your voice has not come back from {len(stuck)} calls."
            self._refuse(wanted.stream, SpeechFailed(what, "See what it waits for."))
        else:
            voice, text = self._voice, wanted.text
            self._begin(wanted.stream, lambda pull: voice_blocks(voice, text, pull))

    def take(self, stream: str, pieces: int) -> None:
        """The host has used so many pieces of it."""
        with self._lock:
            feed = self._feeds.get(stream)
        if feed is not None:
            feed.take(pieces)

    def drop(self, stream: str) -> None:
        """Nobody wants more of it."""
        with self._lock:
            feed = self._feeds.pop(stream, None)
            if feed is None:
                return
            self._stuck = [one for one in self._stuck if one.is_alive()]
            self._stuck.append(feed)
        feed.drop()

    def drop_all(self) -> None:
        """Nobody is there who wants any."""
        with self._lock:
            streams = list(self._feeds)
        for stream in streams:
            self.drop(stream)

    def _begin(self, stream: str, source: Callable[[SoundPull], Iterator[SoundBlock]]) -> None:
        feed = SoundFeed(self._session, stream, source, self._send)
        with self._lock:
            self._feeds = {name: one for name, one in self._feeds.items() if one.is_alive()}
            self._feeds[stream] = feed
            feed.start()

    def _refuse(self, stream: str, error: AvatarError) -> None:
        self._send(m.SoundEnd(self._session, stream, Failure.of(error)))


def _blocks_of(audio: Audio, pull: SoundPull) -> Iterator[SoundBlock]:
    read = audio.reader()
    for raw in pull.pieces(audio.raw()):
        yield from read(raw)


def voice_blocks(voice: Voice, text: str, pull: SoundPull) -> Iterator[SoundBlock]:
    """The sound that a user's voice makes of `text`."""
    made = pull.result(voice(text))
    rate = check_rate(getattr(voice, "sample_rate", USUAL_RATE))
    if _is_one_piece(made):
        yield from SoundReader(rate)(made)
        return
    if isinstance(made, (str, os.PathLike)):
        made = Audio(made)
    yield from _blocks_of(made if isinstance(made, Audio) else Audio(made, rate), pull)


def _is_one_piece(made: object) -> bool:
    """Whether a voice gave its sound as a whole: samples, with or without a rate, or a file."""
    if made is None or isinstance(made, (bytes, bytearray, memoryview, np.ndarray)):
        return True
    return isinstance(made, tuple) and len(made) == 2 and np.ndim(made[1]) == 0


def _pieces(block: SoundBlock) -> Iterator[SoundBlock]:
    step = max(1, int(m.SOUND_PIECE_S * block.rate))
    for at in range(0, len(block.audio), step):
        yield SoundBlock(block.audio[at : at + step], block.rate)


def _nothing(pull: SoundPull) -> Iterator[SoundBlock]:
    del pull
    return iter(())
