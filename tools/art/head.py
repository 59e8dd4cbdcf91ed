"""The head without hair, eyes and mouth: skin and its soft light, ears, nose, brows, beard, age."""

from __future__ import annotations

import numpy as np
import skia
from brush import Brush, colour, linear, mix, path, symmetric

DEEP = "#5a2a1c"  # what deep shadows of every skin lean towards


def outline(face: dict) -> skia.Path:
    w, jaw, chin, y = (face[k] for k in ("half_width", "jaw", "chin", "chin_y"))
    return symmetric(
        ("M", 0, -192),
        ("C", 92, -192, w - 2, -122, w, -24),
        ("C", w, 36, w - 6, 82, jaw + 17, 136),
        ("C", jaw + 2, 176, chin + 36, y, 0, y),
    )


def ear(b: Brush, who: dict, side: int) -> None:
    p, w = who["palette"], who["face"]["half_width"]
    dark = mix(p["skin_shade"], DEEP, 0.3)
    with b.moved(side * (w + 1), 14, side):
        shape = path(
            ("M", -14, -42),
            ("C", 4, -66, 34, -54, 31, -18),
            ("C", 30, 10, 20, 26, 15, 42),
            ("C", 10, 60, -6, 58, -12, 40),
            ("Z",),
        )
        tones = [mix(p["skin"], p["skin_shade"], s) for s in (0.15, 0.55)]
        b.fill(shape, linear((-5, -50), (25, 50), [colour(t) for t in tones]))
        with b.clip(shape):
            rim = path(("M", -2, -42), ("C", 16, -50, 25, -32, 20, -8), ("C", 18, 8, 8, 16, 6, 34))
            b.stroke(rim, dark, 5, 0.5, 2)
            b.fill((-8, -24, 12, 16), dark, 0.4, 6)


def skin(b: Brush, who: dict) -> None:
    p, face = who["palette"], who["face"]
    base, shade, light = p["skin"], p["skin_shade"], p["skin_light"]
    w, jaw, bottom = face["half_width"], face["jaw"], face["chin_y"]
    shape = outline(face)
    tones = [colour(c) for c in (mix(base, light, 0.6), base, mix(base, shade, 0.5))]
    b.fill(shape, linear((-110, -190), (80, bottom + 10), tones, [0, 0.5, 1]))
    with b.clip(shape):
        # Turning away at both sides, more on the right: the light comes from the upper left.
        right = path(
            ("M", w + 20, -200),
            ("C", w - 34, -70, w - 16, 60, jaw - 8, 160),
            ("C", jaw - 40, 210, 40, bottom + 4, -20, bottom + 14),
            ("L", w + 40, bottom + 40),
            ("Z",),
        )
        b.fill(right, shade, 0.52, 22)
        left = path(
            ("M", -w - 20, -180),
            ("C", -w + 12, -60, -w + 8, 60, -jaw - 2, 150),
            ("C", -jaw + 20, 200, -60, bottom, -10, bottom + 12),
            ("L", -w - 60, bottom + 40),
            ("Z",),
        )
        b.fill(left, shade, 0.36, 18)
        b.fill((-96, -156, 46, -66), light, 0.55, 30)
        hairline = path(
            ("M", -175, -50),
            ("C", -150, -150, -60, -172, 10, -160),
            ("C", 90, -156, 145, -110, 175, -40),
            ("L", 190, -230),
            ("L", -190, -230),
            ("Z",),
        )
        b.fill(hairline, mix(shade, DEEP, 0.3), 0.5, 18)
        features(b, who)


def features(b: Brush, who: dict) -> None:
    """Sockets, cheeks, nose, philtrum, chin: all soft, so that they can be warped without seams."""
    p = who["palette"]
    shade, light = p["skin_shade"], p["skin_light"]
    dark = mix(shade, DEEP, 0.4)
    ex, hw = who["eyes"]["x"], who["eyes"]["half_width"]
    male = who["voice"] == "male"
    for s in (-1, 1):
        x = s * ex
        b.fill((x - hw - 14, -38, x + hw + 14, 30), shade, 0.36, 13)
        inner = (min(s * 18, s * 40), -34, max(s * 18, s * 40), 12)
        b.fill(inner, dark, 0.28, 10)
        b.fill((x - 30, -50, x + 34, -38), light, 0.35, 7)  # under the brow
        b.fill((s * 96 - 44, 44, s * 96 + 44, 106), p["blush"], 0.17 if male else 0.32, 22)
        b.fill((s * 88 - 32, 28, s * 88 + 32, 60), light, 0.42, 13)
    nose(b, who)
    m = who["mouth"]["y"]
    n = who["nose"]["y"]
    b.stroke(path(("M", 0, n + 8), ("L", 0, m - 18)), shade, 9, 0.34, 4)
    for s in (-1, 1):
        b.stroke(path(("M", s * 8, n + 12), ("L", s * 9, m - 18)), light, 4, 0.3, 2.5)
        fold = path(
            ("M", s * (who["nose"]["width"] + 8), n - 8),
            ("C", s * 54, n + 6, s * 64, m - 24, s * 67, m - 6),
        )
        b.stroke(fold, dark, 5, 0.16 + 0.3 * who["age"], 4)
    b.fill((-34, m + 44, 34, m + 74), light, 0.34, 11)
    b.fill((-30, m + 22, 30, m + 36), shade, 0.4, 7)
    if who["age"] > 0.6:
        age(b, who, dark, light)


def nose(b: Brush, who: dict) -> None:
    p, w, y = who["palette"], who["nose"]["width"], who["nose"]["y"]
    shade, light = p["skin_shade"], p["skin_light"]
    dark = mix(shade, DEEP, 0.45)
    side = path(
        ("M", 13, -26),
        ("C", 10, 20, 16, y - 40, w, y - 14),
        ("C", w - 4, y + 2, 8, y + 4, 0, y + 4),
        ("L", 0, -26),
        ("Z",),
    )
    b.fill(
        side,
        linear(
            (0, -30),
            (0, y),
            [colour(shade, 0.0), colour(shade, 0.30), colour(shade, 0.46)],
            [0, 0.4, 1],
        ),
        1,
        8,
    )
    b.fill(
        path(("M", -13, -26), ("C", -12, 10, -16, y - 40, -w, y - 16), ("L", -8, y - 16), ("Z",)),
        shade,
        0.16,
        6,
    )
    b.stroke(path(("M", -3, -16), ("C", -5, 16, -4, y - 44, -3, y - 24)), light, 8, 0.75, 4)
    b.fill((-15, y - 32, 11, y - 8), light, 0.8, 5.5)
    for s in (-1, 1):  # wings
        wing = path(
            ("M", s * (w - 3), y - 20),
            ("C", s * (w + 6), y - 10, s * (w + 3), y + 3, s * (w - 7), y + 1),
        )
        b.stroke(wing, dark, 3.4, 0.5, 1.6)
        nostril = path(
            ("M", s * (w * 0.26), y),
            ("C", s * (w * 0.4), y - 7, s * (w * 0.72), y - 7, s * (w * 0.8), y - 1),
            ("C", s * (w * 0.66), y + 3, s * (w * 0.4), y + 3, s * (w * 0.26), y),
            ("Z",),
        )
        b.fill(nostril, mix(dark, "#2a0f0a", 0.45), 0.75, 1.3)
    under = path(
        ("M", -w * 0.8, y + 1),
        ("C", -w * 0.5, y + 6, -8, y + 2, 0, y + 7),
        ("C", 8, y + 2, w * 0.5, y + 6, w * 0.8, y + 1),
    )
    b.stroke(under, dark, 4, 0.4, 2)


def age(b: Brush, who: dict, dark: str, light: str) -> None:
    ex, hw = who["eyes"]["x"], who["eyes"]["half_width"]
    for i in range(3):  # forehead
        y = -104 - 18 * i
        line = path(("M", -74 + 8 * i, y), ("C", -40, y - 9, 30, y - 9, 72 - 8 * i, y))
        b.stroke(line, dark, 3, 0.2, 1.6)
        b.stroke(line, light, 3, 0.12, 2)
    for s in (-1, 1):
        x = s * (ex + hw)
        for dy, end in ((-6, -16), (2, 2), (9, 19)):  # crow's feet
            b.stroke(
                path(("M", x + s * 8, dy), ("Q", x + s * 18, (dy + end) / 2 + 1, x + s * 26, end)),
                dark,
                2.4,
                0.26,
                1.2,
            )
        bag = path(
            ("M", s * (ex - 30), 26), ("C", s * (ex - 14), 38, s * (ex + 14), 38, s * (ex + 34), 22)
        )
        b.stroke(bag, dark, 4, 0.26, 2.6)
        m = who["mouth"]["y"]
        b.stroke(
            path(("M", s * 72, m + 14), ("C", s * 76, m + 30, s * 72, m + 44, s * 66, m + 54)),
            dark,
            5,
            0.22,
            4,
        )


def brows(b: Brush, who: dict) -> None:
    p, d = who["palette"], who["brows"]
    half, t, arch = d["length"] / 2, d["thick"], d["arch"]
    rng = np.random.default_rng(who["seed"])
    for s in (-1, 1):
        with b.moved(s * who["eyes"]["x"], d["y"], s):
            shape = path(
                ("M", -half, 5),
                ("C", -half + 2, 5 - t * 0.9, -half + 12, 1 - t, -8, -arch * 0.6 - t * 0.62),
                ("C", 14, -arch - t * 0.55, 34, -arch, half + 6, 6),
                ("C", 32, -arch * 0.35 + 2, 14, -arch * 0.5 + t * 0.3, -8, -arch * 0.1 + t * 0.22),
                ("C", -half + 18, 3 + t * 0.2, -half + 6, 9, -half, 5),
                ("Z",),
            )
            b.fill(shape, p["brow"], 0.25, 3)
            b.fill(shape, p["brow"], 0.72, 0.9)
            with b.clip(shape):
                for x in np.linspace(-half - 6, half, 64):
                    lean = np.interp(x, [-half, 0, half], [0.25, 1.0, 1.6])
                    y = rng.uniform(-4, 8) - arch * 0.4
                    hair = path(
                        ("M", x, y + 8), ("Q", x + 3 * lean, y - 2, x + 13 * lean, y - 8 + 5 * lean)
                    )
                    tone = (
                        mix(p["brow"], "#ffffff", 0.18)
                        if rng.random() < 0.35
                        else mix(p["brow"], "#000000", 0.35)
                    )
                    b.stroke(hair, tone, rng.uniform(0.9, 2.0), 0.30, 0.5)


def beard(b: Brush, who: dict) -> None:
    """A short beard: a soft mask over jaw, chin and upper lip, with short hairs on it."""
    amount, p, face = who["beard"], who["palette"], who["face"]
    if not amount and not who["stubble"]:
        return
    w, jaw, bottom, m = face["half_width"], face["jaw"], face["chin_y"], who["mouth"]["y"]
    n = who["nose"]["y"]
    shape = symmetric(
        ("M", 0, n + 15),
        ("C", 20, n + 11, 50, m - 32, 66, m - 8),
        ("C", 80, m + 6, w - 44, m - 34, w - 12, 34),
        ("L", w + 10, 30),
        ("C", w + 6, 90, w - 2, 100, jaw + 22, 140),
        ("C", jaw + 6, 186, 60, bottom + 7, 0, bottom + 7),
    )
    gap = symmetric(  # clean around the mouth, so that the lips can move on skin
        ("M", 0, m - 10),
        ("C", 28, m - 11, 44, m - 7, 49, m + 3),
        ("C", 46, m + 16, 26, m + 19, 0, m + 19),
    )
    if who["stubble"]:
        b.fill(shape, mix(p["hair_shade"], p["skin_shade"], 0.3), who["stubble"], 14)
        return
    area = skia.Op(shape, gap, skia.PathOp.kDifference_PathOp)
    with b.clip(outline(face)):
        b.fill(area, p["hair"], 0.60 * amount, 10)
        b.fill(area, p["hair_shade"], 0.40 * amount, 5)
    rng = np.random.default_rng(who["seed"])
    with b.clip(outline(face)), b.clip(area):
        for _ in range(2600):
            x = rng.uniform(-w, w)
            y = rng.uniform(26, bottom + 8)
            lean = x / w * 9
            tone = p["hair_light"] if rng.random() < 0.35 else p["hair_shade"]
            b.stroke(
                path(("M", x, y), ("Q", x + lean * 0.4, y + 5, x + lean, y + 10)),
                tone,
                rng.uniform(0.8, 1.6),
                0.25,
            )
        b.fill((-70, bottom - 26, 20, bottom - 4), p["hair_light"], 0.2, 12)
