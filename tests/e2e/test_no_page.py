"""A notebook that runs with no page at all, as in a nightly job."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import time

import nbformat
import pytest

NOTEBOOKS = sorted((pathlib.Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def execute(path: pathlib.Path, seconds: float) -> nbformat.NotebookNode:
    """Run the notebook in place with nbclient, in a process of its own: it has its own loop."""
    environment = os.environ | {
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "IPYTHONDIR": str(path.parent / "ipython"),
    }
    run = subprocess.run(
        [sys.executable, "-m", "jupyter", "execute", "--inplace", str(path)],
        check=False,
        capture_output=True,
        text=True,
        timeout=seconds,
        env=environment,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return nbformat.read(path, as_version=4)


def test_waiting_for_speech_does_not_hang(tmp_path: pathlib.Path) -> None:
    book = nbformat.v4.new_notebook()
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    book.cells = [
        nbformat.v4.new_code_cell(code)
        for code in (
            "from ipyavatar import Avatar\navatar = Avatar(quality='low')\navatar",
            "speech = avatar.speak('Nobody is here.').wait(30)\nprint(speech.state)",
            "print((await avatar.speak('Nor here.')).state)\navatar.stop().wait(5)",
        )
    ]
    path = tmp_path / "no_page.ipynb"
    nbformat.write(book, path)
    begin = time.monotonic()
    done = execute(path, 90)
    assert time.monotonic() - begin < 60
    shown, said, awaited = (cell.outputs[0] for cell in done.cells)
    assert "An avatar was here" in shown.data["text/plain"]
    assert (said.text, awaited.text) == ("said\n", "said\n")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_our_notebooks_run(notebook: pathlib.Path, tmp_path: pathlib.Path) -> None:
    copy = tmp_path / notebook.name
    copy.write_bytes(notebook.read_bytes())
    execute(copy, 180)
