"""What the drawn face promises, on real pictures."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from ipyavatar.core.quality import QUALITIES
from ipyavatar.engine.face import CHARACTERS, FaceRenderer, I420Ring
from ipyavatar.engine.face.pose_steps import PoseSteps
from ipyavatar.engine.pose import MOUTH_KEYS, Mouth, Pose

SIZES = [*QUALITIES.values(), (512, 512)]
AA = Mouth(jaw=0.85, wide=0.1, teeth=0.55, upper=0.35)
LIMITS = {
    "smile": (-0.5, 1), "blink": (0, 1), "gaze_x": (-1, 1), "gaze_y": (-1, 1),
    "brow_left": (-0.3, 1), "brow_right": (-0.3, 1), "brow_angle": (-8, 8),
    "head_x": (-12, 12), "head_y": (-8, 8), "roll": (-4, 4), "yaw": (-1, 1), "pitch": (-1, 1),
    "breath": (0, 1),
}  # fmt: skip


@pytest.fixture(scope="module", params=list(CHARACTERS))
def face(request: pytest.FixtureRequest) -> FaceRenderer:
    return FaceRenderer(request.param, 640, 640)


def mouth_box(face: FaceRenderer) -> tuple[slice, slice]:
    """Rows and columns of the mouth at rest, without the moustache above."""
    k, y = face.height / 1000 * 1.18, CHARACTERS[face.character].facts["mouth"]["y"]
    cy, cx = face.height * 0.445 + y * k, face.width / 2
    return slice(int(cy - 8 * k), int(cy + 50 * k)), slice(int(cx - 40 * k), int(cx + 40 * k))


def dark(picture: np.ndarray) -> int:
    """Pixels as dark as the inside of a mouth."""
    return int((picture[..., :3].max(-1) < 70).sum())


def random_pose(rng: np.random.Generator) -> Pose:
    mouth = Mouth(**{n: float(rng.uniform(0, 1)) for n in MOUTH_KEYS})
    return Pose(mouth=mouth, **{n: float(rng.uniform(*r)) for n, r in LIMITS.items()})


def test_pressed_lips_leave_no_gap_and_aa_opens(face: FaceRenderer) -> None:
    box = mouth_box(face)
    beard = dark(face._bare[box])
    for jaw in (0.0, 0.5, 1.0):
        shut = face.render(Pose(mouth=Mouth(press=1, jaw=jaw, teeth=1)))[box]
        assert dark(shut) <= beard + 3
    opened = face.render(Pose(mouth=AA))[box]
    assert dark(opened) > beard + 0.15 * opened.shape[0] * opened.shape[1] / 2


@pytest.mark.parametrize("size", SIZES)
def test_every_number_at_its_ends_is_drawn(size: tuple[int, int]) -> None:
    face, steps = FaceRenderer("maya", *size), PoseSteps(size[1])
    base = Mouth(jaw=0.4, teeth=0.4)  # in a shut mouth the tongue cannot be seen
    rest = Pose(mouth=base)
    poses = [Pose(mouth=replace(base, **{n: v})) for n in MOUTH_KEYS for v in (-9.0, 1.0, 9.0)]
    poses += [replace(rest, **{n: v * f}) for n, r in LIMITS.items() for v in r for f in (1, 9)]
    extremes = dict.fromkeys(LIMITS, 99.0)
    poses += [Pose(mouth=AA, **extremes), Pose(mouth=AA, **{n: -v for n, v in extremes.items()})]
    picture_at_rest = face.render(rest).copy()
    for pose in poses:
        picture = face.render(pose)
        assert picture.shape == (size[1], size[0], 4)
        assert (picture[..., 3] == 255).all()
        if steps.key(pose) != steps.key(rest):
            assert (picture != picture_at_rest).any(), pose


def test_what_was_drawn_before_leaves_no_trace(face: FaceRenderer) -> None:
    """Only parts are drawn anew; the result must be that of a renderer that starts afresh."""
    rng = np.random.default_rng(5)
    base = random_pose(rng)
    for _ in range(12):
        face.render(base)
        field = str(rng.choice([*LIMITS, "mouth"]))
        other = replace(base, **{field: getattr(random_pose(rng), field)})
        fresh = FaceRenderer(face.character, 640, 640).render(other)
        assert np.array_equal(face.render(other), fresh), field
        base = other


def test_equal_keys_give_equal_pictures(face: FaceRenderer) -> None:
    a = Pose(head_x=1.0, roll=0.5, mouth=Mouth(jaw=0.5))
    b = replace(a, head_x=1.01, roll=0.5001, mouth=Mouth(jaw=0.5004))
    steps = PoseSteps(face.height)
    assert steps.key(a) == steps.key(b)
    first = face.render(a).copy()
    assert np.array_equal(face.render(b), first)
    assert face.changed == []
    assert steps.key(a) != steps.key(replace(a, blink=1.0))


def test_a_key_stands_for_a_pose_that_has_it() -> None:
    rng = np.random.default_rng(4)
    for height in (144, 480, 1080):
        steps = PoseSteps(height)
        for _ in range(200):
            key = steps.key(random_pose(rng))
            assert steps.key(steps.pose(key)) == key


def test_the_background_stays_as_it_is(face: FaceRenderer) -> None:
    rng = np.random.default_rng(3)
    for _ in range(5):
        picture = face.render(random_pose(rng))
        away = np.ones(picture.shape[:2], bool)
        for name in ("head", "body"):
            x0, y0, x1, y1 = face._placed(name)
            away[y0:y1, x0:x1] = False
        assert away.any()
        assert np.array_equal(picture[away], face._bare[away])


def test_an_open_jaw_has_no_seam(face: FaceRenderer) -> None:
    """On the cheeks beside the mouth no step between neighbours is larger than at rest."""
    k, cx, cy = face.height / 1000 * 1.18, face.width / 2, face.height * 0.445
    facts = CHARACTERS[face.character].facts
    rows = slice(int(cy + (facts["nose"]["y"] + 10) * k), int(cy + (facts["mouth"]["y"] + 40) * k))
    steps = {}
    for jaw in (0.0, 1.0):
        picture = face.render(Pose(mouth=Mouth(jaw=jaw), smile=0.0)).astype(int)
        worst = 0
        for side in (-1, 1):
            a, b = sorted((cx + side * 74 * k, cx + side * 100 * k))
            cheek = picture[rows, int(a) : int(b), :3]
            worst = max(worst, int(np.abs(np.diff(cheek, axis=0)).max()))
        steps[jaw] = worst
    assert steps[1.0] <= max(8, 1.25 * steps[0.0])


@pytest.mark.parametrize("size", SIZES)
def test_the_ring_equals_a_full_conversion(size: tuple[int, int]) -> None:
    face = FaceRenderer("arthur", *size)
    ring, rng = I420Ring(*size), np.random.default_rng(1)
    pose = Pose()
    for i in range(12):
        if i % 3:
            field = str(rng.choice([*LIMITS, "mouth"]))
            pose = replace(pose, **{field: getattr(random_pose(rng), field)})
        got = ring.next(face.draw(pose))
        whole = cv2.cvtColor(face.render(pose), cv2.COLOR_BGRA2YUV_I420)
        assert np.array_equal(got, whole)
    out = np.empty((size[1] * 3 // 2, size[0]), np.uint8)
    face.render_i420(pose, out)
    assert np.array_equal(out, whole)


def test_a_buffer_is_left_alone_until_its_turn_comes_again() -> None:
    face, ring = FaceRenderer("ava", 512, 512), I420Ring(512, 512, 4)
    first = ring.next(face.draw(Pose()))
    kept = first.copy()
    for jaw in (0.2, 0.5, 0.8):
        assert ring.next(face.draw(Pose(mouth=Mouth(jaw=jaw)))) is not first
    assert np.array_equal(first, kept)
    assert ring.next(face.draw(Pose())) is first


def test_a_patch_is_only_what_changed() -> None:
    face = FaceRenderer("ava", 512, 512)
    whole = face.draw(Pose())
    assert whole is not None
    assert whole.rect == (0, 0, 512, 512)
    part = face.draw(Pose(mouth=Mouth(jaw=0.5)))
    assert part is not None
    x0, y0, x1, y1 = part.rect
    assert 0 < (x1 - x0) * (y1 - y0) < 512 * 512 / 4
    assert part.pixels.shape == ((y1 - y0) * 3 // 2, x1 - x0)
    assert face.draw(Pose(mouth=Mouth(jaw=0.5))) is None


def test_bad_requests_say_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="unknown character 'nobody'; there are ava"):
        FaceRenderer("nobody", 640, 480)
    for size in ((641, 480), (640, 481), (62, 62), (300, 640)):
        with pytest.raises(ValueError, match="size must be even"):
            FaceRenderer("ava", *size)


@pytest.mark.parametrize("size", [(64, 64), (240, 480), (1280, 360)])
def test_unusual_sizes_are_drawn(size: tuple[int, int]) -> None:
    face, rng = FaceRenderer("arthur", *size), np.random.default_rng(2)
    pictures = [face.render(random_pose(rng)).copy() for _ in range(20)]
    assert all((a != b).any() for a, b in pairwise(pictures))


def test_importing_the_face_does_not_load_opencv() -> None:
    code = "import sys, ipyavatar.engine.face; sys.exit('cv2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
