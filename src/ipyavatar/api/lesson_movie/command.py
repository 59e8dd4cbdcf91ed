"""`ipyavatar record`: a notebook as a movie."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from ...client.progress import counting_bar
from ...core.media_process import prepare_media_process
from ...errors import AvatarError
from ..say_command import voice_of
from .recording import LessonOptions, RecordedLesson, record

EPILOG = """\
Markdown cells with the tag "speak" are said, while the code cells behind them run in turn.

  ipyavatar record lesson.ipynb -o lesson.mp4
  ipyavatar record lesson.ipynb -o lesson.webm -o lesson.vtt --character leo --quality high
"""


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns its exit code."""
    given = _parser().parse_args(arguments)
    prepare_media_process()
    try:
        recorded = _record(given)
    except AvatarError as error:
        print(error, file=sys.stderr)  # noqa: T201  # what a command is for
        return 2
    except KeyboardInterrupt:
        print("Interrupted; what was written until then plays.", file=sys.stderr)  # noqa: T201
        return 130
    for failure in recorded.failures:
        print(f"As it may, {failure}.", file=sys.stderr)  # noqa: T201
    if given.json:
        chapters = [{"start": round(at, 3), "title": title} for at, title in recorded.chapters]
        failures = [{"cell": one.number, "error": one.error} for one in recorded.failures]
        told = {"seconds": recorded.seconds, "took_s": round(recorded.took_s, 3)}
        print(json.dumps({**told, "chapters": chapters, "failures": failures}))  # noqa: T201
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ipyavatar record",
        description="Make a movie of a notebook: its cells, and an avatar in the corner.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("notebook", help="its file, which is not changed")
    add(
        "-o",
        "--output",
        action="append",
        required=True,
        help=".mp4 .webm .gif, and .srt .vtt along with it; can be given again",
    )
    add("--character", default="ava", help="who gives it (ava)")
    add(
        "--voice", help="a name, a Piper model, espeak:LANGUAGE, an address; else the one that fits"
    )
    add("--speed", type=float, help="of the voice: 0.5 to 2")
    add("--pitch", type=float, help="of the voice: 0.5 to 2")
    add("--language", help="of what is said, where the voice does not tell: de, fr, ...")
    add("--quality", default="medium", help="low (480p), medium (720p) or high (1080p)")
    add("--captions", help="track, burn or none; a track where the file can have one")
    add("--codec", help="for .webm: vp8 or vp9")
    add("--pause", type=float, default=1.0, help="seconds of silence after what was said (1)")
    add("--kernel", help="which kernel runs it; the notebook's own when not given")
    add("--allow-errors", action="store_true", help="go on where a cell raises")
    add("--cell-timeout", type=float, metavar="S", help="seconds that a cell may take at most")
    add("--quiet", action="store_true", help="no bar")
    add("--json", action="store_true", help="print how long it is and took, as JSON")
    return parser


def _record(given: argparse.Namespace) -> RecordedLesson:
    options = LessonOptions(
        character=given.character,
        voice=None if given.voice is None else voice_of(given.voice),
        speed=given.speed,
        pitch=given.pitch,
        language=given.language,
        quality=given.quality,
        captions=given.captions,
        codec=given.codec,
        pause=given.pause,
        kernel=given.kernel,
        allow_errors=given.allow_errors,
        cell_timeout_s=given.cell_timeout,
    )
    outputs = [Path(name) for name in given.output]
    with counting_bar(outputs[0].name, unit=" characters", shown=not given.quiet) as on_progress:
        return record(given.notebook, outputs, options, on_progress, _tell)


def _tell(left_out: str) -> None:
    print(left_out, file=sys.stderr)  # noqa: T201  # what a command is for
