"""The media of one client in a room: its peer connections, and the tracks it publishes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av.audio.frame import AudioFrame
from livekit.protocol import rtc as r

from ...core.decode import decode_json
from ...core.tasks import TaskSet
from ...errors import MalformedData
from ...media.closing import close_connection
from ...media.peer import prepare, without_mdns
from ...media.senders import add_tracks
from ..media.candidates import parse_candidate
from .data_channels import DataChannels
from .room import TwinRoom

CODECS = ("video/H264", "video/VP8")

ANSWER_S = 10.0
MAX_CANDIDATES = 100

CONNECT_S = 20.0
"""Media that is not connected by then has failed; clients themselves give up after 15."""


class ParticipantMedia:
    """The peer connections of one client, with what they send and receive.

    Args:
        room: Sends its avatar to the client, and takes what the client sends.
        v1: Whether there is one peer connection; else there is one for each direction.
        signal: Sends the client a field of `SignalResponse`.
        on_protocol_error: Called with what the client sent that makes no sense.
        on_failure: Called with the ICE state when media failed, or never connected.
    """

    def __init__(
        self,
        room: TwinRoom,
        *,
        v1: bool,
        signal: Callable[..., None],
        on_protocol_error: Callable[[str], None],
        on_failure: Callable[[str], None],
    ) -> None:
        prepare()
        self._room = room
        self._v1 = v1
        self._signal = signal
        self._on_failure = on_failure
        self._avatar_tracks = room.media.pump.subscribe()
        self._attached = False
        self._subscriber: RTCPeerConnection | None = None
        self._publisher: RTCPeerConnection | None = None
        self._candidates: dict[int, list[Any]] = {r.PUBLISHER: [], r.SUBSCRIBER: []}
        self._negotiating = asyncio.Lock()
        self._offer_answered = asyncio.Event()
        self._offer_count = 0
        self._channels = DataChannels(room.handle_data, on_protocol_error)
        self._tasks = TaskSet("a LiveKit client's media")
        self._timers: list[asyncio.TimerHandle] = []
        self._closed = False

    @property
    def state(self) -> str:
        """Of the connection that the avatar is sent over; "none" without one."""
        pc = self._downstream
        return pc.connectionState if pc is not None else "none"

    @property
    def unsent(self) -> int:
        """How many data packets wait for a channel."""
        return self._channels.unsent

    @property
    def _downstream(self) -> RTCPeerConnection | None:
        return self._publisher if self._v1 else self._subscriber

    async def start(self, offer: r.SessionDescription | None) -> None:
        """Set media up, with the offer of the client's join request."""
        if not self._v1:
            await self._offer()
        elif offer is not None and offer.sdp:
            await self.accept_offer(offer)

    async def on_avatar_joined(self) -> None:
        """Send the avatar's tracks, or have the client ask for them."""
        if self._attached:
            return
        if not self._v1:
            await self._offer()
        elif self._publisher is not None:
            self._signal(
                media_sections_requirement=r.MediaSectionsRequirement(num_audios=1, num_videos=1)
            )

    # ---- negotiation --------------------------------------------------------------------------

    def _connection(self) -> RTCPeerConnection:
        pc = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        pc.on("datachannel", self._on_data_channel)
        pc.on("track", self._on_track)
        pc.on("connectionstatechange", lambda: self._check_connection(pc, ("failed",)))
        call_later = asyncio.get_running_loop().call_later
        unconnected = ("failed", "new", "connecting")
        self._timers.append(call_later(CONNECT_S, self._check_connection, pc, unconnected))
        return pc

    def _check_connection(self, pc: RTCPeerConnection, failed_states: tuple[str, ...]) -> None:
        if pc.connectionState in failed_states and not self._closed:
            self._on_failure(pc.iceConnectionState)

    def _attach(self, pc: RTCPeerConnection) -> None:
        """Add the avatar's tracks, under the ids that clients expect."""
        self._attached = True
        room = self._room
        first = room.media.appearance.codec
        codecs = (first, *(codec for codec in CODECS if codec != first))
        senders = add_tracks(pc, self._avatar_tracks, codecs)
        for sender, track_sid in zip(senders, (room.audio_sid, room.video_sid), strict=True):
            # Clients learn whose track it is from these ids; aiortc has no public way to set them.
            sender._stream_id = f"{room.avatar_sid}|{track_sid}"
            sender._track_id = track_sid

    async def _offer(self) -> None:
        """Offer the subscriber connection, anew when there are more tracks."""
        async with self._negotiating:
            if self._subscriber is None:
                self._subscriber = self._connection()
            elif self._offer_count:
                await asyncio.wait_for(self._offer_answered.wait(), ANSWER_S)
            pc = self._subscriber
            # Tracks before channels: with one bundle, aiortc drops the transport of a channel
            # that was there first when the answer comes.
            if self._room.avatar_joined and not self._attached:
                self._attach(pc)
            self._channels.create(pc)
            await pc.setLocalDescription(await pc.createOffer())
            self._offer_count += 1
            self._offer_answered.clear()
            self._signal(offer=self._description(pc, self._offer_count, tracks=True))

    async def accept_answer(self, answer: r.SessionDescription) -> None:
        """Take the client's answer to our offer."""
        if self._subscriber is None or answer.id not in (0, self._offer_count):
            return
        sdp = without_mdns(answer.sdp)
        await self._subscriber.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        self._offer_answered.set()
        await self._use_candidates(r.SUBSCRIBER)

    async def accept_offer(self, offer: r.SessionDescription) -> None:
        """Answer the client's offer: what it publishes and, in v1, all there is."""
        async with self._negotiating:
            if self._publisher is None:
                self._publisher = self._connection()
            pc = self._publisher
            if self._v1 and self._room.avatar_joined and not self._attached:
                self._attach(pc)
            await pc.setRemoteDescription(RTCSessionDescription(without_mdns(offer.sdp), "offer"))
            await pc.setLocalDescription(await pc.createAnswer())
            await self._use_candidates(r.PUBLISHER)
            self._signal(answer=self._description(pc, offer.id, tracks=self._v1))

    def _description(self, pc: RTCPeerConnection, number: int, *, tracks: bool) -> Any:
        sids = {
            transceiver.mid: transceiver.sender._track_id
            for transceiver in pc.getTransceivers()
            if tracks and transceiver.mid and transceiver.sender.track is not None
        }
        local = pc.localDescription
        return r.SessionDescription(type=local.type, sdp=local.sdp, id=number, mid_to_track_id=sids)

    async def add_candidate(self, trickle: r.TrickleRequest) -> None:
        """Keep or use a candidate: it may come before the description it belongs to."""
        try:
            candidate = parse_candidate(decode_json(trickle.candidateInit, dict[str, Any]))
        except MalformedData:
            return
        candidates = self._candidates.get(trickle.target)
        if candidates is None or candidate is None:
            return
        if len(candidates) < MAX_CANDIDATES:
            candidates.append(candidate)
        await self._use_candidates(trickle.target)

    async def _use_candidates(self, target: int) -> None:
        pc = self._publisher if target == r.PUBLISHER else self._subscriber
        if pc is None or pc.remoteDescription is None:
            return
        candidates, self._candidates[target] = self._candidates[target], []
        for candidate in candidates:
            # One for a section that was bundled away is refused; the bundle has its own.
            with contextlib.suppress(Exception):
                await pc.addIceCandidate(candidate)

    # ---- data ---------------------------------------------------------------------------------

    def _on_data_channel(self, channel: RTCDataChannel) -> None:
        if self._v1:
            self._channels.adopt(channel)
        else:
            self._channels.receive_from(channel)

    def send_data(self, packet: bytes) -> None:
        """Send a `DataPacket`, or keep it until the channel is open."""
        self._channels.send(packet)

    # ---- published tracks ---------------------------------------------------------------------

    def _on_track(self, track: MediaStreamTrack) -> None:
        self._tasks.start(self._consume_track(track))

    async def _consume_track(self, track: MediaStreamTrack) -> None:
        """Read all of a published track: unread frames would pile up."""
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, AudioFrame):
                    self._room.vad.feed(_mono(frame), frame.sample_rate)

    async def packet_loss(self) -> float:
        """The share of packets that the client reports as lost: 0 to 1."""
        loss = 0.0
        pc = self._downstream
        if pc is not None and pc.connectionState == "connected":
            for stats in (await pc.getStats()).values():
                if stats.type == "remote-inbound-rtp":
                    loss = max(loss, stats.fractionLost / 256)
        return loss

    async def close(self) -> None:
        """End all of it, and wait. Twice is harmless."""
        if self._closed:
            return
        self._closed = True
        self._room.media.pump.unsubscribe(self._avatar_tracks)
        for pc in (self._subscriber, self._publisher):
            if pc is not None:
                await close_connection(pc)
        for timer in self._timers:
            timer.cancel()
        await self._tasks.close()


def _mono(frame: AudioFrame) -> np.ndarray[Any, np.dtype[np.int16]]:
    """The first channel, `int16[n]`, of what aiortc decodes (packed s16)."""
    samples = frame.to_ndarray()[0, :: len(frame.layout.channels)]
    return samples.astype(np.int16, copy=False)
