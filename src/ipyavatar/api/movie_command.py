"""What the commands that make movies share: `ipyavatar say` and `ipyavatar record`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from ..client.progress import OnProgress, counting_bar
from ..core.media_process import prepare_media_process
from ..errors import AvatarError
from .command_words import describe_for_command


def movie_parser(
    name: str, description: str, epilog: str, *, files: str
) -> argparse.ArgumentParser:
    """A parser with the options that both commands have.

    Args:
        name: The command's.
        description: What it does.
        epilog: Examples, shown as they are.
        files: What it can write.
    """
    parser = argparse.ArgumentParser(
        prog=f"ipyavatar {name}",
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    files = f"{files}; given again, files of captions come beside one movie or sound"
    add("-o", "--output", action="append", required=True, help=files)
    add("--speed", type=float, help="of what is said: 0.5 to 2")
    add("--pitch", type=float, help="of what is said: 0.5 to 2")
    add("--language", help="of the text, where a voice does not tell: de, fr, ...")
    add("--quality", default="medium", help="low (480p), medium (720p) or high (1080p)")
    add("--captions", help="track, burn or none; a track where the file can have one")
    add("--codec", help="for .webm: vp8 or vp9")
    add("--quiet", action="store_true", help="no bar")
    add("--json", action="store_true", help="print how long it is and took, as JSON")
    return parser


def movie_options(given: argparse.Namespace) -> dict[str, Any]:
    """Of the options that both commands have, those of the movie."""
    names = ("speed", "pitch", "language", "quality", "captions", "codec")
    return {name: getattr(given, name) for name in names}


def run_movie_command(
    given: argparse.Namespace, make: Callable[[argparse.Namespace], dict[str, object]]
) -> int:
    """Have `make` make the movie, and print what it tells where JSON was asked for.

    Returns:
        The command's exit code.
    """
    prepare_media_process()
    try:
        told = make(given)
    except AvatarError as error:
        tell(describe_for_command(error, given))
        return 2
    except KeyboardInterrupt:
        tell("Interrupted; what was written until then plays.")
        return 130
    if given.json:
        print(json.dumps(told))  # noqa: T201  # what a command is for
    return 0


def movie_bar(given: argparse.Namespace) -> AbstractContextManager[OnProgress]:
    """A bar for the first of the files."""
    name = Path(given.output[0]).name
    return counting_bar(name, unit=" characters", shown=not given.quiet)


def describe_movie(
    seconds: float, took_s: float, chapters: Iterable[tuple[float, str]]
) -> dict[str, object]:
    """What is told of a movie as JSON."""
    listed = [{"start": round(start, 3), "title": title} for start, title in chapters]
    return {"seconds": seconds, "took_s": round(took_s, 3), "chapters": listed}


def voice_of(voice: str) -> object:
    """One voice: an address may name which of its own behind a `#`."""
    address, mark, name = voice.partition("#")
    if not mark or not address.startswith(("http://", "https://")):
        return voice
    from ..providers.speech_api import SpeechApi

    return SpeechApi(address, voice=name)


def tell(line: str) -> None:
    """Say something beside what the command prints."""
    print(line, file=sys.stderr)  # noqa: T201  # what a command is for
