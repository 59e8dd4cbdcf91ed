"""Saying and falling silent: what the verbs and the page have in common."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..core.speech import Speech
from ..core.text import is_silent
from ..core.uninterrupted import locked
from ..protocol import host as m
from ..protocol import page as p
from . import phases
from .phases import Phase
from .session_life import SessionLife
from .streamed_text import StreamedText


class SessionSpeaking(SessionLife):
    """Has the host say a speech, or be silent."""

    @locked
    def _say(
        self,
        speech: Speech,
        *,
        interrupt: bool,
        make_text: Callable[[Speech], StreamedText] | None = None,
    ) -> None:
        self._refuse_if_ended()
        if interrupt:
            self._drop_unsent()
        if make_text is None and speech.sound is None and is_silent(speech.text, speech.mode):
            self._say_nothing(speech, interrupt=interrupt)
            return
        if self._phase not in phases.GOING_ON:
            self._start()
        self._facts.add_speech(speech)
        if speech.mode == "talk" and self._conversation is not None:
            make_text = partial(self._conversation.ask, session=self)
        if make_text is not None:
            # Started there, on its own thread, which waits for this lock to send anything.
            self._facts.speeches.add_streamed(make_text(speech))
        self._ask_for(speech, interrupt=interrupt)

    @locked
    def send_text(self, streamed: StreamedText, more: m.AddText) -> None:
        """More of the text of a speech has come from the user's iterator."""
        if not streamed.speech.done:
            streamed.note(more)
            self._facts.note_text(streamed.speech)
            self._send_if_open(more)

    @locked
    def _silence(self, speech: str) -> None:
        self._drop_unsent(speech)
        self._send_if_open(m.FromPage(self.id, p.Interrupt(speech)))

    def _say_nothing(self, speech: Speech, *, interrupt: bool) -> None:
        """A speech with nothing to say is said; what it interrupts is silenced all the same."""
        if interrupt:
            self._silence("")
        self._facts.add_speech(speech)
        self._facts.end_speech(speech, "said", "")

    def _drop_unsent(self, speech: str = "") -> None:
        """Interrupt what no host has been asked for yet."""
        if self._phase in (Phase.LOST, Phase.RESTARTING):
            for one in reversed(self._facts.speeches.under_way()):
                if speech in ("", one.id):
                    self._facts.end_speech(
                        one, "interrupted", "It was interrupted before it began."
                    )
            if not speech:
                self._said_in_page.clear()
