"""One client in a room: its websocket, its peer connections, its data channels."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from typing import Any

import numpy as np
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.sdp import candidate_from_sdp
from av.audio.frame import AudioFrame
from google.protobuf.message import DecodeError
from livekit.protocol import models as m
from livekit.protocol import rtc as r
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from ...media.peer import prepare, without_mdns
from .room import Room, sid

log = logging.getLogger(__name__)

RELIABLE, LOSSY = "_reliable", "_lossy"
CODECS = ("video/H264", "video/VP8")
PROTOCOL = 16
SERVER_VERSION = "1.9.0"
"""livekit-server's; clients refuse to talk to one without a version."""

PING_INTERVAL_S, PING_TIMEOUT_S = 5, 15

MAX_WAITING = 256
"""Messages for a client that does not read; one more and it is taken for dead."""

MAX_BUFFERED = 1_000_000
"""Bytes in a data channel that nobody empties; what comes then is dropped."""

ANSWER_S = 10.0
CLOSE_S = 1.0
MAX_CANDIDATES = 100
MAX_TRACKS = 64
MAX_NAME = 256

MAX_WHY = 300
"""Characters of an error of others that are written down."""

CONNECT_S = 20.0
"""Media that does not flow by then is taken for failed; clients themselves give up after 15."""


class Participant:
    """One client. `v1` means that one peer connection serves both directions."""

    def __init__(self, room: Room, identity: str, socket: WebSocket, *, v1: bool) -> None:
        prepare()
        self.room = room
        self.identity = identity
        self.socket = socket
        self.sid = sid("PA")
        self._v1 = v1
        self._joined = int(time.time())
        self._version = 1
        self._out: asyncio.Queue[bytes | None] = asyncio.Queue(MAX_WAITING)
        self._seat = room.show.stage.join()
        self._attached = False
        self._subscriber: RTCPeerConnection | None = None
        self._publisher: RTCPeerConnection | None = None
        self._candidates: dict[int, list[Any]] = {r.PUBLISHER: [], r.SUBSCRIBER: []}
        self._negotiating = asyncio.Lock()
        self._answered = asyncio.Event()
        self._offers = 0
        self._channels: dict[str, RTCDataChannel] = {}
        self._unsent: list[bytes] = []
        self._tracks: list[m.TrackInfo] = []
        self._listening: list[asyncio.Task[None]] = []
        self._writing: asyncio.Task[None] | None = None
        self._watching: list[asyncio.TimerHandle] = []
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
        pc = self._publisher if self._v1 else self._subscriber
        return {
            "identity": self.identity,
            "sid": self.sid,
            "version": 1 if self._v1 else 0,
            "media": pc.connectionState if pc is not None else "none",
            "waiting": self._out.qsize() + len(self._unsent),
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
        if not self._v1:
            await self._offer()
        elif offer is not None and offer.sdp:
            await self._answer(offer)

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
        if self._attached:
            return
        if not self._v1:
            await self._offer()
        elif self._publisher is not None:
            self.send(
                media_sections_requirement=r.MediaSectionsRequirement(num_audios=1, num_videos=1)
            )

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
                await self._answer(request.offer)
            case "answer":
                await self._answered_with(request.answer)
            case "trickle":
                await self._trickle(request.trickle)
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

    # ---- negotiation --------------------------------------------------------------------------

    def _connection(self) -> RTCPeerConnection:
        pc = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        pc.on("datachannel", self._channel_opened)
        pc.on("track", self._track_came)
        pc.on("connectionstatechange", lambda: self._check(pc, ("failed",)))
        watch = asyncio.get_running_loop().call_later
        self._watching.append(watch(CONNECT_S, self._check, pc, ("failed", "new", "connecting")))
        return pc

    def _check(self, pc: RTCPeerConnection, bad: tuple[str, ...]) -> None:
        """Media that broke off, or never came, is not mended: the client is to join anew."""
        if pc.connectionState in bad and not self._closed:
            self.room.remove(
                self,
                reason=m.CONNECTION_TIMEOUT,
                action=r.LeaveRequest.RECONNECT,
                why=f"removed: no media gets through (ICE {pc.iceConnectionState})",
            )

    def _attach(self, pc: RTCPeerConnection) -> None:
        """Add the avatar's tracks, under the names that clients look for."""
        self._attached = True
        room = self.room
        first = room.show.role.codec
        order = (first, *(codec for codec in CODECS if codec != first), "video/rtx")
        known = RTCRtpSender.getCapabilities("video").codecs
        for track, track_sid in (
            (self._seat.audio, room.audio_sid),
            (self._seat.video, room.video_sid),
        ):
            transceiver = pc.addTransceiver(track, direction="sendonly")
            # Clients tell whose track it is by these names; aiortc has no public way to set them.
            transceiver.sender._stream_id = f"{room.avatar_sid}|{track_sid}"
            transceiver.sender._track_id = track_sid
            if track.kind == "video":
                wanted = [codec for name in order for codec in known if codec.mimeType == name]
                transceiver.setCodecPreferences(wanted)

    async def _offer(self) -> None:
        """Offer the subscriber connection, anew when there are more tracks."""
        async with self._negotiating:
            if self._subscriber is None:
                self._subscriber = self._connection()
            elif self._offers:
                await asyncio.wait_for(self._answered.wait(), ANSWER_S)
            pc = self._subscriber
            # Tracks before channels: with one bundle, aiortc drops the transport of a channel
            # that was there first when the answer comes.
            if self.room.avatar_here and not self._attached:
                self._attach(pc)
            if not self._channels:
                self._hold(pc.createDataChannel(RELIABLE, ordered=True))
                self._hold(pc.createDataChannel(LOSSY, ordered=True, maxRetransmits=0))
            await pc.setLocalDescription(await pc.createOffer())
            self._offers += 1
            self._answered.clear()
            self.send(offer=self._description(pc, self._offers, tracks=True))

    async def _answered_with(self, answer: r.SessionDescription) -> None:
        if self._subscriber is None or answer.id not in (0, self._offers):
            return
        sdp = without_mdns(answer.sdp)
        await self._subscriber.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        self._answered.set()
        await self._use_candidates(r.SUBSCRIBER)

    async def _answer(self, offer: r.SessionDescription) -> None:
        """Answer the client's offer: what it publishes and, in v1, all there is."""
        async with self._negotiating:
            if self._publisher is None:
                self._publisher = self._connection()
            pc = self._publisher
            if self._v1 and self.room.avatar_here and not self._attached:
                self._attach(pc)
            await pc.setRemoteDescription(RTCSessionDescription(without_mdns(offer.sdp), "offer"))
            await pc.setLocalDescription(await pc.createAnswer())
            await self._use_candidates(r.PUBLISHER)
            self.send(answer=self._description(pc, offer.id, tracks=self._v1))

    def _description(self, pc: RTCPeerConnection, number: int, *, tracks: bool) -> Any:
        sids = {
            transceiver.mid: transceiver.sender._track_id
            for transceiver in pc.getTransceivers()
            if tracks and transceiver.mid and transceiver.sender.track is not None
        }
        local = pc.localDescription
        return r.SessionDescription(type=local.type, sdp=local.sdp, id=number, mid_to_track_id=sids)

    async def _trickle(self, trickle: r.TrickleRequest) -> None:
        """Keep or use a candidate: it may come before the description it belongs to."""
        try:
            init = json.loads(trickle.candidateInit)
            line = str(init.get("candidate") or "").removeprefix("candidate:")
            # Names ending in .local are looked up for a second each in vain; the client's own
            # checks reach us anyway.
            if not line or ".local " in line:
                return
            candidate = candidate_from_sdp(line)
            candidate.sdpMid = init.get("sdpMid")
            candidate.sdpMLineIndex = init.get("sdpMLineIndex")
        except (ValueError, AttributeError, IndexError, AssertionError):
            return
        waiting = self._candidates.get(trickle.target)
        if waiting is None or candidate.protocol.lower() != "udp":
            return
        if len(waiting) < MAX_CANDIDATES:
            waiting.append(candidate)
        await self._use_candidates(trickle.target)

    async def _use_candidates(self, target: int) -> None:
        pc = self._publisher if target == r.PUBLISHER else self._subscriber
        if pc is None or pc.remoteDescription is None:
            return
        waiting, self._candidates[target] = self._candidates[target], []
        for candidate in waiting:
            # One for a section that was bundled away is refused; the bundle has its own.
            with contextlib.suppress(Exception):
                await pc.addIceCandidate(candidate)

    # ---- data ---------------------------------------------------------------------------------

    def _hold(self, channel: RTCDataChannel) -> None:
        self._channels[channel.label] = channel
        channel.on("message", self._data_came)
        if channel.label == RELIABLE:
            channel.on("open", self._send_waiting)

    def _channel_opened(self, channel: RTCDataChannel) -> None:
        if self._v1 and channel.label in (RELIABLE, LOSSY):
            self._hold(channel)
            if channel.label == RELIABLE:
                self._send_waiting()
        else:
            channel.on("message", self._data_came)

    def send_data(self, packet: bytes) -> None:
        """Send a `DataPacket`, or keep it until the channel is open."""
        channel = self._channels.get(RELIABLE)
        if channel is None or channel.readyState == "connecting":
            self._unsent = [*self._unsent, packet][-MAX_WAITING:]
        elif channel.readyState == "open" and channel.bufferedAmount < MAX_BUFFERED:
            channel.send(packet)

    def _send_waiting(self) -> None:
        waiting, self._unsent = self._unsent, []
        for packet in waiting:
            self.send_data(packet)

    def _data_came(self, data: str | bytes) -> None:
        try:
            packet = m.DataPacket.FromString(data if isinstance(data, bytes) else data.encode())
        except DecodeError:
            self._note_once("sent data that is not LiveKit's")
            return
        if packet.WhichOneof("value") == "user":
            self.room.heard(packet.user.payload, packet.user.topic)

    # ---- what it publishes --------------------------------------------------------------------

    def _track_came(self, track: MediaStreamTrack) -> None:
        self._listening.append(asyncio.ensure_future(self._listen(track)))

    async def _listen(self, track: MediaStreamTrack) -> None:
        """Take in all of a published track: what nobody takes in would pile up."""
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, AudioFrame):
                    self.room.ear.hear(_mono(frame), frame.sample_rate)

    async def quality(self) -> r.ConnectionQualityInfo:
        """How well the client gets its media, by what it reports as lost."""
        lost = 0.0
        pc = self._publisher if self._v1 else self._subscriber
        if pc is not None and pc.connectionState == "connected":
            for stats in (await pc.getStats()).values():
                if stats.type == "remote-inbound-rtp":
                    lost = max(lost, stats.fractionLost / 256)
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
        self.room.show.stage.leave(self._seat)
        for pc in (self._subscriber, self._publisher):
            if pc is not None:
                await pc.close()
        for watch in self._watching:
            watch.cancel()
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)
        if self._writing is not None:
            # One who does not read would hold its last message for ever.
            await asyncio.wait({self._writing}, timeout=CLOSE_S)
            self._writing.cancel()


def _mono(frame: AudioFrame) -> np.ndarray[Any, np.dtype[np.int16]]:
    """The first channel, `int16[n]`, of what aiortc decodes (packed s16)."""
    samples = frame.to_ndarray()[0, :: len(frame.layout.channels)]
    return samples.astype(np.int16, copy=False)
