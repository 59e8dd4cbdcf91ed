"""What one service's driver does for one session: calls only, no rules and no ledger."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Protocol, runtime_checkable

from ...core.clock import Clock
from ...core.scripts import estimate_seconds
from ...core.speech import SpokenWord, Utterance
from ...core.text import split_text
from ...errors import SpeechFailed
from ...media.local_voice import LocalVoice  # noqa: F401  # what a new service imports from here
from ...protocol.grants import SessionGrant
from ...protocol.host import NoticeKind
from ...protocol.page import Candidate
from .profile import ServiceProfile
from .service_events import ServiceEvent

CAPTION_CHARACTERS = 120
"""About two lines under the picture."""

ROOM_FIX = (
    "Show the avatar in a page, or have Python join the room itself: "
    'pip install "ipyavatar[livekit]"'
)
"""What to do when none of us is in the service's room."""


class SpeechListener(Protocol):
    """Who is told while a speech goes on."""

    def on_first_sound(self) -> None:
        """It has begun; idempotent."""

    def on_answer(self, text: str) -> None:
        """More of what the service's own language model answers was told."""

    def on_caption(self, text: str, words: list[SpokenWord]) -> None:
        """`text` is being spoken from now on."""

    def on_notice(self, kind: NoticeKind, text: str) -> None:
        """Something the user should know once."""


class RoomChannel(Protocol):
    """The service's room, through whoever of us is in it: a page, or this process."""

    @property
    def hears(self) -> bool:
        """Whether what the service tells in the room gets here now."""

    async def hear(self) -> None:
        """Have one of us in the room: from then on, what the service tells there gets here.

        Raises:
            AvatarError: None of us is there, and none can be: says what to do.
        """

    async def send(self, topic: str, payload: bytes) -> None:
        """Send a reliable data packet into the room.

        Raises:
            SpeechFailed: None of us is in the room, and none can be: says what to do.
        """


class NoRoom:
    """No way into the room."""

    hears = False

    async def hear(self) -> None:
        """Fail."""
        raise SpeechFailed("Nobody here is in the service's room.", ROOM_FIX)

    async def send(self, topic: str, payload: bytes) -> None:
        """Fail."""
        del topic, payload
        raise SpeechFailed("Nobody here is in the service's room, where it takes orders.", ROOM_FIX)


class Driver(Protocol):
    """One session at one service. Used on one loop; `close` ends what it has started here."""

    @property
    def profile(self) -> ServiceProfile:
        """Its service."""

    def set_room(self, room: RoomChannel) -> None:
        """The way into its room; told before the session is opened."""

    def on_event(self, event: ServiceEvent) -> None:
        """The service told this in the room; repeated or late where the page that heard it is."""

    async def create(self, on_id: Callable[[str], None]) -> None:
        """Open the session, ready to speak; `on_id` is called as soon as its id is known.

        Raises:
            ServiceError: It failed; with `maybe_done` and no id a session may be open.
        """

    def adopt(self, grant: SessionGrant) -> None:
        """Go on with a session another process opened."""

    def grant(self) -> SessionGrant:
        """What another process needs for that."""

    async def say(self, utterance: Utterance, listener: SpeechListener) -> list[SpokenWord]:
        """Say it; returns when it has been said, as well as that can be known.

        Raises:
            AvatarError: It could not be said.
        """

    async def interrupt(self) -> None:
        """Cut off what is being said.

        Raises:
            ServiceError: It failed.
        """

    async def keep_alive(self, timeout_s: float) -> None:
        """Keep it open; tried once.

        Raises:
            ServiceError: It failed.
        """

    async def stop(self) -> bool:
        """End it. False when it had ended before; either way it is over.

        Raises:
            ServiceError: It is not known to be over.
        """

    async def stop_lost(self, known: Container[str], asked_at: float) -> bool:
        """After a lost answer to `create`: stop the session it may have opened.

        Args:
            known: Ids that are somebody's.
            asked_at: Unix time of the create call.

        Returns:
            Whether it is certain that nothing is left open.

        Raises:
            ServiceError: The service cannot be asked now.
        """

    async def close(self) -> None:
        """End connections and tasks of this driver; the session is not touched."""


@runtime_checkable
class OfferingDriver(Driver, Protocol):
    """A driver whose service may offer a peer connection: a grant of the kind `webrtc`."""

    @property
    def offer_answered(self) -> bool:
        """Whether the one offer of this session was answered."""

    async def accept_offer(self, sdp: str) -> None:
        """Answer it.

        Raises:
            ServiceError: The service does not take this answer.
        """

    async def add_candidate(self, candidate: Candidate) -> None:
        """A way in which the page that has answered can be reached.

        Raises:
            ServiceError: It failed.
        """


@runtime_checkable
class ListeningDriver(Driver, Protocol):
    """A driver whose service has a recognition of its own, for microphones in its stream."""

    async def listen(self, on: bool, *, push_to_talk: bool) -> None:
        """A user's microphone is on, or not any more; with `push_to_talk` it is held.

        Raises:
            AvatarError: The service does not take it, or does not confirm it.
        """


async def follow_captions(
    clock: Clock, listener: SpeechListener, text: str, seconds: float
) -> None:
    """Wait `seconds` while `text` is said elsewhere, with captions in step as far as known."""
    lines = split_text(text, CAPTION_CHARACTERS)
    whole = sum(map(estimate_seconds, lines)) or 1
    at = clock.now()
    for line in lines:
        listener.on_caption(line, [])
        at += seconds * estimate_seconds(line) / whole
        await clock.sleep_until(at)
