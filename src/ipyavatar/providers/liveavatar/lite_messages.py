"""The messages of LiveAvatar LITE, in which we bring the voice. Pure; see `lite_socket` for I/O.

Sound is signed 16-bit little-endian PCM, mono, 24 kHz.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from ...engine.pcm import to_int16
from ...errors import InvalidArgument

SAMPLE_RATE_HZ = 24_000
BYTES_PER_SECOND = SAMPLE_RATE_HZ * 2

# The first piece is short so that the mouth moves soon; then about a second, as the docs advise.
# The limit is 1 MB a message.
FIRST_PIECE_BYTES = BYTES_PER_SECOND * 2 // 5
PIECE_BYTES = BYTES_PER_SECOND


class Pieces:
    """Cuts a stream of PCM into messages' worth: never half a sample, never too much at once."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._next = FIRST_PIECE_BYTES

    def feed(self, pcm: bytes) -> Iterator[bytes]:
        """Take `pcm`; yields the pieces that are complete."""
        self._held += pcm
        while len(self._held) >= self._next:
            yield self._take(self._next)
            self._next = PIECE_BYTES

    def flush(self) -> Iterator[bytes]:
        """The rest, if there is any; half a sample at the very end is dropped."""
        whole = len(self._held) // 2 * 2
        if whole:
            yield self._take(whole)
        self._held.clear()

    def _take(self, size: int) -> bytes:
        piece = bytes(self._held[:size])
        del self._held[:size]
        return piece


def pcm_of(audio: NDArray[np.float32], sample_rate: int) -> bytes:
    """PCM for LITE from `float32[n]`, mono, in -1 to 1; louder samples are clipped.

    Raises:
        InvalidArgument: The rate is not 24 kHz, or the array is not mono.
    """
    if sample_rate != SAMPLE_RATE_HZ:
        raise InvalidArgument(
            f"LITE takes sound at {SAMPLE_RATE_HZ} Hz, not {sample_rate}.", "Resample it first."
        )
    if audio.ndim != 1:
        raise InvalidArgument(
            f"LITE takes mono sound of shape [n], not {list(audio.shape)}.", "Mix it down first."
        )
    return to_int16(audio).astype("<i2", copy=False).tobytes()


def speak(piece: bytes, event_id: str) -> str:
    """A piece of a speech; all pieces of one speech share `event_id`."""
    sound = base64.b64encode(piece).decode("ascii")
    return _message("agent.speak", event_id, audio=sound)


def speak_end(event_id: str) -> str:
    """The end of a speech; without it the tail may not be played."""
    return _message("agent.speak_end", event_id)


def interrupt(event_id: str) -> str:
    """Cut the speech off."""
    return _message("agent.interrupt", event_id)


def keep_alive(event_id: str) -> str:
    """Reset the idle time."""
    return _message("session.keep_alive", event_id)


def _message(name: str, event_id: str, **more: str) -> str:
    return msgspec.json.encode({"type": name, "event_id": event_id, **more}).decode()
