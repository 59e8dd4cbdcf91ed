"""The calls of the toy service."""

from __future__ import annotations

from typing import Any

from ipyavatar.core.retry import NEVER
from ipyavatar.core.secret import Secret
from ipyavatar.errors import SessionGone
from ipyavatar.providers.cloud.http import ApiCall, HttpClient, bearer


class ToyClient:
    def __init__(self, http: HttpClient, key: Secret | None) -> None:
        self.http = http
        self._key = key or Secret("")

    async def open(self, face: str | None, mood: str) -> str:
        body = {"face": face, "mood": mood}
        found = await self._call("open", json=body, opens=True, idempotent=False)
        return str(found["id"])

    async def say(self, session_id: str, text: str) -> float:
        found = await self._call("say", session_id, text=text, idempotent=False)
        return float(found["seconds"])

    async def interrupt(self, session_id: str) -> None:
        await self._call("interrupt", session_id)

    async def keep_alive(self, session_id: str, timeout_s: float) -> None:
        await self._call("keep_alive", session_id, timeout_s=timeout_s, retry=NEVER)

    async def stop(self, session_id: str) -> bool:
        try:
            await self._call("stop", session_id)
        except SessionGone:
            return False
        return True

    async def list_open(self) -> list[str]:
        return list((await self._call("list"))["sessions"])

    async def _call(
        self, name: str, session_id: str | None = None, text: str | None = None, **more: Any
    ) -> Any:
        more.setdefault("json", {"id": session_id, "text": text})
        return await self.http.send(
            ApiCall(
                name=name,
                path=f"/{name}",
                credential=bearer(self._key),
                session_id=session_id,
                **more,
            )
        )
