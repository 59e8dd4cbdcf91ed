"""Hair behind the neck, and hair over the face."""

from __future__ import annotations

import numpy as np
import skia
from brush import Brush, colour, linear, mix, oval_path, path, symmetric


def extent(who: dict) -> tuple[float, float]:
    """Half width and top (y) of the hair: what moves with the head."""
    return {"bob": (212, -266), "curly": (250, -282), "quiff": (186, -276), "silver": (176, -250)}[
        who["hair"]
    ]


def back(b: Brush, who: dict) -> None:
    if who["hair"] == "bob":
        bob_back(b, who)
    elif who["hair"] == "curly":
        curls(b, who, behind=True)
    else:
        p = who["palette"]
        cap = symmetric(
            ("M", 0, -240),
            ("C", 104, -240, 170, -168, 168, -66),
            ("C", 168, -26, 164, 4, 156, 34),
            ("L", 0, 34),
        )
        b.fill(cap, p["hair_shade"])


def front(b: Brush, who: dict) -> None:
    {"bob": bob_front, "curly": curly_front, "quiff": quiff, "silver": silver}[who["hair"]](b, who)


def tones(p: dict) -> list[int]:
    return [
        colour(c)
        for c in (
            mix(p["hair"], p["hair_light"], 0.4),
            p["hair"],
            mix(p["hair"], p["hair_shade"], 0.55),
        )
    ]


def bob_back(b: Brush, who: dict) -> None:
    p = who["palette"]
    shape = symmetric(
        ("M", 0, -262),
        ("C", 128, -262, 203, -170, 204, -40),
        ("C", 206, 60, 220, 120, 212, 186),
        ("C", 206, 246, 150, 268, 92, 256),
        ("L", 0, 256),
    )
    b.fill(
        shape,
        linear(
            (0, -200),
            (0, 270),
            [colour(mix(p["hair"], p["hair_shade"], 0.4)), colour(p["hair_shade"])],
        ),
    )
    with b.clip(shape):
        for s in (-1, 1):
            b.strands(
                ((s * 90, -80), (s * 110, 40), (s * 90, 160), (s * 60, 262)),
                ((s * 190, -80), (s * 205, 40), (s * 222, 160), (s * 170, 262)),
                36,
                [p["hair_light"], p["hair"], "#000000"],
                alpha=(0.08, 0.3),
                seed=3 + s,
            )


def bob_front(b: Brush, who: dict) -> None:
    p = who["palette"]
    right = path(
        ("M", -34, -258),
        ("C", 90, -284, 204, -196, 204, -54),
        ("C", 208, 30, 217, 84, 210, 150),
        ("C", 206, 214, 172, 238, 120, 236),
        ("C", 122, 204, 126, 168, 130, 128),
        ("C", 142, 70, 156, 6, 145, -50),
        ("C", 126, -118, 60, -150, -44, -200),
        ("Z",),
    )
    left = path(
        ("M", -26, -261),
        ("C", -130, -274, -208, -176, -206, -44),
        ("C", -208, 40, -218, 90, -210, 150),
        ("C", -206, 214, -172, 238, -120, 236),
        ("C", -124, 204, -128, 168, -132, 128),
        ("C", -144, 70, -158, 16, -149, -44),
        ("C", -140, -110, -92, -156, -45, -199),
        ("Z",),
    )
    for shape, s in ((right, 1), (left, -1)):
        b.fill(shape, p["hair_shade"], 0.45, 8)
        b.fill(shape, linear((s * 20, -270), (s * 60, 250), tones(p), [0, 0.4, 1]))
        with b.clip(shape):
            b.strands(
                ((-30 + s * 2, -256), (s * 70, -190), (s * 150, -60), (s * 122, 240)),
                ((-30 + s * 6, -262), (s * 150, -270), (s * 214, -120), (s * 214, 250)),
                90,
                [p["hair_light"], p["hair_shade"], p["hair_shade"], p["hair"]],
                alpha=(0.15, 0.45),
                seed=20 + s,
            )
            shine = path(("M", s * 52, -226), ("C", s * 132, -196, s * 176, -128, s * 182, -40))
            b.stroke(shine, p["hair_light"], 26, 0.45, 12)
            tip = path(("M", s * 214, 120), ("C", s * 212, 214, s * 176, 244, s * 110, 244))
            b.stroke(tip, p["hair_shade"], 30, 0.5, 12)
    b.stroke(
        path(("M", -30, -259), ("C", -34, -236, -38, -216, -42, -198)), p["hair_shade"], 3, 0.8, 1
    )


def lock(
    b: Brush, p: dict, x: float, y: float, r: float, turn: float, rng: np.random.Generator
) -> None:
    """One curl: a dark disc with arcs of light on it."""
    with b.moved(x, y, 1, turn):
        b.fill(
            (-r, -r * 0.86, r, r * 0.86),
            mix(p["hair"], p["hair_shade"], float(rng.uniform(0, 0.8))),
            0.92,
            1.6,
        )
        for i in range(3):
            q = r * (0.9 - 0.26 * i)
            arc = path(
                ("M", -q, q * 0.2), ("C", -q, -q * 0.95, q * 0.8, -q * 1.0, q * 0.95, -q * 0.05)
            )
            b.stroke(
                arc,
                p["hair_light"],
                2.0 + 1.6 * float(rng.random()),
                0.16 + 0.22 * float(rng.random()),
                1.2,
            )
            b.stroke(
                path(
                    ("M", -q * 0.8, q * 0.4),
                    ("C", -q * 0.4, q * 0.95, q * 0.6, q * 0.9, q, q * 0.2),
                ),
                "#000000",
                2.4,
                0.3,
                1.2,
            )


def near(
    rng: np.random.Generator, x: float, y: float, spread: float, radius: tuple[float, float]
) -> tuple[float, float, float]:
    """A curl's place and size, about (x, y)."""
    return x + rng.normal(0, spread), y + rng.normal(0, spread), rng.uniform(*radius)


def curls(b: Brush, who: dict, *, behind: bool) -> None:
    p = who["palette"]
    rng = np.random.default_rng(who["seed"] + behind)
    if behind:
        mass = symmetric(
            ("M", 0, -268),
            ("C", 146, -274, 236, -180, 232, -30),
            ("C", 232, 90, 262, 190, 232, 290),
            ("C", 214, 352, 150, 350, 110, 320),
            ("L", 0, 300),
        )
        b.fill(mass, p["hair_shade"], 1, 4)
        spots = []
        for t in np.linspace(0, 1, 30):
            for s in (-1, 1):
                y = -230 + 560 * t
                edge = np.interp(y, [-230, -120, 0, 120, 240, 330], [120, 208, 228, 236, 244, 190])
                spots += [near(rng, s * (edge - depth), y, 8, (19, 30)) for depth in (0, 34, 68)]
        rng.shuffle(spots)
        for x, y, r in spots:
            lock(b, p, x, y, r, rng.uniform(-60, 60), rng)
        b.fill((-112, 60, 112, 420), p["hair_shade"], 0.75, 26)


def curly_front(b: Brush, who: dict) -> None:
    p = who["palette"]
    rng = np.random.default_rng(who["seed"] + 9)
    hairline = symmetric(
        ("M", 0, -276),
        ("C", 140, -280, 226, -186, 222, -40),
        ("C", 222, 40, 224, 120, 222, 200),
        ("C", 200, 236, 168, 226, 156, 190),
        ("C", 150, 130, 166, 60, 154, -30),
        ("C", 146, -100, 96, -150, 0, -158),
    )
    b.fill(hairline, p["hair_shade"], 0.5, 9)
    b.fill(hairline, linear((0, -280), (0, 220), tones(p), [0, 0.35, 1]))
    spots = []
    for s in (-1, 1):
        for t in np.linspace(0, 1, 22):
            y = -252 + 470 * t
            edge = np.interp(y, [-252, -180, -60, 60, 218], [70, 170, 214, 220, 222])
            inner = np.interp(y, [-252, -170, -120, -60, 20, 218], [0, 10, 96, 150, 166, 168])
            n = max(2, int((edge - inner) / 20))
            spots += [near(rng, s * q, y, 5, (17, 26)) for q in np.linspace(inner + 8, edge, n)]
    for x in np.linspace(-150, 150, 17):
        crown = -262 + 0.0020 * x * x
        spots += [near(rng, x, crown + depth, 5, (17, 25)) for depth in (0, 24, 48)]
    rng.shuffle(spots)
    for x, y, r in spots:
        lock(b, p, x, y, r, rng.uniform(-70, 70), rng)
    b.fill((-150, -262, 20, -190), p["hair_light"], 0.28, 24)
    if who["earrings"] == "hoop":
        for s in (-1, 1):
            hoop = oval_path(s * 160, 104, 15, 24)
            b.stroke(hoop, mix(p["accent"], "#5a3a10", 0.5), 5, 1)
            b.stroke(hoop, p["accent"], 3, 1)
            b.stroke(
                path(("M", s * 160 - 11, 92), ("Q", s * 160 - 15, 104, s * 160 - 11, 116)),
                "#fff6dc",
                1.6,
                0.8,
            )


def quiff(b: Brush, who: dict) -> None:
    p = who["palette"]
    shape = path(
        ("M", -158, 52),
        ("C", -176, -30, -186, -120, -150, -186),
        ("C", -128, -236, -60, -282, 20, -280),
        ("C", 104, -280, 168, -230, 176, -150),
        ("C", 182, -90, 172, -30, 158, 52),
        ("C", 138, 44, 152, -50, 142, -96),
        ("C", 130, -128, 118, -142, 104, -150),
        ("C", 50, -134, -20, -136, -74, -166),
        ("C", -104, -160, -132, -128, -142, -92),
        ("C", -152, -50, -138, 44, -158, 52),
        ("Z",),
    )
    b.fill(shape, "#1a0e0a", 0.4, 8)
    b.fill(shape, linear((-60, -290), (60, -40), tones(p), [0, 0.5, 1]))
    with b.clip(shape):
        for s in (-1, 1):
            b.strands(
                ((s * 150, -190), (s * 166, -130), (s * 162, -60), (s * 158, 20)),
                ((s * 178, -170), (s * 180, -120), (s * 172, -60), (s * 164, 20)),
                34,
                [p["hair_light"], p["hair_shade"]],
                width=(1, 2.4),
                seed=5 + s,
            )
        b.strands(
            ((-96, -160), (-130, -220), (-70, -290), (60, -280)),
            ((110, -146), (60, -170), (70, -260), (180, -200)),
            90,
            [p["hair_light"], p["hair_shade"], p["hair_shade"]],
            width=(1.4, 4.5),
            alpha=(0.14, 0.42),
            seed=12,
        )
        b.stroke(
            path(("M", -110, -214), ("C", -50, -258, 40, -262, 110, -226)),
            p["hair_light"],
            24,
            0.4,
            13,
        )
        b.stroke(
            path(("M", -80, -164), ("C", -20, -138, 50, -136, 104, -150)),
            p["hair_shade"],
            10,
            0.6,
            6,
        )


def silver(b: Brush, who: dict) -> None:
    p = who["palette"]
    shape = path(
        ("M", -158, 40),
        ("C", -178, -20, -184, -110, -150, -172),
        ("C", -118, -226, -50, -254, 16, -250),
        ("C", 92, -250, 152, -212, 168, -150),
        ("C", 182, -90, 174, -20, 158, 40),
        ("C", 160, 0, 156, -44, 146, -74),
        ("C", 140, -104, 128, -134, 98, -168),
        ("C", 66, -196, 40, -190, 18, -182),
        ("C", -20, -168, -62, -176, -98, -168),
        ("C", -124, -140, -136, -108, -144, -74),
        ("C", -154, -44, -160, 0, -158, 40),
        ("Z",),
    )
    b.fill(shape, "#3a2a22", 0.3, 8)
    b.fill(shape, linear((-60, -260), (40, 0), tones(p), [0, 0.5, 1]))
    with b.clip(shape):
        for s in (-1, 1):
            b.strands(
                ((s * 138, -150), (s * 152, -100), (s * 158, -40), (s * 158, 36)),
                ((s * 174, -150), (s * 184, -100), (s * 176, -40), (s * 164, 36)),
                60,
                [p["hair_light"], p["hair_shade"], "#5f5e60"],
                width=(1, 2.4),
                seed=6 + s,
            )
        b.strands(
            ((-106, -160), (-100, -200), (-40, -230), (40, -180)),
            ((-150, -150), (-130, -250), (40, -290), (150, -140)),
            90,
            [p["hair_light"], p["hair_shade"], "#6a696b"],
            width=(1.2, 3.6),
            alpha=(0.14, 0.4),
            seed=14,
        )
        b.strands(
            ((-108, -164), (-64, -190), (-20, -192), (20, -182)),
            ((-112, -196), (-60, -262), (60, -262), (104, -176)),
            70,
            [p["hair_light"], p["hair_shade"], "#8a898a"],
            width=(1.2, 3.0),
            alpha=(0.14, 0.34),
            seed=15,
        )
        b.stroke(
            path(("M", -104, -200), ("C", -50, -236, 30, -240, 96, -206)), "#ffffff", 20, 0.4, 11
        )
        b.stroke(
            path(
                ("M", -98, -166),
                ("C", -60, -174, -20, -166, 18, -180),
                ("C", 60, -194, 84, -180, 98, -166),
            ),
            p["hair_shade"],
            9,
            0.5,
            5,
        )


def glasses(b: Brush, who: dict) -> None:
    if who["glasses"] != "round":
        return
    x, w = who["eyes"]["x"], who["face"]["half_width"]
    for s in (-1, 1):
        ring = skia.Path()
        ring.addRRect(
            skia.RRect.MakeRectXY(skia.Rect.MakeLTRB(s * x - 50, -40, s * x + 50, 44), 40, 38)
        )
        b.fill(ring, "#ffffff", 0.07)
        with b.clip(ring):
            b.fill(
                path(
                    ("M", s * x - 46, 0),
                    ("L", s * x - 10, -44),
                    ("L", s * x + 12, -44),
                    ("L", s * x - 34, 22),
                    ("Z",),
                ),
                "#ffffff",
                0.10,
                2,
            )
        b.stroke(ring, "#000000", 5, 0.16, 4)
        b.stroke(ring, who["palette"]["accent"], 5.5)
        b.stroke(ring, mix(who["palette"]["accent"], "#ffffff", 0.45), 1.5, 0.6, 0.6)
        arm = path(("M", s * (x + 49), -8), ("L", s * (w + 4), -16))
        b.stroke(arm, who["palette"]["accent"], 5.5)
    bridge = path(("M", -x + 50, -6), ("C", -10, -18, 10, -18, x - 50, -6))
    b.stroke(bridge, who["palette"]["accent"], 5.5)
