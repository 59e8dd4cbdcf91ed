"""A twin in this process, and a client of it, on a clock that only moves when told."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from ipyavatar.twin import TwinSettings
from tests.support.faults import create_app

NEW = {"avatar_id": "a", "version": "v2"}
LITE = {"mode": "LITE", "avatar_id": "a"}
KEY = {"X-Api-Key": "k"}
KS = {"Authorization": "KS k"}


class World:
    """A twin, a client in the same process, and a clock that only moves when told."""

    def __init__(self, client: httpx.AsyncClient, twin: Any, slept: list[float]) -> None:
        self.client, self.twin, self.slept = client, twin, slept

    async def post(self, path: str, body: Any = None, **headers: str) -> httpx.Response:
        return await self.client.post(path, json=body, headers={**KEY, **headers})

    async def heygen(self) -> str:
        made = (await self.post("/v1/streaming.new", NEW)).json()["data"]["session_id"]
        await self.post("/v1/streaming.start", {"session_id": made})
        return made

    async def verb(self, verb: str, session: str, **more: str) -> httpx.Response:
        return await self.post(f"/v1/streaming.{verb}", {"session_id": session, **more})

    async def state(self) -> Any:
        return (await self.client.get("/_twin/state")).json()

    async def state_with_key(self) -> Any:
        return (await self.client.get("/_twin/state", headers=KEY)).json()


def play(story: Callable[[World], Awaitable[None]], **settings: Any) -> None:
    async def go() -> None:
        slept: list[float] = []

        async def sleep(seconds: float) -> None:
            slept.append(seconds)

        app = create_app(TwinSettings(**settings), clock=lambda: 1_700_000_000.0, sleep=sleep)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            await asyncio.wait_for(story(World(client, app.state.twin, slept)), 20)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left, left

    asyncio.run(go())


def heygen_error(code: int, message: str) -> dict[str, Any]:
    """Said twice: some clients look at `error`."""
    said = {"code": code, "message": message}
    return {**said, "error": said}


CREATE = {
    "heygen": ("/v1/streaming.new", NEW, KEY),
    "liveavatar": ("/v1/sessions/token", LITE, KEY),
    "kaltura": ("/v1/avatar-session/create", {"visualConfig": {"id": "v"}}, KS),
}


async def create(world: World, service: str) -> httpx.Response:
    path, body, headers = CREATE[service]
    return await world.post(path, body, **headers)
