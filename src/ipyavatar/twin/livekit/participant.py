"""One client in a room: what is said over its websocket."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import Any

from google.protobuf.message import DecodeError
from livekit.protocol import models as m
from livekit.protocol import rtc as r
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from .connections import CODECS, ParticipantMedia
from .room import TwinRoom, sid

log = logging.getLogger(__name__)

PROTOCOL = 16
SERVER_VERSION = "1.9.0"
"""livekit-server's; clients refuse to talk to one without a version."""

PING_INTERVAL_S, PING_TIMEOUT_S = 5, 15

MAX_WAITING = 256
"""Messages for a client that does not read; one more and it is taken for dead."""

CLOSE_S = 1.0
MAX_TRACKS = 64
MAX_NAME = 256

MAX_WHY = 300
"""Characters of an error of others that are written down."""


class Participant:
    """One client. `v1` means that one peer connection serves both directions."""

    def __init__(self, room: TwinRoom, identity: str, socket: WebSocket, *, v1: bool) -> None:
        self.room = room
        self.identity = identity
        self.socket = socket
        self.sid = sid("PA")
        self._v1 = v1
        self._joined = int(time.time())
        self._version = 1
        self._out: asyncio.Queue[bytes | None] = asyncio.Queue(MAX_WAITING)
        self._media = ParticipantMedia(
            room, v1=v1, signal=self.send, mistaken=self._note_once, broken=self._broken
        )
        self._tracks: list[m.TrackInfo] = []
        self._writing: asyncio.Task[None] | None = None
        self._noted: set[str] = set()
        self._closed = False
        self.left = False
        """Whether it said goodbye."""

    def info(self, *, tracks: bool = True) -> m.ParticipantInfo:
        """The client as others, or it itself, are told of it."""
        return m.ParticipantInfo(
            sid=self.sid,
            identity=self.identity,
            name=self.identity,
            state=m.ParticipantInfo.ACTIVE,
            joined_at=self._joined,
            version=self._version,
            # Others are not told of tracks: microphones are heard by the avatar alone.
            tracks=self._tracks if tracks else [],
            permission=m.ParticipantPermission(
                can_subscribe=True, can_publish=True, can_publish_data=True
            ),
        )

    def row(self) -> dict[str, Any]:
        """The client for the twin's state."""
        return {
            "identity": self.identity,
            "sid": self.sid,
            "version": 1 if self._v1 else 0,
            "media": self._media.state,
            "waiting": self._out.qsize() + self._media.unsent,
        }

    def _note_once(self, what: str) -> None:
        """Write a client's mistake down, the first time: there may be thousands."""
        if what not in self._noted:
            self._noted.add(what)
            log.warning("%s %s", self.identity, what)
            self.room.note(self.identity, what)

    # ---- the websocket ------------------------------------------------------------------------

    def send(self, **message: Any) -> None:
        """Queue a `SignalResponse`; the client that does not read is dropped."""
        try:
            self._out.put_nowait(r.SignalResponse(**message).SerializeToString())
        except asyncio.QueueFull:
            log.warning("%s reads nothing; its connection is given up", self.identity)
            self.room.remove(self, tell=False, why="removed: it reads nothing")

    async def talk(self, socket: WebSocket) -> None:
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
                continue  # it is being shown out
            try:
                request = r.SignalRequest.FromString(message.get("bytes") or b"")
            except DecodeError:
                self._note_once("sent a message that is not LiveKit's")
                continue
            try:
                await self._obey(request)
            except Exception as error:
                # A client with an SDP of garbage must not hurt the others, and should know.
                kind = request.WhichOneof("message")
                why = f"removed: its {kind} made no sense: {type(error).__name__}: {error}"
                log.warning("%s %s", self.identity, why[:MAX_WHY])
                self.room.remove(self, reason=m.STATE_MISMATCH, why=why[:MAX_WHY])
            if self.left:
                return

    # ---- joining ------------------------------------------------------------------------------

    async def join(self, offer: r.SessionDescription | None) -> None:
        """Greet the client, and set its media up."""
        self.send(
            join=r.JoinResponse(
                room=self.room.info(),
                participant=self.info(),
                other_participants=self.room.others(self),
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
        self.send(refresh_token=self.room.new_token(self.identity))
        await self._media.begin(offer)

    def resume(self, socket: WebSocket) -> None:
        """The client is back with a new websocket; its media never stopped."""
        self.socket = socket
        self._out = asyncio.Queue(MAX_WAITING)
        self.left = False
        self.room.note(self.identity, "came back")
        self.send(reconnect=r.ReconnectResponse())
        everybody = [self.info(), *self.room.others(self)]
        self.send(update=r.ParticipantUpdate(participants=everybody))

    async def avatar_joined(self) -> None:
        """The avatar has come: tell the client, and send its tracks."""
        self.send(update=r.ParticipantUpdate(participants=self.room.others(self)))
        await self._media.avatar_joined()

    # ---- what the client asks -----------------------------------------------------------------

    async def _obey(self, request: r.SignalRequest) -> None:
        kind = request.WhichOneof("message")
        now_ms = int(time.time() * 1000)
        match kind:
            case "ping":
                self.send(pong=now_ms)
            case "ping_req":
                last = request.ping_req.timestamp
                self.send(pong_resp=r.Pong(last_ping_timestamp=last, timestamp=now_ms))
            case "offer":
                await self._media.answer(request.offer)
            case "answer":
                await self._media.answered(request.answer)
            case "trickle":
                await self._media.trickle(request.trickle)
            case "add_track":
                self._add_track(request.add_track)
            case "mute":
                self._mute(request.mute)
            case "leave":
                self.left = True
                self.room.remove(self, tell=False, why="left")
            case _:
                pass  # track_setting, subscription and the like change nothing here

    def _add_track(self, wanted: r.AddTrackRequest) -> None:
        if len(self._tracks) >= MAX_TRACKS:
            raise ValueError("too many tracks")
        track = m.TrackInfo(
            sid=sid("TR"),
            type=wanted.type,
            name=wanted.name[:MAX_NAME],
            muted=wanted.muted,
            width=wanted.width,
            height=wanted.height,
            source=wanted.source,
            mime_type="audio/opus" if wanted.type == m.AUDIO else "video/VP8",
            stream=wanted.stream[:MAX_NAME],
        )
        self._tracks.append(track)
        self._version += 1
        self.send(track_published=r.TrackPublishedResponse(cid=wanted.cid, track=track))

    def _mute(self, wanted: r.MuteTrackRequest) -> None:
        for track in self._tracks:
            if track.sid == wanted.sid:
                track.muted = wanted.muted
                self._version += 1

    # ---- its media ----------------------------------------------------------------------------

    def send_data(self, packet: bytes) -> None:
        """Send a `DataPacket`, or keep it until the channel is open."""
        self._media.send_data(packet)

    def _broken(self, ice: str) -> None:
        """Media that broke off, or never came, is not mended: the client is to join anew."""
        self.room.remove(
            self,
            reason=m.CONNECTION_TIMEOUT,
            action=r.LeaveRequest.RECONNECT,
            why=f"removed: no media gets through (ICE {ice})",
        )

    async def quality(self) -> r.ConnectionQualityInfo:
        """How well the client gets its media, by what it reports as lost."""
        lost = await self._media.lost_share()
        level, score = (
            (m.EXCELLENT, 5.0) if lost < 0.02 else (m.GOOD, 4.0) if lost < 0.1 else (m.POOR, 2.0)
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
            # One who does not read would hold its last message for ever.
            await asyncio.wait({self._writing}, timeout=CLOSE_S)
            self._writing.cancel()
