"""`ipyavatar record`: a notebook as a movie."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ..movie_command import (
    describe_movie,
    movie_bar,
    movie_options,
    movie_parser,
    run_movie_command,
    tell,
    voice_of,
)
from .recording import LessonOptions, record

EPILOG = """\
Markdown cells with the tag "speak" are said, while the code cells behind them run in turn.

  ipyavatar record lesson.ipynb -o lesson.mp4
  ipyavatar record lesson.ipynb -o lesson.webm -o lesson.vtt --character leo --quality high
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    return run_movie_command(_parser().parse_args(arguments), _record)


def _parser() -> argparse.ArgumentParser:
    what = "Make a movie of a notebook: its cells, and an avatar in the corner."
    files = ".mp4 .webm .gif, and .srt .vtt along with it"
    parser = movie_parser("record", what, EPILOG, files=files)
    add = parser.add_argument
    add("notebook", help="its file, which is not changed")
    add("--character", default="ava", help="who gives it (ava)")
    add(
        "--voice", help="a name, a Piper model, espeak:LANGUAGE, an address; else the one that fits"
    )
    add("--pause", type=float, default=1.0, help="seconds of silence after what was said (1)")
    add("--kernel", help="which kernel runs it; the notebook's own when not given")
    add("--allow-errors", action="store_true", help="go on where a cell raises")
    add("--cell-timeout", type=float, metavar="S", help="seconds that a cell may take at most")
    return parser


def _record(given: argparse.Namespace) -> dict[str, object]:
    options = LessonOptions(
        character=given.character,
        voice=None if given.voice is None else voice_of(given.voice),
        pause=given.pause,
        kernel=given.kernel,
        allow_errors=given.allow_errors,
        cell_timeout_s=given.cell_timeout,
        **movie_options(given),
    )
    outputs = [Path(name) for name in given.output]
    with movie_bar(given) as on_progress:
        recorded = record(given.notebook, outputs, options, on_progress, tell)
    for failure in recorded.failures:
        tell(f"As it may, {failure}.")
    failures = [{"cell": one.number, "error": one.error} for one in recorded.failures]
    told = describe_movie(recorded.seconds, recorded.took_s, recorded.chapters)
    return {**told, "failures": failures}
