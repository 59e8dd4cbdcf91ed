"""Tokens that clients of LiveKit make themselves, as its server SDKs do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

KEY, SECRET = "devkey", "secret"
"""Of LiveKit's dev server."""


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def livekit_token(
    room: str = "",
    identity: str = "",
    *,
    key: str = KEY,
    secret: str = SECRET,
    life_s: float = 3600,
    grants: dict[str, Any] | None = None,
    **claims: Any,
) -> str:
    """Without `grants` it is one to join `room`."""
    now = int(time.time())
    payload = {
        **({"sub": identity} if identity else {}),
        "iss": key,
        "nbf": now,
        "exp": int(now + life_s),
        "video": {"room": room, **({"roomJoin": True} if grants is None else grants)},
        **claims,
    }
    head = {"alg": "HS256", "typ": "JWT"}
    signed = ".".join(_base64(json.dumps(part).encode()) for part in (head, payload))
    signature = hmac.digest(secret.encode(), signed.encode(), hashlib.sha256)
    return f"{signed}.{_base64(signature)}"
