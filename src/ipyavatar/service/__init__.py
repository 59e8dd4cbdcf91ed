"""The offline twin: HeyGen streaming, HeyGen LiveAvatar and Kaltura on one local base URL.

It answers the calls of the three services as they are known to answer (paths, states, envelopes,
error codes, idle time-outs, limits, authentication, CORS), and misbehaves on demand. It shares no
code with the clients of this package: a shared bug would hide.

Parts: `session` (the life of one session, pure), `book` (all of them), `heygen`, `liveavatar`,
`kaltura` (what each service says), `lite` (the websocket), `faults`, `calls`, `app` (ASGI),
`serve` (command line).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .settings import TwinSettings

if TYPE_CHECKING:
    from .app import create_app

__all__ = ["TwinSettings", "create_app"]


def __getattr__(name: str) -> Any:
    """`create_app`, imported when asked for: it needs the optional extra `[serve]`."""
    if name == "create_app":
        from .app import create_app

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
