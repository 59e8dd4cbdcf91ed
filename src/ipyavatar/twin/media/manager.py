"""Owns all live media of a twin: the media and rooms of its sessions, and the viewers of WHEP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from livekit.protocol import models as m

from ...core.clock import MonotonicClock
from ...core.tasks import TaskSet
from ...engine.resources import EngineResources
from ..emulator import ServiceEmulator
from ..event_log import EventLog
from ..heygen.raw_webrtc import RawWebRtc
from ..kaltura.whep import WhepServer
from ..livekit.avatar import RoomAvatar
from ..livekit.data_messages import DataMessages
from ..livekit.room import TwinRoom
from ..responder import Responder
from ..session import TwinSession
from ..tokens import TokenFactory
from .appearance import choose_appearance
from .session_media import SessionMedia

FACES_HERE = 1
"""So many faces are drawn in the twin's own process; more would hold up the loop that sends, and
each other: numpy takes and gives back the GIL hundreds of times for a picture."""


class MediaManager:
    """The live media of a twin. `close()` ends all of it and waits.

    Args:
        services: The services by name.
        now: The twin's time, in seconds since 1970; it can be made to jump.
        tokens: Makes tokens.
        event_log: Takes what happens to media.
        responder: Who answers when a client talks.
        closing: Set when the twin shuts down.
    """

    def __init__(
        self,
        *,
        services: Mapping[str, ServiceEmulator],
        now: Callable[[], float],
        tokens: TokenFactory,
        event_log: EventLog,
        responder: Responder,
        closing: asyncio.Event,
    ) -> None:
        self._services = services
        self._now = now
        self._token_factory = tokens
        self._event_log = event_log
        self._responder = responder
        self._closing = closing
        self._resources = EngineResources(FACES_HERE)
        self._clock = MonotonicClock()
        self.whep = WhepServer()
        self._raw = RawWebRtc(
            lambda session, what: event_log.append(now(), session, "client", what)
        )
        self._session_media: dict[str, SessionMedia] = {}
        self._avatars: dict[str, RoomAvatar] = {}
        self._rooms: dict[str, TwinRoom] = {}
        self._tasks = TaskSet("the twin's live media")

    def warm(self) -> None:
        """Load the standard voice, so that the first speech begins at once."""
        self._resources.warm()

    def session_media(self, session: TwinSession) -> SessionMedia:
        """The media of a session; it starts with the first call."""
        media = self._session_media.get(session.id)
        if media is None:
            media = self._session_media[session.id] = SessionMedia(
                session,
                choose_appearance(session),
                resources=self._resources,
                clock=self._clock,
                now=self._now,
                responder=self._responder,
            )
            self._tasks.start(self._run(media), session.id)
        return media

    def avatar(self, session: TwinSession) -> RoomAvatar:
        """The session's avatar in its room, or the one it was told to join."""
        avatar = self._avatars.get(session.id)
        if avatar is None:
            media = self.session_media(session)
            messages = self._data_messages(session)
            avatar = self._avatars[session.id] = RoomAvatar(media, messages, self._now)
            self._room(room_name(session)).add_avatar(avatar)
        return avatar

    def room_of(self, session: TwinSession) -> TwinRoom:
        """The room that the session's avatar is in."""
        self.avatar(session)
        return self._rooms[room_name(session)]

    def custom_room(self, name: str) -> TwinRoom:
        """A room that is no session's; it exists as long as somebody is in it."""
        return self._room(name)

    def find_room(self, name: str) -> TwinRoom | None:
        """The room of that name."""
        return self._rooms.get(name)

    def _room(self, name: str) -> TwinRoom:
        room = self._rooms.get(name)
        if room is None:
            room = self._rooms[name] = TwinRoom(
                name,
                new_token=lambda claims: self._token_factory.renew(claims, self._now()),
                log_event=lambda who, what: self._event_log.append(self._now(), name, who, what),
                on_empty=lambda: self._end_room(name),
            )
        return room

    def _end_room(self, name: str) -> None:
        room = self._rooms.pop(name, None)
        if room is not None:
            self._tasks.start(room.close(m.ROOM_CLOSED))

    async def offer(self, session: TwinSession) -> str:
        """The offer to the client of a session without LiveKit."""
        media = self.session_media(session)
        return await self._raw.offer(media, self._data_messages(session))

    async def accept_answer(self, session: TwinSession, sdp: str) -> None:
        """The client's answer.

        Raises:
            MediaError: It makes no sense.
        """
        await self._raw.accept_answer(session.id, sdp)

    async def add_candidate(self, session: TwinSession, init: dict[str, Any]) -> None:
        """A candidate of the client's."""
        await self._raw.add_candidate(session.id, init)

    def rooms_to_json(self) -> dict[str, list[dict[str, Any]]]:
        """Who is in which room, as JSON values by its name; a session's is its id."""
        return {
            key: [participant.to_json() for participant in room.participants.values()]
            for key, room in self._rooms.items()
        }

    def _data_messages(self, session: TwinSession) -> DataMessages:
        service = self._services[session.service]
        return service.data_messages(session, self._now, self._token_factory.uuid)

    async def _run(self, media: SessionMedia) -> None:
        key = media.session.id
        try:
            await media.run()
        finally:
            self._session_media.pop(key, None)
            await self.whep.end_stream(key)
            await self._raw.end_stream(key)
            avatar = self._avatars.pop(key, None)
            if avatar is not None:
                await self._leave_room(avatar)

    async def _leave_room(self, avatar: RoomAvatar) -> None:
        """A room of the session's own ends with it."""
        name = room_name(avatar.session)
        room = self._rooms.get(name)
        if room is None:
            return
        if name == avatar.session.id:
            del self._rooms[name]
            await room.close(m.SERVER_SHUTDOWN if self._closing.is_set() else m.ROOM_DELETED)
        else:
            room.remove_avatar(avatar)

    async def close(self) -> None:
        """End every session's media, its room and viewers; then the worker threads."""
        for name in [name for name in self._rooms if name not in self._avatars]:
            await self._rooms.pop(name).close(m.SERVER_SHUTDOWN)
        await self._tasks.close()
        await self.whep.close()
        await self._raw.close()
        await asyncio.to_thread(self._resources.close)


def room_name(session: TwinSession) -> str:
    """The room that a session's avatar is in."""
    return session.id if session.room_grant is None else session.room_grant.video.room
