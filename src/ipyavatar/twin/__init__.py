"""The offline twin: HeyGen streaming, HeyGen LiveAvatar and Kaltura on one local base URL.

It answers the calls of the three services as they are known to answer (paths, states, envelopes,
error codes, idle time-outs, limits, authentication, CORS), and fails on demand. It shares no code
with the clients of this package: a shared bug would hide.

Clients that want media get LiveKit rooms (HeyGen, LiveAvatar) and WHEP (Kaltura), with pictures and
sound from the embedded engine. HeyGen's JavaScript SDK opens one more websocket, at port 443 of its
`basePath`'s host; one line before the SDK leads it here::

    <script src="http://127.0.0.1:8765/_twin/heygen-shim.js"></script>

or `--tls-port 443` with a certificate that the browser trusts, and the page stays as it is.

| module | is |
|---|---|
| `server` `http_server` `tls` | the command line; the HTTP servers; certificates |
| `acceptor` `connection_watch` `http_protocol` | connections: how many, how long each may take |
| `request_body` `log_filter` | what is read of clients, and what is logged of them, is bounded |
| `app` `middleware` `admin_routes` `page/` | the ASGI app; its checks; the admin API; its page |
| `origins` | which web pages may do what |
| `refusal` | how websockets are refused |
| `runtime` `settings` | one running twin, and how it behaves |
| `emulator` | what all services have in common |
| `heygen/` `liveavatar/` `kaltura/` | the calls and websockets of each service |
| `session` `speech_queue` `sessions` | one session and its speeches (pure); the registry |
| `records` | what clients make and keep beside sessions: contexts, secrets, knowledge bases |
| `faults` `fault_responses` | errors on demand |
| `responder` `user_function` | who answers when a client talks |
| `tokens` `request_log` `event_log` | what their names say |
| `livekit/` `media/` | rooms; live media, imported when first asked for |
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if sys.argv[:1] == ["-m"] and __name__ in sys.orig_argv:
    # `python -m ipyavatar.twin` puts the folder first: its files would be run in place of modules
    # of the same name. A responder of the folder is found all the same (`find_responder`).
    del sys.path[0]

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
