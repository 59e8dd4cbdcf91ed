"""A voice that is asynchronous, as one that blocks its thread: for what is made without a loop."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

from ..core.loops import new_loop
from ..engine.voice.base import VoiceChunk
from .sentence_voice import SentenceVoice


class BlockingVoice:
    """Called from one worker thread at a time, which runs a loop while it waits.

    Attributes:
        name: What it is called.
    """

    def __init__(self, name: str, voice: SentenceVoice) -> None:
        self.name = name
        self._loop = new_loop()
        self._voice = voice

    def warm(self) -> None:
        """There is nothing to load."""

    def unreadable(self, text: str) -> str:
        """It says, or skips and tells, what it is given."""
        del text
        return ""

    def stream(self, text: str, cancel: threading.Event) -> Iterator[VoiceChunk]:
        """Speak `text`, until `cancel` is set.

        Raises:
            SpeechFailed: Nothing of it could be said, or too many sentences in a row.
        """
        chunks = self._voice.stream(text)
        try:
            while not cancel.is_set():
                chunk = self._loop.run_until_complete(anext(chunks, None))
                if chunk is None:
                    return
                yield chunk
        finally:
            self._loop.run_until_complete(chunks.aclose())

    def close(self) -> None:
        """It is not needed any more."""
        with contextlib.closing(self._loop):
            self._loop.run_until_complete(self._voice.close())
