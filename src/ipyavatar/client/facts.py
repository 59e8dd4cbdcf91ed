"""What is known of one session: status, speeches, caption and numbers; and who hears of it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..core.speech import Speech, SpeechState
from ..protocol import page as p
from ..protocol.errors import Failure
from ..protocol.host import AnswerTold, HeardUntil, StatsMeasured, UsageCounted
from ..protocol.listening import Heard, ListeningUpdate
from .numbers import Numbers
from .reports import Reports
from .speeches import Speeches

if TYPE_CHECKING:
    pass

TICK_S = 1e-6
"""Two facts of a session are at least so far apart: pages sort them by their time."""


class Facts:
    """Takes in what happens, and reports it. Not thread-safe: used under the session's lock."""

    def __init__(
        self,
        name: str,
        numbers: Numbers,
        interrupt: Callable[[], Callable[[str], None] | None],
        clock: Callable[[], float],
    ) -> None:
        self.status = p.Status("idle", "", 0.0)
        self.caption: p.Caption | None = None
        self.listening: ListeningUpdate | None = None
        self.speeches = Speeches(interrupt, clock)
        self.numbers = numbers
        self.reports = Reports(name)
        self._clock = clock
        self._heard_names = (f"h{number}" for number in itertools.count(1))

    def all(self) -> list[p.Fact]:
        """The messages that tell a new page where the session is."""
        under_way = self.speeches.tell_under_way()
        sounding = self.speeches.sounding
        facts = (self.status, under_way, sounding, self.caption, self.listening)
        return [fact for fact in facts if fact is not None]

    def make_status(self, name: p.StatusName, text: str, error: Failure | None) -> None:
        """Tell what only the kernel knows, the pages included: their channels may be dead."""
        at = max(self._clock(), self.status.at + TICK_S)
        self.take_status(p.Status(name, text, at, error))
        self.reports.listener.send_to_pages(self.status)

    def take_status(self, status: p.Status) -> None:
        """The host has told the pages this itself, or has it forwarded."""
        self.status = status
        self.reports.status(status)

    def take_caption(self, caption: p.Caption) -> None:
        """These words are being spoken from now on."""
        self.caption = caption
        self.speeches.take_caption(caption)
        self.reports.caption(caption)

    def take_listening(self, update: ListeningUpdate) -> None:
        """Whether Python listens, and somebody speaks."""
        self.listening = update
        self.reports.listening(update)

    def note_heard(self, text: str, began_at: float, ended_at: float, *, asks: bool) -> str:
        """Somebody said `text` into a microphone: the id of its entry in the transcript.

        With `asks` that is the id of the speech that answers it.
        """
        name = next(self._heard_names)
        if asks:
            self.speeches.transcript.note_asked(name)
        else:
            offset = time.time() - self._clock()
            self.speeches.transcript.note_heard(name, text, began_at + offset, ended_at + offset)
        return name

    def take_heard(self, heard: Heard) -> None:
        """Somebody said something; pages are told by us, for the host does not know the text."""
        self.reports.heard(heard, self.speeches.transcript.entries())
        self.reports.listener.send_to_pages(heard)

    def add_speech(self, speech: Speech) -> None:
        """The user has asked for a speech."""
        self.reports.speech(speech, self.speeches.add(speech))

    def note_text(self, speech: Speech) -> None:
        """More of the text of a speech has come: observers hear of it with the next change."""
        self.speeches.transcript.note(speech)

    def take_speech(self, update: p.SpeechUpdate) -> bool:
        """The host reports a speech; False where it is old news."""
        speech = self.speeches.take(update)
        if speech is None:
            return False
        if update.state == "speaking" and update.latency_ms is not None:
            self.count({"speech_latency_ms": round(update.latency_ms, 1)})
        self.reports.speech(speech, update)
        return True

    def end_speech(self, speech: Speech, state: SpeechState, reason: str) -> None:
        """End one speech by ourselves: nobody else will."""
        update = self.speeches.end(speech, state, reason)
        self.reports.speech(speech, update)
        self.reports.listener.send_to_pages(update)

    def end_speeches(self, state: SpeechState, reason: str) -> None:
        """Nobody will say them any more.

        The last one first: with a responder, the end of one is the beginning of the next.
        """
        for speech in reversed(self.speeches.under_way()):
            self.end_speech(speech, state, reason)
        if self.caption is not None and self.caption.text:
            self.take_caption(p.Caption(self.caption.speech, "", self._clock()))

    def take_numbers(self, told: StatsMeasured | UsageCounted) -> None:
        """The host has measured, or counted what a paid session took."""
        if isinstance(told, UsageCounted):
            self.numbers.count_usage(told, self._clock())
            self.reports.usage(told, self.usage(is_open=False))
        else:
            self.count(told.stats)

    def usage(self, *, is_open: bool) -> dict[str, float | None]:
        """What the paid session took: of one that is open until now."""
        return self.numbers.usage(self._clock() if is_open else None)

    def take_words(self, told: AnswerTold | HeardUntil) -> None:
        """What a service answers, or how far it was heard: observers hear with the next change."""
        if isinstance(told, HeardUntil):
            self.speeches.note_heard_until(told.speech, told.at, told.again)
            return
        if not told.speech:
            if self.speeches.transcript.note_reply(told.text):
                self.reports.listener.on_heard(self.speeches.transcript.entries())
            return
        speech = self.speeches.find(told.speech)
        if speech is not None:
            speech.extend(told.text)
            self.note_text(speech)

    def count(self, numbers: Mapping[str, object]) -> None:
        """Numbers were measured."""
        self.reports.listener.on_stats(self.numbers.count(numbers))

    def count_page(self, numbers: Mapping[str, object]) -> None:
        """A page has measured its stream."""
        self.reports.listener.on_stats(self.numbers.count_page(numbers))
