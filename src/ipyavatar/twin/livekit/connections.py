"""The media of one client in a room: its peer connections, its data channels, what it publishes."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
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

from ...media.peer import prepare, without_mdns
from .room import TwinRoom

RELIABLE, LOSSY = "_reliable", "_lossy"
CODECS = ("video/H264", "video/VP8")

MAX_WAITING = 256
"""Data packets for a client whose channel is not open yet; the oldest are dropped."""

MAX_BUFFERED = 1_000_000
"""Bytes in a data channel that nobody empties; what comes then is dropped."""

ANSWER_S = 10.0
MAX_CANDIDATES = 100

CONNECT_S = 20.0
"""Media that does not flow by then is taken for failed; clients themselves give up after 15."""


class ParticipantMedia:
    """One client's. `v1` means that one peer connection serves both directions.

    Args:
        room: Whose avatar is sent, and who hears what the client sends.
        v1: Whether there is one peer connection; else there is one for each direction.
        signal: Sends the client a field of `SignalResponse`.
        mistaken: Told that the client sent something senseless.
        broken: Told that media broke off, or never came, in words of ICE.
    """

    def __init__(
        self,
        room: TwinRoom,
        *,
        v1: bool,
        signal: Callable[..., None],
        mistaken: Callable[[str], None],
        broken: Callable[[str], None],
    ) -> None:
        prepare()
        self._room = room
        self._v1 = v1
        self._signal = signal
        self._mistaken = mistaken
        self._broken = broken
        self._tracks = room.show.pump.subscribe()
        self._attached = False
        self._subscriber: RTCPeerConnection | None = None
        self._publisher: RTCPeerConnection | None = None
        self._candidates: dict[int, list[Any]] = {r.PUBLISHER: [], r.SUBSCRIBER: []}
        self._negotiating = asyncio.Lock()
        self._answered = asyncio.Event()
        self._offers = 0
        self._channels: dict[str, RTCDataChannel] = {}
        self._unsent: list[bytes] = []
        self._listening: list[asyncio.Task[None]] = []
        self._watching: list[asyncio.TimerHandle] = []
        self._closed = False

    @property
    def state(self) -> str:
        """Of the connection that the avatar is sent over; "none" without one."""
        pc = self._downward
        return pc.connectionState if pc is not None else "none"

    @property
    def unsent(self) -> int:
        """How many data packets wait for a channel."""
        return len(self._unsent)

    @property
    def _downward(self) -> RTCPeerConnection | None:
        return self._publisher if self._v1 else self._subscriber

    async def begin(self, offer: r.SessionDescription | None) -> None:
        """Set media up, with the offer the client came with."""
        if not self._v1:
            await self._offer()
        elif offer is not None and offer.sdp:
            await self.answer(offer)

    async def avatar_joined(self) -> None:
        """The avatar has come: send its tracks, or have the client ask for them."""
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
        pc.on("datachannel", self._channel_opened)
        pc.on("track", self._track_came)
        pc.on("connectionstatechange", lambda: self._check(pc, ("failed",)))
        watch = asyncio.get_running_loop().call_later
        self._watching.append(watch(CONNECT_S, self._check, pc, ("failed", "new", "connecting")))
        return pc

    def _check(self, pc: RTCPeerConnection, bad: tuple[str, ...]) -> None:
        if pc.connectionState in bad and not self._closed:
            self._broken(pc.iceConnectionState)

    def _attach(self, pc: RTCPeerConnection) -> None:
        """Add the avatar's tracks, under the names that clients look for."""
        self._attached = True
        room = self._room
        first = room.show.appearance.codec
        order = (first, *(codec for codec in CODECS if codec != first), "video/rtx")
        known = RTCRtpSender.getCapabilities("video").codecs
        for track, track_sid in (
            (self._tracks.audio, room.audio_sid),
            (self._tracks.video, room.video_sid),
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
            if self._room.avatar_here and not self._attached:
                self._attach(pc)
            if not self._channels:
                self._hold(pc.createDataChannel(RELIABLE, ordered=True))
                self._hold(pc.createDataChannel(LOSSY, ordered=True, maxRetransmits=0))
            await pc.setLocalDescription(await pc.createOffer())
            self._offers += 1
            self._answered.clear()
            self._signal(offer=self._description(pc, self._offers, tracks=True))

    async def answered(self, answer: r.SessionDescription) -> None:
        """The client answers our offer."""
        if self._subscriber is None or answer.id not in (0, self._offers):
            return
        sdp = without_mdns(answer.sdp)
        await self._subscriber.setRemoteDescription(RTCSessionDescription(sdp, "answer"))
        self._answered.set()
        await self._use_candidates(r.SUBSCRIBER)

    async def answer(self, offer: r.SessionDescription) -> None:
        """Answer the client's offer: what it publishes and, in v1, all there is."""
        async with self._negotiating:
            if self._publisher is None:
                self._publisher = self._connection()
            pc = self._publisher
            if self._v1 and self._room.avatar_here and not self._attached:
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

    async def trickle(self, trickle: r.TrickleRequest) -> None:
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
            self._mistaken("sent data that is not LiveKit's")
            return
        if packet.WhichOneof("value") == "user":
            self._room.heard(packet.user.payload, packet.user.topic)

    # ---- what it publishes --------------------------------------------------------------------

    def _track_came(self, track: MediaStreamTrack) -> None:
        self._listening.append(asyncio.ensure_future(self._listen(track)))

    async def _listen(self, track: MediaStreamTrack) -> None:
        """Take in all of a published track: what nobody takes in would pile up."""
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, AudioFrame):
                    self._room.ear.hear(_mono(frame), frame.sample_rate)

    async def lost_share(self) -> float:
        """How much of what was sent the client reports as lost: 0 to 1."""
        lost = 0.0
        pc = self._downward
        if pc is not None and pc.connectionState == "connected":
            for stats in (await pc.getStats()).values():
                if stats.type == "remote-inbound-rtp":
                    lost = max(lost, stats.fractionLost / 256)
        return lost

    async def close(self) -> None:
        """End all of it, and wait. Twice is harmless."""
        if self._closed:
            return
        self._closed = True
        self._room.show.pump.unsubscribe(self._tracks)
        for pc in (self._subscriber, self._publisher):
            if pc is not None:
                await pc.close()
        for watch in self._watching:
            watch.cancel()
        for task in self._listening:
            task.cancel()
        await asyncio.gather(*self._listening, return_exceptions=True)


def _mono(frame: AudioFrame) -> np.ndarray[Any, np.dtype[np.int16]]:
    """The first channel, `int16[n]`, of what aiortc decodes (packed s16)."""
    samples = frame.to_ndarray()[0, :: len(frame.layout.channels)]
    return samples.astype(np.int16, copy=False)
