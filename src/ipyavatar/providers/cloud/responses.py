"""What an answer means: bytes in, data or one of our errors out. Pure.

The order of trust is status first, then the service's code, then its text: the codes of HeyGen are
known from an old page, and its texts from forum threads.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec

from ...core.decode import convert, decode_json
from ...core.secret import Secret, one_line
from ...errors import (
    AuthenticationError,
    BadAnswer,
    ConcurrencyLimitError,
    MalformedData,
    NotOffered,
    QuotaExceeded,
    RateLimited,
    RequestRefused,
    ServiceError,
    ServiceUnavailable,
    SessionGone,
    SessionNotReady,
)
from .profile import ServiceProfile

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """What an answer belongs to.

    Attributes:
        profile: The service.
        call: The call's name.
        opens: Whether the call opens a session.
        session_id: The session it is about; None for the others.
        key_hint: How to give the credential that was used.
        secrets: What must not show in an error, even when the service echoes it.
    """

    profile: ServiceProfile
    call: str
    opens: bool = False
    session_id: str | None = None
    key_hint: str = ""
    secrets: tuple[Secret, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ApiReply:
    """What came back, free of any HTTP library; `complete` is False when it broke off."""

    status: int
    body: bytes = field(repr=False)
    content_type: str = ""
    request_id: str | None = None
    retry_after_s: float | None = None
    complete: bool = True


# HeyGen: docs.heygen.com/reference/errors (an older copy) and forum threads. Kaltura: its API's
# exception codes. A code stands for what the status alone does not tell.
_CODES: Mapping[str, type[ServiceError]] = {
    "10001": SessionNotReady,
    "10002": SessionNotReady,
    # "Already connected" to a start; on streaming.new an avatar whose version is retired.
    "10003": RequestRefused,
    "400006": SessionNotReady,
    "10004": SessionGone,
    "10005": SessionGone,
    "10006": SessionGone,
    "session_closed": SessionGone,
    "10007": ConcurrencyLimitError,
    "10014": ConcurrencyLimitError,
    "10015": QuotaExceeded,
    "10012": RequestRefused,
    "10013": RequestRefused,
    "400014": RequestRefused,
    "400001": RequestRefused,
    "40012": RequestRefused,
    "400128": RequestRefused,
    "40102": AuthenticationError,
    "400112": AuthenticationError,
    "400599": AuthenticationError,
    "unauthorized": AuthenticationError,
    "INVALID_KS": AuthenticationError,
    "START_SESSION_ERROR": AuthenticationError,
    "SERVICE_FORBIDDEN": AuthenticationError,
    "400123": RateLimited,
}
# Codes that mean success: HeyGen 100, LiveAvatar 1000 on the wire and 100 in its schema. That these
# two differ is why the usual ones of others count, too: what was opened would be lost.
_FINE = {"100", "1000", "0", *map(str, range(200, 207))}


# What the member `status` of a failure says, whatever the status of HTTP.
_FAILED = {"error", "fail", "failed", "failure"}
# Success that has nothing to tell, by its status.
_EMPTY = {204, 205}
# Nothing was wrong with the request: it came too slowly, or too early.
_PASSING = {408, 425}


def read_reply(request: ApiRequest, reply: ApiReply) -> Any:
    """The JSON of a good answer, without judging its members beyond success or failure.

    Raises:
        ServiceError: The answer is a failure, or not an answer of this API.
    """
    outcome = _judged(request, reply)
    if isinstance(outcome, ServiceError):
        # Raised here, where no local variable holds what came: verbose tracebacks print those.
        raise outcome
    return outcome


def _stopped_between(request: ApiRequest, reply: ApiReply) -> ServiceError | None:
    """What became of an answer on its way."""
    if 300 <= reply.status < 400:
        # Not followed: the key would go to wherever it points.
        return _bad(request, reply, "redirect", "sent us elsewhere, which its API never does")
    if reply.status == 407:
        return _bad(request, reply, "proxy", "is behind a proxy that wants a name and a password")
    if not reply.complete:
        return _bad(request, reply, "half", "broke off in the middle of its answer")
    return None


def _judged(request: ApiRequest, reply: ApiReply) -> Any:
    """The data, or the error to raise."""
    if (stopped := _stopped_between(request, reply)) is not None:
        return stopped
    try:
        data = decode_json(reply.body, lenient=True) if reply.body.strip() else None
    except MalformedData:
        return _unreadable(request, reply)
    code, message = _told(data)
    if reply.status >= 400 or _error_inside(data, code):
        return _failure(request, reply, code, message)
    if data is None and reply.status not in _EMPTY:
        return _bad(request, reply, "not json", "answered with nothing inside")
    return data


def convert_reply(request: ApiRequest, data: Any, kind: type[T]) -> T:
    """`data` as a `kind` (a msgspec Struct or a list of them); tokens become `Secret`.

    Raises:
        BadAnswer: Something promised is missing or of another type.
    """
    outcome = _shaped(request, data, kind)
    data = None  # it may hold tokens, and verbose tracebacks print local variables
    if isinstance(outcome, BadAnswer):
        raise outcome
    return outcome


def convert_rows(request: ApiRequest, data: Any, kind: type[T]) -> list[T]:
    """`data` as a list of what can be chosen: an entry that is no `kind` hides no others.

    Raises:
        BadAnswer: It is no list, or none of its entries is a `kind`.
    """
    entries = [_shaped(request, entry, kind) for entry in convert_reply(request, data, list[Any])]
    found = [entry for entry in entries if not isinstance(entry, BadAnswer)]
    if found or not entries:
        return found
    data = None  # it may hold tokens, and verbose tracebacks print local variables
    raise next(entry for entry in entries if isinstance(entry, BadAnswer))


def _shaped(request: ApiRequest, data: Any, kind: type[T]) -> T | BadAnswer:
    try:
        try:
            return _convert(data, kind)
        except MalformedData:
            return _convert(_without_odd_extras(data, kind), kind)
    except MalformedData as error:
        return BadAnswer(
            f"{request.profile.title} answered {request.call} with something else than its API "
            f"promises ({error}).",
            "The service may have changed: look for a newer ipyavatar.",
            kind="shape",
            service=request.profile.name,
            call=request.call,
        )


def _convert(data: Any, kind: type[T]) -> T:
    try:
        return convert(data, kind, _to_secret, strict=False)
    except MalformedData:
        # Of text, numbers are made where they are promised; here, the other way round: an id
        # that is a number opens a session, too.
        return convert(_numbers_as_text(data), kind, _to_secret, strict=False)


def _without_odd_extras(data: Any, kind: Any) -> Any:
    """`data` without the members of another type than promised that we can do without.

    What is paid for must not be lost because of a member that nobody needs.
    """
    if get_origin(kind) in (Union, UnionType):
        kind = next(one for one in get_args(kind) if one is not NoneType)
    if get_origin(kind) is list and isinstance(data, list):
        return [_without_odd_extras(item, get_args(kind)[0]) for item in data]
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)) or not isinstance(
        data, dict
    ):
        return data
    kept = dict(data)
    for promised in msgspec.structs.fields(kind):
        name = promised.encode_name
        if promised.required and name in kept:
            kept[name] = _without_odd_extras(kept[name], promised.type)
        elif name in kept:
            try:
                _convert(kept[name], promised.type)
            except MalformedData:
                del kept[name]
    return kept


def _numbers_as_text(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _numbers_as_text(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_numbers_as_text(value) for value in data]
    if isinstance(data, (int, float)) and not isinstance(data, bool):
        return str(data)
    return data


def member(data: Any, name: str) -> Any:
    """`data[name]`, or None when `data` is no object or has no such member."""
    return data.get(name) if isinstance(data, dict) else None


def _to_secret(kind: type, value: Any) -> Any:
    if kind is Secret and isinstance(value, str) and value.strip():
        return Secret(value)
    raise TypeError(f"Expected text that is not empty, got {type(value).__name__}")


def _told(data: Any) -> tuple[str | None, str]:
    """The code and the sentence of a failure, from any of the envelopes."""
    if not isinstance(data, dict):
        return None, ""
    error = data.get("error") or _first(data.get("errors"))
    inner = error if isinstance(error, dict) else data
    code = inner.get("code")
    if isinstance(code, float) and code.is_integer():
        code = int(code)
    message = inner.get("message") or (error if isinstance(error, str) else "")
    detail = data.get("detail")
    if not message and isinstance(detail, list):  # validation: [{loc, msg, type}]
        message = "; ".join(
            f"{_place(d.get('loc'))}: {d.get('msg', '')}" for d in detail if isinstance(d, dict)
        )
    elif not message and isinstance(detail, str):
        message = detail
    return (None if code is None else str(code)), str(message)


def _first(errors: Any) -> Any:
    """The first of several errors, as GraphQL and others list them."""
    return errors[0] if isinstance(errors, list) and errors else errors


def _place(told: Any) -> str:
    """Where in a request a value is refused: parts of a path, or a text."""
    return ".".join(map(str, told)) if isinstance(told, list) else str(told or "request")


def _error_inside(data: Any, code: str | None) -> bool:
    """Whether an answer with a status of success tells of a failure all the same."""
    if not isinstance(data, dict):
        return False
    # In all the ways in which services say so: a stop that failed must not be believed.
    if any(_holds_error(data.get(name)) for name in ("error", "errors")):
        return True
    if any(str(data.get(name)).lower() in {"false", "0"} for name in ("success", "ok")):
        return True
    if str(data.get("status")).lower() in _FAILED:
        return True
    if data.get("objectType") == "KalturaAPIException":
        return True
    # A text as code was seen in a success; only a number, or a text we know, is a failure.
    return code is not None and code not in _FINE and (_is_number(code) or code in _CODES)


def _holds_error(told: Any) -> bool:
    """Whether there is something in a member for errors; some services send an empty one along."""
    if isinstance(told, dict):
        return any(value not in (None, "", 0, "0", [], {}) for value in told.values())
    if isinstance(told, list):
        return any(map(_holds_error, told))
    return bool(told)


def _is_number(code: str) -> bool:
    return code.removeprefix("-").isdigit()


def _failure(request: ApiRequest, reply: ApiReply, code: str | None, message: str) -> ServiceError:
    kind = _kind(request, reply.status, code, message)
    text = _clean(request, message)
    said = f' It says: "{text}".' if text else ""
    if kind is BadAnswer:
        inside = _bad(request, reply, "error inside", "answered with success and an error", said)
        inside.code = code
        return inside
    what, fix = _SENTENCES[kind]
    return kind(
        f"{request.profile.title} {what} ({request.call}, {_number(reply, code)}).{said}",
        _fix(request, fix, code),
        service=request.profile.name,
        call=request.call,
        status=reply.status,
        code=code,
        request_id=reply.request_id,
        retry_after_s=reply.retry_after_s,
    )


def _kind(request: ApiRequest, status: int, code: str | None, message: str) -> type[ServiceError]:
    """Which error it is: the status, refined by what the code and the text tell."""
    known = _CODES.get(code or "")
    low = message.lower()
    if 200 <= status < 300:
        kind = known or BadAnswer
    elif status >= 500 or status in _PASSING:
        kind = NotOffered if status == 501 else ServiceUnavailable
    elif status == 402 or (known is None and _speaks_of_money(low)):
        kind = QuotaExceeded
    elif status == 429:
        kind = _too_many(request, known, low)
    elif known:
        kind = known
    elif status in {401, 403}:
        kind = AuthenticationError
    elif "state wrong: clos" in low or (status in {404, 410} and request.session_id):
        kind = SessionGone
    elif status in {404, 405, 410}:
        kind = NotOffered
    else:
        kind = RequestRefused
    return kind


def _too_many(
    request: ApiRequest, known: type[ServiceError] | None, low: str
) -> type[ServiceError]:
    if known is not None:
        return known
    if "too many requests" in low or "rate limit" in low:
        return RateLimited
    opening = request.opens or "concurren" in low
    return ConcurrencyLimitError if opening else RateLimited


def _speaks_of_money(low: str) -> bool:
    return bool(re.search(r"(insufficient|not enough|no|out of|exceeded)\W+(\w+\W+)?"
                          r"(credit|quota)|quota\W+(exceeded|reached)", low))  # fmt: skip


# One sentence and one way out per kind.
_SENTENCES: Mapping[type[ServiceError], tuple[str, str]] = {
    AuthenticationError: ("does not accept the key", "{key_hint}"),
    ConcurrencyLimitError: ("has as many sessions open as the account allows", ""),
    QuotaExceeded: ("has no credits left for this", "Look at your account there."),
    RateLimited: ("is getting too many calls", "Wait a little, then try again."),
    SessionGone: ("has ended the session", "Start a new one."),
    SessionNotReady: ("is not ready for this yet", "Try again in a second."),
    RequestRefused: ("refuses a value", "Check avatar_id=, voice_id= and the other options."),
    NotOffered: ("does not have this call", "Check base_url=, or look for a newer ipyavatar."),
    ServiceUnavailable: ("is failing", "Try again in a minute."),
}


def _fix(request: ApiRequest, fix: str, code: str | None) -> str:
    if fix != "{key_hint}":
        return fix
    # Users report this very answer for faces and voices that may not be streamed.
    also = " Or avatar_id= or voice_id= may not be used for streaming." if code == "400112" else ""
    return (request.key_hint or request.profile.key_hint) + (also if request.opens else "")


def _unreadable(request: ApiRequest, reply: ApiReply) -> ServiceError:
    """An answer that is no JSON: a page, a half, or something else; or just a failing service."""
    start = reply.body[:256].lstrip().lower()
    html = "html" in reply.content_type or start.startswith((b"<!doctype html", b"<html"))
    if reply.status >= 400 and not html:
        return _failure(request, reply, None, "")  # the status says it all
    if html:
        # Also with a status of failure: a page comes from something between us and the service.
        return _bad(
            request, reply, "html", f"answered with a web page{_title(request, reply.body)}"
        )
    if start.startswith((b"{", b"[", b'"')):
        return _bad(request, reply, "half", "sent half an answer")
    return _bad(request, reply, "not json", "answered with something that is not JSON")


def _title(request: ApiRequest, body: bytes) -> str:
    found = re.search(rb"<title[^>]*>([^<]{1,200})", body[:65536], re.IGNORECASE)
    return f' titled "{_clean(request, found[1].decode("utf-8", "replace"))}"' if found else ""


def _bad(request: ApiRequest, reply: ApiReply, kind: str, what: str, said: str = "") -> BadAnswer:
    title = request.profile.title
    # Never a piece of the body: it may hold the tokens of the session.
    return BadAnswer(
        f"{title} {what} ({request.call}, {_number(reply, None)}).{said}",
        "Check base_url= and any proxy between, then try again.",
        kind=kind,
        service=request.profile.name,
        call=request.call,
        status=reply.status,
        request_id=reply.request_id,
        retry_after_s=reply.retry_after_s,
    )


def _number(reply: ApiReply, code: str | None) -> str:
    more = f", code {code}" if code and code != str(reply.status) else ""
    return f"HTTP {reply.status}{more}"


def _clean(request: ApiRequest, text: str) -> str:
    return one_line(text, request.secrets)
