"""The board: cells in a page of a browser, and pictures of it."""

from __future__ import annotations

import asyncio
import contextlib
import html
import math
import mimetypes
from collections.abc import AsyncIterator, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import cv2
import numpy as np
from numpy.typing import NDArray

from ...errors import LessonStopped
from ...media.lesson_layout import GRID, Box, LessonLayout
from ...media.planes import Planes
from .chromium import open_chromium

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page, Route

HOME = "http://lesson.invalid/"
"""The address of the pages, at which nobody is: what they ask for is answered here, or not."""

POLICY = (
    "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "style-src 'self' 'unsafe-inline' data:; object-src 'none'; form-action 'none'"
)
ANSWER_MS = 30_000
"""A page that is busy for so long is given up."""

KEPT = 2
"""Boards of cells above the one that is shown; what is further up is taken out of the page."""


class Board:
    """Shows cells one below the other. Belongs to one loop.

    Args:
        page: Of the cells.
        side: Of what is beside them.
        layout: Where things are.
        answer_s: A page that is busy for so long is given up.
    """

    def __init__(
        self, page: Page, side: Page, layout: LessonLayout, answer_s: float = ANSWER_MS / 1000
    ) -> None:
        self._page, self._side, self._layout = page, side, layout
        self._answer_s = answer_s
        self.height = int(layout.on_page(layout.board.height) // GRID * GRID)
        """Of what is seen of it, in pixels of the page."""

    async def add(self, cell: str, markup: str) -> None:
        """Show a cell below the others."""
        await self._ask(self._page, "([id, html]) => lesson.add(id, html)", [cell, markup])

    async def fill(self, cell: str, count: str, markup: str) -> None:
        """Show what came out of it."""
        arguments = [cell, count, markup]
        await self._ask(self._page, "([id, n, html]) => lesson.fill(id, n, html)", arguments)

    async def place(self, cell: str) -> tuple[float, float]:
        """Its top and bottom, in pixels of the page."""
        top, bottom = await self._ask(self._page, "id => lesson.place(id)", cell)
        return top, bottom

    async def shoot(self, top: int, bottom: int) -> Planes:
        """What is between two places, which are multiples of `GRID`."""
        await self._ask(self._page, "top => lesson.forget(top)", top - KEPT * self.height)
        layout = self._layout
        width = layout.on_page(layout.board.width)
        clip = {"x": 0, "y": top, "width": width, "height": bottom - top}
        shot = await self._page.screenshot(clip=clip, full_page=True, **_SHOT)  # type: ignore[arg-type]
        return _planes(shot, layout.board.width, layout.in_picture(bottom - top))

    async def shoot_side(self, title: str, chapters: Sequence[str], now: int) -> Planes:
        """What is beside the board: the chapters, and which of them it is at."""
        markup = side_markup(title, chapters, now, self._layout.chapters)
        await self._ask(self._side, "html => { document.body.innerHTML = html }", markup)
        side = self._layout.side
        return _planes(await self._side.screenshot(**_SHOT), side.width, side.height)

    async def _ask(self, page: Page, script: str, given: object) -> Any:
        """What a script returns. Playwright waits for it for ever.

        Raises:
            LessonStopped: It does not answer.
        """
        try:
            return await asyncio.wait_for(page.evaluate(script, given), self._answer_s)
        except asyncio.TimeoutError as error:
            what = f"The board has not answered within {self._answer_s:g} s."
            fix = "Look for a script in an output that does not end."
            raise LessonStopped(what, fix) from error


_SHOT: Any = {"type": "png", "animations": "disabled", "caret": "hide", "timeout": ANSWER_MS}


@contextlib.asynccontextmanager
async def open_board(layout: LessonLayout, folder: Path, css: str) -> AsyncIterator[Board]:
    """A board.

    Args:
        layout: Where things are.
        folder: Of the notebook: its pictures are there.
        css: More of it.

    Raises:
        MissingPart: There is no browser.
    """
    async with open_chromium() as browser:
        style = f"<!doctype html><meta charset=utf-8><style>{_asset('lesson.css')}\n{css}</style>"
        cells = f'{style}<body><div id="cells"></div><script>{_asset("lesson.js")}</script>'
        page = await _open_page(browser, cells, layout, layout.board, folder)
        beside = f'{style}<body class="side">'
        side = await _open_page(browser, beside, layout, layout.side, folder)
        yield Board(page, side, layout)


async def _open_page(
    browser: Browser, document: str, layout: LessonLayout, box: Box, folder: Path
) -> Page:
    width, height = (math.ceil(layout.on_page(pixels)) for pixels in (box.width, box.height))
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=layout.scale,
        accept_downloads=False,
        offline=True,
        service_workers="block",
        reduced_motion="reduce",
    )
    context.set_default_timeout(ANSWER_MS)

    async def answer(route: Route) -> None:
        """Give it itself, and files of the notebook's folder, and nothing else."""
        address = route.request.url
        path = find_file(address, folder)
        if address == HOME:
            headers = {"Content-Security-Policy": POLICY}
            await route.fulfill(body=document, content_type="text/html", headers=headers)
        elif path is None:
            await route.abort()
        else:
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            await route.fulfill(path=path, content_type=kind)

    await context.route("**/*", answer)
    page = await context.new_page()
    await page.goto(HOME)
    return page


def find_file(address: str, folder: Path) -> Path | None:
    """The file of the notebook's folder, or below it, that an address of its page means."""
    if not address.startswith(HOME):
        return None
    try:
        path = (folder / unquote(urlsplit(address).path).lstrip("/")).resolve()
        inside = path.is_relative_to(folder.resolve()) and path.is_file()
    except (OSError, ValueError):
        return None
    return path if inside else None


def side_markup(title: str, chapters: Sequence[str], now: int, most: int) -> str:
    """The title, and `most` chapters around the one it is at (-1 before the first)."""
    first = max(0, min(now - most // 2, len(chapters) - most))
    rows = []
    for number, chapter in list(enumerate(chapters))[first : first + most]:
        kind = "now" if number == now else "past" if number < now else "next"
        rows.append(f'<li class="{kind}">{html.escape(chapter)}</li>')
    where = f"{now + 1} of {len(chapters)}" if now >= 0 else ""
    listed = f"<ol>{''.join(rows)}</ol>"
    return f'<h1>{html.escape(title)}</h1><p class="where">{where}</p>{listed}'


def _asset(name: str) -> str:
    return resources.files(__package__).joinpath("page", name).read_text(encoding="utf-8")


def _planes(png: bytes, width: int, height: int) -> Planes:
    """A shot as I420 planes of that size: it may be a pixel larger or smaller."""
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise ValueError("the browser's picture is none")
    part = picture[:height, :width]
    more = (height - part.shape[0], width - part.shape[1])
    if any(more):
        part = cv2.copyMakeBorder(part, 0, more[0], 0, more[1], cv2.BORDER_REPLICATE)
    i420: NDArray[np.uint8] = np.asarray(cv2.cvtColor(part, cv2.COLOR_BGR2YUV_I420), np.uint8)
    return Planes.of(i420)
