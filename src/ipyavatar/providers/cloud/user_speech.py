"""What a service's own recognition tells of users, and what the service answers them by itself."""

from __future__ import annotations

from collections.abc import Mapping

from ..base import ProviderListener, UserStep
from .caption_timeline import ToldText
from .service_events import EventKind, ServiceEvent

STEPS: Mapping[EventKind, UserStep] = {
    "user_started": "started",
    "user_stopped": "stopped",
    "user_text": "text",
    "user_text_ended": "text_ended",
}


class UserSpeech:
    """Tells the session. An answer that nobody has asked for by a speech is shown as a caption.

    Once it is over, it is told as the answer to what the user said last.
    """

    def __init__(self) -> None:
        self._answer = ""
        self._joined = ToldText()

    def on_event(self, event: ServiceEvent, listener: ProviderListener, *, speaking: bool) -> bool:
        """The service told this; with `speaking` a speech of ours is under way there.

        Returns:
            Whether it is about a user.
        """
        step = STEPS.get(event.kind)
        if step is not None:
            listener.on_user_speech(step, event.text if step.startswith("text") else "")
        elif speaking:
            self._tell(listener)
        elif event.kind == "avatar_text":
            self._show(self._answer + self._joined.add(event.text), listener)
        elif event.kind == "avatar_text_ended" and event.text:
            self._show(event.text, listener)
        elif event.kind in ("avatar_stopped", "avatar_interrupted"):
            self._show("", listener)
        return step is not None

    def _tell(self, listener: ProviderListener) -> None:
        """It is over: what was answered is known."""
        answer, self._answer, self._joined = self._answer.strip(), "", ToldText()
        if answer:
            listener.on_answer("", answer)

    def _show(self, text: str, listener: ProviderListener) -> None:
        if not text and self._answer:
            self._tell(listener)
            listener.on_caption("", "", [])
        elif text != self._answer:
            self._answer = text
            listener.on_caption("", text.strip(), [])
