"""Poses in steps that are as fine as a picture of one size can show."""

from __future__ import annotations

from typing import Any

from ..pose import MOUTH_KEYS, Mouth, Pose

_RANGES: dict[str, tuple[float, float, float]] = {
    # name: lowest, highest, steps per unit
    "jaw": (0, 1, 40), "wide": (-0.3, 1, 24), "round": (0, 1, 24), "upper": (0, 1, 16),
    "tuck": (0, 1, 16), "press": (0, 1, 16), "tongue": (0, 1, 16), "teeth": (0, 1, 16),
    "smile": (-0.5, 1, 24), "blink": (0, 1, 16), "gaze_x": (-1, 1, 24), "gaze_y": (-1, 1, 24),
    "brow_left": (-0.3, 1, 16), "brow_right": (-0.3, 1, 16), "brow_angle": (-8, 8, 1),
}  # fmt: skip
_MOTION: dict[str, tuple[float, float, float]] = {
    # The same for what moves far: steps per unit and pixel of a design unit, so that one step
    # is about half a pixel where it moves the picture most.
    "head_x": (-24, 24, 2), "head_y": (-24, 24, 2), "roll": (-6, 6, 14), "yaw": (-1, 1, 30),
    "pitch": (-1, 1, 24), "breath": (0, 1, 12),
}  # fmt: skip

POSE_KEYS = (*_RANGES, *_MOTION)
"""The order of the numbers of a key: `MOUTH_KEYS`, then those of the whole face."""

PoseKey = tuple[int, ...]


class PoseSteps:
    """Poses as pictures of one height can show them.

    Args:
        height: In pixels.
    """

    def __init__(self, height: int) -> None:
        px = height / 1000  # pixels per design unit
        self._ranges = _RANGES | {n: (a, b, s * px) for n, (a, b, s) in _MOTION.items()}
        self._pose: Pose | None = None  # the one of `_key`
        self._key: PoseKey = ()

    def key(self, pose: Pose) -> PoseKey:
        """The pose in steps: equal keys mean equal pictures."""
        if pose != self._pose:  # an idle face asks for the same one three times
            self._pose, self._key = pose, self._to_steps(pose)
        return self._key

    def pose(self, key: PoseKey) -> Pose:
        """The pose that a key stands for; it has the same key."""
        ranges = zip(key, self._ranges.items(), strict=True)
        values: dict[str, Any] = {name: step / steps for step, (name, (_, _, steps)) in ranges}
        # Rounding to steps may leave a hair's breadth beyond the range.
        mouth = Mouth(**{name: min(values.pop(name), 1.0) for name in MOUTH_KEYS})
        return Pose(mouth=mouth, **values)

    def _to_steps(self, pose: Pose) -> PoseKey:
        values = [getattr(pose.mouth, name) for name in MOUTH_KEYS]
        values += [getattr(pose, name) for name in POSE_KEYS[len(MOUTH_KEYS) :]]
        limits = zip(values, self._ranges.values(), strict=True)
        return tuple(round(min(max(v, low), high) * steps) for v, (low, high, steps) in limits)
