"""What clients of each service hear over LiveKit data, and what they may say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import msgspec

from ..media.session_media import MediaEvent
from ..session import TwinSession, WrongPhase
from ..speech_length import text_seconds

Said = tuple[dict[str, Any], str]
"""A message and its topic."""


class DataMessages(Protocol):
    """One service's way of talking over data packets."""

    @property
    def agent(self) -> str | None:
        """Identity of a second participant that clients wait for."""

    def told(self, happening: MediaEvent) -> Iterator[Said]:
        """What clients are told of a happening."""

    def user(self, speaking: bool) -> Iterator[Said]:
        """What clients are told when the user begins or ends to speak."""

    def heard(self, data: bytes, topic: str) -> Iterator[Said]:
        """Obey a client's message; yields what it is answered."""


def data_messages_for(
    session: TwinSession, now: Callable[[], float], new_id: Callable[[], str]
) -> DataMessages:
    """The dialect of a session's service."""
    if session.service == "liveavatar":
        return LiveAvatarDataMessages(session, now, new_id)
    return HeyGenDataMessages(session, now, new_id)


class _Base:
    def __init__(
        self, session: TwinSession, now: Callable[[], float], new_id: Callable[[], str]
    ) -> None:
        self.session = session
        self.now = now
        self.new_id = new_id

    def talk(self, text: str) -> None:
        """Have `text` answered."""
        if text.strip():
            self.session.speak(
                self.now(), self.new_id(), text_seconds(text), text=text, kind="talk"
            )


class HeyGenDataMessages(_Base):
    """HeyGen streaming: events by `type`; the client sends JSON string literals, no topic."""

    @property
    def agent(self) -> str | None:
        """Nobody else is waited for."""
        return None

    def told(self, happening: MediaEvent) -> Iterator[Said]:
        """`avatar_start_talking`, then chunks, `avatar_end_message`, `avatar_stop_talking`."""
        message: dict[str, Any] = {"task_id": happening.speech.id}
        match happening.kind:
            case "started":
                yield {"type": "avatar_start_talking", **message}, ""
            case "chunk":
                yield {"type": "avatar_talking_message", **message, "message": happening.text}, ""
            case "text_end":
                yield {"type": "avatar_end_message", **message}, ""
            case "ended":
                message["duration_ms"] = round(happening.seconds * 1000, 3)
                yield {"type": "avatar_stop_talking", **message}, ""

    def user(self, speaking: bool) -> Iterator[Said]:  # noqa: ARG002
        """Nothing: HeyGen tells this over the chat websocket."""
        yield from ()

    def heard(self, data: bytes, topic: str) -> Iterator[Said]:  # noqa: ARG002
        """A text to be answered, or `push_to_talk:start` and `:stop`."""
        try:
            text = msgspec.json.decode(data, type=str)
        except (msgspec.MsgspecError, ValueError):
            return
        try:
            if text.startswith("push_to_talk:"):
                self.session.listen(self.now(), text[:40])
            else:
                self.talk(text)
        except WrongPhase:
            return
        yield from ()


class LiveAvatarDataMessages(_Base):
    """LiveAvatar: `agent-control` up, `agent-response` down, by `event_type`."""

    TOPIC = "agent-response"

    @property
    def agent(self) -> str | None:
        """FULL clients wait for this participant before they say that they are connected."""
        full = self.session.mode == "FULL"
        return f"liveavatar-agent-{self.session.id}" if full else None

    def told(self, happening: MediaEvent) -> Iterator[Said]:
        """`avatar.speak_started`, transcription chunks, `avatar.transcription`, `…_ended`."""
        if self.session.mode != "FULL":
            return  # LITE tells it over its own websocket
        speech = happening.speech
        match happening.kind:
            case "started":
                yield self._event("avatar.speak_started", speech.id)
            case "chunk":
                text = {"text": happening.text}
                yield self._event("avatar.transcription.chunk", speech.id, **text)
            case "text_end":
                yield self._event("avatar.transcription", speech.id, text=speech.text)
            case "ended":
                yield self._event("avatar.speak_ended", speech.id)

    def user(self, speaking: bool) -> Iterator[Said]:
        """`user.speak_started` and `user.speak_ended`."""
        if self.session.mode == "FULL":
            yield self._event("user.speak_started" if speaking else "user.speak_ended")

    def heard(self, data: bytes, topic: str) -> Iterator[Said]:
        """The commands of FULL mode."""
        if topic != "agent-control":
            return
        try:
            command = msgspec.json.decode(data, type=dict[str, Any])
            yield from self._obey(command)
        except (msgspec.MsgspecError, ValueError, RecursionError, WrongPhase):
            return

    def _obey(self, command: dict[str, Any]) -> Iterator[Said]:
        kind, text = command.get("event_type"), command.get("text")
        given = command.get("event_id")
        event_id = given[:200] if isinstance(given, str) and given else self.new_id()
        text = text[:100_000] if isinstance(text, str) else ""
        now, session = self.now(), self.session
        if kind == "avatar.speak_text" and text.strip():
            session.speak(now, event_id, text_seconds(text), text=text)
        elif kind == "avatar.speak_response" and text.strip():
            session.speak(now, event_id, text_seconds(text), text=text, kind="talk")
        elif kind == "avatar.interrupt":
            session.interrupt(now)
        elif kind in ("avatar.start_listening", "avatar.stop_listening"):
            session.listen(now, "listen")
        elif kind == "user.start_push_to_talk":
            session.listen(now, "push_to_talk")
            yield self._event("user.push_to_talk_started", event_id)
        elif kind == "user.stop_push_to_talk":
            session.listen(now, "push_to_talk")
            yield self._event("user.push_to_talk_stopped", event_id)

    def _event(self, kind: str, source: str = "", **more: Any) -> Said:
        event = {"event_id": self.new_id(), "event_type": kind, "session_id": self.session.id}
        return {**event, "source_event_id": source, **more}, self.TOPIC
