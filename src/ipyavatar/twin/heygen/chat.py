"""The chat websocket of HeyGen's JavaScript SDK: text and microphone up, user activity down.

Up come binary frames, each one protobuf message `pipecat.Frame`. livekit-protocol has no class for
it, so its fields, two levels deep, are read here. Down go text frames in JSON.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import msgspec
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from ..refusal import refuse
from ..runtime import CHAT_CALL, TwinRuntime
from ..session import TwinSession, WrongPhase
from ..speech_length import text_seconds
from .emulator import HeyGenEmulator

PATH = "/v1/ws/streaming.chat"
MAX_TEXT = 100_000
DEFAULT_RATE = 16_000
RATES = range(8_000, 96_001)

Field = int | bytes


def chat_routes(twin: TwinRuntime) -> list[BaseRoute]:
    """The websocket route."""

    async def chat(socket: WebSocket) -> None:
        session, refusal = _authorize(twin, socket)
        record = twin.request_log.begin(
            twin.now(), "heygen", CHAT_CALL, method="WS", path=socket.url.path
        )
        fault = twin.faults.take("heygen", CHAT_CALL)
        record.fault = fault.kind if fault else None
        if session is None or fault:
            record.status, words = refusal
            if fault and fault.kind.isdigit():
                record.status, words = int(fault.kind), "refused by a fault"
            await refuse(socket.scope, socket.receive, socket.send, record.status, words)
            return
        record.session, record.status = session.id, 101
        await socket.accept()
        await ChatConnection(twin, socket, session).run()

    return [WebSocketRoute(PATH, chat)]


def _authorize(twin: TwinRuntime, socket: WebSocket) -> tuple[TwinSession | None, tuple[int, str]]:
    """The session that may be entered, or status and words of a refusal."""
    query = socket.query_params
    service = twin.services["heygen"]
    # The SDK does not encode its token, so that a + in it comes as a blank.
    token = query.get("session_token", "").replace(" ", "+")
    session = service.sessions.get(query.get("session_id"), twin.now())
    if not isinstance(service, HeyGenEmulator) or session is None or not session.is_open:
        return None, (404, "session not found")
    if not service.accepts_token(token, session):
        return None, (401, "Unauthorized")
    return session, (403, "Forbidden")


class ChatConnection:
    """One open websocket."""

    def __init__(self, twin: TwinRuntime, socket: WebSocket, session: TwinSession) -> None:
        self._twin = twin
        self._socket = socket
        self._session = session
        self._out: asyncio.Queue[dict[str, Any]] = asyncio.Queue(1000)
        self._session_closed = asyncio.Event()
        self._vad: Any = None

    async def run(self) -> None:
        """Serve until the client or the session ends."""
        self._session.listeners.add(self._on_session_event)
        tasks = [
            asyncio.ensure_future(work)
            for work in (self._read(), self._write(), self._close_at_end(), self._watch_room())
        ]
        try:
            await asyncio.wait(tasks[:3], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._session.listeners.discard(self._on_session_event)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _on_session_event(self) -> None:
        if not self._session.is_open and not self._session.is_silent:
            self._session_closed.set()

    async def _close_at_end(self) -> None:
        closing = asyncio.ensure_future(self._twin.closing.wait())
        ended = asyncio.ensure_future(self._session_closed.wait())
        try:
            await asyncio.wait({closing, ended}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            closing.cancel()
            ended.cancel()
        await self._socket.close(1000)

    async def _write(self) -> None:
        while True:
            message = await self._out.get()
            await self._socket.send_text(msgspec.json.encode(message).decode())

    def _send_user_activity(self, speaking: bool) -> None:
        if not self._out.full():
            self._out.put_nowait({"event_type": "user_start" if speaking else "user_stop"})

    async def _watch_room(self) -> None:
        """The microphone may come over LiveKit too: its activity is reported here."""
        media = await self._twin.load_media()
        avatar = media.avatar(self._session)
        self._vad = avatar.vad
        avatar.on_user_activity.add(self._send_user_activity)
        try:
            await asyncio.Event().wait()
        finally:
            avatar.on_user_activity.discard(self._send_user_activity)

    async def _read(self) -> None:
        try:
            while (message := await self._socket.receive())["type"] != "websocket.disconnect":
                data = message.get("bytes")
                if data:
                    self._handle_frame(data)
        except (WebSocketDisconnect, RuntimeError):
            return

    def _handle_frame(self, data: bytes) -> None:
        try:
            frame = dict(read_fields(data))
            match frame:
                case {1: bytes(text)}:
                    self._handle_text(dict(read_fields(text)))
                case {2: bytes(audio)}:
                    self._handle_audio(dict(read_fields(audio)))
        except (ValueError, WrongPhase):
            return  # a frame that makes no sense, or that comes too late

    def _handle_text(self, frame: dict[int, Field]) -> None:
        raw = frame.get(3)
        text = raw.decode()[:MAX_TEXT] if isinstance(raw, bytes) else ""
        if text.strip():
            twin = self._twin
            seconds = text_seconds(text)
            self._session.speak(twin.now(), twin.tokens.uuid(), seconds, text=text, kind="talk")

    def _handle_audio(self, frame: dict[int, Field]) -> None:
        pcm, rate = frame.get(3), frame.get(4, DEFAULT_RATE)
        if self._vad is None or not isinstance(pcm, bytes) or rate not in RATES:
            return
        import numpy as np

        assert isinstance(rate, int)  # noqa: S101  # it is in RATES
        self._vad.feed(np.frombuffer(pcm[: len(pcm) & ~1], "<i2"), rate)


def read_fields(data: bytes) -> Iterator[tuple[int, Field]]:
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
            raise ValueError("not a pipecat.Frame")


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
