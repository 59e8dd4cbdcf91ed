"""The speeches of one session: asked for, said in turn, cut off, and what is told of each."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Protocol

from ..core.clock import Clock
from ..core.log import get_logger
from ..core.speech import SpeechState, SpokenWord, Utterance
from ..core.tasks import settle
from ..core.text import is_silent
from ..errors import AvatarError, type_name
from ..protocol import page as p
from ..protocol.host import AddText, HeardUntil, NoticeKind, SessionEvent, TextTaken
from ..providers.base import Provider
from ..providers.text_stream import TextFeed
from .audience import Audience
from .marks import UnknownMarks
from .thinking import thinking

log = get_logger(__name__)

REMEMBERED = 1000
"""Ids of speeches that are remembered: one that is asked for twice is said once."""


class QueueOwner(Protocol):
    """The session, as its queue knows it."""

    id: str
    audience: Audience

    def announce(self, fact: p.Announcement) -> None:
        """Tell pages and kernel."""

    def tick(self) -> float:
        """The time of a fact: later than that of every fact before it."""

    def show_thinking(self, text: str) -> None:
        """Say in the status what it is at; empty: nothing more."""

    def on_notice(self, kind: NoticeKind, text: str) -> None:
        """Tell the user something."""


class SpeechQueue:
    """Has a provider say one speech after the other, and tells what becomes of each."""

    def __init__(
        self, owner: QueueOwner, emit: Callable[[SessionEvent], None], clock: Clock
    ) -> None:
        self._owner = owner
        self._emit = emit
        self._clock = clock
        self._waiting: deque[Utterance] = deque()
        self._feeds: dict[str, TextFeed] = {}  # of speeches that have not ended
        self._marks = UnknownMarks()
        self._current: Utterance | None = None
        self._sounding: p.SpeechUpdate | None = None
        self._saying: asyncio.Task[list[SpokenWord]] | None = None
        self._seen: deque[str] = deque(maxlen=REMEMBERED)
        self._filled = asyncio.Event()

    def __contains__(self, speech: str) -> bool:
        """Whether a speech of this id was asked for already."""
        return speech in self._seen

    def add(self, utterance: Utterance) -> None:
        """Queue a speech; one that has nothing to say is said."""
        self._seen.append(utterance.id)
        if utterance.streamed:
            self._feeds[utterance.id] = self._make_feed(utterance.id)
        elif not utterance.is_sound and is_silent(utterance.text, utterance.mode):
            self.report(utterance, "said")
            return
        self._waiting.append(utterance)
        self.report(utterance, "queued")
        self._filled.set()

    def add_text(self, more: AddText) -> None:
        """More of the text of a speech has come; nothing, where that has ended."""
        feed = self._feeds.get(more.speech)
        if feed is not None:
            feed.add(more.text)
            if more.end:
                feed.end(more.failure)

    def interrupt(self, speech: str = "") -> None:
        """Cut off `speech`, or with an empty id all that is said and queued."""
        dropped = [item for item in self._waiting if speech in ("", item.id)]
        self._waiting = deque(item for item in self._waiting if speech not in ("", item.id))
        for item in reversed(dropped):  # what waits for one that is dropped does not begin
            self.report(item, "interrupted", "It was interrupted before it began.")
        if self._current is not None and speech in ("", self._current.id):
            assert self._saying is not None  # noqa: S101  # set and cleared with `_current`
            self._saying.cancel()

    def fail(self, reason: str) -> None:
        """Nothing that waits can be said."""
        waiting, self._waiting = self._waiting, deque()
        for item in reversed(waiting):
            self.report(item, "failed", reason)

    async def run(self, provider: Provider) -> None:
        """Have `provider` say what comes, in turn, until it is cancelled."""
        while True:
            while not self._waiting:
                self._filled.clear()
                await self._filled.wait()
            await self._say(provider, self._waiting.popleft())

    def on_first_sound(self, speech: str) -> None:
        """The first sample of `speech` has gone out."""
        item = self._current
        if item is not None and item.id == speech and self._sounding is None:
            self._owner.audience.look()
            latency_ms = (self._clock.now() - item.asked_at) * 1000
            self._sounding = self.report(item, "speaking", latency_ms=latency_ms)

    def under_way(self, at: float) -> list[p.Fact]:
        """What a page is told that knows nothing yet, as of `at`."""
        if not self._seen:
            return []
        queued = [item.id for item in self._waiting]
        if self._current is not None and self._sounding is None:
            queued.insert(0, self._current.id)  # its first sound has not gone out
        sounding = "" if self._sounding is None else self._sounding.speech
        facts: list[p.Fact] = [p.UnderWay(queued, sounding, at)]
        return facts if self._sounding is None else [*facts, self._sounding]

    def report(
        self,
        item: Utterance,
        state: SpeechState,
        reason: str = "",
        *,
        latency_ms: float | None = None,
        words: list[SpokenWord] | None = None,
    ) -> p.SpeechUpdate:
        """Tell what has become of a speech."""
        feed = self._feeds.get(item.id)
        if state in ("said", "interrupted", "failed"):
            self._feeds.pop(item.id, None)
        update = p.SpeechUpdate(
            item.id,
            state,
            item.text if feed is None else feed.text,
            self._owner.tick(),
            asked_at=item.asked_at,
            reason=reason,
            latency_ms=latency_ms,
            words=words or [],
        )
        self._owner.announce(update)
        return update

    # ---- inside -----------------------------------------------------------------------------

    def _make_feed(self, speech: str) -> TextFeed:
        return TextFeed(lambda count: self._emit(TextTaken(self._owner.id, speech, count)))

    async def _say(self, provider: Provider, item: Utterance) -> None:
        self._owner.audience.begin()
        feed = self._feeds.get(item.id)
        work = provider.say(item) if feed is None else self._say_stream(provider, item, feed)
        saying = asyncio.get_running_loop().create_task(work)
        self._current, self._saying = item, saying
        try:
            await settle(saying)
        finally:
            self._current = self._saying = self._sounding = None
            self._report_end(item, saying)

    async def _say_stream(
        self, provider: Provider, item: Utterance, feed: TextFeed
    ) -> list[SpokenWord]:
        """Say what comes; until something does, it thinks."""
        if not feed.begun.is_set():
            with thinking(provider, self._owner.show_thinking):
                await feed.begun.wait()
        return await provider.say_stream(item, feed)

    def _report_end(self, item: Utterance, saying: asyncio.Task[list[SpokenWord]]) -> None:
        if saying.cancelled():
            self.report(item, "interrupted", "It was interrupted.")
            return
        error = saying.exception()
        feed = self._feeds.get(item.id)
        unknown = self._marks.note(item.text if feed is None else feed.text)
        if unknown and item.mode != "talk":
            self._owner.on_notice("mark", unknown)
        if error is None and feed is not None and feed.failure:
            self.report(item, "failed", feed.failure, words=saying.result())
        elif error is None:
            audience = self._owner.audience
            unheard = audience.judge()
            if unheard and audience.is_news():  # told before who waits goes on
                self._owner.on_notice("unheard", f"{unheard} {audience.advise()}".strip())
            until, gap = audience.heard_until, audience.gap
            if unheard and until is not None:
                # Of two holes the words before the first one are what was heard for sure.
                at = until if gap is None else min(until, gap[0])
                self._emit(HeardUntil(self._owner.id, item.id, at))
            elif unheard and gap is not None:
                self._emit(HeardUntil(self._owner.id, item.id, *gap))
            self.report(item, "said", unheard, words=saying.result())
        else:
            if not isinstance(error, AvatarError):
                log.error("A speech failed in a way nobody foresaw", exc_info=error)
            self.report(item, "failed", str(error) or type_name(error))
