"""The websocket of a LiveAvatar LITE session; HeyGen's realtime endpoint has the same messages.

Text frames, JSON, 24 kHz mono 16-bit PCM in base64. The first message is `connected`. Audio is not
played out here: its length sets the times of the events, unless live media does.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec
from starlette.routing import BaseRoute, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from ...core.decode import decode_json
from ...errors import MalformedData
from ..faults import Fault
from ..refusal import refuse
from ..request_log import redact_json
from ..runtime import LITE_CALL, TwinRuntime
from ..session import QueueFull, TwinEvent, TwinPhase, TwinSession, WrongPhase
from ..speech_length import LITE_SAMPLE_BYTES, pcm_seconds

MAX_AUDIO_BYTES = 1024 * 1024
INTERNAL_ERROR, NORMAL = 1011, 1000

_SPEECH_EVENTS = {
    "speech_started": "agent.speak_started",
    "speech_ended": "agent.speak_ended",
    "speech_interrupted": "agent.speak_interrupted",
}


def lite_routes(twin: TwinRuntime) -> list[BaseRoute]:
    """The websocket routes."""

    async def lite(socket: WebSocket) -> None:
        await _serve(twin, socket, "liveavatar")

    async def realtime(socket: WebSocket) -> None:
        await _serve(twin, socket, "heygen")

    return [
        WebSocketRoute("/v1/lite/{session_id}", lite),
        WebSocketRoute("/v2-alpha/interactive-avatar/session/{session_id}", realtime),
    ]


async def _serve(twin: TwinRuntime, socket: WebSocket, service: str) -> None:
    session = twin.services[service].sessions.get(socket.path_params["session_id"], twin.now())
    record = twin.request_log.begin(
        twin.now(), service, LITE_CALL, method="WS", path=socket.url.path
    )
    if session is None or not session.is_open:
        words = "Session not found" if session is None else "Session is not active"
        record.status = 404
        await refuse(socket.scope, socket.receive, socket.send, 404, words)
        return
    record.session = session.id
    fault = twin.faults.take(service, LITE_CALL)
    record.fault = fault.kind if fault else None
    if fault and fault.kind == "gone":
        session.stop(twin.now(), "gone")
    elif fault and fault.kind not in ("slow", "hang"):
        record.status = INTERNAL_ERROR
        await socket.close(INTERNAL_ERROR)
        return
    record.status = 101
    await socket.accept()
    with suppress(WebSocketDisconnect):
        await LiteConnection(twin, socket, session).run(fault)


class LiteConnection:
    """One open websocket of a session. It owns the tasks it waits with, and leaves none behind."""

    def __init__(self, twin: TwinRuntime, socket: WebSocket, session: TwinSession) -> None:
        self._twin = twin
        self._socket = socket
        self._session = session
        self._changed = asyncio.Event()
        self._sent_seq = session.events[-1].seq if session.events else 0
        self._state = self._silent_state = "idle"

    async def run(self, fault: Fault | None) -> None:
        """Serve until the client or the session ends."""
        ready = self._twin.now() + (fault.wait_s if fault else 0.0)
        self._session.listeners.add(self._changed.set)
        reading = asyncio.ensure_future(self._socket.receive())
        closing = asyncio.ensure_future(self._twin.closing.wait())
        connected = False
        try:
            while True:
                if not connected and self._twin.now() >= ready:
                    connected = True
                    await self._send("session.state_updated", state="connected")
                silent = self._session.is_silent
                if connected and not silent:
                    await self._send_events()
                over = not self._session.is_open and not silent
                if over or self._twin.closing.is_set():
                    await self._close()
                    return
                if reading.done():
                    message = reading.result()
                    if message["type"] == "websocket.disconnect":
                        return
                    # What comes before `connected` is dropped silently, as the live service does.
                    if connected and not silent:
                        await self._handle_message(message)
                    reading = asyncio.ensure_future(self._socket.receive())
                    continue
                await self._wait(reading, closing, None if connected else ready)
        finally:
            self._session.listeners.discard(self._changed.set)
            await _cancel_tasks(reading, closing)

    async def _wait(
        self, reading: asyncio.Future[Any], closing: asyncio.Future[Any], ready: float | None
    ) -> None:
        """Wait until there is something to read, to send, or to end."""
        times = [at for at in (self._session.next_at(), ready) if at is not None]
        timeout = max(0.0, min(times) - self._twin.now()) if times else None
        changed = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait(
                {reading, closing, changed},
                timeout=timeout,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            await _cancel_tasks(changed)
        self._changed.clear()
        self._session.advance(self._twin.now())

    async def _send_events(self) -> None:
        """Send what has happened since the last time."""
        for event in self._session.events_after(self._sent_seq):
            self._sent_seq = event.seq
            if event.name == "phase":
                if event.phase is TwinPhase.CLOSING:
                    await self._send("session.state_updated", state="closing")
                continue
            await self._send_speech_event(event)

    async def _send_speech_event(self, event: TwinEvent) -> None:
        events = self._twin.settings.events
        if events in ("speak", "both"):
            await self._send(_SPEECH_EVENTS[event.name], **self._ids(event.speech_id))
        if event.name == "speech_started":
            await self._change_state("talking")
        elif self._state == "talking":
            await self._change_state(self._silent_state)

    async def _change_state(self, state: str) -> None:
        """What the avatar does, told where it is told."""
        before, self._state = self._state, state
        if before != state and self._twin.settings.events in ("state", "both"):
            await self._send("agent.state_updated", previous_state=before, new_state=state)

    def _ids(self, speech: str) -> dict[str, Any]:
        """The members that name a speech, in the form that was chosen."""
        if self._twin.settings.event_ids == "same":
            return {"event_id": speech, "task": {"id": speech}}
        source = speech if self._twin.settings.event_ids == "source" else None
        return {"event_id": self._new_id(), "source_event_id": source}

    def _new_id(self) -> str:
        return self._twin.tokens.uuid()

    async def _close(self) -> None:
        await self._send("session.state_updated", state="closed")
        await self._socket.close(NORMAL)

    async def _send(self, kind: str, **members: Any) -> None:
        await self._socket.send_text(msgspec.json.encode({"type": kind, **members}).decode())

    async def _send_error(self, message: str, event_id: str | None = None) -> None:
        """Tell what is wrong with what came, and with which id it came."""
        named = {} if event_id is None else {"event_id": event_id}
        error = {"type": "invalid_request_error", "message": message, **named}
        await self._send("error", error=error)

    async def _handle_message(self, message: Mapping[str, Any]) -> None:
        try:
            command = decode_json(message.get("text") or message.get("bytes") or b"")
        except MalformedData:
            return await self._send_error("the message is not JSON")
        if not isinstance(command, dict):
            return await self._send_error("the message is not an object")
        event_id = command.get("event_id")
        event_id = event_id[:200] if isinstance(event_id, str) and event_id else self._new_id()
        try:
            await self._execute(command, event_id)
        except QueueFull:
            await self._send_error("too much waits to be said", event_id)
        except WrongPhase as wrong:
            await self._send_error(f"session is {wrong.phase.value}", event_id)
        return None

    async def _execute(self, command: dict[str, Any], event_id: str) -> None:
        now, session, kind = self._twin.now(), self._session, command.get("type")
        match kind:
            case "agent.speak" | "agent.audio_buffer_append":
                await self._append_audio(command.get("audio"), event_id)
            case "agent.speak_end" | "agent.audio_buffer_commit":
                session.close_speech(now, event_id)
                await self._send("agent.audio_buffer_committed", **self._ids(event_id))
            case "agent.interrupt" | "agent.audio_buffer_clear":
                session.interrupt(now)
                await self._send("agent.audio_buffer_cleared", **self._ids(event_id))
            case "session.keep_alive":
                session.keep_alive(now)
            case "agent.start_listening" | "agent.stop_listening":
                session.listen(now, "listen")
                self._silent_state = "listening" if kind == "agent.start_listening" else "idle"
                if self._state != "talking":
                    await self._change_state(self._silent_state)
            case "start":
                pass
            case _:
                words = (
                    "type is missing" if kind is None else f"unknown type {redact_json(str(kind))}"
                )
                await self._send_error(words, event_id)

    async def _append_audio(self, audio: object, event_id: str) -> None:
        if audio is None:
            return await self._send_error("audio is missing", event_id)
        try:
            data = base64.b64decode(audio if isinstance(audio, str) else "?", validate=True)
        except (binascii.Error, ValueError):
            return await self._send_error("audio is not base64", event_id)
        if len(data) > MAX_AUDIO_BYTES:
            return await self._send_error("audio is larger than 1 MB", event_id)
        if not data or len(data) % LITE_SAMPLE_BYTES:
            return await self._send_error("audio must be whole 16-bit samples", event_id)
        self._session.append_audio(self._twin.now(), event_id, pcm_seconds(data), data)
        await self._send("agent.audio_buffer_appended", **self._ids(event_id))
        return None


async def _cancel_tasks(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
