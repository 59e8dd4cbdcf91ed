"""The command line: `ipyavatar say`, `record`, `sessions`, `doctor` and `serve`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from . import __version__
from .errors import AvatarError

ASCII = str.maketrans({"✓": "+", "✗": "x", "·": "-", "→": ">", "…": "..."})
"""For the marks of a table."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; returns its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments[:1] == ["serve"]:
        from .twin.server import main as serve

        return serve(arguments[1:])
    if arguments[:1] == ["say"]:
        from .api.say_command import main as say

        return say(arguments[1:])
    if arguments[:1] == ["record"]:
        from .api.lesson_movie.command import main as record

        return record(arguments[1:])
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.command == "sessions" and options.foreign and not options.stop_all:
        parser.error("--foreign has an effect only with --stop-all")
    run = {"sessions": _sessions, "doctor": _doctor}[options.command]
    try:
        return run(options)
    except AvatarError as error:
        print(error, file=sys.stderr)  # noqa: T201  # what a command is for
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ipyavatar", description="Avatars in notebook cells.")
    parser.add_argument("--version", action="version", version=f"ipyavatar {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("say", help="a text said into a movie, sound or captions", add_help=False)
    commands.add_parser("record", help="a notebook as a movie", add_help=False)
    commands.add_parser("serve", help="the offline twin of the services", add_help=False)
    sessions = commands.add_parser(
        "sessions",
        help="list the open paid sessions, or stop them",
        description="Lists the paid sessions that are open: the ledger's, and what services list "
        "whose keys are in the environment. Exit code 1: some could not be stopped.",
    )
    sessions.add_argument("--stop-all", action="store_true", help="stop all that were opened here")
    sessions.add_argument(
        "--foreign",
        action="store_true",
        help="with --stop-all: also those of the accounts that were not opened from here",
    )
    sessions.add_argument("--json", action="store_true", help="print JSON")
    doctor = commands.add_parser(
        "doctor",
        help="what works here and what does not, with what to do",
        description="Tries what an avatar needs on this machine. Exit code 1: something does not "
        "work. No browser is asked: run ipyavatar.doctor() in a notebook for that.",
    )
    doctor.add_argument("--json", action="store_true", help="print JSON, for a bug report")
    return parser


def _sessions(options: argparse.Namespace) -> int:
    from .api.sessions import sessions, stop_all

    if not options.stop_all:
        table = sessions()
        _print(json.dumps(table.as_json(), indent=2) if options.json else table)
        return 0
    report = stop_all(foreign=options.foreign)
    _print(json.dumps(report.as_json(), indent=2) if options.json else report)
    # What could not be asked may be open.
    return 1 if report.left or report.problems else 0


def _doctor(options: argparse.Namespace) -> int:
    from .api.doctor import doctor

    report = doctor()
    _print(json.dumps(report.as_json(), indent=2) if options.json else report)
    return 0 if report.ok else 1


def _print(shown: object) -> None:
    """Print it; what the terminal has no character for (`LANG=C`, a file on Windows) in ASCII."""
    text, encoding = str(shown), getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(ASCII).encode(encoding, "replace").decode(encoding)
    print(text)  # noqa: T201  # what a command is for


if __name__ == "__main__":
    raise SystemExit(main())
