"""Real poses of a talking face, for the rows that draw and encode."""

from __future__ import annotations

from collections.abc import Iterator

from ipyavatar.engine.face import IdleMotion
from ipyavatar.engine.pose import Pose
from ipyavatar.media.encoders import FPS

from .source import synthesized

TEXT = "Well, she was sure that many more people would be coming along the river road all day long."


def talking_poses(count: int) -> list[Pose]:
    """`count` poses at the stage's rate, from the begin of a speech on."""
    return list(_poses(count))


def _poses(count: int) -> Iterator[Pose]:
    life = IdleMotion(seed=7)
    mouths = list(synthesized(TEXT).mouths(FPS))
    for i in range(count):
        yield life.pose(i / FPS, mouths[i % len(mouths)], 1.0, 0.0)
