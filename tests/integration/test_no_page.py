"""A notebook that runs with no page at all, as in a nightly job."""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess
import sys
from dataclasses import dataclass

import nbformat
import pytest

NOTEBOOKS = sorted((pathlib.Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))

SHOWN = {
    "02_services": ["No paid session is open."],
    "04_conversation": [
        "<Speech 'Well then, here is a stream.",
        "Not quite. Add 6 up, 7 times.",
        "Well done! And",
        "'role': 'assistant'",
        "<Listening: waiting, 0 heard>",
        "['7']",
    ],
    "05_a_lesson": [
        "slope [0.0, 1.0, 2.0]",
        "ValueError: no data yet",
        "<Lesson: done, 2 of 2: Two>",
        "after 20 steps x is 3.00",
        "<Lesson: done, 3 of 3: Step by step>",
    ],
}
"""What our notebooks show, as far as that is known beforehand."""

OF_THE_USER = ("IPYAVATAR_CHAT_URL", "HEYGEN_API_KEY", "LIVEAVATAR_API_KEY", "KALTURA_KS")
"""Without these they run offline, against the twin that they start themselves."""

SECONDS = 120


def execute(path: pathlib.Path) -> subprocess.Popen[str]:
    """Begin to run the notebook in place with nbclient, in a process: it has its own loop."""
    environment = os.environ | {
        "JUPYTER_PLATFORM_DIRS": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "IPYTHONDIR": str(path.parent / "ipython"),
    }
    for name in OF_THE_USER:
        environment.pop(name, None)
    return subprocess.Popen(
        [sys.executable, "-m", "jupyter", "execute", "--inplace", str(path)],
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def ended(run: subprocess.Popen[str]) -> None:
    try:
        complaints = run.communicate(timeout=SECONDS)[1]
    finally:
        run.kill()
    assert run.returncode == 0, complaints[-3000:]


@dataclass(frozen=True)
class Running:
    """Notebooks that run in place."""

    folder: pathlib.Path
    processes: dict[str, subprocess.Popen[str]]


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Running:
    """Our notebooks, running: most of their time they wait for the end of speeches."""
    folder = tmp_path_factory.mktemp("notebooks")
    runs = {}
    shutil.copytree(NOTEBOOKS[0].parent / "lessons", folder / "lessons")
    for notebook in NOTEBOOKS:
        copy = folder / notebook.name
        copy.write_bytes(notebook.read_bytes())
        runs[notebook.stem] = execute(copy)
    return Running(folder, runs)


@pytest.mark.usefixtures("ours")
def test_waiting_for_speech_does_not_hang(tmp_path: pathlib.Path) -> None:
    book = nbformat.v4.new_notebook()
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    book.cells = [
        nbformat.v4.new_code_cell(code)
        for code in (
            "from ipyavatar import Avatar\navatar = Avatar(quality='low')\navatar",
            "speech = avatar.speak('Nobody is here.').wait(30)\n"
            "print(speech.state, repr(speech.heard), speech.reason, len(avatar.notices))",
            "print((await avatar.speak('Nor here.')).state)\navatar.stop().wait(5)",
        )
    ]
    path = tmp_path / "no_page.ipynb"
    nbformat.write(book, path)
    ended(execute(path))
    shown, said, awaited = (cell.outputs[0] for cell in nbformat.read(path, 4).cells)
    assert "An avatar was here" in shown.data["text/plain"]
    assert said.text == "said '' Nobody was watching: no page showed the avatar. 1\n"
    assert awaited.text == "said\n"


@pytest.mark.parametrize("name", [notebook.stem for notebook in NOTEBOOKS])
def test_our_notebooks_run_and_show_what_they_say(ours: Running, name: str) -> None:
    """All at once, for they mostly speak; no page is there, and all is said all the same."""
    ended(ours.processes[name])
    book = nbformat.read(ours.folder / f"{name}.ipynb", 4)
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    shown = "".join(
        output.get("text", "") + output.get("data", {}).get("text/plain", "") for output in outputs
    )
    for text in SHOWN.get(name, []):
        assert text in shown
    assert sys.executable not in str(outputs)
