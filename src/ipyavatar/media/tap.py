"""A tap on a pump: keeps sound or pictures for a reader, who takes them when it wants some.

Of pictures the newest few are kept; of sound everything, for ten minutes of a reader that does not
read. What is handed out is what was asked for: a reader that is slow has a bounded backlog.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..engine.playout import SAMPLE_RATE
from ..errors import AvatarError, MediaError
from ..protocol.media import MediaItem
from .sinks import PATIENCE_S, SpokenCaption

TapKind = Literal["frames", "audio"]

ENOUGH = {"frames": 3, "audio": 50}
"""With so much that it has not asked for the reader is waited for, where nobody watches."""

MOST_PICTURES = 6
"""So many pictures are kept for a reader: of more, the oldest go."""

KEPT_SOUND_S = 600.0
"""Seconds of sound kept for a reader at most."""

TapItem = tuple[int, NDArray[np.float32] | NDArray[np.uint8] | None]
"""Sample position, and the sound (None: 20 ms of silence) or the I420 picture."""


class Tap:
    """A sink of a pump. `on_items` is called on its loop.

    Args:
        kind: Whether it takes sound or pictures.
        on_items: Gets what the reader has asked for; with `ended`, and maybe an error, it was all.
        on_ready: It takes more again.
        clock: Monotonic seconds.

    Attributes:
        dropped: Pictures that the reader was too slow for.
    """

    def __init__(
        self,
        kind: TapKind,
        on_items: Callable[[list[TapItem], bool, AvatarError | None], None],
        on_ready: Callable[[], None],
        clock: Callable[[], float],
    ) -> None:
        self._kind = kind
        self._on_items, self._on_ready = on_items, on_ready
        self._clock = clock
        self._items: deque[TapItem] = deque()
        self._asked = 0
        self._asked_at = clock()
        self._ended = False
        self.dropped = 0

    @property
    def pictures(self) -> bool:
        """Whether it takes pictures."""
        return self._kind == "frames"

    @property
    def hold_until(self) -> float | None:
        """It is waited for while it reads."""
        full = len(self._items) >= ENOUGH[self._kind]
        return self._asked_at + PATIENCE_S if full else None

    def ask(self, count: int) -> None:
        """The reader takes so many more."""
        self._asked += count
        self._asked_at = self._clock()
        self._hand_out()
        self._on_ready()

    def put_audio(self, start: int, audio: NDArray[np.float32] | None) -> None:
        """20 ms of sound."""
        if self._kind == "audio" and not self._ended:
            self._items.append((start, audio))
            if len(self._items) > KEPT_SOUND_S * 50:
                what = f"Nothing was read for {KEPT_SOUND_S:.0f} s of sound; it is kept no longer."
                self.end(MediaError(what, "Read on, or close what you do not read."))
            else:
                self._hand_out()

    def put_picture(self, start: int, picture: NDArray[np.uint8]) -> None:
        """A picture; the oldest goes where too many wait."""
        if self._kind == "frames" and not self._ended:
            if len(self._items) >= MOST_PICTURES:
                self._items.popleft()
                self.dropped += 1
            self._items.append((start, picture.copy()))
            self._hand_out()

    def put_caption(self, caption: SpokenCaption) -> None:
        """Readers take none."""

    def fail(self, error: AvatarError) -> None:
        """Hand out what is left, and tell."""
        self.end(error)

    def end(self, error: AvatarError | None = None) -> None:
        """Hand out what is left, and take no more. Idempotent."""
        if self._ended:
            return
        self._ended = True
        items, self._items = list(self._items), deque()
        self._on_items(items, True, error)

    def _hand_out(self) -> None:
        items: list[TapItem] = []
        while self._asked and self._items:
            self._asked -= 1
            items.append(self._items.popleft())
        if items:
            self._on_items(items, False, None)


def as_message(item: TapItem) -> MediaItem:
    """What is handed out, as it is sent to who reads."""
    start, data = item
    at = start / SAMPLE_RATE
    if data is None:
        return MediaItem(at)
    if data.ndim == 1:
        return MediaItem(at, data.tobytes())
    return MediaItem(at, data.tobytes(), data.shape[1], data.shape[0] * 2 // 3)
