"""Every error this package raises, as one tree.

    AvatarError
      InvalidArgument (ValueError)     a value, a name or a keyword that cannot work
        UnknownName                    a character, voice, quality, provider or keyword that is not there
      SessionClosed                    a verb after `stop()`, or after the session ended or failed
      Interrupted                      the speech was cut off or dropped before it was said
      SpeechFailed                     the speech could not be said
      HostError                        the companion process could not start, or died
      MediaError                       picture or sound could not be made or delivered
      MissingPart                      an optional part is not installed

Each message says what happened and what to do; the cause is kept in `__cause__`.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class AvatarError(Exception):
    """Base of all errors of this package.

    Attributes:
        what: What happened, in one sentence.
        fix: What to do about it, in one sentence; may be empty.
    """

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(f"{what} {fix}".strip())
        self.what = what
        self.fix = fix


class InvalidArgument(AvatarError, ValueError):
    """A value that cannot work: named, with the limit and the fix."""


class UnknownName(InvalidArgument):
    """A name that is not one of the known ones."""

    @classmethod
    def of(cls, kind: str, name: object, known: Iterable[str]) -> UnknownName:
        """An error that lists what there is and guesses what was meant."""
        names = sorted(known)
        close = difflib.get_close_matches(str(name), names, n=1)
        guess = f"Did you mean {close[0]!r}? " if close else ""
        return cls(f"There is no {kind} {name!r}.", f"{guess}Choose one of: {', '.join(names)}.")


class SessionClosed(AvatarError):
    """The session is over: nothing more can be said in it."""


class Interrupted(AvatarError):
    """The speech was interrupted before it was said to its end."""


class SpeechFailed(AvatarError):
    """The speech could not be said."""


class HostError(AvatarError):
    """The companion process could not start, or died."""


class MediaError(AvatarError):
    """Picture or sound could not be made or delivered."""


class MissingPart(AvatarError):
    """An optional part is not installed; the message has the command that installs it."""
