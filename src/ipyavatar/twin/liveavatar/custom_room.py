"""A LITE session in a room of the client's: what `sessions/token` may name, and what the twin can.

The twin is no client of LiveKit servers, so that the room has to be one of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from ..emulator import ErrorReply
from ..livekit.grants import NoGrant, RoomGrant
from .replies import invalid, missing

CONFIG = "livekit_config"
OTHER_CONFIGS = (
    "agora_config",
    "elevenlabs_agent_config",
    "openai_realtime_config",
    "gemini_realtime_config",
)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PORTS = {"ws": 80, "http": 80, "wss": 443, "https": 443}


def find_room_grant(
    body: dict[str, Any], mode: str, base_url: str, read_token: Callable[[str], RoomGrant]
) -> RoomGrant | None:
    """As whom the avatar joins which room of the client's; None where it names none.

    Raises:
        ErrorReply: It asks for something that the twin cannot do, or that makes no sense.
    """
    for name in (CONFIG, *OTHER_CONFIGS):
        if name in body and mode != "LITE":
            raise _refuse(name, "is for LITE mode")
    for name in OTHER_CONFIGS:
        if name in body:
            raise _refuse(name, "is not supported by the offline twin: use livekit_config, or none")
    config = body.get(CONFIG)
    if config is None:
        return None
    if not isinstance(config, dict):
        raise _refuse(CONFIG, "must be an object")
    url, name, token = (_text(config, key) for key in ("url", "room", "client_token"))
    if not is_same_address(url, base_url):
        words = f"livekit_url must be the offline twin's own, {base_url.replace('http', 'ws', 1)}"
        raise _refuse(CONFIG, words)
    try:
        grant = read_token(token)
    except NoGrant as refusal:
        raise _refuse(CONFIG, f"livekit_client_token: {refusal}") from None
    if not grant.video.roomJoin or grant.video.room != name:
        raise _refuse(CONFIG, "livekit_client_token: it does not let its bearer into livekit_room")
    return grant


def is_same_address(url: str, base_url: str) -> bool:
    """Whether two addresses lead to the same port of the same machine, whatever the scheme."""
    try:
        one, other = _place(url), _place(base_url)
    except ValueError:
        return False
    return one == other


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("not an address of LiveKit")
    host = "localhost" if parts.hostname in _LOOPBACK else parts.hostname
    return host, parts.port or _PORTS[parts.scheme]


def _text(config: dict[str, Any], name: str) -> str:
    value = config.get(f"livekit_{name}")
    if not isinstance(value, str) or not value:
        raise ErrorReply(missing(f"{CONFIG}.livekit_{name}"))
    return value


def _refuse(name: str, words: str) -> ErrorReply:
    return ErrorReply(invalid(name, words, "value_error"))
