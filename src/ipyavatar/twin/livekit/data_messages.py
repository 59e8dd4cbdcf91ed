"""What a service says and hears over LiveKit data packets: events down, commands up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

from ..media.session_media import MediaEvent
from ..session import TwinSession
from ..speech_length import text_seconds

DataMessage = tuple[dict[str, Any], str]
"""A message and its topic."""


class DataMessages(Protocol):
    """One service's data messages."""

    @property
    def agent_identity(self) -> str | None:
        """Identity of a second participant that clients wait for."""

    def encode_event(self, event: MediaEvent) -> Iterator[DataMessage]:
        """The messages that report a media event to clients."""

    def encode_user_activity(self, speaking: bool) -> Iterator[DataMessage]:
        """The messages that report that the user begins or ends to speak."""

    def handle_command(self, data: bytes, topic: str) -> Iterator[DataMessage]:
        """Carry out a client's message; yields the answers."""


class SessionCommands:
    """What clients of every service may ask for by data packets."""

    def __init__(
        self, session: TwinSession, now: Callable[[], float], new_id: Callable[[], str]
    ) -> None:
        self.session = session
        self.now = now
        self.new_id = new_id

    def request_answer(self, text: str) -> None:
        """Have the responder answer `text`."""
        if text.strip():
            self.session.speak(
                self.now(), self.new_id(), text_seconds(text), text=text, kind="talk"
            )


class NoDataMessages:
    """A service whose viewers get picture and sound, and nothing else."""

    agent_identity: str | None = None

    def encode_event(self, event: MediaEvent) -> Iterator[DataMessage]:  # noqa: ARG002
        """Nothing."""
        yield from ()

    def encode_user_activity(self, speaking: bool) -> Iterator[DataMessage]:  # noqa: ARG002
        """Nothing."""
        yield from ()

    def handle_command(self, data: bytes, topic: str) -> Iterator[DataMessage]:  # noqa: ARG002
        """Nothing."""
        yield from ()
