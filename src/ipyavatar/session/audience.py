"""Who could hear a speech, by what pages say of playing."""

from __future__ import annotations

from ..protocol.page import FromPage, Hangup, Media, Playback, StreamOver

NOBODY = "Nobody was watching: no page showed the avatar."
BLOCKED = "Nobody could hear it: browsers play no sound before a click in their page."

SHOW_IT = "Show the avatar (as the last line of a cell, or with display()), then say it again."

SILENT: tuple[Playback, ...] = ("sound-blocked", "waiting", "failed")
"""What a page says that plays no sound, or not yet. One that is `paused` may play sound alone."""

PAGES = 64
"""Pages that are known: one that went without a word is forgotten when so many others have come."""


class Audience:
    """The pages of one session, and whether one of them has played the present speech.

    Attributes:
        expected: Whether the session is for a page: else nobody is missed, as in a script.
    """

    def __init__(self) -> None:
        self.expected = False
        self._pages: dict[str, Playback] = {}
        self._heard = False
        self._noticed = False

    def hear(self, message: FromPage) -> None:
        """A page says this; what became of playing is what matters here."""
        match message:
            case Media(page, "paused", silent=True):
                self.leave(page)
            case Media(page, playback):
                self._pages.pop(page, None)
                self._pages[page] = playback
                if len(self._pages) > PAGES:
                    self.leave(next(iter(self._pages)))
            case Hangup(page) | StreamOver(page):
                self.leave(page)

    def leave(self, page: str) -> None:
        """A page does not play it any more."""
        self._pages.pop(page, None)

    def begin(self) -> None:
        """Another speech is about to be said."""
        self._heard = False

    def look(self) -> None:
        """It sounds now."""
        self._heard = self._heard or not self._missing()

    def judge(self) -> str:
        """It has been said: why nobody could hear it; empty where somebody could."""
        self.look()
        if self._heard or not self.expected:
            self._noticed = False
            return ""
        return self._missing()

    def is_news(self) -> bool:
        """Whether the user is to be told that nobody hears; once, until somebody does again."""
        news, self._noticed = not self._noticed, True
        return news

    def _missing(self) -> str:
        if not self._pages:
            return NOBODY
        return BLOCKED if all(playback in SILENT for playback in self._pages.values()) else ""
