"""`ipyavatar say`: a text said into a movie, sound or captions."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from ..core.paths import exists
from ..core.validate import require_known
from ..errors import InvalidArgument
from .movie_command import (
    describe_movie,
    movie_bar,
    movie_options,
    movie_parser,
    run_movie_command,
    tell,
    voice_of,
)
from .say import SayOptions, say

EPILOG = """\
Text is Markdown: a heading begins a chapter, and is not said. "leo: Good morning!" at the beginning
of a line is said by Leo; two or three speakers are shown side by side.

  ipyavatar say "Good morning." -o morning.mp4
  ipyavatar say -f lesson.md -o lesson.mp4 -o lesson.srt
  fortune | ipyavatar say --voice miles -o fortune.wav
  ipyavatar say -f talk.txt --voice leo=espeak:de --voice ava=de_DE.onnx -o talk.mp4

A voice is a name of ours, a Piper model file, espeak:LANGUAGE, or an OpenAI-compatible address with
the name of its voice behind a #: https://api.openai.com/v1/audio/speech#coral
"""


def main(arguments: Sequence[str], stdin: TextIO | None = None) -> int:
    """Run the command; returns its exit code."""
    given = _parser().parse_args(arguments)
    return run_movie_command(given, lambda given: _say(given, stdin or sys.stdin))


def _parser() -> argparse.ArgumentParser:
    files = ".mp4 .webm .wav .gif, and .srt .vtt along with them or alone"
    parser = movie_parser("say", "Have a text said into a file.", EPILOG, files=files)
    add = parser.add_argument
    add("text", nargs="?", help="what to say; from a file with -f, else from standard input")
    add("-f", "--file", help="a file with the text; - is standard input")
    add("--character", default="ava", help="who speaks where the text names nobody (ava)")
    add(
        "--voice",
        action="append",
        default=[],
        help="that one's voice, or WHO=VOICE another's; the one that fits when not given",
    )
    add("--layout", default="side", help="several speakers: side (by side), or cut to who speaks")
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


def _say(given: argparse.Namespace, stdin: TextIO | None) -> dict[str, object]:
    text = _read(given, stdin)
    asked = SayOptions(
        character=given.character,
        voices=_voices(given.voice, given.character),
        layout=given.layout,
        **movie_options(given),
    )
    with movie_bar(given) as on_progress:
        said = say(text, given.output, asked, on_progress, tell)
    return describe_movie(said.seconds, said.took_s, said.chapters)


def _voices(given: Sequence[str], character: str) -> dict[str, object]:
    """Voices by character, of `VOICE` and `WHO=VOICE`."""
    from ..engine.face import CHARACTERS

    voices = dict[str, object]()
    for one in given:
        who, equals, voice = one.partition("=")
        if equals and who.isidentifier() and not exists(one):
            require_known("character", who.lower(), CHARACTERS)
        else:
            who, voice = character, one
        voices[who.lower()] = voice_of(voice)
    return voices
