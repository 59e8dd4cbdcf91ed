"""How a websocket is refused: with a status and a reason, and without a server's complaint."""

from __future__ import annotations

import asyncio

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from .error_body import error_response

POLICY_VIOLATION = 1008
MAX_REASON = 100
"""Characters of the reason of a websocket's close."""


async def refuse(scope: Scope, receive: Receive, send: Send, status: int, reason: str) -> None:
    """Answer a request, or the upgrade of a websocket, with `status`.

    Clients of websockets get the reason as it stands: LiveKit's show it to the user.
    """
    if scope["type"] == "http":
        await error_response(status, reason)(scope, receive, send)
        return
    if "websocket.http.response" not in scope.get("extensions", {}):
        reason = reason[:MAX_REASON]
        await send({"type": "websocket.close", "code": POLICY_VIOLATION, "reason": reason})
        return
    await PlainTextResponse(reason, status)(scope, receive, send)
    # uvicorn ends the connection in the loop's next round, and would say until then that the
    # handshake was not completed.
    await asyncio.sleep(0)
