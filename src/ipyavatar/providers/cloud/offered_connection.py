"""The one peer connection that a service offers in a session, and the page that has it."""

from __future__ import annotations

from dataclasses import dataclass

from ...core.log import get_logger
from ...errors import AvatarError, MediaError, StreamTaken
from ...protocol.page import AcceptOffer, Candidate
from .driver import Driver, OfferingDriver

log = get_logger(__name__)

HERE = "python"
"""What stands for a page where this process is the viewer."""


class OfferSpent(MediaError):
    """The connection of this session was used, and is gone: only another session has one."""


@dataclass(frozen=True)
class _Holder:
    page: str
    peer: str


class OfferedConnection:
    """Lets one page answer the offer.

    The page that answers first has the connection, and others are told so. When it has gone, nobody
    can watch this session any more: a service makes an offer once.
    """

    def __init__(self, driver: Driver) -> None:
        self._driver = driver if isinstance(driver, OfferingDriver) else None
        self._title = driver.profile.title
        self._holder: _Holder | None = None
        self._told: set[str] = set()

    @property
    def holder(self) -> str | None:
        """The page that has it."""
        return None if self._holder is None else self._holder.page

    def check(self, page: str) -> None:
        """Find that `page` may have the offer.

        Raises:
            StreamTaken: Another page has the connection. It is told so once; when it asks again,
                its user wants to watch here.
            OfferSpent: There is no connection left to be had.
        """
        holder = self._holder
        if holder is not None and holder.page != page and page not in self._told:
            self._told.add(page)
            raise StreamTaken(
                f"{self._title} shows a session in one page, and another one has it.",
                "Close the other one, then press Retry.",
            )
        if holder is not None or (self._driver is not None and self._driver.offer_answered):
            raise self.spent("that is used up")

    async def accept(self, answer: AcceptOffer) -> None:
        """Pass a page's answer on; idempotent.

        Raises:
            StreamTaken: Another page was faster.
            OfferSpent: It was answered before.
            AvatarError: The service does not take it.
        """
        if self._driver is None:
            raise MediaError("This service has made no offer.", "Reload the page.")
        holder = _Holder(answer.page, answer.peer)
        if holder == self._holder:
            return
        self.check(answer.page)
        self._holder = holder
        try:
            await self._driver.accept_offer(answer.sdp)
        except BaseException:
            self.release(answer.peer)
            raise

    async def add_candidate(self, candidate: Candidate) -> None:
        """Pass on a way in which the page can be reached. Most connections need none of them."""
        if self._driver is None or self._holder != _Holder(candidate.page, candidate.peer):
            return
        try:
            await self._driver.add_candidate(candidate)
        except AvatarError as error:
            log.debug("A candidate was not taken: %s", error.what)

    def release(self, peer: str) -> None:
        """The page has gone."""
        if self._holder is not None and self._holder.peer == peer:
            self._holder = None

    def spent(self, what: str) -> OfferSpent:
        """Why nobody can watch this session any more."""
        return OfferSpent(
            f"{self._title} gives a session one connection to a page, and {what}.",
            "Press Retry, or call start(), for a new session.",
        )
