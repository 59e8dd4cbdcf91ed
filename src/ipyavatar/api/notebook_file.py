"""A notebook's file as a lesson: what is said, and what is shown and run meanwhile."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from ..client.segments import title_of
from ..core.decode import decode_json
from ..core.paths import refuse_key
from ..errors import InvalidArgument, MalformedData, describe

TAG = "speak"
"""The tag of a cell that is said."""

MAY_RAISE = "raises-exception"
"""Jupyter's tag of a cell whose exception is part of the lesson."""

MOST_BYTES = 100_000_000


class Cell(msgspec.Struct):
    """A cell. What it can be shown and said without may be anything.

    Attributes:
        cell_type: `markdown`, `code` or `raw`.
        source: Its text, or the lines of it.
        metadata: Where its tags are.
        attachments: Where its pictures are.
        number: Which cell of the notebook it is, from 1.
    """

    cell_type: str
    source: str | list[str] = ""
    metadata: Any = None
    attachments: Any = None
    number: int = 0

    @property
    def text(self) -> str:
        """What is in it."""
        return _text(self.source)

    @property
    def tags(self) -> list[Any]:
        """Its tags."""
        tags = _find(self.metadata, "tags")
        return tags if isinstance(tags, list) else []

    @property
    def pictures(self) -> dict[str, dict[str, str]]:
        """Pictures in it: by name and type, in base64, or as the text that they are."""
        found = self.attachments if isinstance(self.attachments, dict) else {}
        return {
            name: {kind: text for kind, given in kinds.items() if (text := _text(given))}
            for name, kinds in found.items()
            if isinstance(kinds, dict)
        }

    @property
    def is_said(self) -> bool:
        """Whether the avatar says it."""
        return self.cell_type == "markdown" and TAG in self.tags and bool(self.text.strip())

    @property
    def is_code(self) -> bool:
        """Whether there is something to run in it."""
        return self.cell_type == "code" and bool(self.text.strip())

    @property
    def may_raise(self) -> bool:
        """Whether its exception is part of the lesson."""
        return MAY_RAISE in self.tags


class Notebook(msgspec.Struct):
    """A notebook.

    Attributes:
        cells: In order.
        metadata: Where its title is, and its kernel and language.
    """

    cells: list[Cell]
    metadata: Any = None

    @property
    def title(self) -> str:
        """Its title, where it has one."""
        return _name(self.metadata, "title")

    @property
    def kernel(self) -> str:
        """The name of its kernel, where it has one."""
        return _name(self.metadata, "kernelspec", "name")

    @property
    def language(self) -> str:
        """The name of its language, where it has one."""
        named = _name(self.metadata, "language_info", "name")
        return named or _name(self.metadata, "kernelspec", "language")


class _Format(msgspec.Struct):
    nbformat: Any = None


def _find(value: Any, *keys: str) -> Any:
    """What is under these keys; None where one of them is not there."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _name(value: Any, *keys: str) -> str:
    found = _find(value, *keys)
    return found if isinstance(found, str) else ""


def _text(value: Any) -> str:
    """A text, or the lines of it, as notebooks have both."""
    if isinstance(value, list):
        return "".join(line for line in value if isinstance(line, str))
    return value if isinstance(value, str) else ""


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
    refuse_key("A lesson", notebook)
    try:
        path = Path(notebook)
        found = _parse(path.name, _read(path))
    except InvalidArgument:
        raise
    except OSError as error:
        what = f"{path} cannot be read: {error.strerror}."
        raise InvalidArgument(what, "Give the path of a notebook.") from error
    except (TypeError, ValueError) as error:  # no text; or with a zero in it
        what = f"A lesson is the path of a notebook, not {describe(notebook)}."
        raise InvalidArgument(what, 'Give one: "lesson.ipynb".') from error
    if not any(cell.is_said for cell in found.cells):
        raise InvalidArgument(
            f"No Markdown cell of {path.name} has the tag {TAG!r}: there is nothing to say.",
            "Tag some: in JupyterLab, the property inspector (two gears) has Cell Tags.",
        )
    for number, cell in enumerate(found.cells, 1):
        cell.number = number
    return found


def _read(path: Path) -> bytes:
    """What is in a file: of a pipe or a device there is no end."""
    mode = path.stat().st_mode
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise InvalidArgument(f"{path.name} is no file.", "Give the path of a notebook.")
    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise InvalidArgument(f"{path.name} is too long for a notebook.", "Clear its outputs.")
    return data


def _parse(name: str, data: bytes) -> Notebook:
    try:
        # Python writes NaN into outputs, which JSON has not.
        return decode_json(data, Notebook, max_bytes=MOST_BYTES, lenient=True)
    except MalformedData as error:
        what, fix = f"{name} is no notebook: {error}", "Give a file that ends with .ipynb."
        with contextlib.suppress(MalformedData):
            about = decode_json(data, _Format, max_bytes=MOST_BYTES, lenient=True)
            if isinstance(about.nbformat, int) and about.nbformat < 4:
                what = f"{name} has an old format, {about.nbformat}."
                fix = "Convert it: jupyter nbconvert --to notebook --nbformat 4 FILE."
        raise InvalidArgument(what, fix) from error


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
