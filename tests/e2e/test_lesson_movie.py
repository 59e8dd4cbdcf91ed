"""`ipyavatar record`: a notebook as a movie, by a real kernel and a real browser."""

from __future__ import annotations

import contextlib
import http.server
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from tests.support.lab import chromium

WAIT_S = 240
BOARD = slice(0, 480), slice(0, 598)
FACE = slice(248, 464), slice(618, 834)

SHAPE = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200">{}</svg>'
SQUARE = SHAPE.format('<rect width="200" height="200" fill="{}"/>')
RED, GREEN = SQUARE.format("#ff0000"), SQUARE.format("#00ff00")
SHOW_RED = f"from IPython.display import SVG\nSVG({RED!r})"
NOSY = """\
from IPython.display import HTML
HTML('''<img src="{url}a.png"><img src="green.svg" width="200"><p id="told"></p><script>
const blue = document.getElementById("told")
blue.style.cssText = "background: #00f; height: 200px; width: 200px"
fetch("{url}b"); new WebSocket("ws" + "{url}".slice(4)); import("{url}c.js")
document.body.insertAdjacentHTML("beforeend", '<iframe src="{url}d"></iframe>')
</script>''')
"""


def said(text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": text, "metadata": {"tags": ["speak"]}}


def code(text: str, *tags: str) -> dict[str, Any]:
    return {"cell_type": "code", "source": text, "metadata": {"tags": [*tags]}, "outputs": []}


def write(folder: Path, *cells: dict[str, Any]) -> Path:
    path = folder / "lesson.ipynb"
    kernel = {"name": "python3", "language": "python"}
    book = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}
    path.write_text(json.dumps(book))
    return path


def start(notebook: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "ipyavatar.cli", "record", notebook.name, "--quality", "low"]
    path = os.pathsep.join(os.path.abspath(p) for p in sys.path if p)
    return subprocess.Popen(
        [*command, "--quiet", *arguments],
        cwd=notebook.parent,
        env=os.environ | {"PYTHONPATH": path, "IPYAVATAR_CHROMIUM": chromium()},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def pictures(path: Path) -> list[tuple[float, NDArray[np.uint8]]]:
    """Five a second, with their times: as much of the file as plays."""
    found = []
    with av.open(path) as file, contextlib.suppress(av.error.FFmpegError):
        for number, frame in enumerate(file.decode(video=0)):
            if number % 5 == 0:
                found.append((float(frame.time or 0), frame.to_ndarray(format="rgb24")))
    return found


def share(picture: NDArray[np.uint8], colour: tuple[int, int, int]) -> float:
    """How much of the board has about this colour."""
    far = np.abs(picture[BOARD][::4, ::4].astype(int) - colour).max(axis=2)
    return float((far < 60).mean())


def is_pink(picture: NDArray[np.uint8]) -> bool:
    """Whether there is a traceback on the board: its ground is a light red."""
    board = picture[BOARD][::4, ::4].astype(int)
    redder = board[..., 0] - board[..., 1]
    return bool(((redder > 8) & (redder < 40)).mean() > 0.05)


@dataclass(frozen=True)
class Made:
    """A movie, and what the command told of it."""

    folder: Path
    told: dict[str, Any]
    pictures: list[tuple[float, NDArray[np.uint8]]]
    changed: bool

    def times(self, colour: tuple[int, int, int]) -> list[float]:
        """When a square of this colour is on the board."""
        return [at for at, one in self.pictures if share(one, colour) > 0.03]


@pytest.fixture(scope="module")
def asked() -> Iterator[tuple[str, list[str]]]:
    """A server next door, and what it was asked for."""
    paths: list[str] = []

    class Server(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", paths
        server.shutdown()


Failing = tuple[Path, "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Failing:
    """A lesson with a mistake that may not be, recorded beside the other one: both mostly wait."""
    folder = tmp_path_factory.mktemp("failing")
    notebook = write(folder, said("This goes wrong."), code("1 / 0"), said("Never said."))
    return folder, start(notebook, "-o", "a.webm", "-o", "a.srt")


@pytest.fixture(scope="module")
def movie(
    tmp_path_factory: pytest.TempPathFactory, asked: tuple[str, list[str]], failing: Failing
) -> Made:
    """Squares, a mistake, and a cell that is curious about the network."""
    folder = tmp_path_factory.mktemp("movie")
    (folder / "green.svg").write_text(GREEN)
    notebook = write(
        folder,
        said("# Colours\n\nHere comes a square, and it is red."),
        code(SHOW_RED),
        said("## Mistakes\n\nThis one is on purpose."),
        code("1 / 0", "raises-exception"),
        said("## The end\n\nAnd now for something green."),
        code(NOSY.replace("{url}", asked[0])),
    )
    before = notebook.read_bytes()
    process = start(notebook, "-o", "lesson.mp4", "-o", "lesson.vtt", "--json")
    out, error = process.communicate(timeout=WAIT_S)
    assert process.returncode == 0, error
    assert "cell 4 raised ZeroDivisionError" in error
    seen = pictures(folder / "lesson.mp4")
    return Made(folder, json.loads(out), seen, notebook.read_bytes() != before)


def test_what_comes_out_of_a_cell_is_seen_when_it_is_there(movie: Made) -> None:
    """Not before; a mistake that may be is shown, and the lesson goes on. The notebook stays."""
    first, second, third = (chapter["start"] for chapter in movie.told["chapters"])
    assert first + 1 < movie.times((255, 0, 0))[0] < second
    assert second < next(at for at, one in movie.pictures if is_pink(one)) < third
    assert third < movie.times((0, 255, 0))[0]
    assert movie.told["failures"] == [{"cell": 4, "error": "ZeroDivisionError: division by zero"}]
    assert not movie.changed


def test_the_avatar_speaks_beside_it(movie: Made) -> None:
    """With captions, chapters, and sound as long as the pictures."""
    seen = [one[FACE].astype(int) for _, one in movie.pictures]
    moved = [np.abs(b - a).mean() for a, b in itertools.pairwise(seen)]
    assert np.median(moved) > 0.2
    with av.open(movie.folder / "lesson.mp4") as file:
        titles = [chapter["metadata"]["title"] for chapter in file.chapters()]
        assert [stream.type for stream in file.streams][:3] == ["video", "audio", "subtitle"]
        loud = max(float(np.abs(frame.to_ndarray()).max()) for frame in file.decode(audio=0))
    assert titles == ["Colours", "Mistakes", "The end"]
    assert loud > 0.1
    assert len(seen) == pytest.approx(movie.told["seconds"] * 5, abs=2)
    assert "Here comes a square" in (movie.folder / "lesson.vtt").read_text()


def test_what_a_cell_shows_reaches_no_network(movie: Made, asked: tuple[str, list[str]]) -> None:
    """Its script has run, a picture of the notebook's folder is there, and nobody was asked."""
    assert movie.times((0, 255, 0))
    assert movie.times((0, 0, 255))
    assert asked[1] == []


def test_a_lesson_stops_where_a_cell_fails_and_what_there_is_plays(failing: Failing) -> None:
    """The error is in the last picture, and in one line."""
    folder, process = failing
    _, error = process.communicate(timeout=WAIT_S)
    assert process.returncode == 2
    assert error.startswith(
        "The lesson stopped: cell 2 raised ZeroDivisionError: division by zero."
    )
    assert error.count("\n") == 1
    seen = pictures(folder / "a.webm")
    assert len(seen) > 5
    assert is_pink(seen[-1][1])
    captions = (folder / "a.srt").read_text()
    assert "goes wrong" in captions
    assert "Never" not in captions


def test_ctrl_c_leaves_what_plays_and_no_process(tmp_path: Path) -> None:
    """In the middle of a cell that would not end."""
    began = tmp_path / "began"
    cell = f"import pathlib, time\npathlib.Path({str(began)!r}).touch()\ntime.sleep(3600)"
    notebook = write(tmp_path, said("Please wait for a moment, or maybe for two."), code(cell))
    process = start(notebook, "-o", "a.mp4")
    file, until = tmp_path / "a.mp4", time.monotonic() + WAIT_S
    while not (began.exists() and file.exists() and file.stat().st_size > 0):
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() < until
        time.sleep(0.05)
    helpers = psutil.Process(process.pid).children(recursive=True)
    assert len(helpers) > 2  # a kernel, a driver, a browser
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=WAIT_S)
    assert (process.returncode, error) == (130, "Interrupted; what was written until then plays.\n")
    assert psutil.wait_procs(helpers, timeout=30)[1] == []
    assert pictures(file)
