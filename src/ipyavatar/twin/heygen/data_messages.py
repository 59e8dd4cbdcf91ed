"""HeyGen's messages over data packets, in its rooms and by plain WebRTC."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...core.decode import decode_json
from ...errors import MalformedData
from ..livekit.data_messages import DataMessage, SessionCommands
from ..media.session_media import MediaEvent
from ..session import WrongPhase

_WORDS = re.compile(r"\s*\S+")


class HeyGenDataMessages(SessionCommands):
    """HeyGen streaming: events by `type`; the client sends JSON string literals, no topic."""

    @property
    def agent_identity(self) -> str | None:
        """No other participant is waited for."""
        return None

    def encode_event(self, event: MediaEvent) -> Iterator[DataMessage]:
        """`avatar_start_talking`, then chunks, `avatar_end_message`, `avatar_stop_talking`."""
        message: dict[str, Any] = {"task_id": event.speech.id}
        match event.kind:
            case "started":
                yield {"type": "avatar_start_talking", **message}, ""
            case "chunk":
                yield {"type": "avatar_talking_message", **message, "message": event.text}, ""
            case "text_end":
                yield {"type": "avatar_end_message", **message}, ""
            case "ended":
                message["duration_ms"] = round(event.seconds * 1000, 3)
                yield {"type": "avatar_stop_talking", **message}, ""

    def encode_user_activity(self, speaking: bool) -> Iterator[DataMessage]:
        """What was said, word by word. That somebody speaks is told over the chat websocket."""
        if speaking:
            self.interrupt_for_user()
        elif self.hears:
            task = {"task_id": self.new_id()}
            for piece in _WORDS.findall(self.hears):
                yield {"type": "user_talking_message", **task, "message": piece}, ""
            yield {"type": "user_end_message", **task}, ""
            self.answer_user()

    def handle_command(self, data: bytes, topic: str) -> Iterator[DataMessage]:  # noqa: ARG002
        """A text to be answered, or `push_to_talk:start` and `:stop`."""
        try:
            text = decode_json(data, str)
        except MalformedData:
            return
        try:
            if text.startswith("push_to_talk:"):
                self.session.listen(self.now(), text[:40])
            else:
                self.request_answer(text)
        except WrongPhase:
            return
        yield from ()
