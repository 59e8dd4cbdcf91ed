"""Neck, chest and clothes."""

from __future__ import annotations

import skia
from brush import Brush, colour, linear, mix, path, symmetric
from head import DEEP

FLOOR = 520  # the clothes go on below the picture's edge, which is at y = 470


def draw(b: Brush, who: dict) -> None:
    neck(b, who)
    {"blazer": blazer, "knit": knit, "suit": suit, "cardigan": cardigan}[who["clothes"]](b, who)


def neck(b: Brush, who: dict) -> None:
    p, n, bottom = who["palette"], who["face"]["neck"], who["face"]["chin_y"]
    shade, base = p["skin_shade"], p["skin"]
    shape = symmetric(
        ("M", 0, 110),
        ("L", n, 110),
        ("C", n, 210, n, 250, n + 22, 284),
        ("C", n + 60, 316, 190, 330, 236, 352),
        ("L", 236, FLOOR),
        ("L", 0, FLOOR),
    )
    tones = [colour(c) for c in (mix(shade, DEEP, 0.12), mix(base, shade, 0.35), base)]
    b.fill(shape, linear((0, 190), (0, 400), tones, [0, 0.45, 1]))
    with b.clip(shape):
        dark = mix(shade, DEEP, 0.4)
        b.fill((-130, 90, 130, bottom + 34), dark, 0.62, 17)
        right = path(
            ("M", n + 4, 120),
            ("C", n - 26, 220, n - 30, 270, n + 30, 330),
            ("L", n + 90, 300),
            ("Z",),
        )
        b.fill(right, shade, 0.6, 12)
        for s in (-1, 1):
            muscle = path(("M", s * (n - 14), 236), ("C", s * 46, 290, s * 30, 326, s * 17, 348))
            b.stroke(muscle, shade, 6, 0.4, 5)
            bone = path(("M", s * 22, 358), ("C", s * 46, 340, s * 90, 346, s * 150, 334))
            b.stroke(bone, shade, 7, 0.5, 5)
            b.stroke(bone, p["skin_light"], 5, 0.25, 5)
        b.fill((-12, 344, 12, 372), shade, 0.35, 7)


def garment(b: Brush, shape: skia.Path, light: str, dark: str, width: float) -> None:
    tones = [colour(c) for c in (mix(light, "#ffffff", 0.13), light, dark)]
    b.fill(shape, linear((-width, 300), (width * 0.8, FLOOR + 60), tones, [0, 0.42, 1]))


def silhouette(who: dict, top_x: float, top_y: float, dip: tuple[float, ...]) -> skia.Path:
    """Shoulders from the neck out and down; `dip` is the neckline's cubic from centre to side."""
    w = who["shoulders"]
    return symmetric(
        ("M", 0, dip[1]),
        ("C", *dip[2:], top_x, top_y),
        ("C", top_x + 74, top_y + 28, w - 46, 336, w, 430),
        ("C", w + 22, 476, w + 34, FLOOR - 20, w + 38, FLOOR),
        ("L", 0, FLOOR),
    )


def folds(b: Brush, who: dict) -> None:
    w = who["shoulders"]
    for s in (-1, 1):
        arm = path(
            ("M", s * (w - 84), FLOOR + 8),
            ("C", s * (w - 92), 480, s * (w - 84), 450, s * (w - 66), 420),
        )
        b.stroke(arm, "#000000", 9, 0.26, 7)
        b.stroke(
            path(("M", s * 140, 326), ("C", s * 200, 340, s * (w - 60), 356, s * (w - 18), 420)),
            "#ffffff",
            14,
            0.12,
            9,
        )


def lapels(b: Brush, who: dict, x: float, y: float, meet: float) -> None:
    light = mix(who["palette"]["top"], "#ffffff", 0.15)
    dark = mix(who["palette"]["top"], "#000000", 0.16)
    for s in (-1, 1):
        lapel = path(
            ("M", s * x, y),
            ("C", s * (x - 10), y + 70, s * 52, meet - 60, 0, meet),
            ("L", s * 34, meet + 60),
            ("C", s * 84, meet - 10, s * 136, meet - 40, s * 158, 424),
            ("L", s * 122, 416),
            ("L", s * 172, 376),
            ("C", s * 158, 334, s * (x + 34), y + 12, s * x, y),
            ("Z",),
        )
        b.fill(lapel, "#000000", 0.32, 7)
        b.fill(lapel, linear((s * 40, 300), (s * 150, 470), [colour(light), colour(dark)]))
        b.stroke(path(("M", s * 122, 416), ("L", s * 172, 376)), "#000000", 2, 0.3, 0.8)
        b.stroke(
            path(
                ("M", s * 34, meet + 60), ("C", s * 84, meet - 10, s * 136, meet - 40, s * 158, 424)
            ),
            "#ffffff",
            1.6,
            0.22,
            0.6,
        )


def blazer(b: Brush, who: dict) -> None:
    p, x = who["palette"], who["face"]["neck"] + 24
    tee = silhouette(who, x + 6, 296, (0, 396, 52, 396, 84, 350))
    b.fill(tee, DEEP, 0.3, 5)
    b.fill(
        tee,
        linear((0, 300), (0, 500), [colour(mix(p["shirt"], "#8894a8", 0.22)), colour(p["shirt"])]),
    )
    b.stroke(
        path(
            ("M", -x - 6, 296),
            ("C", -84, 350, -52, 396, 0, 396),
            ("C", 52, 396, 84, 350, x + 6, 296),
        ),
        "#8d97a8",
        3,
        0.5,
        1,
    )
    jacket = silhouette(who, x, 284, (0, 500, 44, 448, 88, 372))
    b.fill(jacket, "#000000", 0.3, 5)
    garment(b, jacket, p["top"], p["top_shade"], who["shoulders"])
    with b.clip(jacket):
        folds(b, who)
        lapels(b, who, x, 284, 500)


def suit(b: Brush, who: dict) -> None:
    p, x = who["palette"], who["face"]["neck"] + 16
    shirt = silhouette(who, x, 292, (0, 404, 20, 392, 56, 340))
    b.fill(
        shirt,
        linear((0, 280), (0, 500), [colour(mix(p["shirt"], "#8894a8", 0.3)), colour(p["shirt"])]),
    )
    b.stroke(path(("M", 0, 404), ("L", 0, FLOOR)), "#9aa5b4", 2.4, 0.6, 0.6)
    for y in (436, 486):
        b.fill((-5, y - 5, 5, y + 5), "#c3ccd8")
    collar(b, p["shirt"], x, 404)
    jacket = silhouette(who, x + 12, 288, (0, 520, 40, 476, 92, 380))
    b.fill(jacket, "#000000", 0.32, 6)
    garment(b, jacket, p["top"], p["top_shade"], who["shoulders"])
    with b.clip(jacket):
        folds(b, who)
        lapels(b, who, x + 12, 288, 520)


def collar(b: Brush, tone: str, x: float, meet: float) -> None:
    for s in (-1, 1):
        wing = path(
            ("M", s * (x - 16), 250),
            ("C", s * (x - 22), 310, s * 34, meet - 40, 0, meet),
            ("L", s * 52, meet + 44),
            ("C", s * 84, meet, s * (x + 20), 350, s * (x + 26), 306),
            ("C", s * (x + 18), 282, s * (x - 2), 262, s * (x - 16), 250),
            ("Z",),
        )
        b.fill(wing, "#203040", 0.35, 5)
        tones = [mix(tone, "#ffffff", 0.7), mix(tone, "#8894a8", 0.18)]
        b.fill(wing, linear((s * x, 270), (s * 30, meet + 40), [colour(t) for t in tones]))
        b.stroke(path(("M", s * 52, meet + 44), ("L", 0, meet)), "#8391a5", 1.6, 0.5, 0.5)


def knit(b: Brush, who: dict) -> None:
    p, x = who["palette"], who["face"]["neck"] + 34
    shape = silhouette(who, x, 300, (0, 404, 58, 404, 92, 356))
    b.fill(shape, DEEP, 0.35, 6)
    garment(b, shape, p["top"], p["top_shade"], who["shoulders"])
    with b.clip(shape):
        folds(b, who)
        band = path(
            ("M", -x, 300), ("C", -92, 356, -58, 404, 0, 404), ("C", 58, 404, 92, 356, x, 300)
        )
        b.stroke(band, mix(p["top"], "#ffffff", 0.16), 22, 0.55)
        b.stroke(band, "#000000", 3, 0.18, 1.5)
        lower = path(
            ("M", -x - 12, 303),
            ("C", -98, 366, -60, 416, 0, 416),
            ("C", 60, 416, 98, 366, x + 12, 303),
        )
        b.stroke(lower, "#000000", 2.4, 0.24, 1)
        for i in range(-16, 17):
            b.stroke(
                path(("M", i * 24, 330), ("C", i * 24.5, 400, i * 25, 460, i * 25.4, FLOOR)),
                "#000000",
                4,
                0.06,
                2,
            )
    chain = path(
        ("M", -x + 14, 302), ("C", -60, 352, -30, 374, 0, 376), ("C", 30, 374, 60, 352, x - 14, 302)
    )
    b.stroke(chain, mix(p["accent"], "#5a3a10", 0.4), 2.4, 0.9)
    b.stroke(chain, p["accent"], 1.4, 0.9)
    b.fill((-6, 372, 6, 388), p["accent"])
    b.fill((-3, 374, 1, 379), "#ffffff", 0.7)


def cardigan(b: Brush, who: dict) -> None:
    p, x = who["palette"], who["face"]["neck"] + 14
    shirt = silhouette(who, x, 292, (0, 398, 20, 388, 56, 340))
    b.fill(
        shirt,
        linear((0, 280), (0, 500), [colour(mix(p["shirt"], "#76859c", 0.3)), colour(p["shirt"])]),
    )
    b.stroke(path(("M", 0, 398), ("L", 0, FLOOR)), "#8ea0b6", 2.4, 0.6, 0.6)
    for y in (428, 476):
        b.fill((-4.5, y - 4.5, 4.5, y + 4.5), "#f4f7fb")
    collar(b, p["shirt"], x, 396)
    wool = silhouette(who, x + 16, 294, (0, 560, 44, 486, 84, 390))
    b.fill(wool, "#000000", 0.3, 6)
    garment(b, wool, p["top"], p["top_shade"], who["shoulders"])
    with b.clip(wool):
        folds(b, who)
        for i in range(-15, 16):
            b.stroke(
                path(("M", i * 26, 320), ("C", i * 26.4, 400, i * 27, 460, i * 27.5, FLOOR)),
                "#ffffff",
                3,
                0.05,
                1.5,
            )
        for s in (-1, 1):
            band = path(("M", s * (x + 16), 294), ("C", s * 84, 390, s * 44, 486, 0, 560))
            b.stroke(band, mix(p["top"], "#ffffff", 0.12), 30, 1)
            b.stroke(band, "#000000", 2, 0.3, 1)
            outer = path(("M", s * (x + 36), 300), ("C", s * 102, 396, s * 62, 490, s * 20, 560))
            b.stroke(outer, "#000000", 3, 0.3, 1.5)
