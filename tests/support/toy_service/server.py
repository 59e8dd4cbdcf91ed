"""The toy service itself, as an ASGI app: it keeps every call it gets."""

from __future__ import annotations

import json
from typing import Any


class ToyServer:
    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.open: set[str] = set()

    def of(self, name: str) -> list[dict[str, Any]]:
        return [body for call, body in self.calls if call == name]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        body = json.loads(message.get("body") or b"{}")
        name = scope["path"].strip("/")
        self.calls.append((name, body))
        status, answer = self._answer(name, body, dict(scope["headers"]))
        raw = json.dumps(answer).encode()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": raw})

    def _answer(
        self, name: str, body: dict[str, Any], headers: dict[bytes, bytes]
    ) -> tuple[int, Any]:
        if headers.get(b"authorization") != b"Bearer toy-key":
            return 401, {"message": "not yours"}
        if name == "open":
            session_id = f"toy-{len(self.of('open'))}"
            self.open.add(session_id)
            return 200, {"id": session_id}
        if name == "list":
            return 200, {"sessions": sorted(self.open)}
        if body.get("id") not in self.open:
            return 404, {"message": "no such session"}
        if name == "stop":
            self.open.discard(body["id"])
        return 200, {"seconds": len(body.get("text") or "") / 40}
