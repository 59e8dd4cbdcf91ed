"""Messages for who types a command: its options stand there, and not Python's keywords."""

from __future__ import annotations

import argparse
import re

from ..errors import AvatarError

_KEYWORD = re.compile(r"\b([a-z_]+?)(?:_s)?=(?=(\S)?)")


def describe_for_command(error: AvatarError, given: argparse.Namespace) -> str:
    """What `error` says, with `--kernel` where it says `kernel=`.

    Args:
        error: What happened.
        given: What was typed: each keyword that is an option has its name there.
    """

    def option(match: re.Match[str]) -> str:
        name, follows = match[1], match[2] or ""
        if name not in vars(given):
            return match[0]
        gap = " " if follows.isalnum() or follows in ("'", '"', "-") else ""
        return f"--{name.replace('_', '-')}{gap}"

    return _KEYWORD.sub(option, str(error))
