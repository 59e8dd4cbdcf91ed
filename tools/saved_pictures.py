"""Draws what a saved notebook shows in place of an avatar: `src/ipyavatar/widget/saved/NAME.png`.

    python tools/saved_pictures.py

A small picture, in few colours, with what brings it back; it is in the output of each cell that
shows an avatar. JupyterLab shows it, too, to who has a shared notebook open when somebody else runs
the cell, since it trusts no output of others before the page is loaded anew. Needs Playwright and a
Chromium (`CHROMIUM`).
"""

from __future__ import annotations

import base64
import os
import struct
import sys
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import sync_playwright

from ipyavatar.engine.face import CHARACTERS, FaceRenderer
from ipyavatar.engine.pose import Pose

OUT = Path(__file__).resolve().parents[1] / "src" / "ipyavatar" / "widget" / "saved"
WIDTH, HEIGHT = 400, 225
COLOURS = 128
LINE = "Run this cell to bring the avatar back"
SHARED = "Has somebody else run it just now? Reload the page."
NOBODY = (
    '<svg viewBox="0 0 24 24" width="96" height="96" fill="#fff" opacity=".5"'
    ' style="position:absolute;left:152px;top:42px"><circle cx="12" cy="8.4" r="4.1"/>'
    '<path d="M3.6 22c.5-5 4-7.6 8.4-7.6s7.9 2.6 8.4 7.6z"/></svg>'
)
"""Of a service's avatar there is no picture here."""

PAGE = f"""<!doctype html><body style="margin:0;width:{WIDTH}px;height:{HEIGHT}px;
background:linear-gradient(160deg,#5c6f8c,#36445c 55%,#263145)">{{inside}}
<div style="position:absolute;inset:auto 0 0;padding:5px 0 6px;background:rgb(12 16 24 / 78%);
color:#fff;font:600 14px/20px system-ui,sans-serif;text-align:center">&#9654;&ensp;{LINE}
<div style="font-size:12px;line-height:16px;font-weight:400">{SHARED}</div></div></body>"""


def portrait(name: str) -> str:
    """The character at rest, as an image of HTML."""
    picture = FaceRenderer(name, 4 * WIDTH, 4 * HEIGHT).render(Pose())
    small = cv2.resize(picture[..., :3], (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    done, png = cv2.imencode(".png", small)
    assert done
    return f'<img src="data:image/png;base64,{base64.b64encode(png.tobytes()).decode()}">'


def few_colours(png: bytes) -> bytes:
    """The same picture as a PNG with a palette."""
    pixels = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
    flat = pixels.reshape(-1, 3).astype(np.float32)
    cv2.setRNGSeed(1)
    criteria = (cv2.TERM_CRITERIA_MAX_ITER, 40, 0.1)
    _, labels, palette = cv2.kmeans(flat, COLOURS, np.empty(0), criteria, 2, cv2.KMEANS_PP_CENTERS)
    return encode(labels.reshape(pixels.shape[:2]).astype(np.uint8), palette.round())


def encode(indices: NDArray[np.uint8], palette: Any) -> bytes:
    """A PNG of colours by index."""
    height, width = indices.shape
    rows = b"".join(b"\0" + row.tobytes() for row in indices)
    parts = {
        b"IHDR": struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0),
        b"PLTE": palette.astype(np.uint8).tobytes(),
        b"IDAT": zlib.compress(rows, 9),
        b"IEND": b"",
    }
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts.items()
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def main() -> None:
    """Draw them all."""
    OUT.mkdir(exist_ok=True)
    insides = {name: portrait(name) for name in CHARACTERS} | {"service": NOBODY}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--headless", "--no-sandbox", "--disable-gpu"],
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        for name, inside in insides.items():
            page.set_content(PAGE.format(inside=inside))
            path = OUT / f"{name}.png"
            path.write_bytes(few_colours(page.screenshot()))
            sys.stdout.write(f"{path.name}: {path.stat().st_size} bytes\n")
        browser.close()


if __name__ == "__main__":
    main()
