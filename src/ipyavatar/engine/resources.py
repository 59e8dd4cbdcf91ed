"""What the avatars of one process share."""

from __future__ import annotations

import contextlib
import threading
import weakref
from concurrent.futures import Executor
from typing import TYPE_CHECKING

from ..core.fork_gate import loading
from ..core.log import get_logger
from ..core.memory import release_free_memory
from ..core.quality import QUALITIES
from ..core.threads import guarded_executor
from ..errors import MediaError
from .voice import VOICES, load_voice
from .voice.base import Voice

if TYPE_CHECKING:
    from .animator import Animator
    from .face_process.process import FaceProcess

log = get_logger(__name__)


class EngineResources:
    """What all avatars of a process share: worker threads, loaded voices, and who draws for many.

    Args:
        faces_here: So many faces are drawn in this process at a time, by its threads; further ones
            in a process of their own, as long as there is one. None: all are drawn here.
    """

    def __init__(self, faces_here: int | None = None) -> None:
        # One thread for voices, which share one model. Two for faces, so that one avatar's slow
        # picture does not hold up another's.
        self.voice_executor: Executor = guarded_executor(1, "ipyavatar-voice")
        self.drawing_executor: Executor = guarded_executor(2, "ipyavatar-face")
        self._faces_here = faces_here
        self._animators: weakref.WeakSet[Animator] = weakref.WeakSet()  # meant to be drawn here
        self._closed = False
        self._face_process: FaceProcess | None = None
        self._lock = threading.Lock()  # two drawing threads may make an animator each
        self._voices: dict[str, Voice] = {}

    def warm(self) -> None:
        """Load the standard voice in the background; the first speech then starts at once."""
        # A program that ends takes no more work, and nobody will speak.
        with contextlib.suppress(RuntimeError):
            self.voice_executor.submit(self.voice, next(iter(VOICES)))

    def animator(self, character: str, size: str | tuple[int, int], seed: int) -> Animator:
        """One more face. Call it in `drawing_executor` only."""
        from .animator import Animator

        with self._lock:
            few = self._faces_here is None or len(self._animators) < self._faces_here
            if few or self._closed:
                animator = Animator(character, size, seed)
                self._animators.add(animator)
                return animator
            if self._face_process is None:
                from .face_process.process import FaceProcess

                self._face_process = FaceProcess()
            process = self._face_process
        width, height = QUALITIES[size] if isinstance(size, str) else size
        try:
            source = process.face(character, width, height)
        except MediaError as error:
            log.debug("A face is drawn here. %s", error)
            return Animator(character, size, seed)
        return Animator(character, size, seed, source)

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
        self.drawing_executor.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            self._closed = True
        if self._face_process is not None:
            self._face_process.close()  # first: threads may wait for it
        self.drawing_executor.shutdown(wait=wait)
