"""What the avatars of one process share."""

from __future__ import annotations

import contextlib
from concurrent.futures import Executor

from ..core.fork_gate import loading
from ..core.memory import release_free_memory
from ..core.threads import guarded_executor
from .voice import VOICES, load_voice
from .voice.base import Voice


class EngineResources:
    """What all avatars of a process share: worker threads and loaded voices."""

    def __init__(self) -> None:
        # One thread for voices, which share one model. Two for faces, so that one avatar's slow
        # picture does not hold up another's.
        self.voice_executor: Executor = guarded_executor(1, "ipyavatar-voice")
        self.drawing_executor: Executor = guarded_executor(2, "ipyavatar-face")
        self._voices: dict[str, Voice] = {}

    def warm(self) -> None:
        """Load the standard voice in the background; the first speech then starts at once."""
        # A program that ends takes no more work, and nobody will speak.
        with contextlib.suppress(RuntimeError):
            self.voice_executor.submit(self.voice, next(iter(VOICES)))

    def voice(self, name: str) -> Voice:
        """The loaded and warm voice `name`. Call it in `voice_executor` only."""
        voice = self._voices.get(name)
        if voice is None:
            with loading():
                voice = load_voice(name)
                voice.warm()
            self._voices[name] = voice
        return voice

    def varied_voice(self, name: str, speed: float, pitch: float) -> Voice:
        """The voice `name` at another pace or pitch. Call it in `voice_executor` only."""
        if (speed, pitch) == (1.0, 1.0):
            return self.voice(name)
        self.voice(name)  # the network, which all of them share
        return load_voice(name, speed, pitch)

    def release_memory(self) -> None:
        """Give back what speeches took, but for what the next one begins with.

        Call it in `voice_executor` only.
        """
        release_free_memory()
        for voice in self._voices.values():
            voice.warm()
            return  # all share one model

    def close(self, wait: bool = True) -> None:
        """End the workers, and `wait` for what they are doing (loading a voice takes a second)."""
        self.voice_executor.shutdown(wait=wait, cancel_futures=True)
        self.drawing_executor.shutdown(wait=wait, cancel_futures=True)
