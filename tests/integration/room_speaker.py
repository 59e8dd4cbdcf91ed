"""LiveAvatar FULL driven through our own place in its room, as a process; prints JSON.

Arguments: address of the twin, its key, the scene.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from typing import Any

import httpx

from ipyavatar.core.clock import MonotonicClock
from ipyavatar.core.secret import Secret
from ipyavatar.core.speech import Utterance
from ipyavatar.core.tasks import TaskSet
from ipyavatar.errors import AvatarError
from ipyavatar.protocol.grants import StreamGrant
from ipyavatar.protocol.options import Credentials
from ipyavatar.providers.cloud.http import HttpClient
from ipyavatar.providers.cloud.livekit_room import LiveKitRoom, connect_livekit_room
from ipyavatar.providers.cloud.service_events import COMMAND_TOPIC, ServiceEvent, interrupt
from ipyavatar.providers.liveavatar.client import LiveAvatarClient
from ipyavatar.providers.liveavatar.driver import LiveAvatarDriver
from ipyavatar.providers.liveavatar.options import LiveAvatarOptions
from ipyavatar.providers.liveavatar.profile import PROFILE

TEXT = "Python hears this first sentence. And this is the second one, which is a little longer."


class Diary:
    """Notes what is told, with the time."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, float]] = []

    def note(self, what: str, text: str = "") -> None:
        self.lines.append((what, text, time.monotonic()))

    def on_first_sound(self) -> None:
        self.note("first sound")

    def on_answer(self, text: str) -> None:
        self.note("answer", text)

    def on_caption(self, text: str, words: Any) -> None:
        self.note("caption", text)

    def on_notice(self, kind: str, text: str) -> None:
        self.note("notice", text)


async def opened(url: str, key: str) -> LiveAvatarDriver:
    client = LiveAvatarClient(HttpClient(PROFILE, url), Secret(key))
    credentials = Credentials(PROFILE.name, url, Secret(key))
    options = LiveAvatarOptions(credentials=credentials, sandbox=True, lite=False, context_id="c")
    driver = LiveAvatarDriver(client, options, MonotonicClock(), None)  # type: ignore[arg-type]
    await driver.create(lambda _: None)
    return driver


async def play(scene: str, driver: LiveAvatarDriver, diary: Diary) -> dict[str, Any]:
    def heard(event: ServiceEvent) -> None:
        diary.note(event.name, event.text)
        driver.on_event(event)

    join = driver.grant().stream
    assert join is not None
    if scene == "refused":
        return await refusals(join)
    if scene == "late":
        return await too_late(driver, join)
    room = await connect_livekit_room(join, heard, PROFILE, TaskSet("rooms"))
    driver.set_room(room)
    try:
        return await in_room(scene, driver, room, diary)
    finally:
        await room.close()
        await room.close()


async def in_room(
    scene: str, driver: LiveAvatarDriver, room: LiveKitRoom, diary: Diary
) -> dict[str, Any]:
    if scene in ("repeat", "talk"):
        diary.note("asked")
        await driver.say(Utterance("a", TEXT, scene), diary)  # type: ignore[arg-type]
        diary.note("said")
    elif scene == "interrupt":
        speaking = asyncio.create_task(driver.say(Utterance("a", TEXT * 5), diary))
        await until(diary, "first sound")
        await asyncio.sleep(1)
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        diary.note("interrupt")
        await driver.interrupt()
        await until(diary, "avatar.speak_ended")
        await driver.say(Utterance("b", "Short."), diary)
        diary.note("said")
    elif scene == "stopped":
        speaking = asyncio.create_task(driver.say(Utterance("a", TEXT * 5), diary))
        await until(diary, "first sound")
        await driver.stop()
        gone = await asyncio.wait_for(room.gone, 10)
        hears = room.hears
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        return {"gone": gone, "hears": hears, "error": await failure(room)}
    return {"gone": room.gone.done()}


async def failure(room: LiveKitRoom) -> str:
    try:
        await room.send(COMMAND_TOPIC, interrupt("x"))
    except AvatarError as error:
        return f"{type(error).__name__}: {error}"
    return ""


async def until(diary: Diary, what: str) -> None:
    deadline = time.monotonic() + 15
    while not any(name == what for name, _, _ in diary.lines):
        assert time.monotonic() < deadline, f"never told: {what}"
        await asyncio.sleep(0.02)


async def refusals(join: StreamGrant) -> dict[str, Any]:
    """How long each way of not getting in takes, and what it says."""
    deaf = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = deaf.sockets[0].getsockname()[1]
    secret = "seeded-secret-token"
    ways = {
        "token": StreamGrant("livekit", join.url, Secret(secret)),
        "deaf": StreamGrant("livekit", Secret(f"ws://127.0.0.1:{port}/?q={secret}"), join.token),
        "nobody": StreamGrant("livekit", Secret(f"ws://127.0.0.1:1/?q={secret}"), join.token),
        "garbage": StreamGrant("livekit", Secret(f"{secret}::/"), join.token),
    }
    found: dict[str, Any] = {}
    abandoned = TaskSet("rooms")
    for name, way in ways.items():
        began = time.monotonic()
        try:
            await connect_livekit_room(way, lambda _: None, PROFILE, abandoned, within_s=4.0)
            found[name] = ["joined", "", 0]
        except AvatarError as error:
            took = round(time.monotonic() - began, 2)
            found[name] = [type(error).__name__, f"{error} {error!r}", took]
    deaf.close()
    await abandoned.join()
    return {"ways": found}


async def too_late(driver: LiveAvatarDriver, join: StreamGrant) -> dict[str, Any]:
    """Give up before it has joined; then see who is in the room."""
    error = ""
    abandoned = TaskSet("rooms")
    try:
        await connect_livekit_room(join, lambda _: None, PROFILE, abandoned, within_s=0.01)
    except AvatarError as failed:
        error = f"{type(failed).__name__}: {failed}"
    await abandoned.join()
    await asyncio.sleep(3)
    async with httpx.AsyncClient(trust_env=False, verify=False) as client:
        state = await client.get(f"{sys.argv[1]}/_twin/state", headers={"X-Api-Key": sys.argv[2]})
    there = [who["identity"] for who in state.json()["rooms"][driver.grant().session_id]]
    return {"error": error, "there": there}


async def main(url: str, key: str, scene: str) -> dict[str, Any]:
    diary = Diary()
    driver = await opened(url, key)
    try:
        result = await play(scene, driver, diary)
    finally:
        await driver.stop()
        await driver.close()
    left = [t.get_name() for t in asyncio.all_tasks() if t is not asyncio.current_task()]
    return {**result, "diary": diary.lines, "left": left}


if __name__ == "__main__":
    logging.basicConfig(level=logging.DEBUG)
    print(json.dumps(asyncio.run(main(*sys.argv[1:]))))
