"""`lesson()`: a notebook as a lesson. Its cells tagged `speak` are said while the next ones run."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ..client.lesson import Lesson, check_pause
from ..client.segments import Segment, title_of
from ..core.decode import decode_json
from ..errors import InvalidArgument, MalformedData

if TYPE_CHECKING:
    from ..widget.avatar import Avatar

TAG = "speak"
"""The tag of a cell that is said."""

MOST_BYTES = 100_000_000


class _Metadata(msgspec.Struct):
    tags: list[str] = []


class _Cell(msgspec.Struct):
    cell_type: str
    source: str | list[str] = ""
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)

    @property
    def text(self) -> str:
        return self.source if isinstance(self.source, str) else "".join(self.source)


class _Notebook(msgspec.Struct):
    cells: list[_Cell]


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
        InvalidArgument: There is no such notebook, or no cell in it has the tag.
        LessonStopped: A cell has failed, or the avatar was interrupted.
    """
    from ..widget.avatar import Avatar as Widget

    given: object = avatar  # users' code need not be typed
    if given is not None and not isinstance(given, Widget):
        what = f"A lesson is given by an Avatar, not by {type(given).__name__}."
        raise InvalidArgument(what, "Give an Avatar, or leave it out.")
    segments = read_lesson(notebook)
    check_pause(pause)
    who = Widget() if avatar is None else avatar
    if avatar is None:
        _display(who)
    made = who.session.make_lesson(segments, pause)
    made.run()
    return made


def read_lesson(notebook: str | os.PathLike[str]) -> list[Segment]:
    """The segments of a notebook's file.

    Raises:
        InvalidArgument: There is no such notebook, or no cell in it has the tag.
    """
    try:
        path = Path(notebook)
        if path.stat().st_size > MOST_BYTES:
            raise InvalidArgument(f"{path.name} is too long for a notebook.", "Clear its outputs.")
        cells = decode_json(path.read_bytes(), _Notebook, max_bytes=MOST_BYTES).cells
    except OSError as error:
        what = f"{path.name} cannot be read: {error.strerror}."
        raise InvalidArgument(what, "Give the path of a notebook.") from error
    except MalformedData as error:
        what = f"{path.name} is no notebook: {error}"
        raise InvalidArgument(what, "Give a file that ends with .ipynb.") from error
    except (TypeError, ValueError) as error:  # no text; or with a zero in it
        what = f"lesson() takes the path of a notebook, not {notebook!r:.80}."
        raise InvalidArgument(what, 'Give one: lesson("lesson.ipynb").') from error
    if not any(_is_said(cell) for cell in cells):
        raise InvalidArgument(
            f"No Markdown cell of {path.name} has the tag {TAG!r}: there is nothing to say.",
            "Tag some: in JupyterLab, the property inspector (two gears) has Cell Tags.",
        )
    return list(_segments(cells))


def _segments(cells: list[_Cell]) -> Iterator[Segment]:
    text, title, run = "", "", list[Callable[[], object]]()
    for cell in cells:
        if _is_said(cell):
            if text or run:
                yield Segment(text, title, tuple(run))
            text, title, run = cell.text, title_of(cell.text), []
        if cell.cell_type == "markdown":
            run.append(partial(_show_markdown, cell.text))
        elif cell.cell_type == "code" and cell.text.strip():
            run.append(partial(_run_code, cell.text))
    yield Segment(text, title, tuple(run))


def _is_said(cell: _Cell) -> bool:
    return cell.cell_type == "markdown" and TAG in cell.metadata.tags and bool(cell.text.strip())


def _display(shown: Any) -> None:
    from IPython.display import display

    display(shown)  # type: ignore[no-untyped-call]


def _show_markdown(text: str) -> None:
    from IPython.display import Markdown

    _display(Markdown(text))  # type: ignore[no-untyped-call]


def _run_code(code: str) -> None:
    """Run a cell in the user's kernel.

    Raises:
        BaseException: What it raised.
        InvalidArgument: There is no IPython here to run it, or it awaits where a loop is running.
    """
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is None:
        what = "The cells of a notebook run in IPython, and this is none."
        raise InvalidArgument(what, "Call lesson() in a notebook, or in `ipython`.")
    whole = shell.transform_cell(code) if _is_on_loop() else ""  # type: ignore[no-untyped-call]
    if whole and shell.should_run_async(code, transformed_cell=whole):
        what = (
            "A cell of the lesson awaits outside of functions, and this cell waits for the lesson."
        )
        raise InvalidArgument(what, "Put it into an async function, and asyncio.run() in a thread.")
    with contextlib.suppress(SystemExit):
        result = shell.run_cell(code)  # type: ignore[no-untyped-call]
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            raise error


def _is_on_loop() -> bool:
    """Whether this thread is in the middle of a loop, as in a notebook's cell."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
