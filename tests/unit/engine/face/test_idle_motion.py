"""The face's own life as a function of media time."""

from __future__ import annotations

import statistics
from itertools import pairwise

import numpy as np
import pytest

from ipyavatar.engine.face.idle_motion import IdleMotion
from ipyavatar.engine.face.pose_steps import PoseSteps
from ipyavatar.engine.pose import Mouth, Pose

FPS = 30


def run(seed: int, seconds: float, speaking: float = 0.0, stress: float = 0.0) -> list[Pose]:
    life = IdleMotion(seed)
    return [life.pose(i / FPS, Mouth(), speaking, stress) for i in range(int(seconds * FPS))]


def test_same_seed_same_life() -> None:
    assert run(3, 20, 1, 0.5) == run(3, 20, 1, 0.5)
    assert run(3, 20) != run(4, 20)


def test_the_same_moments_look_the_same_at_any_rate() -> None:
    fast, slow = IdleMotion(8), IdleMotion(8)
    for i in range(300):
        pose = fast.pose(i / 30, Mouth(), 0, 0)
        if i % 3 == 0:
            assert slow.pose(i / 30, Mouth(), 0, 0) == pose


def test_blinks_come_every_two_to_five_seconds_and_shut_the_eye() -> None:
    poses = run(1, 120)
    starts = [i for i in range(1, len(poses)) if poses[i].blink and not poses[i - 1].blink]
    pauses = np.diff(starts) / FPS
    assert pauses.min() > 1.9
    assert pauses.max() < 5.1
    for i in starts:
        assert max(p.blink for p in poses[i : i + 6]) == 1.0
        assert poses[i + 6].blink == 0 or i + 6 == len(poses)


def test_the_eyes_stay_on_the_viewer_when_idle() -> None:
    looks = [abs(p.gaze_x + 0.62 * p.yaw) for p in run(2, 60)]
    assert statistics.median(looks) < 0.06
    assert max(looks) < 0.4


def test_it_comes_alive_when_it_speaks() -> None:
    def motion(poses: list[Pose]) -> float:
        return float(np.std([p.head_x for p in poses]) + np.std([p.roll for p in poses]))

    idle, live = run(5, 40), run(5, 40, 1)
    assert motion(live) > 2 * motion(idle)
    assert live[-1].smile < idle[-1].smile


def test_stress_nods_and_raises_the_brows() -> None:
    calm, keen = run(6, 4, 1, 0), run(6, 4, 1, 1)
    assert keen[-1].brow_left > calm[-1].brow_left + 0.3
    assert keen[-1].head_y > calm[-1].head_y + 1


@pytest.mark.parametrize("target", [0.0, 1.0])
def test_speaking_eases_in_and_out(target: float) -> None:
    life = IdleMotion(7)
    for i in range(60):
        life.pose(i / FPS, Mouth(), 1 - target, 0)
    start = life.pose(2.0, Mouth(), 1 - target, 0).smile
    after = [life.pose(2.0 + i / FPS, Mouth(), target, 0).smile for i in range(1, 31)]
    assert abs(after[0] - start) < 0.5 * abs(after[-1] - start)
    assert after[10] == pytest.approx(after[-1], abs=0.02)


@pytest.mark.parametrize("size", [(854, 480), (1280, 720), (1920, 1080)])
def test_idle_pictures_change_seldom_and_by_small_steps(size: tuple[int, int]) -> None:
    steps = PoseSteps(size[1])
    poses = run(9, 60)
    awake = [p for p in poses if not p.blink]
    changes = sum(steps.key(a) != steps.key(b) for a, b in pairwise(awake))
    assert changes / 60 <= 10
    px = size[1] / 1000
    for a, b in pairwise(poses):
        assert abs(a.head_x - b.head_x) * px < 1
        assert abs(a.head_y - b.head_y) * px < 1


def test_time_never_runs_back() -> None:
    life = IdleMotion(1)
    now = life.pose(5.0, Mouth(), 0, 0)
    assert life.pose(4.0, Mouth(), 0, 0) == now
