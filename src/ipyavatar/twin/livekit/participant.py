"""One client in a room: its signalling over a websocket."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Any

from livekit.protocol import models as m
from livekit.protocol import rtc as r
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from ...core.decode import decode_protobuf
from ...errors import MalformedData
from .connections import CODECS, ParticipantMedia
from .grants import RoomGrant
from .room import TwinRoom, sid

log = logging.getLogger(__name__)

PROTOCOL = 16
SERVER_VERSION = "1.9.0"
"""livekit-server's; clients refuse to talk to one without a version."""

PING_INTERVAL_S, PING_TIMEOUT_S = 5, 15

MAX_QUEUED = 256
"""Messages for a client that does not read; one more and it is taken for dead."""

CLOSE_S = 1.0
MAX_TRACKS = 64
MAX_NAME = 256

KINDS = {"agent": m.ParticipantInfo.AGENT}
"""Of participants, by what a token says."""

MAX_REASON = 300
"""Characters of an error of a library that are logged."""


class Participant:
    """One client. `v1` means that one peer connection serves both directions."""

    def __init__(self, room: TwinRoom, grant: RoomGrant, socket: WebSocket, *, v1: bool) -> None:
        self.room = room
        self.grant = grant
        self.identity = grant.identity
        self.socket = socket
        self.sid = sid("PA")
        self._v1 = v1
        self._joined = int(time.time())
        self._version = 1
        self._out: asyncio.Queue[bytes | None] = asyncio.Queue(MAX_QUEUED)
        self._media = ParticipantMedia(
            room,
            v1=v1,
            signal=self.send,
            on_protocol_error=self._log_protocol_error,
            on_failure=self._on_media_failure,
        )
        self._tracks: list[m.TrackInfo] = []
        self._writing: asyncio.Task[None] | None = None
        self._protocol_errors: set[str] = set()
        self._closed = False
        self.left = False
        """Whether it sent a leave request."""

    def info(self, *, tracks: bool = True) -> m.ParticipantInfo:
        """The client, for others or for itself."""
        return m.ParticipantInfo(
            sid=self.sid,
            identity=self.identity,
            name=self.grant.name or self.identity,
            metadata=self.grant.metadata,
            attributes=self.grant.attributes,
            kind=KINDS.get(self.grant.kind, m.ParticipantInfo.STANDARD),
            state=m.ParticipantInfo.ACTIVE,
            joined_at=self._joined,
            version=self._version,
            # Others do not learn of tracks: microphones are for the avatar alone.
            tracks=self._tracks if tracks else [],
            permission=m.ParticipantPermission(
                can_subscribe=self.grant.video.canSubscribe,
                can_publish=self.grant.video.canPublish,
                can_publish_data=self.grant.video.canPublishData,
                can_update_metadata=self.grant.video.canUpdateOwnMetadata,
            ),
        )

    def to_json(self) -> dict[str, Any]:
        """The client for the twin's state."""
        return {
            "identity": self.identity,
            "sid": self.sid,
            "version": 1 if self._v1 else 0,
            "media": self._media.state,
            "waiting": self._out.qsize() + self._media.unsent,
        }

    def _log_protocol_error(self, error: str) -> None:
        """Log a client's error the first time: there may be thousands."""
        if error not in self._protocol_errors:
            self._protocol_errors.add(error)
            log.warning("%s %s", self.identity, error)
            self.room.log_event(self.identity, error)

    # ---- the websocket ------------------------------------------------------------------------

    def send(self, **message: Any) -> None:
        """Queue a `SignalResponse`; the client that does not read is dropped."""
        try:
            self._out.put_nowait(r.SignalResponse(**message).SerializeToString())
        except asyncio.QueueFull:
            log.warning("%s reads nothing; it is removed", self.identity)
            self.room.remove(self, notify=False, why="removed: it reads nothing")

    async def serve(self, socket: WebSocket) -> None:
        """Read and write on this websocket until either side ends it."""
        writing = self._writing = asyncio.ensure_future(self._write(socket))
        reading = asyncio.ensure_future(self._read(socket))
        try:
            await asyncio.wait({writing, reading}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (writing, reading):
                task.cancel()
            await asyncio.gather(writing, reading, return_exceptions=True)
            if socket.application_state is not WebSocketState.DISCONNECTED:
                # The client may be closing at the same moment, and servers differ in what they
                # make of that; the connection is over either way.
                with contextlib.suppress(Exception):
                    await asyncio.wait_for(socket.close(), CLOSE_S)

    async def _write(self, socket: WebSocket) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, OSError):
            while (data := await self._out.get()) is not None:
                await socket.send_bytes(data)

    async def _read(self, socket: WebSocket) -> None:
        while (message := await socket.receive())["type"] != "websocket.disconnect":
            if self.sid not in self.room.participants:
                continue  # it is being removed
            try:
                request = decode_protobuf(message.get("bytes") or b"", r.SignalRequest)
            except MalformedData:
                self._log_protocol_error("sent a message that is not LiveKit's")
                continue
            try:
                await self._handle_request(request)
            except Exception as error:
                # A client with an invalid SDP must not disturb the others, and should know.
                kind = request.WhichOneof("message")
                reason = f"removed: its {kind} cannot be handled: {type(error).__name__}: {error}"
                log.warning("%s %s", self.identity, reason[:MAX_REASON])
                self.room.remove(self, reason=m.STATE_MISMATCH, why=reason[:MAX_REASON])
            if self.left:
                return

    # ---- joining ------------------------------------------------------------------------------

    async def join(self, offer: r.SessionDescription | None) -> None:
        """Send the join response, and set its media up."""
        self.send(
            join=r.JoinResponse(
                room=self.room.info(),
                participant=self.info(),
                other_participants=self.room.participant_infos(self),
                server_version=SERVER_VERSION,
                server_region="local",
                server_info=m.ServerInfo(
                    edition=m.ServerInfo.Standard,
                    version=SERVER_VERSION,
                    protocol=PROTOCOL,
                    region="local",
                    node_id="ND_twin",
                ),
                subscriber_primary=not self._v1,
                ping_interval=PING_INTERVAL_S,
                ping_timeout=PING_TIMEOUT_S,
                enabled_publish_codecs=[
                    m.Codec(mime="audio/opus"),
                    *(m.Codec(mime=codec) for codec in CODECS),
                ],
            )
        )
        self.send(refresh_token=self.room.new_token(self.grant))
        await self._media.start(offer)

    def resume(self, socket: WebSocket) -> None:
        """Go on with a new websocket; its media never stopped."""
        self.socket = socket
        self._out = asyncio.Queue(MAX_QUEUED)
        self.left = False
        self.room.log_event(self.identity, "resumed")
        self.send(reconnect=r.ReconnectResponse())
        infos = [self.info(), *self.room.participant_infos(self)]
        self.send(update=r.ParticipantUpdate(participants=infos))

    async def on_avatar_joined(self) -> None:
        """Announce the avatar to the client, and send its tracks."""
        self.send(update=r.ParticipantUpdate(participants=self.room.participant_infos(self)))
        await self._media.on_avatar_joined()

    # ---- requests -----------------------------------------------------------------------------

    async def _handle_request(self, request: r.SignalRequest) -> None:
        kind = request.WhichOneof("message")
        now_ms = int(time.time() * 1000)
        match kind:
            case "ping":
                self.send(pong=now_ms)
            case "ping_req":
                last = request.ping_req.timestamp
                self.send(pong_resp=r.Pong(last_ping_timestamp=last, timestamp=now_ms))
            case "offer":
                await self._media.accept_offer(request.offer)
            case "answer":
                await self._media.accept_answer(request.answer)
            case "trickle":
                await self._media.add_candidate(request.trickle)
            case "add_track":
                self._add_track(request.add_track)
            case "mute":
                self._mute(request.mute)
            case "leave":
                self.left = True
                self.room.remove(self, notify=False, why="left")
            case _:
                pass  # track_setting, subscription and the like change nothing here

    def _add_track(self, request: r.AddTrackRequest) -> None:
        if len(self._tracks) >= MAX_TRACKS:
            raise ValueError("too many tracks")
        track = m.TrackInfo(
            sid=sid("TR"),
            type=request.type,
            name=request.name[:MAX_NAME],
            muted=request.muted,
            width=request.width,
            height=request.height,
            source=request.source,
            mime_type="audio/opus" if request.type == m.AUDIO else "video/VP8",
            stream=request.stream[:MAX_NAME],
        )
        self._tracks.append(track)
        self._version += 1
        self.send(track_published=r.TrackPublishedResponse(cid=request.cid, track=track))

    def _mute(self, request: r.MuteTrackRequest) -> None:
        for track in self._tracks:
            if track.sid == request.sid:
                track.muted = request.muted
                self._version += 1

    # ---- its media ----------------------------------------------------------------------------

    def send_data(self, packet: bytes) -> None:
        """Send a `DataPacket`, or keep it until the channel is open."""
        self._media.send_data(packet)

    def _on_media_failure(self, ice: str) -> None:
        """Media that failed, or never connected, is not restarted: the client is to join anew."""
        self.room.remove(
            self,
            reason=m.CONNECTION_TIMEOUT,
            action=r.LeaveRequest.RECONNECT,
            why=f"removed: no media connection (ICE {ice})",
        )

    async def quality(self) -> r.ConnectionQualityInfo:
        """The quality of the client's connection, by the loss it reports."""
        loss = await self._media.packet_loss()
        level, score = (
            (m.EXCELLENT, 5.0) if loss < 0.02 else (m.GOOD, 4.0) if loss < 0.1 else (m.POOR, 2.0)
        )
        return r.ConnectionQualityInfo(participant_sid=self.sid, quality=level, score=score)

    async def close(self) -> None:
        """End its connections; the websocket follows when all is sent. Twice is harmless."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(asyncio.QueueFull):
            self._out.put_nowait(None)
        await self._media.close()
        if self._writing is not None:
            # A client that does not read would block its last message for ever.
            await asyncio.wait({self._writing}, timeout=CLOSE_S)
            self._writing.cancel()
