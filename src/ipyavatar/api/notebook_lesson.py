"""`lesson()`: a notebook as a lesson. Its cells tagged `speak` are said while the next ones run."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from ..client.lesson import Lesson, check_pause
from ..client.segments import Segment
from ..core.secret import hides_keys
from ..errors import InvalidArgument, type_name
from .notebook_file import Cell, Step, read_notebook, steps_of

if TYPE_CHECKING:
    from ..widget.avatar import Avatar

NO_IPYTHON = "The cells of a notebook run in IPython, and this is none."
NO_IPYTHON_FIX = (
    "Call lesson() in a notebook or in `ipython`; or record_lesson(), which makes a movie of it "
    "from anywhere."
)


@hides_keys
def lesson(
    notebook: str | os.PathLike[str], avatar: Avatar | None = None, *, pause: float = 1.0
) -> Lesson:
    """Present a notebook: here, in this cell, and in this kernel.

    Its Markdown cells with the tag `speak` are shown and said; while one is being said, the code
    cells behind it run in turn, and show what they show. It returns when all is over.

    Args:
        notebook: The file.
        avatar: Who says it; a new one, shown in this cell, when not given.
        pause: Seconds of silence after each cell that was said.

    Returns:
        The lesson. Where a cell has failed or the kernel was interrupted, it is `avatar.lesson`,
        and its `resume()` goes on.

    Raises:
        InvalidArgument: There is no such notebook, no cell in it has the tag, or it has code and
            there is no IPython here to run it.
        LessonStopped: A cell has failed, or the avatar was interrupted.
    """
    from ..widget.avatar import Avatar as Widget

    given: object = avatar  # users' code need not be typed
    if given is not None and not isinstance(given, Widget):
        what = f"A lesson is given by an Avatar, not by {type_name(given)}."
        raise InvalidArgument(what, "Give an Avatar, or leave it out.")
    steps = tuple(steps_of(read_notebook(notebook).cells))
    check_pause(pause)
    _refuse_code_without_ipython(steps)
    segments = _segments_of(steps)
    who = Widget() if avatar is None else avatar
    if avatar is None:
        _display(who)
    made = who.session.make_lesson(segments, pause)
    made.run()
    return made


@hides_keys
def read_lesson(notebook: str | os.PathLike[str]) -> list[Segment]:
    """The segments of a notebook's file.

    Raises:
        InvalidArgument: There is no such notebook, or no cell in it has the tag.
    """
    return _segments_of(steps_of(read_notebook(notebook).cells))


def _segments_of(steps: Iterable[Step]) -> list[Segment]:
    return [Segment(step.text, step.title, tuple(map(_run_of, step.cells))) for step in steps]


def _refuse_code_without_ipython(steps: Iterable[Step]) -> None:
    """Before anything is shown or said.

    Raises:
        InvalidArgument: There is code, and no IPython here to run it.
    """
    from IPython.core.getipython import get_ipython

    if get_ipython() is None and any(cell.is_code for step in steps for cell in step.cells):
        raise InvalidArgument(NO_IPYTHON, NO_IPYTHON_FIX)


def _run_of(cell: Cell) -> Callable[[], object]:
    """What shows it, or runs it."""
    if cell.cell_type == "markdown":
        return partial(_show_markdown, cell.text)
    return partial(_run_code, cell.text, may_raise=cell.may_raise)


def _display(shown: Any) -> None:
    from IPython.display import display

    display(shown)  # type: ignore[no-untyped-call]


def _show_markdown(text: str) -> None:
    from IPython.display import Markdown

    _display(Markdown(text))  # type: ignore[no-untyped-call]


def _run_code(code: str, *, may_raise: bool = False) -> None:
    """Run a cell in the user's kernel.

    Args:
        code: What is in it.
        may_raise: What it raises is shown, and the lesson goes on.

    Raises:
        BaseException: What it raised.
        InvalidArgument: There is no IPython here to run it, or it awaits where a loop is running.
    """
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None:
        raise InvalidArgument(NO_IPYTHON, NO_IPYTHON_FIX)
    whole = shell.transform_cell(code) if _is_on_loop() else ""  # type: ignore[no-untyped-call]
    if whole and shell.should_run_async(code, transformed_cell=whole):
        what = (
            "A cell of the lesson awaits outside of functions, and this cell waits for the lesson."
        )
        raise InvalidArgument(what, "Put it into an async function, and asyncio.run() in a thread.")
    with contextlib.suppress(SystemExit):
        result = shell.run_cell(code)  # type: ignore[no-untyped-call]
        error = result.error_before_exec or result.error_in_exec
        if error is not None and not may_raise:
            raise error


def _is_on_loop() -> bool:
    """Whether this thread is in the middle of a loop, as in a notebook's cell."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
