"""The front end's side of a session: what a page is told, and what it asks for."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.text import clean_text, is_silent, well_formed
from ..core.uninterrupted import locked
from ..errors import AvatarError
from ..protocol import host as m
from ..protocol import page as p
from ..protocol.page_media import MediaOver, MediaPiece
from . import phases
from .phases import Phase
from .reports import SessionListener
from .session_speaking import SessionSpeaking

ENDING = (Phase.STOPPING, Phase.CLOSING)


class SessionPages(SessionSpeaking):
    """What the widget calls for its pages."""

    @locked
    def attach(self, listener: SessionListener) -> None:
        """Have `listener` show this session."""
        self._facts.reports.listener = listener

    @locked
    def expect_page(self, within_s: float) -> None:
        """The widget was displayed: speeches wait for its page, so long at most."""
        self._page_wait_s = within_s
        self._send_if_open(m.ExpectPage(self.id, within_s))

    @locked
    def facts(self) -> list[p.Fact]:
        """The messages that tell a new page where the session is."""
        return self._facts.all()

    @locked
    def forward(self, message: p.FromPage, buffers: Sequence[bytes] = ()) -> None:
        """Pass on what a page said by widget message, with the `buffers` that came with it.

        That it has heard all is told after the end, too: the host asks until it knows. What it
        has recorded is finished while the session ends.
        """
        asked = isinstance(message, p.Synced) and self._phase in phases.OVER - phases.GONE
        last = isinstance(message, MediaPiece | MediaOver) and self._phase in ENDING
        if asked or last:
            self._host.send(m.FromPage(self.id, message, tuple(buffers)))
        else:
            self._send_if_open(m.FromPage(self.id, message, tuple(buffers)))

    @locked
    def say_for_page(self, say: p.Say) -> None:
        """Say what the user typed; opens the session where needed.

        Raises:
            InvalidArgument: It is not open, and the text is too long.
            SessionClosed: It was closed.
            HostError: There is no host to open it.
        """
        self._refuse_if_gone()
        waiting = (one.speech for one in self._said_in_page)
        if say.speech and (say.speech in self._facts.speeches.transcript or say.speech in waiting):
            return  # sent again, since the page has not heard of it
        if self._conversation is not None:
            self._ask_for_page(say)
            return
        if self._phase in phases.OPEN:
            self._host.send(m.FromPage(self.id, say))
            return
        if is_silent(clean_text(say.text)):
            return  # nothing is opened for what has nothing to say
        self._said_in_page.append(say)
        try:
            self._start()
        except AvatarError:
            self._said_in_page.remove(say)
            raise

    @locked
    def press(self, button: p.Start | p.Stop | p.Interrupt) -> None:
        """The user pressed a button of a page.

        Raises:
            SessionClosed: It was closed.
            HostError: There is no host to open it.
        """
        match button:
            case p.Start():
                self._start()
            case p.Stop():
                self._stop()
            case p.Interrupt():
                self._silence(well_formed(button.speech))

    def _ask_for_page(self, say: p.Say) -> None:
        """What was typed is for the responder; where nothing is open it is opened."""
        text = clean_text(say.text)
        if self._phase in (Phase.STOPPING, Phase.STOPPED) and not is_silent(text, "talk"):
            self._start()
        speech = self._facts.speeches.make(
            text, "talk", self._clock(), streamed=True, name=say.speech
        )
        self._say(speech, interrupt=say.interrupt)
