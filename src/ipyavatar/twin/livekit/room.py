"""A LiveKit room: the avatar in it, its agent, and the clients who have joined."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable

import msgspec
from livekit.protocol import models as m
from livekit.protocol import rtc as r

from ...core.tasks import TaskSet
from ..media.session_media import MediaEvent, SessionMedia
from ..media.vad import VoiceActivityDetector
from ..session import TwinPhase, TwinSession
from .data_messages import DataMessage, DataMessages
from .grants import RoomGrant
from .room_client import RoomClient

AVATAR = "heygen"
"""Identity of the avatar; LiveAvatar's SDK plays the tracks of no other."""

RESUME_S = 10.0
"""A client whose websocket is lost may resume within this time: its media keeps running."""

REFRESH_S = 300.0
"""A new token is sent this often, as livekit-server does it."""

QUALITY_S = 5.0
"""The quality of the connections is reported this often."""

MAX_PARTICIPANTS = 64


def sid(prefix: str) -> str:
    """A new LiveKit id."""
    return f"{prefix}_{secrets.token_hex(6)}"


class TwinRoom:
    """One session's room. It exists from its first client on, and ends with the session.

    Attributes:
        participants: Who has joined, by participant sid.
        tasks: Background tasks that end with the room.
        vad: Detects when the user speaks.
        on_user_activity: Called when the user begins or ends to speak (for the chat websocket).
        log_event: Takes who did what, or what happened to them.
    """

    def __init__(
        self,
        media: SessionMedia,
        data_messages: DataMessages,
        new_token: Callable[[RoomGrant], str],
        log_event: Callable[[str, str], None],
        now: Callable[[], float],
    ) -> None:
        self.media = media
        self.session: TwinSession = media.session
        self._data_messages = data_messages
        self.new_token = new_token
        self.log_event = log_event
        self._now = now
        self.sid = sid("RM")
        self.name = self.session.id
        self.created = int(time.time())
        self.avatar_sid, self.video_sid, self.audio_sid = sid("PA"), sid("TR"), sid("TR")
        self.participants: dict[str, RoomClient] = {}
        self.on_user_activity: set[Callable[[bool], None]] = set()
        self.vad = VoiceActivityDetector(self._on_user_activity)
        self._agent_sid = sid("PA")
        self.tasks = TaskSet(f"room {self.name}")
        self._sequence = 0
        media.on_event = self._on_media_event
        media.on_phase = self._on_phase
        self.tasks.start(self._maintain())

    # ---- participants --------------------------------------------------------------------------

    @property
    def avatar_joined(self) -> bool:
        """Whether the avatar has joined: then it can be seen, and speaks."""
        return self.session.phase is TwinPhase.CONNECTED

    def avatar_info(self) -> m.ParticipantInfo:
        """The avatar, for clients."""
        width, height = self.media.appearance.size
        mime = self.media.appearance.codec
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

    def participant_infos(
        self, exclude: RoomClient | None = None, *, tracks: bool = False
    ) -> list[m.ParticipantInfo]:
        """Everybody in the room except one client."""
        infos = [self.avatar_info()] if self.avatar_joined else []
        if self.avatar_joined and self._data_messages.agent_identity:
            infos.append(
                m.ParticipantInfo(
                    sid=self._agent_sid,
                    identity=self._data_messages.agent_identity,
                    state=m.ParticipantInfo.ACTIVE,
                    kind=m.ParticipantInfo.AGENT,
                    joined_at=self.created,
                    version=1,
                )
            )
        clients = self.participants.values()
        return infos + [client.info(tracks=tracks) for client in clients if client is not exclude]

    def info(self) -> m.Room:
        """The room, for clients."""
        return m.Room(
            sid=self.sid,
            name=self.name,
            empty_timeout=300,
            creation_time=self.created,
            num_participants=len(self.participant_infos()),
        )

    def is_full_for(self, identity: str) -> bool:
        """Whether there is no room for one more; who is in it already may come anew."""
        present = {participant.identity for participant in self.participants.values()}
        return len(present) >= MAX_PARTICIPANTS and identity not in present

    def add(self, participant: RoomClient) -> None:
        """Add a client; one of the same identity is removed."""
        for other in list(self.participants.values()):
            if other.identity == participant.identity:
                self.remove(other, reason=m.DUPLICATE_IDENTITY, why="replaced: same identity")
        self.participants[participant.sid] = participant
        self.log_event(participant.identity, "joined")
        self._broadcast_update(participant, m.ParticipantInfo.ACTIVE)

    def remove(
        self,
        participant: RoomClient,
        *,
        reason: m.DisconnectReason = m.CLIENT_INITIATED,
        action: r.LeaveRequest.Action = r.LeaveRequest.DISCONNECT,
        notify: bool = True,
        why: str,
    ) -> None:
        """Remove a client and send it the reason; `why` is for the event log."""
        if self.participants.pop(participant.sid, None) is None:
            return
        self.log_event(participant.identity, why)
        if notify:
            participant.send(leave=r.LeaveRequest(reason=reason, action=action))
        self._broadcast_update(participant, m.ParticipantInfo.DISCONNECTED)
        self.tasks.start(participant.close())

    def remove_identity(self, identity: str, reason: m.DisconnectReason) -> None:
        """Put one out of the room; without the avatar, or its agent, the session is over."""
        for participant in list(self.participants.values()):
            if participant.identity == identity:
                self.remove(participant, reason=reason, why="removed by RoomService")
        if identity in (AVATAR, self._data_messages.agent_identity):
            self.session.stop(self._now(), "gone")

    def on_websocket_lost(self, participant: RoomClient, socket: object) -> None:
        """A websocket ended without a leave request: its client may resume for a while."""

        async def remove_if_not_resumed() -> None:
            await asyncio.sleep(RESUME_S)
            if participant.socket is socket:
                self.remove(participant, notify=False, why=f"not resumed within {RESUME_S:.0f} s")

        if participant.sid in self.participants and participant.socket is socket:
            self.log_event(participant.identity, "websocket lost")
            self.tasks.start(remove_if_not_resumed())

    def _broadcast_update(self, participant: RoomClient, state: m.ParticipantInfo.State) -> None:
        info = participant.info(tracks=False)
        info.state = state
        for other in self.participants.values():
            if other is not participant:
                other.send(update=r.ParticipantUpdate(participants=[info]))

    # ---- events -------------------------------------------------------------------------------

    def _on_phase(self) -> None:
        if self.avatar_joined:
            for participant in list(self.participants.values()):
                self.tasks.start(participant.on_avatar_joined())

    def _on_media_event(self, event: MediaEvent) -> None:
        for message in self._data_messages.encode_event(event):
            self.broadcast(message)
        if event.kind in ("started", "ended"):
            active = event.kind == "started"
            speaker = m.SpeakerInfo(sid=self.avatar_sid, level=0.5 * active, active=active)
            for participant in self.participants.values():
                participant.send(speakers_changed=r.SpeakersChanged(speakers=[speaker]))

    def _on_user_activity(self, speaking: bool) -> None:
        for message in self._data_messages.encode_user_activity(speaking):
            self.broadcast(message)
        for listener in tuple(self.on_user_activity):
            listener(speaking)

    def handle_data(self, data: bytes, topic: str) -> None:
        """Carry out a client's data message."""
        for message in self._data_messages.handle_command(data, topic):
            self.broadcast(message)

    def broadcast(self, data_message: DataMessage) -> None:
        """Send a data message of the avatar's to every client."""
        message, topic = data_message
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

    async def _maintain(self) -> None:
        """Send fresh tokens, and the quality of the connections."""
        refreshed = 0.0
        while True:
            await asyncio.sleep(QUALITY_S)
            refreshed += QUALITY_S
            updates = [await p.quality() for p in list(self.participants.values())]
            quality = r.ConnectionQualityUpdate(updates=updates)
            for participant in list(self.participants.values()):
                participant.send(connection_quality=quality)
                if refreshed >= REFRESH_S:
                    participant.send(refresh_token=self.new_token(participant.grant))
            refreshed = 0.0 if refreshed >= REFRESH_S else refreshed

    async def close(self, reason: m.DisconnectReason = m.ROOM_DELETED) -> None:
        """Send everybody a leave request, and end all tasks."""
        removed = list(self.participants.values())
        for participant in removed:
            self.log_event(participant.identity, f"removed: {m.DisconnectReason.Name(reason)}")
            participant.send(leave=r.LeaveRequest(reason=reason, action=r.LeaveRequest.DISCONNECT))
        self.participants.clear()
        await asyncio.gather(*(p.close() for p in removed), return_exceptions=True)
        await self.tasks.close()
