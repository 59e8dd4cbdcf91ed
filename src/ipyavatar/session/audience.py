"""Who could hear a speech, by what pages say of playing."""

from __future__ import annotations

from collections.abc import Callable

from ..engine.playout import KEPT_S
from ..protocol.page import FromPage, Hangup, Media, Playback, StreamOver

NOBODY = "Nobody was watching: no page showed the avatar."
BLOCKED = "Nobody could hear it: browsers play no sound before a click in their page."
NOT_PLAYED = "Nobody could hear it: the page that shows the avatar could not play it."
LOST = "Nobody could hear it: the connection to the page broke, or the page went without a word."

TO_THE_MIDDLE = {
    NOBODY: "Only its beginning was heard: then no page showed the avatar any more.",
    BLOCKED: "Only its beginning was heard: then the browser wanted a click before it plays sound.",
    NOT_PLAYED: "Only its beginning was heard: then no page could play it any more.",
    LOST: "Only its beginning was heard: then the connection to the page broke, or the page went.",
}
"""What is said of a speech that somebody heard, and at its end nobody."""

GAP = "Not all of it was heard: nothing reached a page for {:.0f} s. Have it said again."

GAP_S = KEPT_S
"""In the middle of a speech of our own avatar what shorter gaps took is said again."""

END_S = 1.0
"""Who has missed less than this of the end of a speech has heard it: services tell of that late."""

SHOW_IT = "Show the avatar (as the last line of a cell, or with display()), then say it again."
CLICK = "Press Click for sound on the picture, then say it again."
COMES_BACK = (
    "The page takes it up again by itself once it is reached; else show the avatar again."
    " Then say it again."
)
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

    Args:
        now: Seconds, on the clock by which the session tells of captions.

    Attributes:
        expected: Whether the session is for a page: else nobody is missed, as in a script.
        shown: Whether the widget was displayed.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self.expected = False
        self.shown = False
        self._answered = False
        self._pages: dict[str, Playback] = {}
        self._heard = False
        self._began_at = 0.0
        self._until: float | None = None  # nobody has heard of the present speech what came then
        self._gap: tuple[float, float] | None = None  # nor what came between these two
        self._lost = False  # the last page went without a word
        self._noticed = False

    def hear(self, message: FromPage) -> None:
        """A page says this; what became of playing is what matters here."""
        self._answered = True
        match message:
            case Media(page, "paused", silent=True):
                self.leave(page)
            case Media(page, playback):
                self._lost = False
                self._pages.pop(page, None)
                self._pages[page] = playback
                if len(self._pages) > PAGES:
                    self.leave(next(iter(self._pages)))
                self._follow()
            case Hangup(page) | StreamOver(page):
                self.leave(page)

    def leave(self, page: str) -> None:
        """A page does not play it any more."""
        self._remove(page, lost=False)

    def lose(self, page: str) -> None:
        """A page is not reached any more, and has not said that it leaves."""
        self._remove(page, lost=True)

    def note_gap(self, seconds: float) -> None:
        """A page hears again, after so long; what it missed is not said again."""
        now = self._now()
        gap = max(now - seconds, self._began_at), now
        longest = END_S if self._gap is None else self._gap[1] - self._gap[0]
        if gap[1] - gap[0] > longest:
            self._gap = gap

    def miss(self, since: float) -> None:
        """Nobody has heard what was said since then: the line to the only page had broken."""
        if self._heard:
            self._until = since if self._until is None else min(self._until, since)
            self._heard = since > self._began_at + END_S

    def begin(self) -> None:
        """Another speech is about to be said."""
        self._heard, self._until, self._began_at = False, None, self._now()
        self._gap = None

    def look(self) -> None:
        """It sounds now."""
        if not self._missing():
            self._heard, self._until = True, None
        self._follow()

    def judge(self) -> str:
        """It has been said: why nobody could hear it, or its end; empty where somebody could."""
        if not self._heard and self._until is None:
            self.look()
        if self.expected and not self._heard:
            return self._missing() or NOT_PLAYED
        if self.expected and self.heard_until is not None:
            return TO_THE_MIDDLE[self._missing() or NOT_PLAYED]
        if self.expected and self._gap is not None:
            return GAP.format(self._gap[1] - self._gap[0])
        self._noticed = False
        return ""

    @property
    def heard_until(self) -> float | None:
        """When the last one who heard the present speech heard it no more; None if to its end."""
        cut = self._heard and self._until is not None and self._now() - self._until > END_S
        return self._until if cut else None

    @property
    def gap(self) -> tuple[float, float] | None:
        """From when to when nobody heard the present speech, the longest time in its middle."""
        return self._gap

    def advise(self) -> str:
        """What to do about it that nobody could hear what was said."""
        in_the_middle = self._gap is not None and self.heard_until is None
        if self._pages and in_the_middle and not self._missing():
            return ""
        if self._pages:
            return CLICK if self._missing() == BLOCKED else SEE_WHY
        if self._lost:
            return COMES_BACK
        return NO_WIDGETS if self.shown and not self._answered else SHOW_IT

    def is_news(self) -> bool:
        """Whether the user is to be told that nobody hears; once, until somebody does again."""
        news, self._noticed = not self._noticed, True
        return news

    def _remove(self, page: str, *, lost: bool) -> None:
        if self._pages.pop(page, None) is not None:
            self._lost = lost
        self._follow()

    def _follow(self) -> None:
        """Somebody may have come, or gone, in the middle of a speech."""
        if self._heard and not self._missing():
            if self._until is not None and self._now() - self._until > GAP_S:
                self.note_gap(self._now() - self._until)
            self._until = None
        elif self._heard and self._until is None:
            self._until = self._now()

    def _missing(self) -> str:
        if not self._pages:
            return LOST if self._lost else NOBODY
        playbacks = self._pages.values()
        if any(playback not in SILENT for playback in playbacks):
            return ""
        return BLOCKED if "sound-blocked" in playbacks else NOT_PLAYED
