"""Small drawing vocabulary over skia: paths from tuples, soft fills, gradients, strands of hair.

Everything is in the characters' art units: x centre 0, y 0 between the eyes, one unit is
1.18/1000 of the picture's height.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
import skia

Point = tuple[float, float]
Cubic = tuple[Point, Point, Point, Point]


def mix(a: str, b: str, share: float) -> str:
    """The hex colour `share` of the way from `a` to `b`."""
    pair = [(int(a[i : i + 2], 16), int(b[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(x * (1 - share) + y * share):02x}" for x, y in pair)


def colour(hex_: str, alpha: float = 1.0) -> int:
    return skia.Color(*(int(hex_[i : i + 2], 16) for i in (1, 3, 5)), round(255 * alpha))


def path(*steps: tuple) -> skia.Path:
    """A path of ('M', x, y), ('L', x, y), ('C', 3 points), ('Q', 2 points), ('Z',)."""
    made = skia.Path()
    verbs = {"M": made.moveTo, "L": made.lineTo, "C": made.cubicTo, "Q": made.quadTo}
    for verb, *numbers in steps:
        if verb == "Z":
            made.close()
        else:
            verbs[verb](*numbers)
    return made


def symmetric(*right: tuple) -> skia.Path:
    """A closed path from its right half (top centre to bottom centre, 'L' and 'C' only)."""
    back: list[tuple] = []
    for before, step in pairwise(right):
        *controls, _, _ = step[1:]
        pairs = [(-controls[i], controls[i + 1]) for i in range(0, len(controls), 2)]
        end = (-before[-2], before[-1])
        back.append((step[0], *(n for pair in reversed(pairs) for n in pair), *end))
    return path(*right, *reversed(back), ("Z",))


def linear(a: Point, b: Point, colours: Sequence[int], stops: Sequence[float] | None = None):
    return skia.GradientShader.MakeLinear(
        [skia.Point(*a), skia.Point(*b)], list(colours), None if stops is None else list(stops)
    )


def radial(centre: Point, radius: float, colours: Sequence[int], stops=None):
    return skia.GradientShader.MakeRadial(skia.Point(*centre), radius, list(colours), stops)


class Brush:
    """Draws on one skia canvas."""

    def __init__(self, canvas: skia.Canvas):
        self.canvas = canvas

    def fill(self, shape, paint, alpha: float = 1.0, blur: float = 0.0) -> None:
        """Fill a path, or an (x0, y0, x1, y1) oval, with a colour or shader; softly if `blur`."""
        p = skia.Paint(AntiAlias=True)
        if isinstance(paint, str):
            p.setColor(colour(paint, alpha))
        else:
            p.setShader(paint)
            p.setAlphaf(alpha)
        self._draw(shape, p, blur)

    def stroke(
        self, shape, paint: str, width: float, alpha: float = 1.0, blur: float = 0.0
    ) -> None:
        p = skia.Paint(
            AntiAlias=True,
            Style=skia.Paint.kStroke_Style,
            StrokeWidth=width,
            Color=colour(paint, alpha),
            StrokeCap=skia.Paint.kRound_Cap,
            StrokeJoin=skia.Paint.kRound_Join,
        )
        self._draw(shape, p, blur)

    def _draw(self, shape, paint: skia.Paint, blur: float) -> None:
        if blur:
            paint.setMaskFilter(skia.MaskFilter.MakeBlur(skia.kNormal_BlurStyle, blur))
        if isinstance(shape, skia.Path):
            self.canvas.drawPath(shape, paint)
        else:
            self.canvas.drawOval(skia.Rect.MakeLTRB(*shape), paint)

    @contextmanager
    def clip(self, shape: skia.Path) -> Iterator[None]:
        self.canvas.save()
        self.canvas.clipPath(shape, skia.ClipOp.kIntersect, True)
        yield
        self.canvas.restore()

    @contextmanager
    def moved(self, x: float = 0, y: float = 0, sx: float = 1, turn: float = 0) -> Iterator[None]:
        self.canvas.save()
        self.canvas.translate(x, y)
        self.canvas.scale(sx, 1)
        self.canvas.rotate(turn)
        yield
        self.canvas.restore()

    def strands(
        self,
        first: Cubic,
        last: Cubic,
        count: int,
        tones: Sequence[str],
        *,
        width: tuple[float, float] = (1.2, 3.6),
        alpha: tuple[float, float] = (0.12, 0.4),
        jitter: float = 3.0,
        blur: float = 0.6,
        seed: int = 1,
    ) -> None:
        """Hair: `count` strokes between two guide curves, each a little off its place."""
        rng = np.random.default_rng(seed)
        a, b = np.array(first, float), np.array(last, float)
        for share in np.sort(rng.uniform(0, 1, count)):
            c = a * (1 - share) + b * share + rng.normal(0, jitter, (4, 2))
            line = path(("M", *c[0]), ("C", *c[1], *c[2], *c[3]))
            self.stroke(
                line,
                tones[int(rng.integers(len(tones)))],
                rng.uniform(*width),
                rng.uniform(*alpha),
                blur,
            )


def oval_path(x: float, y: float, rx: float, ry: float) -> skia.Path:
    made = skia.Path()
    made.addOval(skia.Rect.MakeLTRB(x - rx, y - ry, x + rx, y + ry))
    return made
