"""What every service of the twin has in common: a request in, a reply out, keys and random values.

Emulators are plain objects without I/O: `app` turns HTTP into a `ServiceRequest`, and a
`ServiceReply` into HTTP.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec

from .session import TwinSession, WrongPhase
from .sessions import SessionRegistry
from .settings import TwinSettings


@dataclass(frozen=True)
class ServiceRequest:
    """One HTTP request. Header names are in lower case; `base_url` is how the client reached us."""

    now: float
    base_url: str
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    path: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def ws_url(self) -> str:
        """The base URL for websockets."""
        return "ws" + self.base_url.removeprefix("http")

    def json(self) -> dict[str, Any]:
        """The body as a JSON object; an empty body is an empty object.

        Raises:
            BadRequest: It is something else.
        """
        if not self.body.strip():
            return {}
        try:
            value = msgspec.json.decode(self.body)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            raise BadRequest("The body is not valid JSON") from None
        if not isinstance(value, dict):
            raise BadRequest("The body must be a JSON object")
        return value

    def whole(self, name: str, otherwise: int) -> int:
        """A number of the query, 1 or more; `otherwise` when it is missing or no such number."""
        text = self.query.get(name, "")
        fits = text.isascii() and text.isdigit() and len(text) < 10
        return max(1, int(text)) if fits else otherwise

    def authorization(self) -> tuple[str, str]:
        """Scheme in lower case and value of the Authorization header, or two empty texts."""
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        return scheme.lower(), value.strip()

    def secrets(self) -> frozenset[str]:
        """The keys and tokens this request carries in its headers."""
        return frozenset({self.headers.get("x-api-key", ""), self.authorization()[1]} - {""})


@dataclass(frozen=True)
class ServiceReply:
    """Status and JSON value of an answer."""

    status: int
    payload: Any = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)


class BadRequest(Exception):
    """The body cannot be read; each service says so in its own envelope."""


class RequestRefused(Exception):
    """The call is answered with this error."""

    def __init__(self, reply: ServiceReply) -> None:
        super().__init__(reply.status)
        self.reply = reply


Handler = Callable[[ServiceRequest], ServiceReply]


@dataclass(frozen=True)
class ServiceCall:
    """One call of a service: its name in faults and logs, and where it is found."""

    name: str
    method: str
    path: str
    handler: Handler = field(repr=False)


class ServiceEmulator(Protocol):
    """One service of the twin."""

    name: str
    book: SessionRegistry
    calls: Sequence[ServiceCall]

    def locate(self, request: ServiceRequest) -> TwinSession | None:
        """The session this request is about, if one can be told; never raises."""

    def bad_request(self, what: str) -> ServiceReply:
        """How this service says that a body makes no sense."""

    def wrong_phase(self, wrong: WrongPhase) -> ServiceReply:
        """How this service says that the session is in no state for the call."""

    def failure(self, kind: str, call: str) -> ServiceReply:
        """How this service says `401`, `429`, `500`, `503` or `ok-error`."""


@dataclass
class TokenFactory:
    """Ids and tokens. `entropy(n)` gives n random bytes, and is the only source of randomness."""

    entropy: Callable[[int], bytes] = field(repr=False)

    def __post_init__(self) -> None:
        self._secret = self.entropy(32)

    def uuid(self) -> str:
        """A new id."""
        return str(uuid.UUID(bytes=self.entropy(16), version=4))

    def hex(self, size: int = 16) -> str:
        """`size` random bytes as hexadecimal digits."""
        return self.entropy(size).hex()

    def jwt(self, payload: Mapping[str, Any]) -> str:
        """A signed JSON web token (HS256)."""
        head = {"alg": "HS256", "typ": "JWT"}
        body = ".".join(_base64url(_compact(part)) for part in (head, payload))
        signature = hmac.new(self._secret, body.encode(), hashlib.sha256).digest()
        return f"{body}.{_base64url(signature)}"

    def claims(self, token: str) -> dict[str, Any] | None:
        """What a token of ours says, or None when it is not ours."""
        body, _, signature = token.rpartition(".")
        wanted = hmac.new(self._secret, body.encode(), hashlib.sha256).digest()
        if not hmac.compare_digest(_base64url(wanted).encode(), signature.encode()):
            return None
        text = body.partition(".")[2]
        padded = text + "=" * (-len(text) % 4)
        claims: dict[str, Any] = msgspec.json.decode(base64.urlsafe_b64decode(padded))
        return claims

    def livekit_token(self, room: str, identity: str, now: float) -> str:
        """A token for a LiveKit room, with the grants that LiveKit's own tokens have."""
        grants = ("roomJoin", "canSubscribe", "canPublish", "canPublishData")
        return self.jwt(
            {
                "iss": "ipyavatar-twin",
                "sub": identity,
                "nbf": int(now) - 5,
                "exp": int(now) + 3600,
                "video": {"room": room, **dict.fromkeys(grants, True)},
            }
        )


def key_fits(settings: TwinSettings, key: str) -> bool:
    """Whether `key` is let in."""
    if settings.api_key is None:
        return bool(key)
    return hmac.compare_digest(key.encode(), settings.api_key.encode())


def idle_limit(settings: TwinSettings, asked_s: float) -> float:
    """The idle limit of a session that would have `asked_s`."""
    return asked_s if settings.idle_timeout_s is None else settings.idle_timeout_s


def _compact(value: Any) -> bytes:
    return msgspec.json.encode(value)


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
