"""The chat websocket of HeyGen's JavaScript SDK: text and microphone up, the user's turns down.

Up come binary frames, each one protobuf message `pipecat.Frame`; they are read by hand, for they
are two fields deep and it would be the only schema to compile. Down go text frames in JSON.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from ..session import TwinSession, WrongPhase
from ..speech_length import text_seconds
from ..state import CHAT_CALL, Twin
from .emulator import HeyGenEmulator

PATH = "/v1/ws/streaming.chat"
POLICY_VIOLATION = 1008
LONGEST_TEXT = 100_000
DEFAULT_RATE = 16_000
RATES = range(8_000, 96_001)

Field = int | bytes


def chat_routes(twin: Twin) -> list[BaseRoute]:
    """The websocket route."""

    async def chat(socket: WebSocket) -> None:
        session, why = _admit(twin, socket)
        record = twin.calls.begin(
            twin.now(), "heygen", CHAT_CALL, method="WS", path=socket.url.path
        )
        fault = twin.faults.take("heygen", CHAT_CALL)
        record.fault = fault.kind if fault else None
        if session is None or fault:
            record.status = POLICY_VIOLATION
            await socket.close(POLICY_VIOLATION, why)
            return
        record.session, record.status = session.id, 101
        await socket.accept()
        await Chat(twin, socket, session).run()

    return [WebSocketRoute(PATH, chat)]


def _admit(twin: Twin, socket: WebSocket) -> tuple[TwinSession | None, str]:
    query = socket.query_params
    service = twin.services["heygen"]
    # The SDK does not encode its token, so that a + in it comes as a blank.
    token = query.get("session_token", "").replace(" ", "+")
    session = service.book.get(query.get("session_id"), twin.now())
    if not isinstance(service, HeyGenEmulator) or session is None or not session.is_open:
        return None, "session not found"
    if not service.token_fits(token, session):
        return None, "Unauthorized"
    return session, ""


class Chat:
    """One open websocket."""

    def __init__(self, twin: Twin, socket: WebSocket, session: TwinSession) -> None:
        self._twin = twin
        self._socket = socket
        self._session = session
        self._out: asyncio.Queue[dict[str, Any]] = asyncio.Queue(1000)
        self._over = asyncio.Event()
        self._ear: Any = None

    async def run(self) -> None:
        """Talk until the client or the session goes."""
        self._session.listeners.add(self._session_moved)
        tasks = [
            asyncio.ensure_future(work)
            for work in (self._read(), self._write(), self._end(), self._hear_room())
        ]
        try:
            await asyncio.wait(tasks[:3], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._session.listeners.discard(self._session_moved)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _session_moved(self) -> None:
        if not self._session.is_open:
            self._over.set()

    async def _end(self) -> None:
        closing = asyncio.ensure_future(self._twin.closing.wait())
        over = asyncio.ensure_future(self._over.wait())
        try:
            await asyncio.wait({closing, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            closing.cancel()
            over.cancel()
        await self._socket.close(1000)

    async def _write(self) -> None:
        while True:
            message = await self._out.get()
            await self._socket.send_text(msgspec.json.encode(message).decode())

    def _user(self, speaking: bool) -> None:
        if not self._out.full():
            self._out.put_nowait({"event_type": "user_start" if speaking else "user_stop"})

    async def _hear_room(self) -> None:
        """The microphone may come over LiveKit too: its turns are told here."""
        live = await self._twin.live()
        room = live.room(self._session)
        self._ear = room.ear
        room.on_user.add(self._user)
        try:
            await asyncio.Event().wait()
        finally:
            room.on_user.discard(self._user)

    async def _read(self) -> None:
        try:
            while (message := await self._socket.receive())["type"] != "websocket.disconnect":
                data = message.get("bytes")
                if data:
                    self._frame(data)
        except (WebSocketDisconnect, RuntimeError):
            return

    def _frame(self, data: bytes) -> None:
        try:
            frame = dict(fields(data))
            if isinstance(text := frame.get(1), bytes):
                self._text(dict(fields(text)))
            elif isinstance(audio := frame.get(2), bytes):
                self._audio(dict(fields(audio)))
        except (ValueError, WrongPhase):
            return  # a frame that makes no sense, or that comes too late

    def _text(self, frame: dict[int, Field]) -> None:
        raw = frame.get(3)
        text = raw.decode()[:LONGEST_TEXT] if isinstance(raw, bytes) else ""
        if text.strip():
            twin = self._twin
            seconds = text_seconds(text)
            self._session.speak(twin.now(), twin.dice.uuid(), seconds, text=text, kind="talk")

    def _audio(self, frame: dict[int, Field]) -> None:
        sound, rate = frame.get(3), frame.get(4, DEFAULT_RATE)
        if self._ear is None or not isinstance(sound, bytes) or rate not in RATES:
            return
        import numpy as np

        assert isinstance(rate, int)  # noqa: S101  # it is in RATES
        self._ear.hear(np.frombuffer(sound[: len(sound) & ~1], "<i2"), rate)


def fields(data: bytes) -> Iterator[tuple[int, Field]]:
    """The fields of a protobuf message: number, and an integer or bytes.

    Raises:
        ValueError: It is no protobuf message, or has fields of other kinds.
    """
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        value, at = _varint(data, at)
        if kind == 0:
            yield key >> 3, value
        elif kind == 2 and at + value <= len(data):
            yield key >> 3, data[at : at + value]
            at += value
        else:
            raise ValueError("not a message of these")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 64, 7):
        if at >= len(data):
            break
        value |= (data[at] & 0x7F) << shift
        at += 1
        if not data[at - 1] & 0x80:
            return value, at
    raise ValueError("a number without an end")
