"""A notebook as a lesson."""

import asyncio
import json
import types

import pytest
from IPython.core.async_helpers import _should_be_async

from ipyavatar.api.notebook_lesson import lesson, read_lesson
from ipyavatar.errors import InvalidArgument


def markdown(text, *tags):
    return {"cell_type": "markdown", "source": text.splitlines(True), "metadata": {"tags": [*tags]}}


def code(text):
    return {"cell_type": "code", "source": text, "metadata": {}, "outputs": []}


class Shell:
    """Runs a cell as IPython does."""

    def __init__(self):
        self.variables = {}

    def transform_cell(self, cell):
        return cell

    def should_run_async(self, cell, *, transformed_cell):
        return _should_be_async(transformed_cell)

    def run_cell(self, cell):
        exec(cell, self.variables)
        return types.SimpleNamespace(error_before_exec=None, error_in_exec=None)


@pytest.fixture
def notebook(tmp_path):
    def write(*cells):
        path = tmp_path / "lesson.ipynb"
        path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}))
        return path

    return write


def test_tagged_cells_are_said_and_the_code_behind_them_runs_meanwhile(notebook):
    path = notebook(
        code("x = 1"),
        markdown("# One\nText.", "speak"),
        code("x + 1"),
        markdown("Silent."),
        code(" "),
        markdown("Two.", "speak"),
    )
    setup, one, two = read_lesson(path)
    assert (setup.text, len(setup.run)) == ("", 1)
    assert (one.title, one.text, len(one.run)) == ("One", "# One\nText.", 3)
    assert (two.title, two.text, len(two.run)) == ("", "Two.", 1)


def test_a_notebook_without_tagged_cells_says_how_to_tag_one(notebook):
    with pytest.raises(InvalidArgument, match="speak") as refused:
        read_lesson(notebook(markdown("Text."), code("1")))
    assert "Cell Tags" in refused.value.fix


def test_what_is_no_notebook_is_refused(tmp_path):
    broken = tmp_path / "broken.ipynb"
    broken.write_text("{half")
    for path in (broken, tmp_path / "missing.ipynb", tmp_path, "a\0b", 7, None):
        with pytest.raises(InvalidArgument) as refused:
            read_lesson(path)
        assert refused.value.fix


@pytest.mark.parametrize("wrong", [{"avatar": "Ann"}, {"pause": -1}])
def test_what_cannot_work_is_refused_before_anything_is_made(notebook, wrong):
    path = notebook(markdown("Text.", "speak"))
    with pytest.raises(InvalidArgument) as refused:
        lesson(path, **wrong)
    assert refused.value.fix


def test_code_is_refused_at_the_call_where_no_ipython_runs_it(notebook, monkeypatch):
    """Before an avatar is made; the other way to have the lesson is named."""
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: None)
    with pytest.raises(InvalidArgument, match="IPython") as refused:
        lesson(notebook(markdown("Text.", "speak"), code("1")))
    assert "record_lesson()" in refused.value.fix


def test_a_cell_that_awaits_is_refused_in_words_where_a_loop_is_running(notebook, monkeypatch):
    """As in a notebook; what stands in functions, and what awaits nothing, runs."""
    shell = Shell()
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
    cells = "async def f():\n    await g()\nx = 7", "import asyncio\nawait asyncio.sleep(0)"
    lesson = read_lesson(notebook(markdown("Text.", "speak"), *map(code, cells)))
    _, fine, awaits = lesson[0].run

    async def run():
        fine()
        with pytest.raises(InvalidArgument, match="awaits"):
            awaits()

    asyncio.run(run())
    assert shell.variables["x"] == 7


def test_a_cell_that_is_to_raise_does_not_stop_the_lesson(notebook, monkeypatch):
    """By Jupyter's own tag for it; one without the tag stops it."""
    shell = Shell()
    shell.run_cell = lambda cell: types.SimpleNamespace(
        error_before_exec=None, error_in_exec=ValueError(cell)
    )
    monkeypatch.setattr("IPython.core.getipython.get_ipython", lambda: shell)
    tagged = {**code("one"), "metadata": {"tags": ["raises-exception"]}}
    (step,) = read_lesson(notebook(markdown("Text.", "speak"), tagged, code("two")))
    _, may, may_not = step.run
    may()
    with pytest.raises(ValueError, match="two"):
        may_not()
