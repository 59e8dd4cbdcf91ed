"""Every error this package raises, as one tree.

    AvatarError
      InvalidArgument (ValueError)     a value, a name or a keyword that cannot work
        UnknownName                    a name or keyword that is not one of the known ones
        MissingSetting                 what a service cannot do without is not given: a key, a face
      MalformedData (ValueError)       what came from outside is not what it should be
      NotCopyable (TypeError)          a live object was to be copied or pickled
      SessionClosed                    the session is stopped or closed, or ended in the meantime
      SpeechFailed                     the speech could not be said
      LessonStopped                    a lesson was cut off, or a part of it failed; it can go on
      HostError                        the companion process could not start, or died
      MediaError                       picture or sound could not be made or delivered
        StreamTaken                    somebody else is watching, where only one may
        CannotRecord                   the page's browser cannot record what it plays
      MissingPart                      an optional part is not installed
      ServiceError                     an avatar service did not do what it was asked
        AuthenticationError            the key or token is wrong, expired or not allowed this
        ConcurrencyLimitError          as many sessions are open as the account may have
        QuotaExceeded                  credits or the trial are used up
        RateLimited                    too many calls in a short time
        SessionGone                    the service has ended, or never knew, this session
        SessionNotReady                the session is not yet in the state this call needs
        RequestRefused                 the service says that a value in the call cannot work
        NotOffered                     the service has no such call (any more)
        ServiceUnavailable             the service is failing or overloaded
        BadAnswer                      an answer came, but not one this API gives
        NoAnswer                       no answer came; `maybe_done` says if the call may have worked

`UnreadableText`, `InsecureAddress` and `SlowReader`, warnings, are not in the tree: nothing has
failed.

Each message says what happened and what to do; the cause is kept in `__cause__`.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

_TWO_STOPS = re.compile(r"(?<=[\w)\]\"'])\.\.(?=\s|\Z)")
"""Where a sentence ends with another one, such as the message of its cause."""


_NO_SPACES = re.compile(r"[\w+/=~:.-]{12,}", re.ASCII)
_LIKE_A_KEY = re.compile(r"(?=.*[A-Za-z])(?=.*\d)|.{31}")
_LIKE_A_PATH = re.compile(r"\.*[/~]|[A-Za-z]:/|.*\.[A-Za-z]\w{0,6}\Z")


def shorten_keys(text: str) -> str:
    """`text` with the beginning only of what may be a key: long, without spaces, with digits."""

    def shorten(found: re.Match[str]) -> str:
        word = found[0]
        is_key = _LIKE_A_KEY.match(word) and not _LIKE_A_PATH.match(word)
        return f"{word[:4]}…" if is_key else word

    return _NO_SPACES.sub(shorten, text)


def describe(value: object, most: int = 80) -> str:
    """A user's value for a message: in short, whatever its `repr()` does.

    It may be a key in a wrong place: of what looks like one, only the beginning is shown.
    """
    try:
        shown = repr(value)
        held = isinstance(value, (str, bytes, list, tuple, set, dict))
        return (shorten_keys(shown) if held else shown)[:most]
    except Exception:  # it is the user's own
        return f"of type {type_name(value)}"


def class_name(kind: type) -> str:
    """The name of a class. Never raises: a metaclass of the user's may have one that does."""
    return str(type.__dict__["__name__"].__get__(kind))


def type_name(value: object) -> str:
    """The name of a value's class, whatever the class makes of it. Never raises."""
    return class_name(type(value))


class AvatarError(Exception):
    """Base of all errors of this package.

    Attributes:
        what: What happened, in one sentence.
        fix: What to do about it, in one sentence; may be empty.
    """

    def __init__(self, what: str, fix: str = "") -> None:
        what = _TWO_STOPS.sub(".", what)
        super().__init__(f"{what} {fix}".strip())
        self.what = what
        self.fix = fix


class InvalidArgument(AvatarError, ValueError):
    """A value that cannot work: named, with the limit and the fix."""


def did_you_mean(name: str, names: Iterable[str], cutoff: float) -> str:
    """`"Did you mean 'ava'?"`; empty where no name is as like `name` as `cutoff`, 0 to 1."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=cutoff)
    return f"Did you mean {close[0]!r}?" if close else ""


class UnknownName(InvalidArgument):
    """A name that is not one of the known ones."""

    @classmethod
    def of(cls, kind: str, name: object, known: Iterable[str], where: str = "") -> UnknownName:
        """An error that lists what there is (`where`) and guesses what was meant."""
        names = sorted(known)
        guess = ""
        if isinstance(name, str):
            # The ends of files' names have letters in common that say nothing.
            guess = did_you_mean(name, names, 0.8 if name.startswith(".") else 0.6)
        what = f"There is no {kind} {describe(name)}{where and f' {where}'}."
        return cls(what, f"{guess} Choose one of: {', '.join(names)}.".lstrip())


class MissingSetting(InvalidArgument):
    """What a service cannot do without is given neither by a keyword nor by the environment."""


class MalformedData(AvatarError, ValueError):
    """What came from outside (a page, a service, a pipe) cannot be read."""


class NotCopyable(AvatarError, TypeError):
    """An avatar, a session or a handle was to be copied or pickled."""


class SessionClosed(AvatarError):
    """The session is not open; `start()` opens one that was not closed for good."""


class SpeechFailed(AvatarError):
    """The speech could not be said."""


class LessonStopped(AvatarError):
    """A lesson is paused, or a segment of it has failed: `resume()` goes on there."""


class HostError(AvatarError):
    """The companion process could not start, or died."""


class MediaError(AvatarError):
    """Picture or sound could not be made or delivered."""


class StreamTaken(MediaError):
    """Somebody else is watching a stream that only one may watch."""


class CannotRecord(MediaError):
    """The browser of the page that watches a stream cannot record what it plays."""


class MissingPart(AvatarError):
    """An optional part is not installed; the message has the command that installs it."""


class ServiceError(AvatarError):
    """An avatar service did not do what it was asked.

    Attributes:
        service: The provider's name, such as `"heygen"`.
        call: The call that failed, such as `"streaming.new"`.
        status: HTTP status of the answer; None when there was none.
        code: The service's own error code, as text; None when it gave none.
        request_id: What the service's support asks for; None when it gave none.
        retry_after_s: Seconds the service asked to wait; None when it did not say.
    """

    def __init__(
        self,
        what: str,
        fix: str = "",
        *,
        service: str,
        call: str,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(what, fix)
        self.service = service
        self.call = call
        self.status = status
        self.code = code
        self.request_id = request_id
        self.retry_after_s = retry_after_s

    @property
    def retryable(self) -> bool:
        """Whether the same call may work a little later."""
        return _retryable(self)

    @property
    def maybe_done(self) -> bool:
        """Whether the call may have worked although it failed here (a lost answer).

        Such a call must not be repeated blindly when doing it twice costs something.
        """
        return _maybe_done(self)


class AuthenticationError(ServiceError):
    """The key or token is missing, wrong, expired or not allowed this."""


class ConcurrencyLimitError(ServiceError):
    """As many sessions are open as the account may have.

    Attributes:
        open_sessions: Ids of the sessions known to be open; empty when nobody could list them.
    """

    def __init__(
        self,
        what: str,
        fix: str = "",
        *,
        open_sessions: tuple[str, ...] = (),
        service: str,
        call: str,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        known = f"Open: {', '.join(open_sessions)}. " if open_sessions else ""
        stop = fix or (
            "Stop them with ipyavatar.stop_all() or `ipyavatar sessions --stop-all`, then try "
            "again."
        )
        super().__init__(
            what,
            known + stop,
            service=service,
            call=call,
            status=status,
            code=code,
            request_id=request_id,
            retry_after_s=retry_after_s,
        )
        self.open_sessions = open_sessions

    def listing(self, open_sessions: Iterable[str]) -> ConcurrencyLimitError:
        """The same error, with these sessions named."""
        return ConcurrencyLimitError(
            self.what,
            open_sessions=tuple(open_sessions),
            service=self.service,
            call=self.call,
            status=self.status,
            code=self.code,
            request_id=self.request_id,
            retry_after_s=self.retry_after_s,
        )


class QuotaExceeded(ServiceError):
    """Credits or the trial are used up."""


class RateLimited(ServiceError):
    """Too many calls in a short time; `retry_after_s` says how long to wait, where known."""


class SessionGone(ServiceError):
    """The service has ended this session, or never knew it."""


class SessionNotReady(ServiceError):
    """The session is not yet in the state this call needs."""


class RequestRefused(ServiceError):
    """The service says that a value in the call cannot work."""


class NotOffered(ServiceError):
    """The service has no such call, or has it no longer."""


class ServiceUnavailable(ServiceError):
    """The service is failing or overloaded (HTTP 5xx)."""


class BadAnswer(ServiceError):
    """An answer came, but not one this API gives.

    Attributes:
        kind: `"html"` a web page; `"half"` it broke off; `"not json"` something else;
            `"error inside"` success by status, an error of unknown code by content;
            `"shape"` JSON without what was promised; `"redirect"` sent elsewhere; `"proxy"` one
            between wants a password.
    """

    def __init__(
        self,
        what: str,
        fix: str = "",
        *,
        kind: str,
        service: str,
        call: str,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(
            what,
            fix,
            service=service,
            call=call,
            status=status,
            code=code,
            request_id=request_id,
            retry_after_s=retry_after_s,
        )
        self.kind = kind


class NoAnswer(ServiceError):
    """No answer came.

    Attributes:
        sent: Whether the request may have reached the service.
    """

    def __init__(self, what: str, fix: str = "", *, sent: bool, service: str, call: str) -> None:
        super().__init__(what, fix, service=service, call=call)
        self.sent = sent


def _retryable(error: ServiceError) -> bool:
    """The one place that decides which failures pass by themselves."""
    if isinstance(error, BadAnswer):
        # A page of a gateway in front of the service, or a cut line: both pass. The rest is how
        # the service is.
        return error.kind in {"html", "half"}
    return isinstance(error, (RateLimited, SessionNotReady, ServiceUnavailable, NoAnswer))


def _maybe_done(error: ServiceError) -> bool:
    """The one place that decides after which failures the call may have worked all the same."""
    if isinstance(error, NoAnswer):
        return error.sent
    if isinstance(error, BadAnswer):
        # With a status of refusal (4xx) nothing was done, however odd the body.
        return error.status is None or error.status < 400 or error.status >= 500
    return isinstance(error, ServiceUnavailable)


class InsecureAddress(UserWarning):
    """The key of a service goes to another machine without encryption."""


class UnreadableText(UserWarning):
    """Part of a text is in a script that the voice cannot read; it is left out."""


class SlowReader(UserWarning):
    """A loop over `frames()` was too slow for what somebody watched live; it missed pictures."""
