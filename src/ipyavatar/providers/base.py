"""What a session needs of whatever is behind it: the embedded avatar or a paid service."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ..core.speech import SpokenWord, Utterance
from ..errors import AvatarError
from ..protocol.frames import Subscribe
from ..protocol.grants import SessionGrant, StreamGrant
from ..protocol.host import NoticeKind
from ..protocol.page import AcceptOffer, Answer, FromPage, Offer, PageReport, ToPage
from .text_stream import TextFeed

if TYPE_CHECKING:
    from ..media.sinks import MediaSource


UserStep = Literal["started", "stopped", "text", "text_ended"]
"""What a service tells of somebody who speaks to it: that they begin and end, what it understands,
piece by piece, and that this is all; with the whole text, or with none."""


class ProviderListener(Protocol):
    """What a provider tells the session while it speaks or plays; called on the loop."""

    def on_first_sound(self, speech: str) -> None:
        """The first sample of `speech` has gone out."""

    def on_answer(self, speech: str, text: str) -> None:
        """More of what the service's own language model answers `speech`.

        Without one it is all that was answered to what a user has said last.
        """

    def on_caption(
        self, speech: str, text: str, words: list[SpokenWord], clock_ms: float | None = None
    ) -> None:
        """`text` is being spoken from now on; word times count from now.

        `clock_ms` is the media's clock now; None where it is not ours, or something is cut off.
        """

    def on_page_opened(self, page: str) -> None:
        """The data channel of `page` is open: it knows nothing yet."""

    def on_page_closed(self, page: str) -> None:
        """`page` has lost its connection, or has none any more."""

    def on_unheard(self, since: float) -> None:
        """The line to the only page has broken, and did not come back: it heard nothing since."""

    def on_gap(self, seconds: float) -> None:
        """It is here again after so long; what was said meanwhile is not said again."""

    def on_page_message(self, page: str, message: FromPage) -> None:
        """`page` sent this over its data channel."""

    def on_microphone_sound(self, page: str, samples: NDArray[np.float32]) -> None:
        """The microphone of `page` has sent this over its peer connection: mono, `HEARD_RATE`."""

    def on_user_speech(self, step: UserStep, text: str = "") -> None:
        """The service's own recognition tells of somebody who speaks."""

    def on_trouble(self, text: str) -> None:
        """The line to the session is troubled; it is being tried again."""

    def on_recovered(self) -> None:
        """The trouble is over."""

    def on_notice(self, kind: NoticeKind, text: str) -> None:
        """Something the user should know, that changes nothing by itself."""

    def on_over(
        self,
        text: str,
        error: AvatarError | None = None,
        *,
        resumes: bool = False,
        unasked: AvatarError | None = None,
    ) -> None:
        """The session is over, or has to end now: why; with `error` it has failed.

        With `unasked` the service has ended it by no rule that was known before, and says so.
        """

    def on_fallback(self, text: str) -> None:
        """Another avatar goes on in place of the one that was asked for: why."""

    def on_usage(
        self, seconds: float, credits: float | None, credits_per_minute: float | None
    ) -> None:
        """What the session took so far; without a known price credits are None."""

    def on_grant(self, grant: SessionGrant) -> None:
        """What another process needs to take the session over."""

    def on_room_command(self, page: str, topic: str, payload: str) -> None:
        """`page` is to send this data packet into the service's room."""

    def on_widget_message(self, message: ToPage, buffers: Sequence[bytes] = ()) -> None:
        """This is to go to the page that it names, or to all, by widget message."""


class Provider(Protocol):
    """One session's provider. Used on one loop; `close` ends all it has started, and waits."""

    @property
    def name(self) -> str:
        """What the user calls it."""

    async def open(self, listener: ProviderListener) -> None:
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

    async def say_stream(self, utterance: Utterance, feed: TextFeed) -> list[SpokenWord]:
        """The same for a text that comes bit by bit: what is there is said, and then it waits.

        Raises:
            SpeechFailed: It could not be said, or not to its end.
        """

    def expect_page(self, within_s: float) -> None:
        """A page is about to come: speeches wait for it this long at most."""

    async def answer(self, offer: Offer) -> Answer:
        """Answer a page's offer of a peer connection.

        Raises:
            MediaError: It cannot be answered.
        """

    def subscribe(self, request: Subscribe) -> None:
        """Send a page sound and pictures by widget message; asked again, begin anew.

        Raises:
            MediaError: There are none to be had.
        """

    async def hang_up(self, peer: str) -> None:
        """A page has closed its peer connection, or wants no more frames."""

    async def grant_stream(self, page: str, peer: str) -> StreamGrant:
        """How `page` gets a service's stream; waits until the session is open.

        Raises:
            AvatarError: There is none to be had.
        """

    async def accept_offer(self, answer: AcceptOffer) -> None:
        """Pass a page's answer on to the service whose offer it was granted.

        Raises:
            StreamTaken: Another page was faster.
            AvatarError: It is not taken.
        """

    def on_page_report(self, report: PageReport, buffers: Sequence[bytes] = ()) -> None:
        """A page tells of a stream by widget message."""

    def change_quality(self, quality: str) -> None:
        """Draw, or ask for, another picture size."""

    def send_to_page(self, page: str, message: ToPage) -> bool:
        """Send `message` over the data channel of `page`; False when it has none that is open."""

    async def listen(self, on: bool, *, push_to_talk: bool) -> None:
        """A microphone is on in the service's stream, or not any more: have the service hear it.

        What it understands is told to the listener.

        Raises:
            AvatarError: The service has no recognition, or does not take this.
        """

    def express(self, name: str) -> None:
        """Have the face smile, nod or glance aside; nothing, where it is not ours."""

    def think(self, thinking: bool) -> None:
        """It has something to say soon, and not yet; or not any more."""

    def media(self) -> MediaSource:
        """Where its sound and pictures can be had here.

        Raises:
            MediaError: They go from the service straight to a page.
        """

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
