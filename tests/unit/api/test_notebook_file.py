"""What of a notebook's file is a lesson."""

import json
import os
import sys

import pytest

from ipyavatar.api.notebook_file import read_notebook, steps_of
from ipyavatar.errors import InvalidArgument


def cell(kind, text, *tags, **more):
    return {"cell_type": kind, "source": text, "metadata": {"tags": [*tags]}, **more}


def test_cells_know_their_place_in_the_notebook_and_what_is_with_them(tmp_path):
    """Numbers count from 1, with those that are in no step."""
    path = tmp_path / "a.ipynb"
    cells = [
        cell("raw", "Not shown."),
        cell("markdown", ["# One\n", "![](attachment:a.png)"], "speak", attachments={"a.png": {}}),
        cell("code", "1 / 0", "raises-exception"),
    ]
    about = {"title": "A lesson", "kernelspec": {"name": "julia", "language": "julia"}}
    path.write_text(json.dumps({"cells": cells, "metadata": about, "nbformat": 4}))
    found = read_notebook(path)
    (step,) = steps_of(found.cells)
    assert (step.title, [one.number for one in step.cells]) == ("One", [2, 3])
    said, code = step.cells
    assert (said.is_said, said.is_code, said.may_raise) == (True, False, False)
    assert (code.is_said, code.is_code, code.may_raise) == (False, True, True)
    assert said.pictures == {"a.png": {}}
    assert (found.title, found.kernel) == ("A lesson", "julia")


@pytest.mark.parametrize(
    "about", [None, {"title": None}, {"title": ["a"]}, {"kernelspec": None}, {"language_info": 5}]
)
def test_what_the_lesson_does_not_need_may_be_anything(tmp_path, about):
    """Its title and kernel, and outputs with numbers that are none."""
    path = tmp_path / "a.ipynb"
    output = {"data": {"application/json": float("nan")}}
    cells = [cell("markdown", "One.", "speak"), cell("code", "1", outputs=[output])]
    path.write_text(json.dumps({"cells": cells, "metadata": about}))
    found = read_notebook(path)
    assert (found.title, found.kernel, found.language) == ("", "", "")


def test_pictures_in_a_cell_may_be_lines(tmp_path):
    """As those that are text are written."""
    path = tmp_path / "a.ipynb"
    lines = {"a.svg": {"image/svg+xml": ["<svg>", "</svg>"]}, "b": None}
    cells = [cell("markdown", "One.", "speak", attachments=lines)]
    path.write_text(json.dumps({"cells": cells}))
    assert read_notebook(path).cells[0].pictures == {"a.svg": {"image/svg+xml": "<svg></svg>"}}


def test_an_old_notebook_is_to_be_converted(tmp_path):
    """It has no cells where they are now."""
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"worksheets": [], "metadata": {}, "nbformat": 3}))
    with pytest.raises(InvalidArgument, match=r"old format, 3\. Convert it"):
        read_notebook(path)


@pytest.mark.skipif(sys.platform == "win32", reason="without named pipes")
def test_a_pipe_is_no_notebook(tmp_path):
    """It is not waited for; neither is a device read to its end."""
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(InvalidArgument, match="is no file"):
            read_notebook(path)
