"""Owns all live media of a twin: the shows and rooms of its sessions, and the viewers of WHEP."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gzip
import io
import logging
import zlib
from collections.abc import Callable
from typing import Any

from google.protobuf.message import DecodeError
from livekit.protocol import models as m
from livekit.protocol import rtc as r
from starlette.websockets import WebSocket

from ...core.clock import MonotonicClock
from ...engine.resources import EngineResources
from ..contract import TokenFactory
from ..event_log import EventLog
from ..kaltura.whep import WhepServer
from ..livekit.data_messages import data_messages_for
from ..livekit.participant import Participant
from ..livekit.room import TwinRoom
from ..responder import Responder
from ..session import TwinSession
from .appearance import choose_appearance
from .session_media import SessionMedia

log = logging.getLogger(__name__)

MAX_JOIN_BYTES = 1_000_000


class MediaManager:
    """The live media of a twin. `close()` ends all of it and waits.

    Args:
        now: The twin's time, in seconds since 1970; it can be made to jump.
        dice: Where tokens come from.
        diary: Where it is written down what happens to media.
        responder: Who answers when a client talks.
        closing: Set when the twin shuts down.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float],
        dice: TokenFactory,
        diary: EventLog,
        responder: Responder,
        closing: asyncio.Event,
    ) -> None:
        self._now = now
        self._dice = dice
        self._diary = diary
        self._responder = responder
        self._closing = closing
        self._resources = EngineResources()
        self._clock = MonotonicClock()
        self.whep = WhepServer()
        self._shows: dict[str, SessionMedia] = {}
        self._rooms: dict[str, TwinRoom] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def warm(self) -> None:
        """Load the standard voice, so that the first speech begins at once."""
        self._resources.warm()

    def show(self, session: TwinSession) -> SessionMedia:
        """The session's show; it begins with the first who asks for it."""
        show = self._shows.get(session.id)
        if show is None:
            show = self._shows[session.id] = SessionMedia(
                session,
                choose_appearance(session),
                resources=self._resources,
                clock=self._clock,
                now=self._now,
                responder=self._responder,
            )
            self._tasks[session.id] = asyncio.get_running_loop().create_task(self._run(show))
        return show

    def room(self, session: TwinSession) -> TwinRoom:
        """The session's LiveKit room."""
        room = self._rooms.get(session.id)
        if room is None:
            now, dice = self._now, self._dice
            room = self._rooms[session.id] = TwinRoom(
                self.show(session),
                data_messages_for(session, now, dice.uuid),
                lambda identity: dice.livekit_token(session.id, identity, now()),
                lambda who, what: self._diary.note(now(), session.id, who, what),
            )
        return room

    def rooms(self) -> dict[str, list[dict[str, Any]]]:
        """Who is in which room, as JSON values by session id."""
        return {
            key: [participant.row() for participant in room.participants.values()]
            for key, room in self._rooms.items()
        }

    async def _run(self, show: SessionMedia) -> None:
        key = show.session.id
        try:
            await show.run()
        finally:
            self._shows.pop(key, None)
            self._tasks.pop(key, None)
            await self.whep.end(key)
            room = self._rooms.pop(key, None)
            if room is not None:
                reason = m.SERVER_SHUTDOWN if self._closing.is_set() else m.ROOM_DELETED
                await room.close(reason)

    async def join(
        self, socket: WebSocket, session: TwinSession, identity: str, *, v1: bool
    ) -> None:
        """Serve one LiveKit client on an accepted websocket."""
        request = read_join(socket.query_params) if v1 else None
        query = socket.query_params
        again = request.reconnect if request is not None else query.get("reconnect") == "1"
        room = self.room(session)
        if again:
            sid = request.participant_sid if request is not None else query.get("sid", "")
            found = room.participants.get(sid)
            if found is None or found.identity != identity:
                leave = r.LeaveRequest(
                    reason=m.STATE_MISMATCH, action=r.LeaveRequest.RECONNECT, can_reconnect=True
                )
                await socket.send_bytes(r.SignalResponse(leave=leave).SerializeToString())
                await socket.close()
                return
            guest = found
            guest.resume(socket)
        else:
            guest = participant = Participant(room, identity, socket, v1=v1)
            room.add(participant)
            offer = request.publisher_offer if request is not None else None
            room.spawn(self._greet(participant, offer))
        await guest.talk(socket)
        room.lost(guest, socket)

    async def _greet(self, participant: Participant, offer: Any) -> None:
        try:
            await participant.join(offer)
        except Exception as error:
            log.warning("%s could not join: %s", participant.identity, error)
            participant.room.remove(participant, reason=m.JOIN_FAILURE, why="could not join")

    async def close(self) -> None:
        """End every show, room and viewer; then the workers."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.whep.close()
        await asyncio.to_thread(self._resources.close)


def read_join(query: Any) -> r.JoinRequest:
    """The join request of a v1 query; an empty one when it cannot be read."""
    text = query.get("join_request", "")
    with contextlib.suppress(ValueError, DecodeError, OSError, EOFError, zlib.error):
        padded = text + "=" * (-len(text) % 4)
        wrapped = r.WrappedJoinRequest.FromString(base64.urlsafe_b64decode(padded))
        data = wrapped.join_request
        if wrapped.compression == r.WrappedJoinRequest.GZIP:
            data = gzip.GzipFile(fileobj=io.BytesIO(data)).read(MAX_JOIN_BYTES)
        return r.JoinRequest.FromString(data)
    return r.JoinRequest()
