"""A LiveKit room: who is in it, what they publish, and what they send each other."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from livekit.protocol import models as m
from livekit.protocol import rtc as r
from numpy.typing import NDArray

from ...core.tasks import TaskSet
from .avatar import RoomAvatar
from .ids import sid
from .publications import Publication
from .room_client import RoomClient

RESUME_S = 10.0
"""A client whose websocket is lost may resume within this time: its media keeps running."""

REFRESH_S = 300.0
"""A new token is sent this often, as livekit-server does it."""

QUALITY_S = 5.0
"""The quality of the connections is reported this often."""

MAX_PARTICIPANTS = 64


class TwinRoom:
    """A room of clients and avatars; that of a session has one avatar, and ends with it.

    Attributes:
        participants: The clients who have joined, by participant sid.
        avatars: The avatars that are in it, or about to join.
        publications: What clients may subscribe to.
        tasks: Background tasks that end with the room.
        new_token: Makes a token of a client's claims.
        log_event: Takes who did what, or what happened to them.
        on_empty: Called when the last one has left.
    """

    def __init__(
        self,
        name: str,
        *,
        new_token: Callable[[Mapping[str, Any]], str],
        log_event: Callable[[str, str], None],
        on_empty: Callable[[], None],
    ) -> None:
        self.name = name
        self.new_token = new_token
        self.log_event = log_event
        self.sid = sid("RM")
        self.created = int(time.time())
        self.participants: dict[str, RoomClient] = {}
        self.avatars: list[RoomAvatar] = []
        self.publications: list[Publication] = []
        self.tasks = TaskSet(f"room {name}")
        self._on_empty = on_empty
        self.tasks.start(self._maintain())

    # ---- avatars ------------------------------------------------------------------------------

    def add_avatar(self, avatar: RoomAvatar) -> None:
        """Have an avatar in the room as soon as it has joined."""
        self._remove_all(avatar.identity, m.DUPLICATE_IDENTITY, "replaced: same identity")
        self.avatars.append(avatar)
        avatar.on_joined = lambda: self._on_avatar_joined(avatar)
        avatar.on_packet = self._send_packet
        avatar.on_speaking = lambda speaking: self._tell_speaker(avatar, speaking)
        if self.participants:
            avatar.on_client_joined()
        if avatar.joined:
            self._on_avatar_joined(avatar)

    def _on_avatar_joined(self, avatar: RoomAvatar) -> None:
        self._broadcast(update=r.ParticipantUpdate(participants=avatar.infos()))
        self.publish(*avatar.publications)

    def remove_avatar(self, avatar: RoomAvatar) -> None:
        """It leaves."""
        self.avatars.remove(avatar)
        self.unpublish(*avatar.publications)
        infos = avatar.infos()
        for info in infos:
            info.state = m.ParticipantInfo.DISCONNECTED
        self._broadcast(update=r.ParticipantUpdate(participants=infos))
        self.end_if_empty()

    def _tell_speaker(self, avatar: RoomAvatar, speaking: bool) -> None:
        speaker = m.SpeakerInfo(sid=avatar.sid, level=0.5 * speaking, active=speaking)
        self._broadcast(speakers_changed=r.SpeakersChanged(speakers=[speaker]))

    # ---- participants --------------------------------------------------------------------------

    def participant_infos(
        self, exclude: RoomClient | None = None, *, public: bool = True
    ) -> list[m.ParticipantInfo]:
        """Everybody in the room except one client."""
        avatars = [info for avatar in self.avatars if avatar.joined for info in avatar.infos()]
        clients = [client for client in self.participants.values() if client is not exclude]
        return [*avatars, *(client.info(public=public) for client in clients)]

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
        """Add a client; whoever has the same identity is removed."""
        self._remove_all(participant.identity, m.DUPLICATE_IDENTITY, "replaced: same identity")
        self.participants[participant.sid] = participant
        participant.send_join_response()
        participant.on_published(self.publications)
        self.log_event(participant.identity, "joined")
        self.tell_about(participant)
        for avatar in self.avatars:
            avatar.on_client_joined()

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
        self.unpublish(*(p for p in self.publications if p.publisher == participant.sid))
        self.tell_about(participant, m.ParticipantInfo.DISCONNECTED)
        self.tasks.start(self._close_client(participant))

    async def _close_client(self, participant: RoomClient) -> None:
        await participant.close()
        self.end_if_empty()

    def remove_identity(self, identity: str, reason: m.DisconnectReason) -> None:
        """Put one out of the room; the session of an avatar is over then."""
        self._remove_all(identity, reason, "removed by RoomService")
        for avatar in tuple(self.avatars):
            if avatar.is_known_as(identity):
                avatar.end_session()

    def _remove_all(self, identity: str, reason: m.DisconnectReason, why: str) -> None:
        for other in tuple(self.participants.values()):
            if other.identity == identity:
                self.remove(other, reason=reason, why=why)

    def on_websocket_lost(self, participant: RoomClient, socket: object) -> None:
        """A websocket ended without a leave request: its client may resume for a while."""

        async def remove_if_not_resumed() -> None:
            await asyncio.sleep(RESUME_S)
            if participant.socket is socket:
                self.remove(participant, notify=False, why=f"not resumed within {RESUME_S:.0f} s")

        if participant.sid in self.participants and participant.socket is socket:
            self.log_event(participant.identity, "websocket lost")
            self.tasks.start(remove_if_not_resumed())

    def tell_about(
        self,
        participant: RoomClient,
        state: m.ParticipantInfo.State = m.ParticipantInfo.ACTIVE,
    ) -> None:
        """Tell the others what a client is like now."""
        info = participant.info(public=True)
        info.state = state
        update = r.ParticipantUpdate(participants=[info])
        for other in self.participants.values():
            if other is not participant:
                other.send(update=update)

    def _broadcast(self, **message: Any) -> None:
        for participant in tuple(self.participants.values()):
            participant.send(**message)

    def end_if_empty(self) -> None:
        """End it when nobody is there any more."""
        if not self.participants and not self.avatars:
            self._on_empty()

    # ---- tracks and data ------------------------------------------------------------------------

    def publish(self, *publications: Publication) -> None:
        """Let others subscribe to these from now on."""
        self.publications += publications
        for participant, foreign in self._others(publications):
            participant.on_published(foreign)

    def unpublish(self, *publications: Publication) -> None:
        """They are published no more."""
        self.publications = [p for p in self.publications if p not in publications]
        for participant, foreign in self._others(publications) if publications else ():
            participant.on_unpublished(foreign)

    def _others(
        self, publications: Sequence[Publication]
    ) -> list[tuple[RoomClient, list[Publication]]]:
        """Each client with those that are not its own."""
        return [
            (one, [p for p in publications if p.publisher != one.sid])
            for one in tuple(self.participants.values())
        ]

    def hear(self, samples: NDArray[np.int16], rate: int) -> None:
        """A client says this: avatars listen."""
        for avatar in self.avatars:
            avatar.hear(samples, rate)

    def hear_no_more(self) -> None:
        """A client has switched its microphone off."""
        for avatar in self.avatars:
            avatar.hear_no_more()

    def forward(self, sender: RoomClient, packet: m.DataPacket) -> None:
        """Give a client's data packet to those it is for."""
        packet.participant_identity, packet.participant_sid = sender.identity, sender.sid
        if packet.WhichOneof("value") == "user":
            user = packet.user
            user.participant_identity, user.participant_sid = sender.identity, sender.sid
            for avatar in tuple(self.avatars):
                if _is_for(packet, avatar.identity):
                    avatar.handle_data(user.payload, user.topic)
        self._send_packet(packet, sender)

    def _send_packet(self, packet: m.DataPacket, sender: RoomClient | None = None) -> None:
        for participant in self.participants.values():
            if participant is not sender and _is_for(packet, participant.identity):
                participant.send_packet(packet)

    # ---- its life -------------------------------------------------------------------------------

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
                    participant.send(refresh_token=self.new_token(participant.claims()))
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


def _is_for(packet: m.DataPacket, identity: str) -> bool:
    """Whether a data packet is for somebody: it names nobody, or them."""
    named = {*packet.destination_identities}
    if packet.WhichOneof("value") == "user":
        named |= {*packet.user.destination_identities}
    return not named or identity in named
