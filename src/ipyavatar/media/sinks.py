"""Who takes sound and pictures as they are, not encoded for a page: readers and recorders."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..core.speech import SpokenWord
from ..errors import AvatarError

PATIENCE_S = 2.0
"""A reader that has not asked for so long is not waited for: the avatar goes on in real time."""


@dataclass(frozen=True, slots=True)
class SpokenCaption:
    """What is being said from a sample position on.

    Attributes:
        at: Sample position of its first sound.
        seconds: How long it is.
        text: What is said; empty where nothing is any more.
        words: Its words, in seconds from its start.
        goes_on: It is more of what is being said, and has no text of its own.
    """

    at: int
    seconds: float
    text: str
    words: tuple[SpokenWord, ...]
    goes_on: bool = False


class MediaSink(Protocol):
    """Takes sound and pictures from a pump, on the pump's loop. Must not wait."""

    @property
    def pictures(self) -> bool:
        """Whether it takes pictures."""

    @property
    def hold_until(self) -> float | None:
        """None while it takes more; else until when it is waited for, where nobody watches."""

    def put_audio(self, start: int, audio: NDArray[np.float32] | None) -> None:
        """20 ms of sound that begin at sample `start`; None is silence."""

    def put_picture(self, start: int, picture: NDArray[np.uint8]) -> None:
        """An I420 picture, to be copied before this returns, shown from sample `start` on."""

    def put_caption(self, caption: SpokenCaption) -> None:
        """This is being said from now on."""

    def fail(self, error: AvatarError) -> None:
        """Nothing more comes, though it should."""


class MediaSource(Protocol):
    """Where sinks get sound and pictures from; used on one loop."""

    def add_sink(self, sink: MediaSink) -> None:
        """Give sound and pictures to one more."""

    def remove_sink(self, sink: MediaSink) -> None:
        """Give it nothing more. Idempotent."""

    def wake(self) -> None:
        """A sink takes more again."""

    def catch_up(self, within_s: float) -> Awaitable[None] | None:
        """Wait until what was played until now has come, where it comes late; else nothing."""
