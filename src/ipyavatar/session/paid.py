"""A paid service as a session's provider: a driver for the calls, a lease for the rules."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from ..core import page as wire
from ..errors import AvatarError, MediaError, SessionClosed, SessionGone
from ..providers.base import Audience, NoticeKind, SpokenWord, Utterance
from ..providers.driver import Driver
from ..providers.join import Ticket
from .lease import Lease

PICTURE_LATER = "The picture of paid services comes with the next version of ipyavatar."
PICTURE_LATER_FIX = "Speaking, captions and usage work; the embedded avatar has a picture now."

INTERRUPT_S = 3.0
"""A speech waits this long at most for the interrupt of the one before to be confirmed."""

MakeLease = Callable[[Driver, Audience], Lease]


class PaidProvider:
    """One session of a paid service.

    Args:
        driver: Makes its calls.
        make_lease: Makes its lease, told the audience.
        ticket: An open session to take over.
    """

    def __init__(self, driver: Driver, make_lease: MakeLease, ticket: Ticket | None = None) -> None:
        self.name = driver.facts.name
        self._driver = driver
        self._make_lease = make_lease
        self._ticket = ticket
        self._lease: Lease | None = None
        self._begun = asyncio.Event()
        self._audience: Audience | None = None
        self._interrupting: asyncio.Task[None] | None = None
        self._checking: set[asyncio.Task[None]] = set()

    # ---- session ----------------------------------------------------------------------------

    async def open(self, audience: Audience) -> None:
        """Open it at the service, or take it over."""
        self._audience = audience
        self._lease = self._make_lease(self._driver, audience)
        self._begun.set()
        ticket, self._ticket = self._ticket, None
        await self._lease.open(ticket)
        audience.notice("picture", PICTURE_LATER)

    async def say(self, utterance: Utterance) -> list[SpokenWord]:
        """Say it; cancelling it interrupts at the service."""
        lease, audience = self._lease, self._audience
        assert lease is not None and audience is not None  # noqa: S101, PT018  # opened before
        await self._interrupted()
        with lease.speaking():
            try:
                return await self._driver.say(utterance, _Speaking(utterance.speech, audience))
            except asyncio.CancelledError:
                # Not waited for here: whoever interrupts wants silence, not a confirmation.
                self._interrupting = asyncio.create_task(self._interrupt())
                raise
            except SessionGone:
                checking = asyncio.create_task(lease.check())
                self._checking.add(checking)
                checking.add_done_callback(self._checking.discard)
                raise
            finally:
                audience.caption("", "", [])

    async def close(self, goodbye: str) -> None:
        """End it at the service."""
        self._begun.set()
        for task in (*self._checking, *filter(None, [self._interrupting])):
            task.cancel()  # the end is an interrupt too
        await asyncio.gather(*self._checking, return_exceptions=True)
        if self._lease is not None and not await self._lease.close(goodbye):
            assert self._audience is not None  # noqa: S101  # set with the lease
            self._audience.notice(
                "unconfirmed",
                "The service has not confirmed the end of the session; it stays in "
                "ipyavatar.sessions() until it has.",
            )

    def touch(self) -> None:
        """The user did something."""
        if self._lease is not None:
            self._lease.touch()

    async def keep_alive(self) -> None:
        """Keep it alive now."""
        await self._begun.wait()
        if self._lease is None:
            raise SessionClosed("The session was stopped.", "Call start() to open it again.")
        await self._lease.keep_alive()

    # ---- pages: the picture is the browser's business, and comes later ------------------------

    def expect_page(self, within_s: float) -> None:
        """Speeches do not wait for a page: there is no picture to wait for."""

    async def answer(self, page: str, peer: str, sdp: str) -> str:
        """Refuse."""
        del page, peer, sdp
        raise MediaError(PICTURE_LATER, PICTURE_LATER_FIX)

    async def hang_up(self, peer: str) -> None:
        """There is no peer connection."""

    def change_quality(self, quality: str) -> None:
        """The size is fixed when a session is opened; the next one has the new one."""

    def tell(self, message: wire.ToPage) -> None:
        """There is no data channel; the kernel tells the pages."""

    def stats(self) -> dict[str, float]:
        """Keep-alives made, and the worst lateness of one in milliseconds."""
        if self._lease is None:
            return {}
        return {
            "keep_alives": float(self._lease.calls),
            "keep_alive_late_ms": round(self._lease.latest_s * 1000, 1),
        }

    # ---- inside -----------------------------------------------------------------------------

    async def _interrupt(self) -> None:
        with contextlib.suppress(AvatarError):
            await self._driver.interrupt()

    async def _interrupted(self) -> None:
        """Wait for the last interrupt: else it would cut off the next speech."""
        task, self._interrupting = self._interrupting, None
        if task is not None:
            await asyncio.wait({task}, timeout=INTERRUPT_S)


class _Speaking:
    """Tells the session of one speech."""

    def __init__(self, speech: str, audience: Audience) -> None:
        self._speech = speech
        self._audience = audience
        self._begun = False

    def first_sound(self) -> None:
        if not self._begun:
            self._begun = True
            self._audience.first_sound(self._speech)

    def caption(self, text: str, words: list[SpokenWord]) -> None:
        self._audience.caption(self._speech, text, words)

    def notice(self, kind: NoticeKind, text: str) -> None:
        self._audience.notice(kind, text)
