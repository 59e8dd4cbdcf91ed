"""`ipyavatar say`: a text said into a movie, sound or captions."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from ..client.progress import make_bar
from ..core.markup import find_unreadable
from ..core.media_process import prepare_media_process
from ..errors import AvatarError, InvalidArgument
from .say import Said, SayOptions, say

EPILOG = """\
Text is Markdown: a heading begins a chapter, and is not said. "leo: Good morning!" at the beginning
of a line is said by Leo; two or three speakers are shown side by side.

  ipyavatar say "Good morning." -o morning.mp4
  ipyavatar say -f lesson.md -o lesson.mp4 -o lesson.srt
  fortune | ipyavatar say --voice miles -o fortune.wav
"""


def main(arguments: Sequence[str], stdin: TextIO | None = None) -> int:
    """Run the command; returns its exit code."""
    options = _parser().parse_args(arguments)
    prepare_media_process()
    try:
        text = _read(options, sys.stdin if stdin is None else stdin)
        _warn_of_unreadable(text)
        said = _say(text, options)
    except AvatarError as error:
        print(error, file=sys.stderr)  # noqa: T201  # what a command is for
        return 2
    except KeyboardInterrupt:
        print("Interrupted; what was written until then plays.", file=sys.stderr)  # noqa: T201
        return 130
    if options.json:
        chapters = [{"start": round(start, 3), "title": title} for start, title in said.chapters]
        told = {"seconds": said.seconds, "took_s": round(said.took_s, 3), "chapters": chapters}
        print(json.dumps(told))  # noqa: T201
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ipyavatar say",
        description="Have a text said into a file.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("text", nargs="?", help="what to say; from a file with -f, else from standard input")
    add("-f", "--file", help="a file with the text; - is standard input")
    add(
        "-o",
        "--output",
        action="append",
        required=True,
        help=".mp4 .webm .wav .gif, and .srt .vtt along with them or alone; can be given again",
    )
    add("--character", default="ava", help="who speaks where the text names nobody (ava)")
    add("--voice", help="that one's voice; the one that fits when not given")
    add("--quality", default="medium", help="low (480p), medium (720p) or high (1080p)")
    add("--captions", help="track, burn or none; a track where the file can have one")
    add("--codec", help="for .webm: vp8 or vp9")
    add("--layout", default="side", help="several speakers: side (by side), or cut to who speaks")
    add("--quiet", action="store_true", help="no bar")
    add("--json", action="store_true", help="print how long it is and took, as JSON")
    return parser


def _read(options: argparse.Namespace, stdin: TextIO | None) -> str:
    """The text to be said.

    Raises:
        InvalidArgument: There are two, or it cannot be read.
    """
    if options.text is not None and options.file is not None:
        raise InvalidArgument("There is a text and a file.", "Give one of them.")
    if options.text is not None:
        return str(options.text)
    try:
        if options.file in (None, "-"):
            if stdin is None:  # as Python has it where it was closed
                raise OSError("it is closed")
            return stdin.read()
        return Path(options.file).read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        name = options.file or "standard input"
        what = f"{name} cannot be read: {reason}."
        raise InvalidArgument(what, "Give a text file in UTF-8.") from error


def _warn_of_unreadable(text: str) -> None:
    left_out = find_unreadable(text)
    if left_out:
        print(f"The voice cannot read {left_out:.60}; it is left out.", file=sys.stderr)  # noqa: T201


def _say(text: str, options: argparse.Namespace) -> Said:
    asked = SayOptions(
        character=options.character,
        voice=options.voice,
        quality=options.quality,
        captions=options.captions,
        codec=options.codec,
        layout=options.layout,
    )
    if options.quiet:
        return say(text, options.output, asked)
    with contextlib.ExitStack() as stack:
        bars: list[Any] = []

        def progress(done: int, total: int) -> None:
            if not bars:  # with the first line: what cannot be done is said without a bar
                name = Path(options.output[0]).name
                bars.append(stack.enter_context(make_bar(name, total=total, unit=" characters")))
            bars[0].n = done
            bars[0].refresh()

        return say(text, options.output, asked, progress)
