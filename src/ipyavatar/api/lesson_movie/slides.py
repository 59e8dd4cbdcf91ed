"""The slides of a lesson: cells are shown, run and photographed, a few slides ahead of the movie.

A thread with a loop of its own has the kernel and the browser; whoever draws the movie takes slides
from it, and waits where the next one is not there yet.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import queue
import threading
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.scripts import estimate_seconds
from ...core.threads import GuardedThread
from ...errors import AvatarError, LessonStopped, MediaError
from ...media.lesson_layout import GRID, LessonLayout
from ...media.lesson_picture import Slide
from ..notebook_file import Cell, Step
from .board import Board, open_board
from .cell_html import HIGHLIGHT_CSS, CellHtml, id_of
from .kernel import CellFailure, LessonKernel, open_kernel
from .pacing import Pace, plan_pace, reading_s, titles_of

AHEAD = 3
"""Slides that wait to be drawn: memory is the same for a short lesson and a long one."""

MARGIN = 2 * GRID
"""Of the page, above and below the cell that is shown."""

TALLEST = 4
"""Boards that one slide scrolls over at most; what is further is jumped to."""

LOOK_S = 0.25
"""A waiting thread looks so often whether it was interrupted, where locks do not let that in."""

END_S = 20.0
"""Kernel and browser have so long to end."""


@dataclass(frozen=True, slots=True)
class LessonPlan:
    """What is to be shown.

    Attributes:
        title: Of the lesson.
        steps: Its steps.
        folder: Of the notebook.
        kernel: Which kernel runs it.
        language: Of its code.
        allow_errors: It goes on where a cell raises.
        cell_timeout_s: A cell may take so long; None: as long as it likes.
    """

    title: str
    steps: tuple[Step, ...]
    folder: Path
    kernel: str
    language: str
    allow_errors: bool = False
    cell_timeout_s: float | None = None


class LessonSlides:
    """An iterator of slides. `close()` ends kernel and browser.

    Args:
        plan: What is to be shown.
        layout: Where things are.

    Attributes:
        failures: Cells that raised, so far.
    """

    def __init__(self, plan: LessonPlan, layout: LessonLayout) -> None:
        self.failures: list[CellFailure] = []
        self._plan, self._layout = plan, layout
        self._slides: queue.Queue[Slide | BaseException | None] = queue.Queue()
        self._room = asyncio.Semaphore(AHEAD)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._lock = threading.Lock()
        self._thread = GuardedThread(target=self._run, name="ipyavatar-slides", daemon=True)
        self._thread.start()

    def wait_until_ready(self) -> None:
        """Wait for kernel and browser.

        Raises:
            MissingPart: There is no browser.
            AvatarError: One of them does not start.
        """
        while not self._ready.wait(LOOK_S):
            pass
        if self._failure is not None:
            raise self._failure

    def __iter__(self) -> LessonSlides:
        return self

    def __next__(self) -> Slide:
        while True:
            try:
                found = self._slides.get(timeout=LOOK_S)
                break
            except queue.Empty:
                continue
        if isinstance(found, Slide):
            self._call(self._room.release)
            return found
        self._slides.put(None)
        if found is None:
            raise StopIteration
        raise found

    def close(self) -> None:
        """End kernel and browser, and wait for it, but not for ever. Idempotent."""
        with self._lock:
            self._closed = True
        self._call(lambda: self._task is not None and self._task.cancel())
        self._thread.join(END_S)

    def _call(self, work: Callable[[], object]) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has ended
                self._loop.call_soon_threadsafe(work)

    # ---- on the thread ------------------------------------------------------------------------

    def _run(self) -> None:
        end: BaseException | None = None
        try:
            asyncio.run(self._make_all())
        except asyncio.CancelledError:
            pass
        except AvatarError as error:
            end = error
        except Exception as error:  # of nbclient, Playwright and what they use
            said = str(error).strip().partition("\n")[0][:200]
            end = MediaError(f"The lesson cannot be drawn: {said or type(error).__name__}.")
            end.__cause__ = error
        self._failure = end
        self._slides.put(end)
        self._ready.set()

    async def _make_all(self) -> None:
        with self._lock:
            if self._closed:
                return
            self._loop, self._task = asyncio.get_running_loop(), asyncio.current_task()
        plan = self._plan
        async with (
            open_board(self._layout, plan.folder, HIGHLIGHT_CSS) as board,
            open_kernel(plan.kernel, plan.folder, plan.cell_timeout_s) as kernel,
        ):
            self._ready.set()
            camera = Camera(board, self._layout)
            async with contextlib.aclosing(self._make(board, camera, kernel)) as slides:
                async for slide in slides:
                    await self._room.acquire()
                    self._slides.put(slide)

    async def _make(
        self, board: Board, camera: Camera, kernel: LessonKernel
    ) -> AsyncGenerator[Slide, None]:
        made = CellHtml(self._plan.language)
        titles = titles_of(self._plan.steps)
        chapter = -1
        side: Any = await board.shoot_side(self._plan.title, titles, chapter)
        for number, step in enumerate(self._plan.steps):
            if step.title:
                chapter += 1
                side = await board.shoot_side(self._plan.title, titles, chapter)
            paces = plan_pace(step, estimate_seconds(step.text) if step.text else 0.0)
            for cell, pace in zip(step.cells, paces, strict=True):
                await board.add(id_of(cell), made.cell(cell))
                async for slide in camera.shoot(number, cell, pace.shown_s, side):
                    yield slide
                side = None
                if cell.is_code:
                    hold_s = await self._show_result(cell, pace, board, made, kernel)
                    async for slide in camera.shoot(number, cell, hold_s):
                        yield slide
                    self._check(cell)

    async def _show_result(
        self, cell: Cell, pace: Pace, board: Board, made: CellHtml, kernel: LessonKernel
    ) -> float:
        """Run a cell and put what came of it on the board; how long that is to be seen."""
        result = await kernel.run(cell)
        if result.failure is not None:
            self.failures.append(result.failure)
        await board.fill(id_of(cell), f"[{result.count}]", made.outputs(result.outputs))
        if not result.outputs:
            return 0.4
        texts = (str(output.get("text", "")) for output in result.outputs)
        return max(pace.output_s, reading_s("".join(texts)))

    def _check(self, cell: Cell) -> None:
        """Stop where a cell has failed, once that is seen.

        Raises:
            LessonStopped: It has, and may not.
        """
        failed = bool(self.failures) and self.failures[-1].number == cell.number
        if failed and not (cell.may_raise or self._plan.allow_errors):
            what = f"The lesson stopped: {self.failures[-1]}."
            fix = "Mend it, tag it `raises-exception`, or go on all the same: allow_errors=True."
            raise LessonStopped(what, fix)


class Camera:
    """Goes down the board with the lesson, and takes its slides."""

    def __init__(self, board: Board, layout: LessonLayout) -> None:
        self._board, self._layout = board, layout
        self._top = 0

    async def shoot(
        self, step: int, cell: Cell, hold_s: float, side: Any = None
    ) -> AsyncGenerator[Slide, None]:
        """What is to be seen of a cell, and how the board scrolls there."""
        top, bottom = await self._board.place(id_of(cell))
        views = find_views(self._top, top, bottom, self._board.height)
        for end in views:
            begin, self._top = self._top, end
            if abs(end - begin) > TALLEST * self._board.height:
                begin = end
            first = min(begin, end)
            strip = await self._board.shoot(first, max(begin, end) + self._board.height)
            rows = [self._layout.in_picture(place - first) for place in (begin, end)]
            yield Slide(step, strip, rows[0], rows[1], hold_s / len(views), side)
            side = None


def find_views(now: int, top: float, bottom: float, height: int) -> list[int]:
    """Where the board is scrolled to, so that a cell is seen: no further than it takes.

    Args:
        now: Where it is.
        top: Of the cell.
        bottom: Of the cell. One that is higher than the board is seen from its beginning on.
        height: Of the board.
    """
    highest, lowest = top - MARGIN, bottom + MARGIN - height
    if lowest <= highest:
        views = [min(max(now, lowest), highest)]
    else:
        views = [highest, lowest] if now < highest else [max(now, lowest)]
    return [math.ceil(max(0, view) / GRID) * GRID for view in views]
