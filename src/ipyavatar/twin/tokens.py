"""Ids and tokens of the twin's services."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt

ALGORITHM = "HS256"
LIVEKIT_TOKEN_LIFE_S = 3600
LIVEKIT_GRANTS = ("roomJoin", "canSubscribe", "canPublish", "canPublishData")


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
        """The claims of a token that is signed by us, expired or not; else None."""
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._secret,
                algorithms=[ALGORITHM],
                # The twin's clock may be ahead: whoever asks for the claims checks their times.
                options={"verify_exp": False, "verify_nbf": False, "verify_iat": False},
            )
        except jwt.InvalidTokenError:
            return None
        return claims

    def livekit_token(self, room: str, identity: str, now: float) -> str:
        """A token for a LiveKit room, with the grants that LiveKit's own tokens have."""
        return self.jwt(
            {
                "iss": "ipyavatar-twin",
                "sub": identity,
                "nbf": int(now) - 5,
                "exp": int(now) + LIVEKIT_TOKEN_LIFE_S,
                "video": {"room": room, **dict.fromkeys(LIVEKIT_GRANTS, True)},
            }
        )
