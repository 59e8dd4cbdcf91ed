"""What a session needs of whatever is behind it: the embedded avatar or a paid service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ..core.page import ToPage

SpokenWord = tuple[str, float, float]
"""A word and its time, `(text, start, end)` in seconds."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A text to be said, and the id of the speech it belongs to."""

    speech: str
    text: str


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

    def change_quality(self, quality: str) -> None:
        """Draw, or ask for, another picture size."""

    def tell(self, message: ToPage) -> None:
        """Send `message` to every page that has a data channel."""

    def stats(self) -> dict[str, float]:
        """Numbers of this provider for the user."""

    async def close(self, goodbye: str) -> None:
        """End everything; `goodbye` tells the pages why."""
