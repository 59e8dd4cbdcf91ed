"""The speeches of one session: those under way with their handles, and the transcript of all."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable

from ..core.speech import Mode, Speech, SpeechState, Utterance
from ..protocol.page import SpeechUpdate, UnderWay
from .transcript import Transcript


class Speeches:
    """Not thread-safe: used under the session's lock.

    Args:
        interrupt: Interrupts a speech by its id.
        clock: Monotonic seconds, on the clock of the host.
    """

    def __init__(self, interrupt: Callable[[str], None], clock: Callable[[], float]) -> None:
        self._interrupt = interrupt
        self._clock = clock
        self._numbers = itertools.count(1)
        self._under_way: dict[str, Speech] = {}
        self.transcript = Transcript()
        self.sounding: SpeechUpdate | None = None
        """The one that is being heard."""
        self._told_at = 0.0

    def under_way(self) -> list[Speech]:
        """Those that have not ended, in the order in which they were asked for."""
        return list(self._under_way.values())

    def tell_under_way(self) -> UnderWay | None:
        """The same for a page, as of the newest report; None where nothing was ever said."""
        if self._told_at == 0.0:
            return None
        queued = [one.id for one in self._under_way.values() if one.state == "queued"]
        sounding = "" if self.sounding is None else self.sounding.speech
        return UnderWay(queued, sounding, self._told_at)

    def add(self, text: str, mode: Mode, asked_at: float) -> tuple[Speech, SpeechUpdate]:
        """Take in a speech that the user asked for at `asked_at`."""
        utterance = Utterance(f"s{next(self._numbers)}", text, mode, asked_at)
        speech = self._put(utterance)
        return speech, self._note(speech, self._update(speech, "queued"))

    def take(self, update: SpeechUpdate) -> Speech | None:
        """Take in what the host reports; None where it is old news.

        A speech that is not known was asked for in a page.
        """
        speech = self._under_way.get(update.speech)
        if speech is None:
            if self.transcript.has_ended(update.speech):
                return None
            speech = self._put(Utterance(update.speech, update.text, asked_at=update.asked_at))
        if update.state == "queued" and speech.state != "queued":
            return None
        speech.change(
            update.state,
            update.at,
            update.reason,
            latency_ms=update.latency_ms,
            words=update.words,
        )
        self._note(speech, update)
        return speech

    def end(self, speech: Speech, state: SpeechState, reason: str) -> SpeechUpdate:
        """End a speech by ourselves: nobody else will."""
        update = self._update(speech, state, reason)
        speech.change(state, update.at, reason)
        return self._note(speech, update)

    def _put(self, utterance: Utterance) -> Speech:
        since = max(0.0, self._clock() - utterance.asked_at)
        speech = Speech(utterance, self._interrupt, time.time() - since)
        self._under_way[speech.id] = speech
        return speech

    def _note(self, speech: Speech, update: SpeechUpdate) -> SpeechUpdate:
        self._told_at = max(self._told_at, update.at)
        if update.state == "speaking":
            self.sounding = update
        elif self.sounding is not None and self.sounding.speech == speech.id:
            self.sounding = None
        if speech.done:
            self._under_way.pop(speech.id, None)
        self.transcript.note(speech)
        return update

    def _update(self, speech: Speech, state: SpeechState, reason: str = "") -> SpeechUpdate:
        asked_at = speech.utterance.asked_at
        return SpeechUpdate(
            speech.id, state, speech.text, self._clock(), asked_at=asked_at, reason=reason
        )
