"""LiveAvatar's messages over data packets: FULL speaks by them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...core.decode import decode_json
from ...errors import MalformedData
from ..livekit.data_messages import DataMessage, SessionCommands
from ..media.session_media import MediaEvent
from ..session import WrongPhase
from ..speech_length import text_seconds

MAX_ID = 200
MAX_TEXT = 100_000


class LiveAvatarDataMessages(SessionCommands):
    """LiveAvatar: `agent-control` up, `agent-response` down, by `event_type`."""

    TOPIC = "agent-response"
    _held = False

    @property
    def _answers(self) -> bool:
        """FULL without a context streams, and ignores what users say, with no error.

        A voice agent has one.
        """
        info = self.session.info
        return bool(info.get("context_id") or info.get("voice_agent_id"))

    def request_answer(self, text: str) -> None:
        """Have the responder answer `text`, where there is a context."""
        if self._answers:
            super().request_answer(text)

    @property
    def agent_identity(self) -> str | None:
        """FULL clients wait for this participant before they say that they are connected."""
        full = self.session.mode == "FULL"
        return f"liveavatar-agent-{self.session.id}" if full else None

    def encode_event(self, event: MediaEvent) -> Iterator[DataMessage]:
        """`avatar.speak_started`, transcription chunks, `avatar.transcription`, `…_ended`."""
        if self.session.mode != "FULL":
            return  # LITE reports it over its own websocket
        speech = event.speech
        match event.kind:
            case "started":
                yield self._event("avatar.speak_started", speech.id)
            case "chunk":
                text = {"text": event.text}
                yield self._event("avatar.transcription.chunk", speech.id, **text)
            case "text_end":
                yield self._event("avatar.transcription", speech.id, text=speech.text)
            case "ended":
                yield self._event("avatar.speak_ended", speech.id)

    @property
    def listens(self) -> bool:
        """Always; with push to talk while a button is held."""
        return self._held or self.session.info.get("interactivity_type") != "PUSH_TO_TALK"

    def encode_user_activity(self, speaking: bool) -> Iterator[DataMessage]:
        """`user.speak_started` and `user.speak_ended`, then what was said, and the answer."""
        if self.session.mode != "FULL":
            return
        if speaking:
            self.interrupt_for_user()
        yield self._event("user.speak_started" if speaking else "user.speak_ended")
        if self._answers and self.hears and not speaking:
            yield self._event("user.transcription.chunk", text=self.hears)
            yield self._event("user.transcription", text=self.hears)
            self.answer_user()

    def handle_command(self, data: bytes, topic: str) -> Iterator[DataMessage]:
        """The commands of FULL mode."""
        if topic != "agent-control":
            return
        try:
            command = decode_json(data, dict[str, Any])
            yield from self._execute(command)
        except (MalformedData, WrongPhase):
            return

    def _execute(self, command: dict[str, Any]) -> Iterator[DataMessage]:
        kind, text = command.get("event_type"), command.get("text")
        client_id = command.get("event_id")
        event_id = client_id if isinstance(client_id, str) and client_id else self.new_id()
        event_id = event_id[:MAX_ID]
        text = text[:MAX_TEXT] if isinstance(text, str) else ""
        now, session = self.now(), self.session
        match kind:
            case "avatar.speak_text" if text.strip():
                session.speak(now, event_id, text_seconds(text), text=text)
            case "avatar.speak_response" if text.strip() and self._answers:
                session.speak(now, event_id, text_seconds(text), text=text, kind="talk")
            case "avatar.interrupt":
                session.interrupt(now)
            case "avatar.start_listening" | "avatar.stop_listening":
                session.listen(now, "listen")
            case "user.start_push_to_talk":
                session.listen(now, "push_to_talk")
                self._held = True
                yield self._event("user.push_to_talk_started", event_id)
            case "user.stop_push_to_talk":
                session.listen(now, "push_to_talk")
                self._held = False
                yield self._event("user.push_to_talk_stopped", event_id)

    def _event(self, kind: str, source: str = "", **more: Any) -> DataMessage:
        message = {"event_id": self.new_id(), "event_type": kind, "session_id": self.session.id}
        return {**message, "source_event_id": source, **more}, self.TOPIC
