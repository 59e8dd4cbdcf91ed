"""The kernel of a lesson: the notebook's own kind, in the notebook's folder, by nbclient."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import subprocess
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from ...core.media_process import OPENCV_THREADS
from ...errors import InvalidArgument, LessonStopped, describe
from ..notebook_file import Cell

USUAL = "python3"


@dataclass(frozen=True, slots=True)
class CellFailure:
    """A cell that raised.

    Attributes:
        number: Which cell of the notebook, from 1.
        error: What it raised, in a line.
    """

    number: int
    error: str

    def __str__(self) -> str:
        return f"cell {self.number} raised {self.error}"


@dataclass(frozen=True, slots=True)
class CellResult:
    """What came of a cell.

    Attributes:
        count: How many cells had run; 0 where it could not.
        outputs: As a notebook has them.
        failure: What it raised.
    """

    count: int
    outputs: tuple[Mapping[str, Any], ...]
    failure: CellFailure | None = None


class LessonKernel:
    """Runs cells, one after the other. Belongs to one loop."""

    def __init__(self, client: NotebookClient) -> None:
        self._client = client

    async def run(self, cell: Cell) -> CellResult:
        """Run a cell to its end.

        Raises:
            LessonStopped: Its kernel has died, or it takes longer than it may.
        """
        node = nbformat.v4.new_code_cell(cell.text)  # type: ignore[no-untyped-call]
        # What came out of earlier ones is let go of, and not changed any more.
        self._client.nb.cells[:] = [node]
        self._client.clear_display_id_mapping(0)
        failure = None
        try:
            await self._client.async_execute_cell(node, 0)
        except CellExecutionError as error:
            failure = CellFailure(cell.number, f"{error.ename}: {error.evalue}".strip()[:200])
        except CellTimeoutError as error:
            what = f"Cell {cell.number} has not ended within {self._client.timeout:g} s."
            raise LessonStopped(what, "Give it more time: cell_timeout_s=.") from error
        except DeadKernelError as error:
            what = f"The kernel died in cell {cell.number}."
            raise LessonStopped(what, "What was recorded until then plays.") from error
        return CellResult(node.execution_count or 0, tuple(node.outputs), failure)


def find_kernel(name: str | None, notebook: str) -> str:
    """The kernel to use: the one that was asked for, else the notebook's, else Python's.

    Raises:
        InvalidArgument: It is not installed.
    """
    wanted = (notebook or USUAL) if name is None else name
    try:
        KernelSpecManager().get_kernel_spec(wanted)
    except (NoSuchKernel, TypeError) as error:  # what is no text is no name either
        there = ", ".join(sorted(KernelSpecManager().find_kernel_specs())) or "none"
        whose = "The notebook's" if name is None else "The"
        what = f"{whose} kernel {describe(wanted)} is not installed here; there is: {there}."
        fix = "Install it (for Python: pip install ipykernel), or choose another one: kernel=."
        raise InvalidArgument(what, fix) from error
    return wanted


def make_client(name: str, folder: Path, timeout_s: float | None) -> NotebookClient:
    """A client of a kernel that has not started; see `open_kernel()`."""
    book = nbformat.v4.new_notebook()  # type: ignore[no-untyped-call]
    where = {"metadata": {"path": str(folder)}}
    # nbclient waits whole seconds only.
    seconds = None if timeout_s is None else math.ceil(timeout_s)
    return NotebookClient(book, kernel_name=name, timeout=seconds, resources=where)


@contextlib.asynccontextmanager
async def open_kernel(
    name: str, folder: Path, timeout_s: float | None
) -> AsyncIterator[LessonKernel]:
    """A kernel of its own; it is ended with the lesson.

    Args:
        name: Which.
        folder: Where it runs.
        timeout_s: A cell may take so long, rounded up to whole seconds; None: as long as it likes.

    Raises:
        LessonStopped: It does not start.
    """
    client = make_client(name, folder, timeout_s)
    manager: Any = client.create_kernel_manager()
    # Ours alone, and inherited: users' OpenCV may have its threads.
    surroundings = {name: v for name, v in os.environ.items() if name != OPENCV_THREADS}
    setup = client.async_setup_kernel(env=surroundings, stderr=subprocess.DEVNULL)
    try:
        try:
            await setup.__aenter__()
        except (RuntimeError, OSError) as error:
            what = f"The kernel {name!r} does not start: {error!s:.200}."
            raise LessonStopped(what, "Try it: jupyter console --kernel NAME.") from error
        try:
            yield LessonKernel(client)
        finally:
            _end_watch()
            await setup.__aexit__(None, None, None)
    finally:
        await _end_kernel(client, manager)


def _end_watch() -> None:
    """Where a cell is cancelled nbclient goes on watching over a kernel that will not be there."""
    for task in asyncio.all_tasks():
        name = getattr(task.get_coro(), "__qualname__", "")
        if name.startswith(f"{NotebookClient.__name__}."):
            task.cancel()


async def _end_kernel(client: NotebookClient, manager: Any) -> None:
    """End a kernel where nbclient has not: while it starts, that does so for few errors only."""
    if client.kc is not None:
        client.kc.stop_channels()
    if await manager.is_alive():
        await manager.shutdown_kernel(now=True)
    else:
        await manager.cleanup_resources()
