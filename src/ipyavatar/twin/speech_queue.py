"""The speeches of one session, in the order they are spoken. Pure: time is an argument."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

MAX_WAITING = 1000
"""Texts and pieces of sound that wait to be said."""

MAX_WAITING_BYTES = 50_000_000
"""Of sound and text together."""

SpeechKind = Literal["repeat", "talk", "audio"]
SpeechState = Literal["queued", "speaking", "said", "interrupted"]


@dataclass
class TwinSpeech:
    """One thing to say.

    Attributes:
        open: More audio may come for it: it ends only after `close_speech`.
        has_playout: Media plays it out: it begins and ends when playout reports so, and its times
            are an estimate until then.
        audio: Its audio as it came; kept only for playout.
    """

    id: str
    text: str
    kind: SpeechKind
    starts_at: float
    ends_at: float
    open: bool = False
    state: SpeechState = "queued"
    has_playout: bool = False
    audio: list[bytes] = field(default_factory=list, repr=False)

    @property
    def seconds(self) -> float:
        """Length, as far as it is known now."""
        return self.ends_at - self.starts_at


class SpeechQueue:
    """The speech under way, if any, and those that wait behind it."""

    def __init__(self) -> None:
        self._speeches: deque[TwinSpeech] = deque()

    @property
    def head(self) -> TwinSpeech | None:
        """What is being spoken, or comes next."""
        return self._speeches[0] if self._speeches else None

    @property
    def tail(self) -> TwinSpeech | None:
        """What comes last."""
        return self._speeches[-1] if self._speeches else None

    def is_full_for(self, audio: bytes) -> bool:
        """Whether there is no room for more."""
        pieces = [piece for speech in self._speeches for piece in (*speech.audio, speech.text)]
        size = sum(map(len, pieces)) + len(audio)
        return len(pieces) >= MAX_WAITING or size > MAX_WAITING_BYTES

    def append(self, speech: TwinSpeech) -> None:
        """Queue one more speech."""
        self._speeches.append(speech)

    def finish_head(self) -> TwinSpeech:
        """The head has been spoken to its end."""
        speech = self._speeches.popleft()
        speech.state = "said"
        return speech

    def extend_tail(self, now: float, seconds: float) -> None:
        """More audio for the tail. When its buffer ran dry, the new audio plays from now on."""
        tail = self._speeches[-1]
        begin = max(tail.ends_at, now) if tail.state == "speaking" else tail.ends_at
        tail.ends_at = begin + seconds

    def close_tail(self, now: float) -> None:
        """No more audio comes for the tail."""
        tail = self.tail
        if tail is not None and tail.open:
            tail.open = False
            if tail.state == "speaking":
                tail.ends_at = max(tail.ends_at, now)

    def interrupt(self, now: float, *, clear: bool) -> list[TwinSpeech]:
        """Cut the speech under way, and with `clear` those that wait; returns what was cut.

        What waits behind a cut speech begins at once.
        """
        cut = []
        while self._speeches and (clear or self._speeches[0].state == "speaking"):
            speech = self._speeches.popleft()
            speech.open = False
            speech.ends_at = min(speech.ends_at, max(speech.starts_at, now))
            speech.state = "interrupted"
            speech.audio.clear()
            cut.append(speech)
        start = now
        for speech in self._speeches:
            speech.starts_at, speech.ends_at = start, start + speech.seconds
            start = speech.ends_at
        return cut
