"""What was asked of an avatar, and what became of it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from ..core.speech import Speech, SpeechState

LENGTH = 200
"""Speeches kept; the oldest that have ended are forgotten first."""

ENDED = frozenset({"said", "interrupted", "failed"})


class Transcript:
    """One entry for each speech, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, dict[str, str]] = OrderedDict()

    def __iter__(self) -> Iterator[dict[str, str]]:
        return iter(self.entries())

    def __len__(self) -> int:
        return len(self._entries)

    def entries(self) -> list[dict[str, str]]:
        """`{"speech", "text", "state"}` of each: its id, what was asked for, the newest state.

        What a responder answered is there, too, as `answer`.
        """
        return [dict(entry) for entry in list(self._entries.values())]

    def note(self, speech: Speech) -> None:
        """Take in the state of `speech`; it keeps its place."""
        state: SpeechState = speech.state
        entry = {"speech": speech.id, "text": speech.text, "state": state}
        if speech.answer:
            entry["answer"] = speech.answer
        self._entries[speech.id] = entry
        if len(self._entries) > LENGTH:
            ended = (name for name, one in self._entries.items() if one["state"] in ENDED)
            oldest = next(ended, None)
            if oldest is not None:
                del self._entries[oldest]

    def __contains__(self, speech: object) -> bool:
        return speech in self._entries

    def has_ended(self, speech: str) -> bool:
        """Whether it is known to have ended."""
        entry = self._entries.get(speech)
        return entry is not None and entry["state"] in ENDED
