"""Ids and tokens of the twin's services."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
from msgspec.json import encode as encode_json

from ..core.decode import decode_json
from ..errors import MalformedData

ALGORITHM = "HS256"
LIVEKIT_TOKEN_LIFE_S = 3600
LIVEKIT_GRANTS = (
    "roomJoin",
    "canSubscribe",
    "canPublish",
    "canPublishData",
    "canUpdateOwnMetadata",
)

DEV_KEY, DEV_SECRET = "devkey", "secret"
"""What LiveKit's dev server takes: with them clients make tokens themselves."""


class _AnyKeyLength(jwt.algorithms.HMACAlgorithm):
    """Takes the dev server's key, which is far too short, without a warning."""

    def check_key_length(self, key: bytes) -> str | None:  # noqa: ARG002
        """Nothing is wrong with it."""
        return None


_SIGNATURES = jwt.PyJWS()
_SIGNATURES.unregister_algorithm(ALGORITHM)
_SIGNATURES.register_algorithm(ALGORITHM, _AnyKeyLength(_AnyKeyLength.SHA256))


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
        """A signed JSON web token."""
        return jwt.encode(dict(payload), self._secret, ALGORITHM)

    def decode(self, token: str) -> dict[str, Any] | None:
        """The claims of a token that is signed by us, or by a client of LiveKit's dev server.

        None for any other. The twin's clock may be ahead: whoever asks checks their times.
        """
        for secret in (self._secret, DEV_SECRET):
            try:
                payload = _SIGNATURES.decode(token, secret, algorithms=[ALGORITHM])
                claims = decode_json(payload, dict[str, Any])
            except (jwt.InvalidTokenError, MalformedData):
                continue
            if secret != DEV_SECRET or claims.get("iss") == DEV_KEY:
                return claims
        return None

    def livekit_token(self, room: str, identity: str, now: float) -> str:
        """A token for a LiveKit room, with the grants that LiveKit's own tokens have."""
        grants = {"room": room, **dict.fromkeys(LIVEKIT_GRANTS, True)}
        return self.renew({"sub": identity, "video": grants}, now)

    def renew(self, claims: Mapping[str, Any], now: float) -> str:
        """A token with these claims that is valid from now on, signed as the one they come from."""
        times = {"nbf": int(now) - 5, "exp": int(now) + LIVEKIT_TOKEN_LIFE_S}
        payload = {"iss": "ipyavatar-twin", **claims, **times}
        secret = DEV_SECRET if payload["iss"] == DEV_KEY else self._secret
        return _SIGNATURES.encode(encode_json(payload), secret, ALGORITHM)
