"""From poses to pixels: one flat picture, warped where it moves, eyes in it, a mouth on it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from ..pose import MOUTH_KEYS, Pose
from .characters import CHARACTERS
from .eyes import EyePainter
from .i420 import Patch, bounding_box
from .mouth import MouthPainter
from .plate import Plate
from .pose_steps import POSE_KEYS, PoseKey, PoseSteps
from .warp import Rect, WarpGrid, displacements

if TYPE_CHECKING:
    from .paint import Pixels

ART = 1.18
"""An art unit of `tools/art` is this many thousandths of the picture's height."""
CENTRE_Y = 0.445
"""Where the point between the eyes is, as a share of the height."""

_EYES = frozenset({"blink", "gaze_x", "gaze_y"})
_BROWS = frozenset({"brow_left", "brow_right", "brow_angle"})
_HEAD = frozenset({"head_x", "head_y", "roll", "yaw", "pitch"})
_LIPS = frozenset({*MOUTH_KEYS, "smile"})

_CACHED_EYES = 96
_PLATES = 4
"""Flat pictures kept for further avatars of the same character and size: 3.7 MB each at 720p."""


@functools.lru_cache(maxsize=_PLATES)
def _plate(
    character: str, size: tuple[int, int], origin: tuple[float, float], k: float
) -> tuple[Plate, Pixels]:
    """The plate and its flat picture, which nobody may write to: all its renderers share them."""
    plate = Plate(dict(CHARACTERS[character].facts), size, origin, k)
    picture = plate.picture()
    picture.flags.writeable = False
    return plate, picture


class FaceRenderer:
    """Draws one character at one size.

    Args:
        character: A name of `CHARACTERS`.
        width: Picture width in pixels, even, at least half the height.
        height: Picture height in pixels, even, at least 64.

    Attributes:
        character: Its name.
        width: Picture width in pixels.
        height: Picture height in pixels.
        changed: What the last `render` drew anew: rectangles in pixels with even bounds.

    Raises:
        ValueError: If the character is unknown or the size is odd, tiny or too narrow.
    """

    def __init__(self, character: str, width: int, height: int):
        if character not in CHARACTERS:
            raise ValueError(f"unknown character {character!r}; there are {', '.join(CHARACTERS)}")
        if width % 2 or height % 2 or height < 64 or width < height / 2:
            raise ValueError(
                f"size must be even, 64 or more high and half as wide: {width} x {height}"
            )
        self.character, self.width, self.height = character, width, height
        self.changed: list[Rect] = []
        self._px = height / 1000  # pixels per design unit
        self._steps = PoseSteps(height)
        facts = dict(CHARACTERS[character].facts)
        k = self._px * ART
        origin = (width / 2, height * CENTRE_Y)
        plate, bare = _plate(character, (width, height), origin, k)
        self._bare, self._glasses = bare, plate.put_glasses
        picture = bare.copy()
        self._glasses(picture, 0, 0)
        self._plate, self._canvas = picture, picture.copy()
        self._grid = WarpGrid(facts, (width, height), origin, k)
        self._eyes = [EyePainter(facts, k, side, origin) for side in (-1, 1)]
        self._eye_cache: dict[tuple[float, ...], list[Pixels]] = {}
        self._mouth = MouthPainter(facts, k)
        level = facts["mouth"]["y"]
        self._mouth_at = (origin[0], origin[1] + level * k)
        at = np.zeros(1, np.float32), np.full(1, level, np.float32)
        self._mouth_moves = displacements(*at, facts)[:, 0] * k
        self._mouth_moves[2:4] = 0  # jaw and smile are in the mouth's own shape
        self._rects = _areas(facts, origin, k)
        self._key: PoseKey | None = None
        self._has_drawn = False  # a patch

    def render(self, pose: Pose) -> Pixels:
        """Draw a pose.

        Args:
            pose: What the face should look like; numbers beyond their ranges are clamped.

        Returns:
            The renderer's own canvas, BGRA (height, width, 4); it changes with the next call.
        """
        key = self._steps.key(pose)
        self.changed = []
        if key == self._key:
            return self._canvas
        old = self._key or (None,) * len(key)
        dirty = {name for name, a, b in zip(POSE_KEYS, old, key, strict=True) if a != b}
        self._key = key
        p = self._steps.pose(key)
        m, roll = p.mouth, float(np.radians(p.roll))
        if dirty & (_EYES | {"smile"}):
            self._draw_eyes(p)
        weights = np.array(
            [
                *(p.yaw, p.pitch, m.jaw * (1 - m.press), p.smile - 0.25),
                *(p.brow_left, p.brow_right, p.brow_angle, p.breath - 0.5, m.round),
            ],
            np.float32,
        )
        self._grid.set(weights, (p.head_x * self._px, p.head_y * self._px), roll)
        for name in _touched(dirty):
            rect = self._placed(name)
            self._grid.draw(self._plate, self._canvas, rect)
            self.changed.append(rect)
        if dirty & (_HEAD | _LIPS):
            centre = self._grid.carry(self._mouth_at, weights @ self._mouth_moves)
            self._mouth.paint(self._canvas, centre, roll, m, p.smile)
        return self._canvas

    def draw(self, pose: Pose) -> Patch | None:
        """Draw a pose; what is new of the picture, None when nothing is."""
        canvas = self.render(pose)
        rect = bounding_box(self.changed) if self._has_drawn else (0, 0, self.width, self.height)
        if rect is None:
            return None
        self._has_drawn = True
        x0, y0, x1, y1 = rect
        pixels: Pixels = cv2.cvtColor(canvas[y0:y1, x0:x1], cv2.COLOR_BGRA2YUV_I420)  # type: ignore[assignment]
        return Patch(rect, pixels)

    def render_i420(self, pose: Pose, out: Pixels) -> None:
        """Draw a pose and convert the whole picture into `out`, I420 of (height * 3 // 2, width).

        `draw` converts only what changed.
        """
        cv2.cvtColor(self.render(pose), cv2.COLOR_BGRA2YUV_I420, dst=out)

    def _draw_eyes(self, p: Pose) -> None:
        squint = max(0.0, p.smile)
        key = (p.blink, p.gaze_x, p.gaze_y, squint)
        pair = self._eye_cache.get(key)
        if pair is None:
            pair = []
            for eye in self._eyes:
                x0, y0, x1, y1 = eye.box
                done = eye.paint(self._bare[y0:y1, x0:x1], p.blink, (p.gaze_x, p.gaze_y), squint)
                self._glasses(done, x0, y0)
                pair.append(done)
            if len(self._eye_cache) >= _CACHED_EYES:
                self._eye_cache.clear()
            self._eye_cache[key] = pair
        for eye, done in zip(self._eyes, pair, strict=True):
            x0, y0, x1, y1 = eye.box
            self._plate[y0:y1, x0:x1] = done

    def _placed(self, name: str) -> Rect:
        """The area where the head now is, within the picture, with even bounds."""
        x0, y0, x1, y1 = self._rects[name]
        if name in ("low", "high"):  # these ride on the head
            still = np.zeros(2, np.float32)
            corners = [self._grid.carry((x, y), still) for x in (x0, x1) for y in (y0, y1)]
            low, high = np.min(corners, 0), np.max(corners, 0)
            x0, y0, x1, y1 = (int(v) for v in (*np.floor(low), *np.ceil(high)))
        x0, y0 = max(0, x0) // 2 * 2, max(0, y0) // 2 * 2
        x1, y1 = min(self.width, x1 + 1) // 2 * 2, min(self.height, y1 + 1) // 2 * 2
        return x0, y0, x1, y1


def _touched(dirty: set[str]) -> list[str]:
    """Which areas must be drawn anew when these numbers changed."""
    names = ["body"] if "breath" in dirty else []
    if dirty & _HEAD:
        return [*names, "head"]
    if dirty & _LIPS:
        names.append("low")
    if dirty & (_EYES | _BROWS | {"smile"}):
        names.append("high")
    return names


def _areas(facts: dict[str, Any], origin: tuple[float, float], k: float) -> dict[str, Rect]:
    """Areas at rest, in pixels: a bit more than what each group of numbers can move."""
    face, hair, level = facts["face"], facts["hair"], facts["mouth"]["y"]
    far, cheek = hair["half_width"] + 76, face["half_width"] + 16
    temple = 2 * facts["eyes"]["x"] + 18
    units = {
        "head": (-far, hair["top"] - 84, far, 350),
        "low": (-cheek, level - 128, cheek, face["chin_y"] + 86),
        "high": (-temple, facts["brows"]["y"] - 76, temple, 48),
        "body": (-460, 246, 460, 2000),
    }
    ox, oy = origin
    return {
        name: (int(ox + a * k), int(oy + b * k), int(ox + c * k) + 1, int(oy + d * k) + 1)
        for name, (a, b, c, d) in units.items()
    }
