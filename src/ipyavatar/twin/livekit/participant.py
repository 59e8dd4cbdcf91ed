"""One client in a room: its signalling over a websocket."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import time
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
from av.audio.frame import AudioFrame
from livekit.protocol import models as m
from livekit.protocol import rtc as r
from numpy.typing import NDArray
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from ...core.decode import decode_protobuf
from ...core.log import get_logger
from ...errors import MalformedData
from .connections import ParticipantMedia
from .data_channels import DataChannels
from .grants import Profile, RoomGrant
from .ids import KINDS, sid
from .outbox import Outbox, OutboxFull
from .publications import VIDEO_CODECS, Publication
from .published_tracks import PublishedTracks
from .room import TwinRoom
from .subscriptions import Subscriptions

log = get_logger(__name__)

PROTOCOL = 16
SERVER_VERSION = "1.9.0"
"""livekit-server's; clients refuse to talk to one without a version."""

PING_INTERVAL_S, PING_TIMEOUT_S = 5, 15

CLOSE_S = 1.0
MAX_REASON = 300
"""Characters of an error of a library that are logged."""

ROUND_TRIP_S = 0.05
"""What the answer to a numbered request takes, as over a network.

LiveKit's Rust and Python SDKs look out for it only when the request is on its way: they miss an
answer that comes at once, and wait for five seconds.
"""


class Participant:
    """One client. `v1` means that one peer connection serves both directions.

    Attributes:
        left: Whether it sent a leave request.
    """

    def __init__(
        self,
        room: TwinRoom,
        grant: RoomGrant,
        socket: WebSocket,
        *,
        v1: bool,
        auto_subscribe: bool = True,
    ) -> None:
        self.room = room
        self.identity = grant.identity
        self.socket = socket
        self.sid = sid("PA")
        self.left = False
        self._grant = grant
        self._profile = Profile.of(grant)
        self._v1 = v1
        self._joined = int(time.time())
        self._version = 1
        self._out = Outbox()
        self._tracks = PublishedTracks(
            self.sid,
            publish=self._publish,
            unpublish=self._unpublish,
            on_subscribed=self._tell_subscribed,
        )
        self._subscriptions = Subscriptions(auto=auto_subscribe, allowed=grant.video.canSubscribe)
        self._channels = DataChannels(self._on_packet, self._log_protocol_error)
        self._media = ParticipantMedia(
            v1=v1,
            subscriptions=self._subscriptions,
            channels=self._channels,
            signal=self.send,
            on_sections=self._tracks.sync,
            on_audio=self._on_audio,
            on_failure=self._on_media_failure,
        )
        self._writing: asyncio.Task[None] | None = None
        self._protocol_errors: set[str] = set()
        self._closed = False

    def info(self, *, public: bool = False) -> m.ParticipantInfo:
        """The client with all its tracks, or with those that others may subscribe to."""
        may = self._grant.video
        return m.ParticipantInfo(
            sid=self.sid,
            identity=self.identity,
            name=self._profile.name,
            metadata=self._profile.metadata,
            attributes=self._profile.attributes,
            kind=KINDS.get(self._grant.kind, m.ParticipantInfo.STANDARD),
            state=m.ParticipantInfo.ACTIVE,
            joined_at=self._joined,
            version=self._version,
            tracks=self._tracks.infos(public=public),
            permission=m.ParticipantPermission(
                can_subscribe=may.canSubscribe,
                can_publish=may.canPublish,
                can_publish_data=may.canPublishData,
                can_update_metadata=may.canUpdateOwnMetadata,
            ),
        )

    def claims(self) -> dict[str, Any]:
        """What its next token says."""
        return {**self._grant.claims, **asdict(self._profile)}

    def to_json(self) -> dict[str, Any]:
        """The client for the twin's state."""
        return {
            "identity": self.identity,
            "sid": self.sid,
            "version": 1 if self._v1 else 0,
            "media": self._media.state,
            "waiting": len(self._out) + self._channels.unsent,
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
            self._out.put(r.SignalResponse(**message).SerializeToString())
        except OutboxFull:
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

    def send_join_response(self) -> None:
        """Greet it; before anything else, or it does not come in."""
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
                    *(m.Codec(mime=codec) for codec in VIDEO_CODECS),
                ],
            )
        )
        self.send(refresh_token=self.room.new_token(self.claims()))

    async def start(self, request: r.JoinRequest | None) -> None:
        """Set its media up; in v1 there is a request, with an offer."""
        for track in request.add_track_requests if request is not None else ():
            self._add_track(track)
        await self._media.start(request.publisher_offer if request is not None else None)

    def resume(self, socket: WebSocket) -> None:
        """Go on with a new websocket; its media never stopped."""
        self.socket = socket
        self._out = Outbox()
        self.left = False
        self.room.log_event(self.identity, "resumed")
        self.send(reconnect=r.ReconnectResponse())
        infos = [self.info(), *self.room.participant_infos(self)]
        self.send(update=r.ParticipantUpdate(participants=infos))

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
            case "subscription":
                self._subscribe(request.subscription)
            case "update_metadata":
                self._update_profile(request)
            case "leave":
                self.left = True
                self.room.remove(self, notify=False, why="left")
            case _:
                pass  # track_setting and the like change nothing here

    def _add_track(self, request: r.AddTrackRequest) -> None:
        if not self._grant.video.canPublish:
            refusal = r.RequestResponse(
                reason=r.RequestResponse.NOT_ALLOWED, message="may not publish", add_track=request
            )
            self.send(request_response=refusal)
            return
        track = self._tracks.add(request)
        self._version += 1
        self.send(track_published=r.TrackPublishedResponse(cid=request.cid, track=track))

    def _mute(self, request: r.MuteTrackRequest) -> None:
        if self._tracks.mute(request.sid, request.muted):
            self._tell_changed()
            if request.muted:
                self.room.hear_no_more()

    def _subscribe(self, request: r.UpdateSubscription) -> None:
        """Subscribe to tracks, or unsubscribe from them."""
        by_participant = (one.track_sids for one in request.participant_tracks)
        for track_sid in itertools.chain(request.track_sids, *by_participant):
            if not self._subscriptions.update(track_sid, request.subscribe):
                unknown = r.SubscriptionResponse(track_sid=track_sid, err=m.SE_TRACK_NOTFOUND)
                self.send(subscription_response=unknown)
        self._media.renegotiate()

    def _update_profile(self, request: r.SignalRequest) -> None:
        """Change name, metadata and attributes, if it may; it waits for the answer."""
        wish = request.update_metadata
        profile = self._profile.updated(wish.name, wish.metadata, dict(wish.attributes))
        reason, words = r.RequestResponse.OK, ""
        if not self._grant.video.canUpdateOwnMetadata:
            reason, words = r.RequestResponse.NOT_ALLOWED, "may not update own metadata"
        elif not profile.is_small_enough():
            reason, words = r.RequestResponse.LIMIT_EXCEEDED, "too large"
        else:
            self._profile = profile
            self._tell_changed()
            self.send(update=r.ParticipantUpdate(participants=[self.info()]))
        response = r.RequestResponse(
            request_id=wish.request_id, reason=reason, message=words, update_metadata=wish
        )
        answer = partial(self.send, request_response=response)
        asyncio.get_running_loop().call_later(ROUND_TRIP_S, answer)

    # ---- its media ----------------------------------------------------------------------------

    def on_published(self, publications: Sequence[Publication]) -> None:
        """Others publish these from now on."""
        for publication in publications:
            self._subscriptions.add(publication)
        self._media.renegotiate()

    def on_unpublished(self, publications: Sequence[Publication]) -> None:
        """They publish them no more."""
        for publication in publications:
            self._subscriptions.remove(publication)
        self._media.renegotiate()

    def _publish(self, publication: Publication) -> None:
        self._tell_changed()
        self.room.publish(publication)
        if self.room.avatars:
            publication.on_subscribed()  # they listen

    def _unpublish(self, publication: Publication) -> None:
        self.room.unpublish(publication)
        self.room.hear_no_more()
        if not self._closed:
            self._tell_changed()

    def _tell_changed(self) -> None:
        self._version += 1
        self.room.tell_about(self)

    def _tell_subscribed(self, track_sid: str) -> None:
        self.send(track_subscribed=r.TrackSubscribed(track_sid=track_sid))

    def _on_audio(self, mid: str, frame: AudioFrame) -> None:
        self.room.hear(_mono(frame), frame.sample_rate)
        self._tracks.put(mid, frame)

    def _on_packet(self, packet: m.DataPacket) -> None:
        if self._grant.video.canPublishData:
            self.room.forward(self, packet)

    def send_packet(self, packet: m.DataPacket) -> None:
        """Send a data packet."""
        self._channels.send(packet)

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
        self._tracks.close()
        self._out.close()
        await self._media.close()
        if self._writing is not None:
            # A client that does not read would block its last message for ever.
            await asyncio.wait({self._writing}, timeout=CLOSE_S)
            self._writing.cancel()


def _mono(frame: AudioFrame) -> NDArray[np.int16]:
    """The first channel, `int16[n]`, of what aiortc decodes (packed s16)."""
    samples = frame.to_ndarray()[0, :: len(frame.layout.channels)]
    return samples.astype(np.int16, copy=False)
