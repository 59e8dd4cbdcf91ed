"""Screenshots of every state of the built widget, for people to look at.

    npm run build && python test/gallery.py OUT_DIRECTORY

Needs Playwright and a Chromium (`CHROMIUM`, default /usr/bin/chromium).
"""

from __future__ import annotations

import functools
import http.server
import os
import shutil
import sys
import tempfile
import threading
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
STATIC = HERE.parent.parent / "src" / "ipyavatar" / "static"
WIDTHS = {720: 1520, 280: 1260}
"""Width of a cell and of the window that shows several."""


VARIANTS = {
    "forced-colours": {"forced_colors": "active"},
    "forced-colours-dark": {"forced_colors": "active", "color_scheme": "dark"},
}
FLOATING = ("scrolled away while it speaks", "scrolled away, muted")


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves the pages, quietly."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def shoot_cells(page: Page, address: str, out: Path) -> None:
    """Take all pictures: each theme and width as a whole, and each control bar."""
    for theme in ("light", "dark"):
        for width, window in WIDTHS.items():
            # Tall enough for all: browsers do not play what is out of sight.
            page.set_viewport_size({"width": window, "height": 11_000 if width > 300 else 3_400})
            page.goto(f"{address}/gallery.html?theme={theme}&width={width}")
            page.wait_for_function("window.ready")
            page.screenshot(path=out / f"{theme}-{width}.png", full_page=True)
            for cell in page.query_selector_all("section[data-focus]"):
                name = cell.query_selector("h2").inner_text()
                # Tab, so that the browser shows the focus ring.
                page.keyboard.press("Tab")
                cell.query_selector(cell.get_attribute("data-focus")).focus()
                page.wait_for_timeout(400)
                slug = "".join(c if c.isalnum() else "-" for c in name)
                cell.screenshot(path=out / f"{theme}-{width}-{slug}.png")


def shoot_variants(page: Page, address: str, out: Path) -> None:
    """The same in the colours of the user's system, and from right to left."""
    page.set_viewport_size({"width": 1260, "height": 3_400})
    for name, media in VARIANTS.items():
        page.emulate_media(**media)
        page.goto(f"{address}/gallery.html?theme=light&width=280")
        page.wait_for_function("window.ready")
        page.screenshot(path=out / f"{name}.png", full_page=True)
    page.emulate_media(forced_colors="none", color_scheme="light")
    page.goto(f"{address}/gallery.html?theme=light&width=280&dir=rtl")
    page.wait_for_function("window.ready")
    page.screenshot(path=out / "rtl.png", full_page=True)


def shoot_floating(page: Page, address: str, out: Path) -> None:
    """What stays in the corner of a wide and a narrow page, as it is and with its controls."""
    for theme, direction, width in (
        ("light", "ltr", 900),
        ("dark", "rtl", 900),
        ("light", "ltr", 320),
    ):
        page.set_viewport_size({"width": width, "height": 560})
        for scene in FLOATING:
            query = f"theme={theme}&width={min(width - 40, 720)}&dir={direction}&scene={scene}"
            page.goto(f"{address}/gallery.html?{query}")
            page.wait_for_function("window.ready")
            name = f"floating-{theme}-{width}-{'muted' if 'muted' in scene else 'speaking'}"
            page.screenshot(path=out / f"{name}.png")
            page.keyboard.press("Tab")
            page.locator(".ipyavatar-float button").last.focus()
            page.wait_for_timeout(400)
            page.screenshot(path=out / f"{name}-controls.png")


def main(out: Path) -> int:
    """Serve the gallery, take its pictures; 1 when the page complained."""
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as site:
        for source in (
            HERE / "gallery.html",
            HERE / "gallery.js",
            HERE / "gallery-scenes.js",
            STATIC / "widget.js",
            STATIC / "widget.css",
            STATIC / "microphone.js",
            STATIC / "floating.js",
        ):
            shutil.copy(source, site)
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Handler, directory=site)
        )
        threading.Thread(target=server.serve_forever, daemon=True).start()
        problems: list[str] = []
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
                args=["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"],
            )
            page = browser.new_page()
            page.set_default_timeout(120_000)  # large pictures, drawn without a graphics card
            page.on("pageerror", lambda error: problems.append(str(error)))
            page.on("console", lambda line: line.type == "error" and problems.append(line.text))
            for shoot in (shoot_cells, shoot_variants, shoot_floating):
                shoot(page, f"http://127.0.0.1:{server.server_address[1]}", out)
            browser.close()
        server.shutdown()
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
