"""A service's session, and the avatar that takes over where it cannot be opened, or breaks.

To the session it is one provider. What waits in the session's queue never notices; a speech that
was under way is said by the other one, unless it has been heard to begin.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ...core.clock import Clock
from ...core.log import get_logger
from ...core.speech import SpokenWord, Utterance
from ...core.tasks import TaskSet, failure_of, run_apart, settle
from ...errors import (
    AuthenticationError,
    AvatarError,
    BadAnswer,
    NoAnswer,
    QuotaExceeded,
    ServiceError,
    ServiceUnavailable,
    SessionClosed,
    SessionGone,
    SpeechFailed,
)
from ...protocol import page as p
from ...protocol.frames import Subscribe
from ...protocol.grants import StreamGrant
from ..base import Provider, ProviderListener
from ..text_stream import TextFeed, say_in_turn, split_stream
from .first_listener import FirstListener

if TYPE_CHECKING:
    from ...media.sinks import MediaSource

log = get_logger(__name__)

PAGE_COMES_S = 10.0
"""A page that showed the first has so long to show the second, before it speaks."""

FINAL = (AuthenticationError, QuotaExceeded)
"""After these no speech will ever be said."""

OUTAGE = (ServiceUnavailable, NoAnswer, BadAnswer, SessionGone)
"""After these perhaps: the service is asked whether the session lives."""


class FallbackProvider:
    """The first provider, as long as it works; then the second.

    Args:
        first: A service's session.
        make_second: Makes what takes over; called when it is needed.
        clock: Time.
        title: What the second is called in sentences.
        check: Raises for what the second cannot say.
    """

    def __init__(
        self,
        first: Provider,
        make_second: Callable[[], Provider],
        clock: Clock,
        *,
        title: str,
        check: Callable[[Utterance], object],
    ) -> None:
        self._first = first
        self._make_second = make_second
        self._clock = clock
        self._title = title
        self._check = check
        self._second: Provider | None = None
        self._listener: ProviderListener | None = None
        self._watch: FirstListener | None = None
        self._saying: asyncio.Task[list[SpokenWord]] | None = None
        self._takeover: asyncio.Task[AvatarError | None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._decided = asyncio.Event()  # it is known which of the two it is
        self._opened = False
        self._closed = False
        self._quality = ""
        self._page_wait_s = 0.0
        self._tasks = TaskSet("a takeover")

    @property
    def name(self) -> str:
        """Who it is now."""
        return self._current.name

    @property
    def _current(self) -> Provider:
        return self._second or self._first

    # ---- session ----------------------------------------------------------------------------

    async def open(self, listener: ProviderListener) -> None:
        """Open the first, else the second."""
        self._listener = listener
        self._watch = FirstListener(listener, self._take_over)
        opening = await run_apart(self._first.open(self._watch))
        error = failure_of(opening)
        if error is not None:
            self._take_over(error)
            if self._takeover is None:
                raise error
        if self._takeover is not None:  # it may also have ended while it was being opened
            await self._taken_over()
        self._opened = True
        self._decided.set()

    async def say(self, utterance: Utterance) -> list[SpokenWord]:
        """Have the first say it; what it has not begun when it breaks, the second says."""
        if self._takeover is None:
            words = await self._say_first(utterance)
            if words is not None:
                return words
        await self._taken_over()
        self._check(utterance)
        return await self._current.say(utterance)

    async def say_stream(self, utterance: Utterance, feed: TextFeed) -> list[SpokenWord]:
        """The same: what the first has not begun of a text that comes, the second says."""
        if self._takeover is None:
            return await say_in_turn(self.say, utterance, split_stream(feed, self._clock))
        await self._taken_over()
        self._check(utterance)
        return await self._current.say_stream(utterance, feed)

    async def close(self, goodbye: str) -> None:
        """End both."""
        self._closed = True
        await self._tasks.close()
        self._decided.set()
        ends = [self._close_first(goodbye)]
        if self._second is not None:
            ends.append(asyncio.create_task(self._second.close(goodbye)))
        await asyncio.wait(ends)
        for end in ends:
            end.result()

    def touch(self) -> None:
        """The user did something."""
        self._current.touch()

    async def keep_alive(self) -> None:
        """Keep the one that is there alive."""
        await self._current.keep_alive()

    def change_quality(self, quality: str) -> None:
        """Another picture size, also of the one that may come."""
        self._quality = quality
        self._current.change_quality(quality)

    async def listen(self, on: bool, *, push_to_talk: bool) -> None:
        """Have the one that is there hear it."""
        await self._current.listen(on, push_to_talk=push_to_talk)

    def express(self, name: str) -> None:
        """Have the face of the one that is there do it."""
        self._current.express(name)

    def think(self, thinking: bool) -> None:
        """Have it look aside meanwhile."""
        self._current.think(thinking)

    def media(self) -> MediaSource:
        """Of the one that is there."""
        return self._current.media()

    def stats(self) -> dict[str, float]:
        """Numbers of the one that is there."""
        return self._current.stats()

    # ---- pages ------------------------------------------------------------------------------

    def expect_page(self, within_s: float) -> None:
        """A page is about to come, for either."""
        self._page_wait_s = max(self._page_wait_s, within_s)
        self._current.expect_page(within_s)

    async def answer(self, offer: p.Offer) -> p.Answer:
        """The one that is there answers."""
        self._page_wait_s = PAGE_COMES_S
        return await self._current.answer(offer)

    def subscribe(self, request: Subscribe) -> None:
        """The one that is there sends frames."""
        self._page_wait_s = PAGE_COMES_S
        self._current.subscribe(request)

    async def hang_up(self, peer: str) -> None:
        """A page has closed its connection, to whichever it was."""
        await self._current.hang_up(peer)

    async def grant_stream(self, page: str, peer: str) -> StreamGrant:
        """The first's stream. Where there is none, a page hears of the second before it hears so.

        Raises:
            AvatarError: There is none to be had.
        """
        self._page_wait_s = PAGE_COMES_S
        try:
            return await self._current.grant_stream(page, peer)
        except AvatarError:
            await self._decided.wait()
            raise

    async def accept_offer(self, answer: p.AcceptOffer) -> None:
        """Pass it on."""
        await self._current.accept_offer(answer)

    def on_page_report(self, report: p.PageReport, buffers: Sequence[bytes] = ()) -> None:
        """Pass it on."""
        self._current.on_page_report(report, buffers)

    def send_to_page(self, page: str, message: p.ToPage) -> bool:
        """By the data channel of the one that is there."""
        return self._current.send_to_page(page, message)

    # ---- inside -----------------------------------------------------------------------------

    async def _say_first(self, utterance: Utterance) -> list[SpokenWord] | None:
        """Have the first say it; None where the second has to.

        Raises:
            SpeechFailed: It could not be said, or not to its end.
            ServiceError: The same.
        """
        assert self._watch is not None  # noqa: S101  # opened before
        self._watch.sounded = ""  # of a text that comes bit by bit each piece counts by itself
        saying = asyncio.get_running_loop().create_task(self._first.say(utterance))
        self._saying = saying
        try:
            await settle(saying)
        finally:
            self._saying = None
        error = failure_of(saying)
        if error is None:
            return saying.result()
        if self._takeover is None and await self._is_break(error):
            self._take_over(error)
        if self._takeover is None:
            raise error
        if self._watch.sounded == utterance.id:
            raise SpeechFailed("The service broke off in the middle of it.", "Say it again.")
        return None

    async def _taken_over(self) -> None:
        """Wait until the second is there.

        Raises:
            AvatarError: It could not be opened, either.
        """
        assert self._takeover is not None  # noqa: S101  # the first has broken
        failure = await asyncio.shield(self._takeover)
        if failure is not None:
            raise failure

    async def _is_break(self, error: BaseException) -> bool:
        """Whether a speech that failed means that no other one will be said."""
        if isinstance(error, FINAL):
            return True
        if not isinstance(error, OUTAGE):
            return False
        try:
            await self._first.keep_alive()
        except ServiceError as second:
            return isinstance(second, (*FINAL, *OUTAGE))
        return False

    def _take_over(self, error: BaseException) -> None:
        """Have the second go on; the first is stopped meanwhile."""
        if self._takeover is not None or self._closed:
            return
        assert self._listener is not None and self._watch is not None  # noqa: S101, PT018  # open
        self._watch.replaced = True
        if not isinstance(error, AvatarError):
            log.error("A service's session failed in a way nobody foresaw", exc_info=error)
        what = _describe(error, with_fix=not self._opened)
        self._takeover = self._tasks.start(
            self._open_second(self._listener, f"{what} {self._title} speaks instead.", what)
        )
        if self._saying is not None:
            self._saying.cancel()

    async def _open_second(
        self, listener: ProviderListener, text: str, goodbye: str
    ) -> AvatarError | None:
        """Open it; returns why that failed."""
        self._close_first(goodbye)
        listener.on_trouble(text)
        try:
            second = self._second = self._make_second()
        except AvatarError as error:
            return self._give_up(listener, error)
        if self._quality:
            second.change_quality(self._quality)
        second.expect_page(self._page_wait_s)
        listener.on_fallback(text)
        self._decided.set()
        opening = await run_apart(second.open(listener))
        failure = failure_of(opening)
        if failure is not None:
            return self._give_up(listener, failure)
        listener.on_recovered()
        return None

    def _give_up(self, listener: ProviderListener, failure: BaseException) -> AvatarError:
        """Neither works."""
        if not isinstance(failure, AvatarError):
            log.error("An avatar could not take over", exc_info=failure)
            failure = SessionClosed(f"{self._title} could not be opened: {failure!r}.")
        if self._opened:
            listener.on_over(failure.what, failure)
        return failure

    def _close_first(self, goodbye: str) -> asyncio.Task[None]:
        """End the first, once."""
        if self._closing is None:
            self._closing = asyncio.get_running_loop().create_task(self._first.close(goodbye))
        return self._closing


def _describe(error: BaseException, *, with_fix: bool) -> str:
    """What happened, in one sentence or two."""
    if not isinstance(error, AvatarError):
        return f"The service's session failed ({type(error).__name__})."
    return f"{error.what} {error.fix}".strip() if with_fix else error.what
