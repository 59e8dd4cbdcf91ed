"""Draws the characters into `src/ipyavatar/engine/face/data`: run `python tools/art/make.py`.

Needs the `art` dependency group (skia-python) and the system's libGL and libEGL. For each
character of `characters/*.json` it writes NAME.webp (figure with alpha, no eyes, no mouth),
NAME.room.webp (small blurred background), NAME.over.webp (glasses, if any) and NAME.json
(what the run time must know, and the stamp of what it was drawn from).
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from pathlib import Path

import cv2
import numpy as np
import skia

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "src/ipyavatar/engine/face/data"
SCALE = 1.08 * 1.18  # px per art unit at 1080p
FIGURE = (-420, -300, 420, 500)  # art units: x0, y0, x1, y1
OVER = (-170, -60, 170, 64)


def stamp(name: str) -> str:
    """Hash of the character's data and of all drawing code."""
    sources = [HERE / "characters" / f"{name}.json", *sorted(HERE.glob("*.py"))]
    return hashlib.sha256(b"\0".join(s.read_bytes() for s in sources)).hexdigest()[:16]


def bitmap(box: tuple[float, float, float, float], scale: float, draw) -> np.ndarray:
    """BGRA, straight alpha, of what `draw(brush)` draws in `box`."""
    from brush import Brush

    x0, y0, x1, y1 = box
    size = math.ceil((x1 - x0) * scale), math.ceil((y1 - y0) * scale)
    info = skia.ImageInfo.Make(*size, skia.kBGRA_8888_ColorType, skia.kPremul_AlphaType)
    surface = skia.Surface.MakeRaster(info)
    canvas = surface.getCanvas()
    canvas.clear(0)
    canvas.scale(scale, scale)
    canvas.translate(-x0, -y0)
    draw(Brush(canvas))
    return surface.makeImageSnapshot().toarray(colorType=skia.kBGRA_8888_ColorType)


def save(path: Path, picture: np.ndarray, quality: int) -> None:
    ok, data = cv2.imencode(".webp", picture, [cv2.IMWRITE_WEBP_QUALITY, quality])
    if not ok:
        raise OSError(f"cannot encode {path.name}")
    path.write_bytes(data.tobytes())


def make(name: str) -> None:
    import body
    import hair
    import head
    import room

    who = json.loads((HERE / "characters" / f"{name}.json").read_text())

    def figure(b) -> None:
        hair.back(b, who)
        body.draw(b, who)
        if who["hair"] in ("quiff", "silver"):  # longer hair covers them
            for side in (-1, 1):
                head.ear(b, who, side)
        head.skin(b, who)
        head.beard(b, who)
        head.brows(b, who)
        hair.front(b, who)

    save(DATA / f"{name}.webp", bitmap(FIGURE, SCALE, figure), 92)
    scale = room.SIZE[1] / 1000
    back = bitmap((0, 0, room.SIZE[0] / scale, 1000), scale, lambda b: room.draw(b, who))
    save(
        DATA / f"{name}.room.webp", np.ascontiguousarray(back[..., :3]), 101
    )  # lossless: blocks would show
    if who["glasses"]:
        save(DATA / f"{name}.over.webp", bitmap(OVER, SCALE, lambda b: hair.glasses(b, who)), 92)
    half_width, top = hair.extent(who)
    wanted = (
        "skin",
        "skin_shade",
        "skin_light",
        "iris",
        "iris_edge",
        "lip",
        "lip_light",
        "lip_shade",
    )
    facts = {
        "name": name,
        "description": who["description"],
        "voice": who["voice"],
        "palette": {k: who["palette"][k] for k in wanted},
        "face": who["face"],
        "eyes": who["eyes"],
        "brows": {"y": who["brows"]["y"]},
        "mouth": who["mouth"],
        "nose": who["nose"],
        "hair": {"half_width": half_width, "top": top},
        "figure": {"box": FIGURE, "scale": SCALE},
        "over": OVER if who["glasses"] else None,
        "stamp": stamp(name),
    }
    (DATA / f"{name}.json").write_text(json.dumps(facts, indent=1) + "\n")


def main() -> None:
    sys.path.insert(0, str(HERE))
    DATA.mkdir(parents=True, exist_ok=True)
    names = sys.argv[1:] or [p.stem for p in sorted((HERE / "characters").glob("*.json"))]
    for name in names:
        make(name)


if __name__ == "__main__":
    main()
