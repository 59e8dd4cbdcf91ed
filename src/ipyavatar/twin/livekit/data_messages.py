"""What a service says and hears over LiveKit data packets: events down, commands up."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

from ..media.session_media import MediaEvent
from ..session import TwinSession, WrongPhase
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

    @property
    def listens(self) -> bool:
        """Whether what users say is heard now."""

    def encode_user_activity(self, speaking: bool) -> Iterator[DataMessage]:
        """The messages that report that the user begins or ends to speak, and what was said."""

    def handle_command(self, data: bytes, topic: str) -> Iterator[DataMessage]:
        """Carry out a client's message; yields the answers."""


class SessionCommands:
    """What clients of every service may ask for by data packets."""

    def __init__(
        self,
        session: TwinSession,
        now: Callable[[], float],
        new_id: Callable[[], str],
        hears: str | None = None,
    ) -> None:
        self.session = session
        self.now = now
        self.new_id = new_id
        self.hears = hears or ""
        """What users are taken to have said; empty where that is not told."""

    @property
    def listens(self) -> bool:
        """Always."""
        return True

    def request_answer(self, text: str) -> None:
        """Have the responder answer `text`."""
        if text.strip():
            self.session.speak(
                self.now(), self.new_id(), text_seconds(text), text=text, kind="talk"
            )

    def interrupt_for_user(self) -> None:
        """Somebody begins to speak: the avatar lets them, where it understands users."""
        if self.hears:
            with contextlib.suppress(WrongPhase):
                self.session.interrupt(self.now())

    def answer_user(self) -> None:
        """Have the responder answer what was said."""
        with contextlib.suppress(WrongPhase):
            self.request_answer(self.hears)


class NoDataMessages:
    """A service whose viewers get picture and sound, and nothing else."""

    agent_identity: str | None = None
    listens = True

    def encode_event(self, event: MediaEvent) -> Iterator[DataMessage]:  # noqa: ARG002
        """Nothing."""
        yield from ()

    def encode_user_activity(self, speaking: bool) -> Iterator[DataMessage]:  # noqa: ARG002
        """Nothing."""
        yield from ()

    def handle_command(self, data: bytes, topic: str) -> Iterator[DataMessage]:  # noqa: ARG002
        """Nothing."""
        yield from ()
