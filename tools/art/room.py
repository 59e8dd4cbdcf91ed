"""The out-of-focus room behind the character, drawn small: there is nothing sharp in it."""

from __future__ import annotations

import numpy as np
import skia
from brush import Brush, colour, linear, mix, path, radial

SIZE = (320, 180)  # px; the run time scales it up


def box(x: float, y: float, w: float, h: float) -> skia.Path:
    made = skia.Path()
    made.addRoundRect(skia.Rect.MakeXYWH(x, y, w, h), 8, 8)
    return made


def draw(b: Brush, who: dict) -> None:
    """In units of 1/1000 of the height; the width is 1778."""
    p = who["palette"]
    light, dark = p["room_light"], p["room_dark"]
    rng = np.random.default_rng(who["seed"])
    everywhere = box(-50, -50, 1880, 1100)
    b.fill(everywhere, linear((0, 0), (620, 1000), [colour(light), colour(dark)]))
    b.fill(box(90, 40, 240, 540), "#ffffff", 0.5, 34)
    b.fill(box(350, 40, 170, 540), "#ffffff", 0.32, 34)
    wood = mix(dark, "#4a3b30", 0.4)
    books = ["#b5654a", "#4f6d7a", "#c9a35b", "#7a8f6a", "#8a5a6a", "#e9e2d6"]
    for row in range(1, 5):
        b.fill(box(1390, 140 + row * 124, 330, 10), wood, 0.45, 10)
    for _ in range(24):
        row, tall = int(rng.integers(1, 5)), rng.uniform(45, 92)
        x = 1390 + rng.uniform(0, 310)
        b.fill(
            box(x, 140 + row * 124 - tall, rng.uniform(12, 26), tall),
            books[int(rng.integers(6))],
            0.42,
            13,
        )
    b.fill(everywhere, radial((1250, 150), 210, [colour("#fff3d6", 0.7), colour("#fff3d6", 0)]))
    for _ in range(9):
        x, y = rng.uniform(20, 220), 660 + rng.uniform(0, 220)
        b.fill((x, y, x + rng.uniform(80, 160), y + rng.uniform(40, 80)), "#54745a", 0.34, 26)
    edge = [colour("#000000", 0), colour("#0b1320", 0.28)]
    b.fill(everywhere, radial((889, 450), 1120, edge, [0.45, 1]))
    b.fill(
        path(("M", 0, 1000), ("L", 1778, 1000), ("L", 1778, 820), ("L", 0, 820), ("Z",)),
        "#0b1320",
        0.10,
        60,
    )
