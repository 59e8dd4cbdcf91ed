"""The animator: a character that breathes, looks about and speaks, as I420 pictures."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..core.quality import QUALITIES
from .face import FaceRenderer, I420Ring
from .face.expression import Expressions
from .face.idle_motion import IdleMotion
from .face.pose_steps import PoseSteps
from .pose import Mouth, Pose

if TYPE_CHECKING:
    from .face.i420 import PatchSource

BUFFERS = 4
"""Buffers in turn: one is being drawn, up to three wait in encoders, none is copied."""


class Animator:
    """Draws one character in one size: a name of `QUALITIES`, or width and height in pixels.

    `key` decides the pose and is called on the loop; `draw` draws that pose on a worker thread.
    The caller does not call `key` while `draw` runs.

    Args:
        character: A name of `CHARACTERS`.
        quality: The size.
        seed: Chooses what the face does by itself.
        source: Draws that character in that size; a renderer of its own when None.

    Attributes:
        expressions: What the face does because it is asked to; used on the loop.
    """

    def __init__(
        self,
        character: str,
        quality: str | tuple[int, int],
        seed: int,
        source: PatchSource | None = None,
    ) -> None:
        width, height = QUALITIES[quality] if isinstance(quality, str) else quality
        self._idle_motion = IdleMotion(seed)
        self.expressions = Expressions()
        self._source = source or FaceRenderer(character, width, height)
        self._ring = I420Ring(width, height, BUFFERS)
        self._steps = PoseSteps(height)
        self._pose = Pose()

    def key(self, at: float, mouth: Mouth, speaking: bool, stress: float) -> Hashable:
        """Decide the pose at `at` seconds of media time; equal keys mean an equal picture."""
        pose = self._idle_motion.pose(at, mouth, 1.0 if speaking else 0.0, stress)
        self._pose = self.expressions.apply(at, pose)
        return self._steps.key(self._pose)

    def draw(self) -> NDArray[np.uint8]:
        """The picture of the pose last decided: I420, `uint8[h * 3 // 2, w]`."""
        return self._ring.next(self._source.draw(self._pose))
