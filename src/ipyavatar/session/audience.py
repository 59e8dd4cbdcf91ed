"""Who could hear a speech, by what pages say of playing."""

from __future__ import annotations

from ..protocol.page import FromPage, Hangup, Media, Playback, StreamOver

NOBODY = "Nobody was watching: no page showed the avatar."
BLOCKED = "Nobody could hear it: browsers play no sound before a click in their page."
NOT_PLAYED = "Nobody could hear it: the page that shows the avatar could not play it."

SHOW_IT = "Show the avatar (as the last line of a cell, or with display()), then say it again."
CLICK = "Press Click for sound on the picture, then say it again."
SEE_WHY = "The line under the picture says why; ipyavatar.doctor() tries what there is to try."
NO_WIDGETS = (
    "It was shown, but no page has answered so far. Does the notebook server have anywidget"
    " (pip install anywidget, where it runs)? Then load the page anew, and run the cell again."
)

SILENT: tuple[Playback, ...] = ("sound-blocked", "waiting", "interrupted", "failed")
"""What a page says that plays no sound, or not yet. One that is `paused` may play sound alone."""

PAGES = 64
"""Pages that are known: one that went without a word is forgotten when so many others have come."""


class Audience:
    """The pages of one session, and whether one of them has played the present speech.

    Attributes:
        expected: Whether the session is for a page: else nobody is missed, as in a script.
        shown: Whether the widget was displayed.
    """

    def __init__(self) -> None:
        self.expected = False
        self.shown = False
        self._answered = False
        self._pages: dict[str, Playback] = {}
        self._heard = False
        self._noticed = False

    def hear(self, message: FromPage) -> None:
        """A page says this; what became of playing is what matters here."""
        self._answered = True
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

    def advise(self) -> str:
        """What to do about it that nobody could hear what was said."""
        if self._pages:
            return CLICK if self._missing() == BLOCKED else SEE_WHY
        return NO_WIDGETS if self.shown and not self._answered else SHOW_IT

    def is_news(self) -> bool:
        """Whether the user is to be told that nobody hears; once, until somebody does again."""
        news, self._noticed = not self._noticed, True
        return news

    def _missing(self) -> str:
        if not self._pages:
            return NOBODY
        playbacks = self._pages.values()
        if any(playback not in SILENT for playback in playbacks):
            return ""
        return BLOCKED if "sound-blocked" in playbacks else NOT_PLAYED
