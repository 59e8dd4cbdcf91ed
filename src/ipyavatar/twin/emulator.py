"""What the emulators of all services have in common: a request in, a reply out.

Emulators are plain objects without I/O: `app` turns HTTP into a `ServiceRequest`, and a
`ServiceReply` into HTTP.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from ..core.decode import decode_json
from ..errors import MalformedData
from .session import TwinSession, WrongPhase
from .sessions import SessionRegistry

if TYPE_CHECKING:
    from .livekit.data_messages import DataMessages


@dataclass(frozen=True)
class ServiceRequest:
    """One HTTP request. Header names are in lower case; `base_url` is how the client reached us."""

    now: float
    base_url: str
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    path: Mapping[str, str]
    body: bytes = field(repr=False)
    route: str = ""

    @property
    def ws_url(self) -> str:
        """The base URL for websockets."""
        return "ws" + self.base_url.removeprefix("http")

    def json(self) -> dict[str, Any]:
        """The body as a JSON object, without members that are null; an empty body is an empty one.

        Clients send null for what they do not set, and some for the whole body.

        Raises:
            BadRequest: It is something else.
        """
        if not self.body.strip():
            return {}
        try:
            value = decode_json(self.body)
        except MalformedData:
            kind = self.headers.get("content-type", "").lower()
            told = ": it is a form" if "form" in kind else ""
            raise BadRequest(f"The body is not valid JSON{told}") from None
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise BadRequest("The body must be a JSON object")
        body: dict[str, Any] = _without_nulls(value)
        return body

    def query_number(self, name: str, default: int) -> int:
        """A number of the query, 1 or more; `default` when it is missing or no such number."""
        number = parse_number(self.query.get(name, ""))
        return default if number is None else max(1, number)

    def authorization(self) -> tuple[str, str]:
        """Scheme in lower case and value of the Authorization header, or two empty strings."""
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        return scheme.lower(), value.strip()

    def secrets(self) -> frozenset[str]:
        """The keys and tokens this request carries in its headers."""
        return frozenset({self.headers.get("x-api-key", ""), self.authorization()[1]} - {""})


@dataclass(frozen=True)
class ServiceReply:
    """Status and JSON value of a response; bytes are sent as they are."""

    status: int
    payload: Any = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"


class BadRequest(Exception):
    """The body cannot be read; each service says so in its own envelope."""


class ErrorReply(Exception):
    """Ends a call with this reply."""

    def __init__(self, reply: ServiceReply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def _without_nulls(value: Any) -> Any:
    """Without members that are null, however deep; what stands in lists keeps its place."""
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]
    if isinstance(value, dict):
        return {
            name: _without_nulls(member) for name, member in value.items() if member is not None
        }
    return value


Handler = Callable[[ServiceRequest], ServiceReply]


class SessionStream(Protocol):
    """The live media of a session whose client negotiates it by calls."""

    async def offer(self, session: TwinSession) -> str:
        """An offer to the client."""

    async def accept_answer(self, session: TwinSession, sdp: str) -> None:
        """The client's answer.

        Raises:
            MediaError: It makes no sense.
        """

    async def add_candidate(self, session: TwinSession, init: dict[str, Any]) -> None:
        """A candidate of the client's."""

    def avatar(self, session: TwinSession) -> object:
        """Its avatar, which joins its room."""


LoadStream = Callable[[], Awaitable[SessionStream]]
StreamHandler = Callable[[LoadStream, ServiceRequest, ServiceReply], Awaitable[ServiceReply]]


def _authorize_anybody(request: ServiceRequest) -> None:
    """Let everybody in: the call itself looks who it is."""


@dataclass(frozen=True)
class ServiceCall:
    """One call of a service: its name in faults and logs, and its route.

    Attributes:
        handler: Replies.
        authorize: Raises `ErrorReply` for a key or token that is not accepted. It is asked before
            the body is read, and sees none.
        stream_handler: Where the reply needs live media: what comes of the reply with it.
    """

    name: str
    method: str
    path: str
    handler: Handler = field(repr=False)
    authorize: Callable[[ServiceRequest], object] = field(default=_authorize_anybody, repr=False)
    stream_handler: StreamHandler | None = field(default=None, repr=False)


class ServiceEmulator(Protocol):
    """One service of the twin."""

    name: str
    sessions: SessionRegistry
    calls: Sequence[ServiceCall]

    def find_session(self, request: ServiceRequest) -> TwinSession | None:
        """The session this request is about, or None; never raises."""

    def data_messages(
        self, session: TwinSession, now: Callable[[], float], new_id: Callable[[], str]
    ) -> DataMessages:
        """What it says and hears beside picture and sound; imported at the first need."""

    def bad_request(self, message: str) -> ServiceReply:
        """The reply to a body that makes no sense."""

    def wrong_phase(self, wrong: WrongPhase) -> ServiceReply:
        """The reply to a call that the session's phase does not allow."""

    def failure(self, kind: str, call: str) -> ServiceReply:
        """The reply of this service for the faults that are a status, and for `ok-error`."""


def parse_number(text: str) -> int | None:
    """`text` as a number of up to nine decimal digits; None when it is anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def whole_number(value: object, *, lax: bool = False) -> int | None:
    """`value` of a body as the whole number that is documented; None when it is anything else.

    Go refuses 30.0 for one as well as 30.5; with `lax`, as in FastAPI, 30.0 is one.
    """
    if lax and isinstance(value, float) and value.is_integer():
        return int(value)
    return value if type(value) is int else None
