"""What a session needs of whatever is behind it: the embedded avatar or a paid service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from ..core.page import Media, RoomData, StreamOver, ToPage
from ..errors import AvatarError
from .join import Join, Ticket

SpokenWord = tuple[str, float, float]
"""A word and its time, `(text, start, end)` in seconds."""


Mode = Literal["repeat", "talk"]
"""`repeat` says the words; `talk` has the service's LLM answer them."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A text to be said, and the id of the speech it belongs to."""

    speech: str
    text: str
    mode: Mode = "repeat"


NoticeKind = Literal["ending", "going on", "voice", "ledger", "picture", "unconfirmed", "left open"]
"""`ending`: its end is near. `going on`: not any more. `voice`: another one speaks. `ledger`:
what is not recorded. `picture`: what is wrong with it. `unconfirmed`: an end is not certain. `left
open`: what another process left."""


PageReport = RoomData | StreamOver | Media
"""What a page tells of a service's stream."""


class Audience(Protocol):
    """What a provider tells the session while it speaks or plays; called on the loop."""

    def first_sound(self, speech: str) -> None:
        """The first sample of `speech` has gone out."""

    def caption(self, speech: str, text: str, words: list[SpokenWord]) -> None:
        """`text` is being spoken from now on; word times count from now."""

    def page_came(self) -> None:
        """A page's data channel is open: it knows nothing yet."""

    def page_said(self, data: str) -> None:
        """A page sent this over its data channel."""

    def trouble(self, text: str) -> None:
        """The line to the session is troubled; it is being tried again."""

    def recovered(self) -> None:
        """The trouble is over."""

    def notice(self, kind: NoticeKind, text: str) -> None:
        """Something the user should know, that changes nothing by itself."""

    def over(self, text: str, error: AvatarError | None = None) -> None:
        """The session is over, or has to end now: why; with `error` it has failed."""

    def used(self, seconds: float, credits: float | None) -> None:
        """What the session took so far."""

    def granted(self, ticket: Ticket) -> None:
        """What another process needs to take the session over."""

    def to_room(self, page: str, topic: str, payload: str) -> None:
        """`page` is to send this data packet into the service's room."""


class Provider(Protocol):
    """One session's provider. Used on one loop; `close` ends all it has started, and waits."""

    @property
    def name(self) -> str:
        """What the user calls it."""

    async def open(self, audience: Audience) -> None:
        """Get ready to speak.

        Raises:
            AvatarError: It cannot be opened.
        """

    async def say(self, utterance: Utterance) -> list[SpokenWord]:
        """Say it; returns when it has been said, with the words and their times from its start.

        Cancelling it interrupts: silence in the next packet.

        Raises:
            SpeechFailed: It could not be said, or not to its end.
        """

    def expect_page(self, within_s: float) -> None:
        """A page is about to come: speeches wait for it this long at most."""

    async def answer(self, page: str, peer: str, sdp: str) -> str:
        """Answer a page's offer of a peer connection.

        Raises:
            MediaError: It cannot be answered.
        """

    async def hang_up(self, peer: str) -> None:
        """A page has closed its peer connection."""

    async def join(self, page: str, peer: str) -> Join:
        """How `page` gets a service's stream; waits until the session is open.

        Raises:
            AvatarError: There is none to be had.
        """

    def heard_page(self, report: PageReport) -> None:
        """A page tells of a service's stream."""

    def change_quality(self, quality: str) -> None:
        """Draw, or ask for, another picture size."""

    def tell(self, message: ToPage) -> None:
        """Send `message` to every page that has a data channel."""

    def stats(self) -> dict[str, float]:
        """Numbers of this provider for the user."""

    def touch(self) -> None:
        """The user did something: an idle session goes on."""

    async def keep_alive(self) -> None:
        """Keep the session alive now, because the user asked.

        Raises:
            AvatarError: It could not be done.
        """

    async def close(self, goodbye: str) -> None:
        """End everything; `goodbye` tells the pages why."""
