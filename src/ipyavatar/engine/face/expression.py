"""What a face does because it is asked to: it smiles, nods, or glances aside to think."""

from __future__ import annotations

import dataclasses
import math

from ..pose import Pose

LASTS_S = {"smile": 2.6, "nod": 0.9, "think": 1.8}
"""How long each takes, in seconds."""

_EASE_S = 0.3


class Expressions:
    """Changes poses, as a function of media time."""

    def __init__(self) -> None:
        self._begun: dict[str, float] = {}
        self._held = False  # it thinks until it is told to stop
        self._thinking = 0.0
        self._t = 0.0

    def begin(self, name: str) -> None:
        """Do it from now on; anew, where it is being done."""
        self._begun[name] = self._t

    def hold_think(self, thinking: bool) -> None:
        """Look aside for as long as it thinks."""
        self._held = thinking

    def apply(self, t: float, pose: Pose) -> Pose:
        """`pose` with what is being done at media time `t`."""
        step, self._t = max(0.0, t - self._t), max(t, self._t)
        self._begun = {n: at for n, at in self._begun.items() if self._t - at < LASTS_S[n]}
        target = 1.0 if self._held or "think" in self._begun else 0.0
        self._thinking = target + (self._thinking - target) * math.exp(-step / (_EASE_S / 2))
        think = self._thinking if self._thinking > 0.02 else 0.0
        smile, nod = self._share("smile"), self._nod()
        if not (think or smile or nod):
            return pose
        return dataclasses.replace(
            pose,
            smile=pose.smile + 0.6 * smile,
            brow_left=pose.brow_left + 0.15 * smile + 0.45 * think,
            brow_right=pose.brow_right + 0.15 * smile + 0.15 * think,
            gaze_x=pose.gaze_x * (1 - think) - 0.62 * think,
            gaze_y=pose.gaze_y * (1 - think) - 0.55 * think,
            yaw=pose.yaw - 0.22 * think,
            roll=pose.roll + 1.6 * think,
            pitch=pose.pitch + 0.75 * nod - 0.10 * think,
            head_y=pose.head_y + 7.0 * nod,
        )

    def _share(self, name: str) -> float:
        """How much of it is to be seen: it comes and goes softly."""
        if name not in self._begun:
            return 0.0
        since = self._t - self._begun[name]
        left = LASTS_S[name] - since
        share = min(1.0, since / _EASE_S, left / (2 * _EASE_S))
        return share * share * (3 - 2 * share)

    def _nod(self) -> float:
        """Down and up twice, the second time less."""
        if "nod" not in self._begun:
            return 0.0
        u = (self._t - self._begun["nod"]) / LASTS_S["nod"]
        return math.sin(2 * math.pi * u) ** 2 * (1.0 if u < 0.5 else 0.45)
