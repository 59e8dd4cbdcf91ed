"""What a face does by itself: blinks, glances, sways, breathes, and comes alive when it speaks."""

from __future__ import annotations

import math

import numpy as np

from ..pose import Mouth, Pose

BLINK = (0.45, 1.0, 1.0, 0.75, 0.35, 0.1)
"""How far the lids are shut in the six frames of a blink, at 30 frames a second."""
BLINK_PAUSE = (2.0, 5.0)
"""Shortest and longest time between blinks in seconds."""
BREATH_HZ = 0.24
IDLE_HZ = 8.0
"""An idle face moves in this many small steps a second: slow drifts need no more, and every
step that is left out is a picture that is neither drawn nor encoded."""
_EASE_S = 0.1  # time constant: 95 % of the way in 0.3 s
_NOTES = 512


class IdleMotion:
    """The involuntary part of a face as a function of media time.

    The same seed and the same calls give the same poses. Time may go in steps of any size but
    not backwards.

    Args:
        seed: Chooses this face's own rhythm.
    """

    def __init__(self, seed: int):
        rng = np.random.default_rng(seed)
        self._notes: list[list[float]] = rng.normal(0, 0.6, (7, _NOTES)).clip(-1, 1).tolist()
        self._rng = rng
        self._blink_at = float(rng.uniform(0.8, 3.0))
        self._glance_until = 0.0
        self._glance = (0.0, 0.0)
        self._t = 0.0
        self._activity = 0.0
        self._beat = 0.0

    def pose(self, t: float, mouth: Mouth, speaking: float, stress: float) -> Pose:
        """The face at media time `t`.

        Args:
            t: Seconds, not less than at the call before.
            mouth: What the lips say at `t`.
            speaking: 1 while it speaks, else 0; eased in and out over 0.3 s.
            stress: How much the syllable at `t` is stressed, 0 to 1.

        Returns:
            The pose; while idle it changes about `IDLE_HZ` times a second.
        """
        step, self._t = max(0.0, t - self._t), max(t, self._t)
        t = self._t
        self._activity = _toward(self._activity, speaking, step, _EASE_S)
        self._beat = _toward(self._beat, stress, step, 0.05 if stress > self._beat else 0.18)
        live, beat = self._activity, self._beat * self._activity
        if live < 0.02 and not speaking:
            live, beat = 0.0, 0.0
        slow = t if live else math.floor(t * IDLE_HZ) / IDLE_HZ
        sway = [
            self._noise(i, slow * (0.11 + 0.02 * i)) * (1 - live)
            + self._noise(i, slow * (0.30 + 0.05 * i)) * live
            for i in range(5)
        ]
        yaw = sway[3] * (0.10 + 0.50 * live)
        pitch = sway[4] * (0.08 + 0.30 * live) + 0.45 * beat
        brow = live * (0.16 * self._noise(5, slow * 0.4) + 0.06) + 0.5 * beat
        look = self._look(t, live)
        return Pose(
            mouth=mouth,
            smile=0.30 - 0.18 * live,
            blink=self._blink(t),
            # The eyes stay on the viewer while the head turns.
            gaze_x=look[0] - 0.62 * yaw,
            gaze_y=look[1] - 0.40 * pitch,
            brow_left=brow,
            brow_right=brow + 0.05 * live,
            brow_angle=-2.0 * brow,
            head_x=sway[0] * (1.6 + 4.4 * live),
            head_y=sway[1] * (1.0 + 2.4 * live) + 2.6 * beat,
            roll=sway[2] * (0.35 + 1.5 * live),
            yaw=yaw,
            pitch=pitch,
            breath=0.5 + 0.5 * math.sin(2 * math.pi * BREATH_HZ * slow),
        )

    def _noise(self, channel: int, x: float) -> float:
        """Smooth noise in -1..1, one independent value for each unit of `x`."""
        i = math.floor(x)
        f = x - i
        notes = self._notes[channel]
        a, b = notes[i % _NOTES], notes[(i + 1) % _NOTES]
        return a + (b - a) * f * f * (3 - 2 * f)

    def _blink(self, t: float) -> float:
        while t >= self._blink_at + len(BLINK) / 30:
            self._blink_at += float(self._rng.uniform(*BLINK_PAUSE))
        since = (t - self._blink_at) * 30
        return BLINK[min(int(since + 1e-6), len(BLINK) - 1)] if since > -1e-6 else 0.0

    def _look(self, t: float, live: float) -> tuple[float, float]:
        """Where the eyes rest: on the viewer mostly, elsewhere for a moment now and then."""
        while t >= self._glance_until:
            away = self._rng.random() < 0.30
            x, y = self._rng.normal(0, (0.26, 0.12)) if away else self._rng.normal(0, 0.025, 2)
            self._glance = float(np.clip(x, -0.6, 0.6)), float(np.clip(y, -0.3, 0.3))
            self._glance_until += float(
                self._rng.uniform(0.4, 1.1) if away else self._rng.uniform(1.0, 2.8)
            )
        share = 0.6 + 0.4 * live
        return self._glance[0] * share, self._glance[1] * share


def _toward(value: float, target: float, step: float, constant: float) -> float:
    """Exponential easing; the same whatever steps the time goes in."""
    return target + (value - target) * math.exp(-step / constant)
