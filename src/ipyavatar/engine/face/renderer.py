"""From poses to pixels: a flat picture, warped where it moves, with eyes in it and a mouth on it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import cv2
import numpy as np

from ipyavatar.core.pose import MOUTH_KEYS, Mouth, Pose

from .characters import CHARACTERS, DATA
from .eyes import EyePainter
from .grid import Grid, Rect, displacements
from .mouth import MouthPainter

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

ART = 1.18
"""Art units of `tools/art` are this many thousandths of the picture's height."""
CENTRE_Y = 0.445
"""Where the point between the eyes is, as a share of the height."""


def read(name: str) -> Pixels:
    """Read a picture of the package data, with its alpha if it has one.

    Raises:
        OSError: If the file cannot be decoded.
    """
    raw = np.frombuffer((DATA / name).read_bytes(), np.uint8)
    picture = cv2.imdecode(raw, cv2.IMREAD_UNCHANGED)
    if picture is None:
        raise OSError(f"cannot decode {name}")
    return cast("Pixels", picture)


class FaceRenderer:
    """Draws one character at one size.

    Args:
        character: A name of `CHARACTERS`.
        width: Picture width in pixels, even.
        height: Picture height in pixels, even.

    Raises:
        ValueError: If the character is unknown or the size is odd or tiny.
    """

    def __init__(self, character: str, width: int, height: int):
        if character not in CHARACTERS:
            raise ValueError(f"unknown character {character!r}; there are {', '.join(CHARACTERS)}")
        if width % 2 or height % 2 or min(width, height) < 64:
            raise ValueError(f"size must be even and at least 64: {width} x {height}")
        self.width, self.height = width, height
        self._facts = facts = dict(CHARACTERS[character].facts)
        self._k = k = height / 1000 * ART
        self._origin = origin = (width / 2, height * CENTRE_Y)
        self._flat = self._compose(character)
        self._plate = self._flat.copy()
        self._canvas = self._flat.copy()
        self._grid = Grid(facts, (width, height), origin, k)
        self._eyes = [EyePainter(facts, k, side, origin) for side in (-1, 1)]
        self._mouth = MouthPainter(facts, k)
        self._over = read(f"{character}.over.webp") if facts["over"] else None
        self._glass = [self._glass_over(e.box) for e in self._eyes]
        at = np.zeros(1, np.float32), np.full(1, facts["mouth"]["y"], np.float32)
        own = displacements(*at, facts)[:, 0] * k
        own[2] = own[3] = 0  # the mouth itself draws jaw and smile
        self._mouth_own = own
        self._mouth_at = (origin[0], origin[1] + facts["mouth"]["y"] * k)
        self._rects = self._areas()
        self._eye_cache: dict[tuple[int, ...], list[Pixels]] = {}
        self._key: tuple[int, ...] | None = None
        self.changed: list[Rect] = []
        """What the last `render` drew anew, in pixels, even bounds."""

    # What a pose means on this picture ------------------------------------------------------

    def key(self, pose: Pose) -> Hashable:
        """The pose as this picture can show it: equal keys mean equal pictures."""
        return self._quantise(pose)

    def _steps(self) -> tuple[tuple[str, float], ...]:
        px = self.height / 1000  # pixels per design unit
        return (
            ("jaw", 40), ("wide", 24), ("round", 24), ("upper", 16), ("tuck", 16), ("press", 16),
            ("tongue", 16), ("teeth", 16), ("smile", 24), ("blink", 16), ("gaze_x", 24),
            ("gaze_y", 24), ("brow_left", 16), ("brow_right", 16), ("brow_angle", 1),
            ("head_x", 2 * px), ("head_y", 2 * px), ("roll", 14 * px), ("yaw", 30 * px),
            ("pitch", 24 * px), ("breath", 12 * px),
        )  # fmt: skip

    def _quantise(self, pose: Pose) -> tuple[int, ...]:
        m = pose.mouth
        return tuple(
            round(getattr(m if name in MOUTH_KEYS else pose, name) * n) for name, n in self._steps()
        )

    def _restore(self, key: tuple[int, ...]) -> Pose:
        values = {name: q / n for q, (name, n) in zip(key, self._steps(), strict=True)}
        mouth = Mouth(**{name: values.pop(name) for name in MOUTH_KEYS})
        return replace(Pose(**values), mouth=mouth)

    # Drawing --------------------------------------------------------------------------------

    def render(self, pose: Pose) -> Pixels:
        """Draw a pose.

        Args:
            pose: What the face should look like; numbers beyond their ranges are clamped.

        Returns:
            The renderer's own canvas, BGRA (height, width, 4); it changes with the next call.
        """
        key = self._quantise(pose)
        self.changed = []
        if key == self._key:
            return self._canvas
        old = self._key or (None,) * len(key)
        dirty = {name for (name, _), a, b in zip(self._steps(), old, key, strict=True) if a != b}
        self._key = key
        p = self._restore(key)
        if dirty & {"blink", "gaze_x", "gaze_y", "smile"}:
            self._draw_eyes(p)
        roll = float(np.radians(p.roll))
        px = self.height / 1000
        m = p.mouth
        jaw = m.jaw * (1 - m.press)
        weights = np.array(
            [p.yaw, p.pitch, jaw, p.smile - 0.25, p.brow_left, p.brow_right, p.brow_angle, p.breath - 0.5, m.round],
            np.float32,
        )  # fmt: skip
        self._grid.set(weights, (p.head_x * px, p.head_y * px), roll)
        centre = self._grid.carry(self._mouth_at, weights @ self._mouth_own)
        for rect in self._dirty_rects(dirty, centre):
            self._grid.draw(self._plate, self._canvas, rect)
            self.changed.append(rect)
        if dirty - {"breath", "blink", "gaze_x", "gaze_y", "brow_left", "brow_right", "brow_angle"}:
            self._mouth.paint(self._canvas, centre, roll, m, p.smile)
        return self._canvas

    def render_i420(self, pose: Pose, out: Pixels) -> None:
        """Draw a pose and convert the whole picture into `out`, I420 of (height * 3 // 2, width)."""
        cv2.cvtColor(self.render(pose), cv2.COLOR_BGRA2YUV_I420, dst=out)

    def _draw_eyes(self, p: Pose) -> None:
        squint = max(0.0, p.smile)
        key = (round(p.blink * 16), round(p.gaze_x * 24), round(p.gaze_y * 24), round(squint * 24))
        pair = self._eye_cache.get(key)
        if pair is None:
            pair = []
            for eye, glass in zip(self._eyes, self._glass, strict=True):
                x0, y0, x1, y1 = eye.box
                done = eye.paint(self._flat[y0:y1, x0:x1], p.blink, (p.gaze_x, p.gaze_y), squint)
                if glass is not None:
                    colour, keep = glass
                    done = (done * keep + colour).astype(np.uint8)
                pair.append(done)
            if len(self._eye_cache) > 256:
                self._eye_cache.clear()
            self._eye_cache[key] = pair
        for eye, done in zip(self._eyes, pair, strict=True):
            x0, y0, x1, y1 = eye.box
            self._plate[y0:y1, x0:x1] = done

    # Setting up -----------------------------------------------------------------------------

    def _compose(self, character: str) -> Pixels:
        """Background and figure in one opaque picture of the final size."""
        w, h, k = self.width, self.height, self._k
        room = read(f"{character}.room.webp").astype(np.float32)
        tall, wide = room.shape[:2]
        scale = max(w / wide, h / tall)
        grown = cv2.resize(
            room, (round(wide * scale), round(tall * scale)), interpolation=cv2.INTER_CUBIC
        )
        x0, y0 = (grown.shape[1] - w) // 2, (grown.shape[0] - h) // 2
        out = grown[y0 : y0 + h, x0 : x0 + w]
        # A still half-step of noise keeps the soft gradient from showing bands.
        out = out + np.random.default_rng(1).uniform(-0.5, 0.5, (h, w, 1)).astype(np.float32)
        fx0, fy0, fx1, fy1 = self._facts["figure"]["box"]
        figure = self._sprite(read(f"{character}.webp"), (fx1 - fx0, fy1 - fy0))
        left, top = round(self._origin[0] + fx0 * k), round(self._origin[1] + fy0 * k)
        self._over_onto(out, figure, left, top)
        picture = np.full((h, w, 4), 255, np.uint8)
        picture[..., :3] = np.clip(out + 0.5, 0, 255)
        return picture

    def _sprite(self, picture: Pixels, units: tuple[float, float]) -> NDArray[np.float32]:
        """A sprite at this picture's scale, premultiplied, float (h, w, 4)."""
        size = round(units[0] * self._k), round(units[1] * self._k)
        soft = picture.astype(np.float32)
        soft[..., :3] *= soft[..., 3:] / 255
        how = cv2.INTER_AREA if size[0] < picture.shape[1] else cv2.INTER_CUBIC
        return cast("NDArray[np.float32]", cv2.resize(soft, size, interpolation=how))

    @staticmethod
    def _over_onto(
        out: NDArray[np.float32], sprite: NDArray[np.float32], left: int, top: int
    ) -> None:
        h, w = out.shape[:2]
        x0, y0 = max(0, left), max(0, top)
        x1, y1 = min(w, left + sprite.shape[1]), min(h, top + sprite.shape[0])
        part = sprite[y0 - top : y1 - top, x0 - left : x1 - left]
        out[y0:y1, x0:x1] = out[y0:y1, x0:x1] * (1 - part[..., 3:] / 255) + part[..., :3]

    def _glass_over(self, box: Rect) -> tuple[NDArray[np.float32], NDArray[np.float32]] | None:
        """Glasses over an eye's box: colour to add and share of the eye to keep."""
        if self._over is None:
            return None
        ox0, oy0, ox1, oy1 = self._facts["over"]
        sprite = self._sprite(self._over, (ox1 - ox0, oy1 - oy0))
        k = self._k
        left, top = round(self._origin[0] + ox0 * k), round(self._origin[1] + oy0 * k)
        x0, y0, x1, y1 = box
        part = sprite[y0 - top : y1 - top, x0 - left : x1 - left]
        colour = part.copy()
        colour[..., 3] = 0
        keep = np.repeat(1 - part[..., 3:] / 255, 4, 2)
        keep[..., 3] = 1
        return colour, keep

    def _areas(self) -> dict[str, Rect]:
        """Rectangles at rest, in pixels: a bit more than what each group of numbers can move."""
        f: dict[str, Any] = self._facts
        face, eyes, hair = f["face"], f["eyes"], f["hair"]
        far = hair["half_width"] + 76
        ex, my = eyes["x"], f["mouth"]["y"]
        units = {
            "head": (-far, hair["top"] - 82, far, 348),
            "low": (
                -(face["half_width"] + 14),
                my - 126,
                face["half_width"] + 14,
                face["chin_y"] + 84,
            ),
            "high": (-(2 * ex + 16), f["brows"]["y"] - 74, 2 * ex + 16, 46),
            "body": (-460, 280, 460, 2000),
        }
        ox, oy = self._origin
        k = self._k
        return {
            name: (int(ox + a * k), int(oy + b * k), int(ox + c * k) + 1, int(oy + d * k) + 1)
            for name, (a, b, c, d) in units.items()
        }

    def _dirty_rects(self, dirty: set[str], centre: NDArray[np.float32]) -> list[Rect]:
        head = dirty & {"head_x", "head_y", "roll", "yaw", "pitch"}
        names = ["body"] if "breath" in dirty else []
        if head:
            names.append("head")
        else:
            if dirty & {*MOUTH_KEYS, "smile"}:
                names.append("low")
            if dirty & {
                "smile",
                "blink",
                "gaze_x",
                "gaze_y",
                "brow_left",
                "brow_right",
                "brow_angle",
            }:
                names.append("high")
        dx, dy = (float(centre[i]) - self._mouth_at[i] for i in (0, 1))
        return [self._placed(name, dx, dy) for name in names]

    def _placed(self, name: str, dx: float, dy: float) -> Rect:
        """The rectangle where the head now is, within the picture, with even bounds."""
        x0, y0, x1, y1 = self._rects[name]
        if name in ("low", "high"):
            # The mouth's own shift, and some room for what roll does elsewhere on the face.
            room = abs(dx) * 0.6
            x0, x1 = int(x0 + dx - room), int(x1 + dx + room) + 1
            y0, y1 = int(y0 + dy - room), int(y1 + dy + room) + 1
        x0, y0 = max(0, x0) // 2 * 2, max(0, y0) // 2 * 2
        x1, y1 = min(self.width, x1 + 1) // 2 * 2, min(self.height, y1 + 1) // 2 * 2
        return x0, y0, x1, y1
