"""The handle of one speech: what `speak()` returns."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Sequence
from typing import Any, Literal

import msgspec

from ..errors import AvatarError, SpeechFailed
from .decode import Number
from .handle import Handle

SpokenWord = tuple[str, Number, Number]
"""A word and its time, `(text, start, end)` in seconds."""

SpeechState = Literal["queued", "speaking", "said", "interrupted", "failed"]

Mode = Literal["repeat", "talk"]
"""`repeat` says the words; `talk` has the service's LLM answer them."""


class Utterance(msgspec.Struct, frozen=True):
    """A text to be said: one and the same from where it is asked for to where it is said.

    Attributes:
        id: The speech it belongs to, unique in its session.
        text: What is asked for.
        mode: Whether the words are said, or answered.
        asked_at: When it was asked for (the call, or the click), in seconds of the machine's
            monotonic clock; latencies count from here.
        streamed: Whether its text comes bit by bit, after it, and `text` is none of it.
        sound_s: Of one that is the user's own sound, which the kernel has: its length in seconds,
            0 where that is not known yet. None where it is text.
    """

    id: str
    text: str
    mode: Mode = "repeat"
    asked_at: Number = 0.0
    streamed: bool = False
    sound_s: Number | None = None

    @property
    def is_sound(self) -> bool:
        """Whether it is the user's own sound, and `text` only what is said in it."""
        return self.sound_s is not None


class Speech(Handle["Speech"]):
    """Something the avatar was asked to say.

    `wait()` and `await` return the speech itself once it was said or interrupted (`state` tells
    which) and raise `SpeechFailed` when it could not be said.

    Attributes:
        id: Its id, unique in the session.
        text: What was asked for; of an iterator, what has come of it so far.
        answer: What was answered so far, by a `responder=` or by a service's own language model, as
            far as the service tells it.
        heard: The words that have begun to sound, without markup, until the last page was gone that
            played them; empty where none did. `reason` says why.
        mode: `repeat` (the words are said) or `talk` (they are answered).
        state: `queued`, `speaking`, `said`, `interrupted` or `failed`.
        reason: Why it was interrupted or failed; or, of one that was said, why nobody could hear
            it, or its end.
        started_at: When it was asked for (the call of `speak()`, or the click in the page), in
            seconds of `time.time()`.
        first_audio_at: When its first sound went out, likewise; None until then.
        finished_at: When it ended, likewise; None until then.
        latency_ms: From asking for it to the first sound leaving for the page, in milliseconds.
        words: `(text, start, end)` of each word, seconds from the first sound, once it is said.
    """

    def __init__(
        self, utterance: Utterance, interrupt: Callable[[str], None], started_at: float
    ) -> None:
        super().__init__()
        self.utterance = utterance
        self.state: SpeechState = "queued"
        self.reason = ""
        self.answer = ""
        self.heard = ""
        self.started_at = started_at
        self.first_audio_at: float | None = None
        self.finished_at: float | None = None
        self.latency_ms: float | None = None
        self.words: list[SpokenWord] = []
        self.sound: object = None  # what is to be played instead of the text; until it has ended
        self._interrupt = interrupt
        self._waits_in_vain = _never

    @property
    def id(self) -> str:
        """Its id, unique in the session."""
        return self.utterance.id

    @property
    def text(self) -> str:
        """What was asked for."""
        return self.utterance.text

    def extend(self, text: str) -> None:
        """More of the text of a streamed speech has come."""
        if self.mode == "talk":
            self.answer += text
        else:
            self.utterance = msgspec.structs.replace(self.utterance, text=self.text + text)

    @property
    def mode(self) -> Mode:
        """Whether the words are said, or answered."""
        return self.utterance.mode

    def __repr__(self) -> str:
        text = self.text if len(self.text) <= 40 else self.text[:39] + "…"
        latency = "" if self.latency_ms is None else f", {self.latency_ms:.0f} ms"
        return f"<Speech {text!r}: {self.state}{latency}>"

    def wait(self, timeout: float | None = None) -> Speech:
        """Block this thread until it is said or interrupted. Ctrl-C interrupts the speech, too.

        Where its page cannot come before this code has run (as in Voila and marimo), it returns at
        once: the speech is kept for the page, `state` is `"queued"`, and a warning tells.

        Args:
            timeout: Seconds to wait at most; None waits as long as it takes.

        Raises:
            TimeoutError: It was not done in time; it goes on all the same.
            SpeechFailed: It could not be said.
        """
        try:
            return self if self._waits_in_vain() else super().wait(timeout)
        except KeyboardInterrupt:
            # Whoever interrupts the cell wants silence.
            with contextlib.suppress(AvatarError):
                self.interrupt()
            raise

    def __await__(self) -> Generator[Any, Any, Speech]:
        if self._waits_in_vain():
            return self
        return (yield from super().__await__())

    def set_waiting(self, *, in_vain: Callable[[], bool]) -> None:
        """Have nobody wait for it where `in_vain` says that this holds up what is waited for."""
        if not self.done:
            self._waits_in_vain = in_vain

    def interrupt(self) -> None:
        """Cut it off, or drop it if it has not begun; what was said before it goes on."""
        self._interrupt(self.id)

    def change(
        self,
        state: SpeechState,
        at: float,
        reason: str = "",
        *,
        latency_ms: float | None = None,
        words: Sequence[SpokenWord] = (),
        cause: BaseException | None = None,
    ) -> None:
        """Take over what happened at `at` (monotonic seconds); once it has ended, nothing more."""
        if self.done:
            return
        self.state, self.reason = state, reason
        wall = self.started_at + at - self.utterance.asked_at
        if state == "speaking":
            self.first_audio_at, self.latency_ms = wall, latency_ms
        elif state in ("said", "interrupted", "failed"):
            self.finished_at = wall
            self._interrupt = _nothing  # whoever keeps the speech does not keep its session
            self.sound = None
            self._waits_in_vain = _never
            # A millisecond is more than any of our voices knows.
            self.words = [(text, round(start, 3), round(end, 3)) for text, start, end in words]
            if state == "failed":
                error = SpeechFailed(f"The speech was not said: {reason}")
                error.__cause__ = cause
                self.fail(error)
            else:
                self.finish(self)


def _nothing(speech: str) -> None:
    """A speech that has ended cannot be interrupted."""


def _never() -> bool:
    """It may be waited for everywhere."""
    return False
