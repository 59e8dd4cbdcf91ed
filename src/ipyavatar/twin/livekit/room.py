"""A LiveKit room: the avatar in it, its agent, and the clients who have joined."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import msgspec
from livekit.protocol import models as m
from livekit.protocol import rtc as r
from starlette.websockets import WebSocket

from ..media.session_media import MediaEvent, SessionMedia
from ..media.vad import VoiceActivityDetector
from ..session import TwinPhase, TwinSession
from .data_messages import DataMessages, Said

log = logging.getLogger(__name__)

AVATAR = "heygen"
"""Identity of the avatar; LiveAvatar's SDK plays the tracks of no other."""

RESUME_S = 10.0
"""A client whose websocket is lost may come back within this time and finds its media running."""

REFRESH_S = 300.0
"""A new token is sent this often, as livekit-server does."""

QUALITY_S = 5.0
"""The quality of the connections is told this often."""

MAX_PARTICIPANTS = 64


def sid(prefix: str) -> str:
    """A new LiveKit id."""
    return f"{prefix}_{secrets.token_hex(6)}"


class RoomClient(Protocol):
    """A client as the room knows it."""

    identity: str
    sid: str
    socket: WebSocket

    def info(self, *, tracks: bool = True) -> m.ParticipantInfo:
        """The client as others, or it itself, are told of it."""

    def row(self) -> dict[str, Any]:
        """The client for the twin's state."""

    def send(self, **message: Any) -> None:
        """Queue a `SignalResponse`."""

    def send_data(self, packet: bytes) -> None:
        """Send a `DataPacket`."""

    async def talk(self, socket: WebSocket) -> None:
        """Read and write on this websocket until either side ends it."""

    def resume(self, socket: WebSocket) -> None:
        """It is back with a new websocket."""

    async def avatar_joined(self) -> None:
        """The avatar has come."""

    async def quality(self) -> r.ConnectionQualityInfo:
        """How well the client gets its media."""

    async def close(self) -> None:
        """End its connections."""


class TwinRoom:
    """One session's room. It exists from its first client on, and ends with the session.

    Attributes:
        participants: Who has joined, by participant sid.
        on_user: Called when the user begins or ends to speak (the chat websocket tells it).
        note: Writes down who did what, or what happened to them.
    """

    def __init__(
        self,
        show: SessionMedia,
        dialect: DataMessages,
        new_token: Callable[[str], str],
        note: Callable[[str, str], None],
    ) -> None:
        self.show = show
        self.session: TwinSession = show.session
        self.dialect = dialect
        self.new_token = new_token
        self.note = note
        self.sid = sid("RM")
        self.name = self.session.id
        self.created = int(time.time())
        self.avatar_sid, self.video_sid, self.audio_sid = sid("PA"), sid("TR"), sid("TR")
        self.participants: dict[str, RoomClient] = {}
        self.on_user: set[Callable[[bool], None]] = set()
        self.ear = VoiceActivityDetector(self.user_speaks)
        self._agent_sid = sid("PA")
        self._tasks: set[asyncio.Task[None]] = set()
        self._sequence = 0
        show.on_event = self._happened
        show.on_phase = self._phase_changed
        self.spawn(self._care())

    # ---- who is there -------------------------------------------------------------------------

    @property
    def avatar_here(self) -> bool:
        """Whether the avatar has joined: then it may be seen, and speaks."""
        return self.session.phase is TwinPhase.CONNECTED

    def avatar(self) -> m.ParticipantInfo:
        """The avatar as clients are told of it."""
        width, height = self.show.appearance.size
        mime = self.show.appearance.codec
        return m.ParticipantInfo(
            sid=self.avatar_sid,
            identity=AVATAR,
            name=AVATAR,
            state=m.ParticipantInfo.ACTIVE,
            joined_at=self.created,
            version=1,
            is_publisher=True,
            tracks=[
                m.TrackInfo(
                    sid=self.video_sid,
                    type=m.VIDEO,
                    name="video",
                    source=m.CAMERA,
                    mime_type=mime,
                    width=width,
                    height=height,
                    stream="camera",
                    layers=[m.VideoLayer(quality=m.HIGH, width=width, height=height)],
                ),
                m.TrackInfo(
                    sid=self.audio_sid,
                    type=m.AUDIO,
                    name="audio",
                    source=m.MICROPHONE,
                    mime_type="audio/opus",
                    stream="camera",
                ),
            ],
        )

    def others(self, but: RoomClient | None = None) -> list[m.ParticipantInfo]:
        """Everybody in the room except one client."""
        found = [self.avatar()] if self.avatar_here else []
        if self.avatar_here and self.dialect.agent:
            found.append(
                m.ParticipantInfo(
                    sid=self._agent_sid,
                    identity=self.dialect.agent,
                    state=m.ParticipantInfo.ACTIVE,
                    kind=m.ParticipantInfo.AGENT,
                    joined_at=self.created,
                    version=1,
                )
            )
        return found + [p.info(tracks=False) for p in self.participants.values() if p is not but]

    def info(self) -> m.Room:
        """The room as clients are told of it."""
        return m.Room(
            sid=self.sid,
            name=self.name,
            empty_timeout=300,
            creation_time=self.created,
            num_participants=len(self.others()),
        )

    def add(self, participant: RoomClient) -> None:
        """Let a client in; one who was in under the same identity has to go."""
        for other in list(self.participants.values()):
            if other.identity == participant.identity:
                self.remove(
                    other, reason=m.DUPLICATE_IDENTITY, why="replaced by one of the same name"
                )
        self.participants[participant.sid] = participant
        self.note(participant.identity, "joined")
        self._tell_of(participant, m.ParticipantInfo.ACTIVE)

    def remove(
        self,
        participant: RoomClient,
        *,
        reason: m.DisconnectReason = m.CLIENT_INITIATED,
        action: r.LeaveRequest.Action = r.LeaveRequest.DISCONNECT,
        tell: bool = True,
        why: str,
    ) -> None:
        """Take a client out of the room, telling it the reason; `why` is for the diary."""
        if self.participants.pop(participant.sid, None) is None:
            return
        self.note(participant.identity, why)
        if tell:
            participant.send(leave=r.LeaveRequest(reason=reason, action=action))
        self._tell_of(participant, m.ParticipantInfo.DISCONNECTED)
        self.spawn(participant.close())

    def lost(self, participant: RoomClient, socket: object) -> None:
        """Its websocket is gone without a word: it may come back for a while."""

        async def give_up() -> None:
            await asyncio.sleep(RESUME_S)
            if participant.socket is socket:
                self.remove(participant, tell=False, why=f"not back within {RESUME_S:.0f} s")

        if participant.sid in self.participants and participant.socket is socket:
            self.note(participant.identity, "websocket lost")
            self.spawn(give_up())

    def _tell_of(self, participant: RoomClient, state: m.ParticipantInfo.State) -> None:
        info = participant.info(tracks=False)
        info.state = state
        for other in self.participants.values():
            if other is not participant:
                other.send(update=r.ParticipantUpdate(participants=[info]))

    # ---- what happens -------------------------------------------------------------------------

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something that ends with the room."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("A task of room %s failed", self.name, exc_info=task.exception())

    def _phase_changed(self) -> None:
        if self.avatar_here:
            for participant in list(self.participants.values()):
                self.spawn(participant.avatar_joined())

    def _happened(self, happening: MediaEvent) -> None:
        for said in self.dialect.told(happening):
            self.broadcast(said)
        if happening.kind in ("started", "ended"):
            active = happening.kind == "started"
            speaker = m.SpeakerInfo(sid=self.avatar_sid, level=0.5 * active, active=active)
            for participant in self.participants.values():
                participant.send(speakers_changed=r.SpeakersChanged(speakers=[speaker]))

    def user_speaks(self, speaking: bool) -> None:
        """The user's microphone has become loud, or quiet."""
        for said in self.dialect.user(speaking):
            self.broadcast(said)
        for listener in tuple(self.on_user):
            listener(speaking)

    def heard(self, data: bytes, topic: str) -> None:
        """A client's data message."""
        for said in self.dialect.heard(data, topic):
            self.broadcast(said)

    def broadcast(self, said: Said) -> None:
        """Send a data message of the avatar's to every client."""
        message, topic = said
        self._sequence += 1
        packet = m.DataPacket(
            kind=m.DataPacket.RELIABLE,
            participant_identity=AVATAR,
            participant_sid=self.avatar_sid,
            sequence=self._sequence,
            user=m.UserPacket(
                participant_sid=self.avatar_sid,
                participant_identity=AVATAR,
                payload=msgspec.json.encode(message),
                topic=topic or None,
            ),
        ).SerializeToString()
        for participant in self.participants.values():
            participant.send_data(packet)

    async def _care(self) -> None:
        """Fresh tokens, and how well everybody is connected."""
        refreshed = 0.0
        while True:
            await asyncio.sleep(QUALITY_S)
            refreshed += QUALITY_S
            updates = [await p.quality() for p in list(self.participants.values())]
            quality = r.ConnectionQualityUpdate(updates=updates)
            for participant in list(self.participants.values()):
                participant.send(connection_quality=quality)
                if refreshed >= REFRESH_S:
                    participant.send(refresh_token=self.new_token(participant.identity))
            refreshed = 0.0 if refreshed >= REFRESH_S else refreshed

    async def close(self, reason: m.DisconnectReason = m.ROOM_DELETED) -> None:
        """Tell everybody that it is over, and end all of it."""
        gone = list(self.participants.values())
        for participant in gone:
            self.note(participant.identity, f"told to leave: {m.DisconnectReason.Name(reason)}")
            participant.send(leave=r.LeaveRequest(reason=reason, action=r.LeaveRequest.DISCONNECT))
        self.participants.clear()
        await asyncio.gather(*(p.close() for p in gone), return_exceptions=True)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
