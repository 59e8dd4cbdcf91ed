"""A notebook's file as a lesson: what is said, and what is shown and run meanwhile."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from ..client.segments import title_of
from ..core.decode import decode_json
from ..errors import InvalidArgument, MalformedData

TAG = "speak"
"""The tag of a cell that is said."""

MAY_RAISE = "raises-exception"
"""Jupyter's tag of a cell whose exception is part of the lesson."""

MOST_BYTES = 100_000_000


class _CellMetadata(msgspec.Struct):
    tags: list[str] = []


class Cell(msgspec.Struct):
    """A cell.

    Attributes:
        cell_type: `markdown`, `code` or `raw`.
        source: Its text, or the lines of it.
        metadata: Its tags.
        attachments: Pictures in it: by name and type, in base64.
        number: Which cell of the notebook it is, from 1.
    """

    cell_type: str
    source: str | list[str] = ""
    metadata: _CellMetadata = msgspec.field(default_factory=_CellMetadata)
    attachments: dict[str, dict[str, str]] = {}
    number: int = 0

    @property
    def text(self) -> str:
        """What is in it."""
        return self.source if isinstance(self.source, str) else "".join(self.source)

    @property
    def is_said(self) -> bool:
        """Whether the avatar says it."""
        return (
            self.cell_type == "markdown" and TAG in self.metadata.tags and bool(self.text.strip())
        )

    @property
    def is_code(self) -> bool:
        """Whether there is something to run in it."""
        return self.cell_type == "code" and bool(self.text.strip())

    @property
    def may_raise(self) -> bool:
        """Whether its exception is part of the lesson."""
        return MAY_RAISE in self.metadata.tags


class _Kernel(msgspec.Struct):
    name: str = ""
    language: str = ""


class _Language(msgspec.Struct):
    name: str = ""


class _Metadata(msgspec.Struct):
    title: str = ""
    kernelspec: _Kernel = msgspec.field(default_factory=_Kernel)
    language_info: _Language = msgspec.field(default_factory=_Language)


class Notebook(msgspec.Struct):
    """A notebook.

    Attributes:
        cells: In order.
        metadata: Its title, where it has one; its kernel and language.
    """

    cells: list[Cell]
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a lesson.

    Attributes:
        text: What is said; empty before the first cell that is.
        title: Of the chapter that begins here; empty where it goes on.
        cells: Shown and run meanwhile, in turn; the one that is said comes first.
    """

    text: str
    title: str
    cells: tuple[Cell, ...]


def read_notebook(notebook: str | os.PathLike[str]) -> Notebook:
    """What is in a notebook's file, with something to say in it.

    Raises:
        InvalidArgument: There is no such notebook, or no cell in it has the tag.
    """
    try:
        path = Path(notebook)
        if path.stat().st_size > MOST_BYTES:
            raise InvalidArgument(f"{path.name} is too long for a notebook.", "Clear its outputs.")
        found = decode_json(path.read_bytes(), Notebook, max_bytes=MOST_BYTES)
    except OSError as error:
        what = f"{path.name} cannot be read: {error.strerror}."
        raise InvalidArgument(what, "Give the path of a notebook.") from error
    except MalformedData as error:
        what = f"{path.name} is no notebook: {error}"
        raise InvalidArgument(what, "Give a file that ends with .ipynb.") from error
    except (TypeError, ValueError) as error:  # no text; or with a zero in it
        what = f"A lesson is the path of a notebook, not {notebook!r:.80}."
        raise InvalidArgument(what, 'Give one: "lesson.ipynb".') from error
    if not any(cell.is_said for cell in found.cells):
        raise InvalidArgument(
            f"No Markdown cell of {path.name} has the tag {TAG!r}: there is nothing to say.",
            "Tag some: in JupyterLab, the property inspector (two gears) has Cell Tags.",
        )
    for number, cell in enumerate(found.cells, 1):
        cell.number = number
    return found


def steps_of(cells: Iterable[Cell]) -> Iterator[Step]:
    """The steps of a lesson: each cell that is said, with what comes behind it."""
    text, title, shown = "", "", list[Cell]()
    for cell in cells:
        if cell.is_said:
            if text or shown:
                yield Step(text, title, tuple(shown))
            text, title, shown = cell.text, title_of(cell.text), []
        if cell.cell_type == "markdown" or cell.is_code:
            shown.append(cell)
    yield Step(text, title, tuple(shown))
