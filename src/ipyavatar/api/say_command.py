"""`ipyavatar say`: a text said into a movie, sound or captions."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from ..client.progress import counting_bar
from ..core.media_process import prepare_media_process
from ..errors import AvatarError, InvalidArgument
from .movie_player import Said
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
    options = _parser().parse_args(arguments)
    prepare_media_process()
    try:
        text = _read(options, sys.stdin if stdin is None else stdin)
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
    add(
        "--voice",
        action="append",
        default=[],
        help="that one's voice, or WHO=VOICE another's; the one that fits when not given",
    )
    add("--speed", type=float, help="of the voices: 0.5 to 2")
    add("--pitch", type=float, help="of the voices: 0.5 to 2")
    add("--language", help="of the text, where a voice does not tell: de, fr, ...")
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


def _say(text: str, options: argparse.Namespace) -> Said:
    asked = SayOptions(
        character=options.character,
        voices=_voices(options.voice, options.character),
        speed=options.speed,
        pitch=options.pitch,
        language=options.language,
        quality=options.quality,
        captions=options.captions,
        codec=options.codec,
        layout=options.layout,
    )
    name = Path(options.output[0]).name
    with counting_bar(name, unit=" characters", shown=not options.quiet) as on_progress:
        return say(text, options.output, asked, on_progress, _tell)


def _voices(given: Sequence[str], character: str) -> dict[str, object]:
    """Voices by character, of `VOICE` and `WHO=VOICE`."""
    from ..engine.face import CHARACTERS

    voices = dict[str, object]()
    for one in given:
        who, equals, voice = one.partition("=")
        if not equals or who.lower() not in CHARACTERS:
            who, voice = character, one
        voices[who.lower()] = voice_of(voice)
    return voices


def voice_of(voice: str) -> object:
    """One voice: an address may name which of its own behind a `#`."""
    address, mark, name = voice.partition("#")
    if not mark or not address.startswith(("http://", "https://")):
        return voice
    from ..providers.speech_api import SpeechApi

    return SpeechApi(address, voice=name)


def _tell(left_out: str) -> None:
    print(left_out, file=sys.stderr)  # noqa: T201  # what a command is for
