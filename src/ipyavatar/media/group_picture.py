"""One picture of several characters: side by side, or whoever speaks."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..engine.animator import Animator
from ..engine.playout import SAMPLE_RATE, PlayoutTimeline
from .planes import Planes

Layout = Literal["side", "cut"]
SIDE_BY_SIDE = 3
"""More do not fit next to each other; then whoever speaks is shown."""


class GroupPicture:
    """Draws the characters of a script, each with its own timeline. Belongs to one thread.

    Args:
        characters: Who is in it, from left to right.
        size: Width and height of the whole, in pixels.
        layout: `"side"` or `"cut"`.
    """

    def __init__(self, characters: Sequence[str], size: tuple[int, int], layout: Layout) -> None:
        width, height = size
        self._cut = layout == "cut" or not 1 < len(characters) <= SIDE_BY_SIDE
        share = width if self._cut else width // len(characters) // 2 * 2
        widths = [share] * len(characters)
        if not self._cut:
            widths[-1] = width - share * (len(characters) - 1)
        self._animators = {
            name: Animator(name, (each, height), seed)
            for seed, (name, each) in enumerate(zip(characters, widths, strict=True))
        }
        self._size = size
        self._keys: dict[str, Hashable] = {}
        self._picture: NDArray[np.uint8] | None = None
        self._shown = characters[0]

    def draw(
        self, position: int, timelines: Mapping[str, PlayoutTimeline], speaker: str
    ) -> NDArray[np.uint8]:
        """The picture of a position, I420; nobody may write to it.

        Args:
            position: In samples.
            timelines: Of each character.
            speaker: Who has the floor.
        """
        shown = [speaker] if self._cut else list(self._animators)
        changed = self._picture is None or (self._cut and speaker != self._shown)
        self._shown = speaker
        for name in shown:
            timeline = timelines[name]
            key = self._animators[name].key(
                position / SAMPLE_RATE,
                timeline.mouth_at(position),
                timeline.sounding,
                timeline.stress_at(position),
            )
            changed |= key != self._keys.get(name)
            self._keys[name] = key
        if changed or self._picture is None:
            parts = [self._animators[name].draw() for name in shown]
            # Copied: an animator draws into the same few buffers, and encoders are behind.
            self._picture = parts[0].copy() if len(parts) == 1 else _side_by_side(parts, self._size)
        return self._picture


def _side_by_side(parts: Sequence[NDArray[np.uint8]], size: tuple[int, int]) -> NDArray[np.uint8]:
    width, height = size
    out = np.empty((height * 3 // 2, width), np.uint8)
    planes, x = Planes.of(out), 0
    for part in parts:
        planes.put(Planes.of(part), x)
        x += part.shape[1]
    return out
