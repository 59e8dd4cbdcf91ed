"""The text of a speech that comes bit by bit: how it waits here, and how it is cut to be said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

import msgspec

from ..core.clock import Clock
from ..core.speech import SpokenWord, Utterance
from ..core.tasks import wait_until
from ..core.text import clean_text
from ..engine.voice.stream_splitter import StreamSplitter

PAUSE_S = 0.25
"""After so long without a bit, a full stop at the end of what is there ends a sentence."""


class TextFeed:
    """The text of one speech: bits go in as they come, and are taken when they can be used.

    Args:
        on_taken: Is told how many characters were taken: so many more may be sent.

    Attributes:
        text: What was taken so far.
        failure: Why there is no more than there is; empty where nothing went wrong.
    """

    def __init__(self, on_taken: Callable[[int], None]) -> None:
        self.text = ""
        self.failure = ""
        self._on_taken = on_taken
        self._waiting: list[str] = []
        self._ended = False
        self._changed = asyncio.Event()

    @property
    def begun(self) -> asyncio.Event:
        """Set once there is something to take, or an end."""
        return self._changed

    def add(self, bit: str) -> None:
        """More of it has come."""
        if bit:
            self._waiting.append(bit)
            self._changed.set()

    def end(self, failure: str = "") -> None:
        """That is all; or, with a failure, all that there is."""
        self._ended, self.failure = True, failure
        self._changed.set()

    async def take(self, clock: Clock, within_s: float | None = None) -> str | None:
        """What has come since, waiting for it; "" where nothing came in time; None at the end."""
        if not self._waiting and not self._ended:
            self._changed.clear()
            if within_s is None:
                await self._changed.wait()
            elif not await wait_until(clock, clock.now() + within_s, self._changed):
                return ""
        if not self._waiting:
            return None
        bit, self._waiting = "".join(self._waiting), []
        self.text += bit
        self._on_taken(len(bit))
        return bit


async def split_stream(feed: TextFeed, clock: Clock) -> AsyncGenerator[str, None]:
    """The pieces of a speech's text, each as soon as it can be said."""
    splitter = StreamSplitter()
    within_s: float | None = PAUSE_S
    while (bit := await feed.take(clock, within_s)) is not None:
        splitter.add(bit)
        while (piece := splitter.take(pausing=not bit)) is not None:
            yield clean_text(piece)
        within_s = PAUSE_S if bit else None
    while (piece := splitter.take(ended=True)) is not None:
        yield clean_text(piece)


async def say_in_turn(
    say: Callable[[Utterance], Awaitable[list[SpokenWord]]],
    utterance: Utterance,
    pieces: AsyncGenerator[str, None],
) -> list[SpokenWord]:
    """Say a streamed speech piece by piece, where each is a call of its own."""
    words: list[SpokenWord] = []
    async for piece in pieces:
        offset = words[-1][2] if words else 0.0
        said = await say(msgspec.structs.replace(utterance, text=piece, streamed=False))
        words += [(text, start + offset, end + offset) for text, start, end in said]
    return words
