"""A page's microphone, whose sound comes to a session by messages, in time; and what it reports."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ipyavatar import AvatarSession
from ipyavatar.engine.sound.resample import resample
from ipyavatar.engine.voice import load_voice
from ipyavatar.protocol.listening import ListeningUpdate, Microphone, MicrophoneSound

RATE = 16_000

PIECE = 960
"""60 ms, as a page sends them."""

WAIT_S = 60


def spoken(text: str, voice: str = "cole", pause_s: float = 1.0) -> NDArray[np.float32]:
    """What somebody else says, at the level of a microphone, and the pause after it."""
    chunks = list(load_voice(voice).stream(text, threading.Event()))
    sound = np.concatenate([chunk.audio for chunk in chunks])
    sound = resample(sound, chunks[0].sample_rate, RATE)
    loud = np.flatnonzero(np.abs(sound) > 0.02)
    sound = sound[loud[0] : loud[-1]] * 0.3 / np.abs(sound).max()
    return np.append(sound, np.zeros(round(pause_s * RATE))).astype(np.float32)


class MessageMicrophone:
    """Attributes:
    reports: `(seconds of time.monotonic(), report)` of all that observers hear.
    """

    def __init__(self, session: AvatarSession) -> None:
        self.session = session
        self.reports: list[tuple[float, Any]] = []
        self._number = 0
        self._changed = threading.Condition()
        session.observe(self._note)

    def turn(self, state: str) -> None:
        """The button."""
        self._number = 0
        self.session.forward(Microphone("p", state, "messages"))  # type: ignore[arg-type]

    def turn_on(self) -> None:
        """The button, and half a second of nothing."""
        self.turn("on")
        self.wait_for(lambda r: isinstance(r, ListeningUpdate) and bool(r.microphones))
        self.speak(np.zeros(RATE // 2, np.float32))

    def send(self, sound: NDArray[np.float32]) -> None:
        """One piece, now."""
        self._number += 1
        samples = (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()
        self.session.forward(MicrophoneSound("p", self._number, RATE), (samples,))

    def speak(self, sound: NDArray[np.float32]) -> float:
        """Send it as it is spoken; returns when its first sample was."""
        began = time.monotonic()
        for at in range(0, len(sound), PIECE):
            due = began + (at + PIECE) / RATE
            time.sleep(max(0.0, due - time.monotonic()))  # somebody speaks in real time
            self.send(sound[at : at + PIECE])
        return began

    def wait_for(self, is_it: Callable[[Any], bool], since: float = 0.0) -> tuple[float, Any]:
        """The first report like that after `since`, and when it came."""

        def find() -> tuple[float, Any] | None:
            return next((one for one in self.reports if one[0] >= since and is_it(one[1])), None)

        with self._changed:
            assert self._changed.wait_for(find, WAIT_S)
            found = find()
        assert found is not None
        return found

    def _note(self, report: object) -> None:
        with self._changed:
            self.reports.append((time.monotonic(), report))
            self._changed.notify_all()
