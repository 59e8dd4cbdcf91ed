"""What of a notebook's file is a lesson."""

import json

from ipyavatar.api.notebook_file import read_notebook, steps_of


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
    assert said.attachments == {"a.png": {}}
    assert (found.metadata.title, found.metadata.kernelspec.name) == ("A lesson", "julia")
