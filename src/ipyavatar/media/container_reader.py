"""Reads a file while it comes, such as one that a browser records: sound and pictures of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from ..core.log import get_logger
from ..core.threads import GuardedThread
from ..engine.playout import SAMPLE_RATE
from ..errors import MediaError
from .received_stream import as_i420

log = get_logger(__name__)

CONTAINERS = {"video/webm": "webm", "video/x-matroska": "matroska", "video/mp4": "mp4"}
"""FFmpeg's name of each that browsers record, by its type."""

WAITING_ITEMS = 8
"""Sound and pictures that wait for whoever takes them: of 720p, 11 MB."""

LONGEST_GAP_S = 10.0
"""Sound that is missing for longer is another clock."""

SMALL_GAP_S = 0.1
"""Times of sound are this far from exact."""

MOST_PIXELS = 4096 * 2304
"""No service sends larger pictures; of what a page sends memory must not depend."""

_AT_ONCE = {"probesize": "4096", "analyzeduration": "1"}
"""What is in it stands at its beginning: nothing is read ahead to find out."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Mono, 48,000 samples a second, from a second of the file on."""

    at: float
    samples: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Picture:
    """An I420 picture of a second of the file."""

    at: float
    picture: NDArray[np.uint8]


Item = Sound | Picture


class ContainerReader:
    """Decodes on a thread of its own. Both callbacks are called there.

    Args:
        kind: The file's type, as browsers name it; what follows a semicolon does not matter.
        on_item: Told what comes; `WAITING_ITEMS` of it are under way until `release()`.
        on_end: There is no more: why, or None at the file's end.

    Raises:
        MediaError: Nothing of that type can be read.
    """

    def __init__(
        self,
        kind: str,
        on_item: Callable[[Item], None],
        on_end: Callable[[MediaError | None], None],
    ) -> None:
        container = CONTAINERS.get(kind.split(";", maxsplit=1)[0].strip().lower())
        if container is None:
            raise MediaError(f"The page records {kind!r:.80}, which cannot be read here.")
        self._container = container
        self._on_item, self._on_end = on_item, on_end
        self._bytes = bytearray()
        self._changed = threading.Condition()
        self._ended = self._closed = False
        self._free = threading.Semaphore(WAITING_ITEMS)
        self._heard = 0.0  # where the sound ends that has come
        self._mono = av.AudioResampler("s16", "mono", SAMPLE_RATE)
        self._thread = GuardedThread(target=self._run, name="ipyavatar-reader", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Bytes that have come and were not read."""
        return len(self._bytes)

    def feed(self, data: bytes) -> None:
        """The next bytes of the file."""
        with self._changed:
            self._bytes += data
            self._changed.notify()

    def end(self) -> None:
        """That was all. Idempotent."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def release(self) -> None:
        """One item is used."""
        self._free.release()

    def close(self) -> None:
        """Read no more; idempotent, and does not wait."""
        with self._changed:
            self._closed = self._ended = True
            self._bytes.clear()
            self._changed.notify()
        self._free.release()

    # ---- on the thread ------------------------------------------------------------------------

    def read(self, count: int) -> bytes:
        """What FFmpeg reads by: waits for bytes, and gives none at the end."""
        with self._changed:
            while not self._bytes and not self._ended:
                self._changed.wait()
            data = bytes(self._bytes[:count])
            del self._bytes[:count]
            return data

    def _run(self) -> None:
        error: MediaError | None = None
        try:
            self._decode()
        except MediaError as failure:
            error = failure
        except (OSError, ValueError, av.error.FFmpegError) as failure:
            error = MediaError(f"What the page records cannot be read ({failure}).")
            error.__cause__ = failure
        except Exception as failure:
            log.exception("What a page records could not be read, in a way nobody foresaw")
            error = MediaError(f"What the page records cannot be read: {failure!r}.")
            error.__cause__ = failure
        self._on_end(error)

    def _decode(self) -> None:
        # Small reads: what waits for a buffer to be full comes late.
        with av.open(
            self, mode="r", format=self._container, options=_AT_ONCE, buffer_size=4096
        ) as file:
            silent = not file.streams.audio
            streams = [*file.streams.video[:1], *file.streams.audio[:1]]
            for packet in file.demux(streams):
                for frame in packet.decode():
                    if self._closed:
                        return
                    self._take(frame, silent=silent)

    def _take(self, frame: Any, *, silent: bool) -> None:
        at = 0.0 if frame.time is None else float(frame.time)
        if isinstance(frame, av.AudioFrame):
            for mono in self._mono.resample(frame):
                samples = mono.to_ndarray().reshape(-1).astype(np.int16, copy=False)
                self._sound(at, samples)
            return
        if silent:  # the clock is the sound's, also where there is none
            self._fill(at)
        if frame.width * frame.height > MOST_PIXELS:
            raise MediaError(f"The page records {frame.width} by {frame.height} pixels.")
        data = frame.to_ndarray(format="yuv420p").tobytes()
        self._give(Picture(at, as_i420(data, frame.width, frame.height)))

    def _sound(self, at: float, samples: NDArray[np.int16]) -> None:
        if at - self._heard > SMALL_GAP_S:
            self._fill(at)
        self._heard = at + len(samples) / SAMPLE_RATE
        self._give(Sound(at, samples))

    def _fill(self, at: float) -> None:
        """Silence, until `at`."""
        gap = at - self._heard
        if 0 < gap <= LONGEST_GAP_S:
            self._give(Sound(self._heard, np.zeros(round(gap * SAMPLE_RATE), np.int16)))
        self._heard = max(self._heard, at)

    def _give(self, item: Item) -> None:
        if self._closed:
            return  # what is closed has one item released, and a frame may give two
        self._free.acquire()
        if not self._closed:
            self._on_item(item)
