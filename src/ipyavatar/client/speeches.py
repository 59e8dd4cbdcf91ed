"""The speeches of one session: those under way with their handles, and the transcript of all."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..core.markup import strip_markup
from ..core.speech import Mode, Speech, SpeechState, Utterance
from ..protocol.page import Caption, SpeechUpdate, UnderWay
from .heard import HeardWords
from .streamed_text import StreamedText
from .transcript import ENDED, Transcript

if TYPE_CHECKING:
    from ..engine.sound.audio import Audio

_to_be_said: set[Speech] = set()
"""A speech under way holds its session: it is said to its end, whether or not anybody waits."""


class Speeches:
    """Not thread-safe: used under the session's lock.

    Args:
        interrupt: Gives what interrupts a speech by its id; a speech holds that until it ends.
        clock: Monotonic seconds, on the clock of the host.
    """

    def __init__(
        self, interrupt: Callable[[], Callable[[str], None] | None], clock: Callable[[], float]
    ) -> None:
        self._interrupt = interrupt
        self._clock = clock
        self._numbers = itertools.count(1)
        self._under_way: dict[str, Speech] = {}
        self.transcript = Transcript()
        self.sounding: SpeechUpdate | None = None
        """The one that is being heard."""
        self._told_at = 0.0
        self._streamed: dict[str, StreamedText] = {}
        self._heard = HeardWords()
        self._heard_until: dict[str, tuple[float, float | None]] = {}

    def under_way(self) -> list[Speech]:
        """Those that have not ended, in the order in which they were asked for."""
        return list(self._under_way.values())

    def find(self, speech: str) -> Speech | None:
        """The one with that id, if it has not ended."""
        return self._under_way.get(speech)

    def tell_under_way(self) -> UnderWay | None:
        """The same for a page, as of the newest report; None where nothing was ever said."""
        if self._told_at == 0.0:
            return None
        queued = [one.id for one in self._under_way.values() if one.state == "queued"]
        sounding = "" if self.sounding is None else self.sounding.speech
        return UnderWay(queued, sounding, self._told_at)

    def make(
        self,
        text: str,
        mode: Mode,
        asked_at: float,
        *,
        streamed: bool = False,
        name: str = "",
        sound: Audio | None = None,
    ) -> Speech:
        """A speech that the user asked for at `asked_at`, by `name` in a page.

        With `sound`, that is played. Changes nothing, and needs no lock.
        """
        name = name or f"s{next(self._numbers)}"
        sound_s = None if sound is None else sound.duration or 0.0
        speech = self._make(Utterance(name, text, mode, asked_at, streamed, sound_s))
        speech.sound = sound
        return speech

    def add(self, speech: Speech) -> SpeechUpdate:
        """Take in a speech that the user asked for."""
        self._put(speech)
        return self._note(speech, self._update(speech, "queued"))

    def add_streamed(self, streamed: StreamedText) -> None:
        """The text of a speech comes from there; it is cancelled when the speech ends."""
        self._streamed[streamed.speech.id] = streamed

    def streamed(self, speech: str) -> StreamedText | None:
        """Where the text of a speech comes from that has not ended."""
        return self._streamed.get(speech)

    def acknowledge(self, speech: str, characters: int) -> None:
        """The host uses so much of the text of a speech; nothing, where that has ended."""
        if (streamed := self._streamed.get(speech)) is not None:
            streamed.acknowledge(characters)

    def take_caption(self, caption: Caption) -> None:
        """These words are being spoken from now on."""
        self._heard.take(caption)

    def note_heard_until(self, speech: str, at: float, again: float | None = None) -> None:
        """Nobody has heard what sounded after that, or not before it was heard `again`."""
        if speech in self._under_way:
            self._heard_until[speech] = at, again

    def take(self, update: SpeechUpdate) -> Speech | None:
        """Take in what the host reports; None where it is old news.

        A speech that is not known was asked for in a page.
        """
        speech = self._under_way.get(update.speech)
        if speech is None:
            if self.transcript.has_ended(update.speech):
                return None
            asked = Utterance(update.speech, update.text, asked_at=update.asked_at)
            speech = self._put(self._make(asked))
        if update.state == "queued" and speech.state != "queued":
            return None
        speech.change(
            update.state,
            update.at,
            update.reason,
            latency_ms=update.latency_ms,
            words=update.words,
            cause=self._end_text(speech, update),
        )
        self._note(speech, update)
        return speech

    def end(self, speech: Speech, state: SpeechState, reason: str) -> SpeechUpdate:
        """End a speech by ourselves: nobody else will."""
        update = self._update(speech, state, reason)
        speech.change(state, update.at, reason, cause=self._end_text(speech, update))
        return self._note(speech, update)

    def _end_text(self, speech: Speech, update: SpeechUpdate) -> BaseException | None:
        """What is over needs no more text; returns what its source raised."""
        if update.state not in ENDED:
            return None
        streamed = self._streamed.pop(speech.id, None)
        whole = speech.answer if speech.mode == "talk" else speech.text
        until = self._heard_until.pop(speech.id, None)
        if update.state != "said":
            speech.heard = self._heard.until(speech.id, update.at)
        elif until is not None:
            speech.heard = self._heard.until(speech.id, *until)
        else:
            # It has a reason where nobody could hear it.
            speech.heard = "" if update.reason else strip_markup(whole)
        self._heard.forget(speech.id)
        if streamed is None:
            return None
        streamed.said = whole if update.state == "said" else speech.heard
        streamed.cancel()
        return streamed.cause

    def _make(self, utterance: Utterance) -> Speech:
        since = max(0.0, self._clock() - utterance.asked_at)
        return Speech(utterance, self._interrupt() or _nobody, time.time() - since)

    def _put(self, speech: Speech) -> Speech:
        self._under_way[speech.id] = speech
        _to_be_said.add(speech)
        return speech

    def _note(self, speech: Speech, update: SpeechUpdate) -> SpeechUpdate:
        self._told_at = max(self._told_at, update.at)
        if update.state == "speaking":
            self.sounding = update
        elif self.sounding is not None and self.sounding.speech == speech.id:
            self.sounding = None
        if speech.done:
            self._under_way.pop(speech.id, None)
            _to_be_said.discard(speech)
        self.transcript.note(speech)
        return update

    def _update(self, speech: Speech, state: SpeechState, reason: str = "") -> SpeechUpdate:
        asked_at = speech.utterance.asked_at
        return SpeechUpdate(
            speech.id, state, speech.text, self._clock(), asked_at=asked_at, reason=reason
        )


def _nobody(speech: str) -> None:
    """Its session is gone."""
