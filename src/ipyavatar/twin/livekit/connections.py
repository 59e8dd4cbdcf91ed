"""The peer connections of one client in a room: one for each direction, or one for both."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCSessionDescription,
)
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from aiortc.sdp import SessionDescription
from av.audio.frame import AudioFrame
from livekit.protocol import rtc as r

from ...core.decode import decode_json
from ...core.tasks import TaskSet
from ...errors import MalformedData
from ...media.peer import prepare, without_mdns
from ...media.peer_connection import PeerConnection
from ...media.senders import add_receiver
from ..media.candidates import parse_candidate
from .data_channels import DataChannels
from .published_tracks import Section
from .subscriptions import Subscriptions

ANSWER_S = 10.0
MAX_CANDIDATES = 100
"""Of a client for one connection, in its whole life: each is kept, and tried with each of ours."""

MAX_SECTIONS = 200
"""Of a description: one for each track that was ever sent. Whoever has had more joins anew."""

CONNECT_S = 20.0
"""Media that is not connected by then has failed; clients themselves give up after 15."""

KINDS = ("audio", "video")


class ParticipantMedia:
    """The peer connections of one client, with what they send and receive.

    Args:
        v1: Whether there is one peer connection; else there is one for each direction.
        subscriptions: What the client is sent.
        channels: Its data channels.
        signal: Sends the client a field of `SignalResponse`.
        on_sections: Called with the sections of an offer in which the client sends.
        on_audio: Called with the id of such a section and what comes in it.
        on_failure: Called with the ICE state when media failed, or never connected.
    """

    def __init__(
        self,
        *,
        v1: bool,
        subscriptions: Subscriptions,
        channels: DataChannels,
        signal: Callable[..., None],
        on_sections: Callable[[dict[str, Section]], None],
        on_audio: Callable[[str, AudioFrame], None],
        on_failure: Callable[[str], None],
    ) -> None:
        prepare()
        self._v1 = v1
        self._subscriptions = subscriptions
        self._channels = channels
        self._signal = signal
        self._on_sections = on_sections
        self._on_audio = on_audio
        self._on_failure = on_failure
        self._subscriber: PeerConnection | None = None
        self._publisher: PeerConnection | None = None
        self._candidates: dict[int, list[Any]] = {r.PUBLISHER: [], r.SUBSCRIBER: []}
        self._candidates_left = dict.fromkeys(self._candidates, MAX_CANDIDATES)
        self._negotiating = asyncio.Lock()
        self._offer_answered = asyncio.Event()
        self._offer_count = 0
        self._missing = (0, 0)
        self._started = False
        self._tasks = TaskSet("a LiveKit client's media")
        self._timers: list[asyncio.TimerHandle] = []
        self._closed = False

    @property
    def state(self) -> str:
        """Of the connection that the avatar is sent over; "none" without one."""
        pc = self._downstream
        return pc.connectionState if pc is not None else "none"

    @property
    def _downstream(self) -> PeerConnection | None:
        return self._publisher if self._v1 else self._subscriber

    async def start(self, offer: r.SessionDescription | None) -> None:
        """Set media up, with the offer of the client's join request."""
        self._started = True
        if not self._v1:
            await self._offer()
        elif offer is not None and offer.sdp:
            await self.accept_offer(offer)

    def renegotiate(self) -> None:
        """The client's subscriptions have changed."""
        if not self._v1:
            if self._started:
                self._tasks.start(self._offer())
        elif self._publisher is not None and not self._subscriptions.is_applied():
            self._missing = (0, 0)
            self._ask_for_sections()

    # ---- negotiation --------------------------------------------------------------------------

    def _connection(self) -> PeerConnection:
        pc = PeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        pc.on("datachannel", self._on_data_channel)
        pc.on("track", lambda track: self._tasks.start(self._consume_track(pc, track)))
        pc.on("connectionstatechange", lambda: self._check_connection(pc, ("failed",)))
        call_later = asyncio.get_running_loop().call_later
        unconnected = ("failed", "new", "connecting")
        self._timers.append(call_later(CONNECT_S, self._check_connection, pc, unconnected))
        return pc

    def _check_connection(self, pc: PeerConnection, failed_states: tuple[str, ...]) -> None:
        if pc.connectionState in failed_states and not self._closed:
            self._on_failure(pc.iceConnectionState)

    async def _offer(self) -> None:
        """Offer the subscriber connection, anew when there is something to change."""
        async with self._negotiating:
            if self._subscriber is None:
                self._subscriber = self._connection()
            elif self._offer_count:
                if self._subscriptions.is_applied():
                    return
                try:
                    await asyncio.wait_for(self._offer_answered.wait(), ANSWER_S)
                except asyncio.TimeoutError:
                    self._on_failure("completed, but an offer was not answered")
                    return
            pc = self._subscriber
            if len(pc.getTransceivers()) > MAX_SECTIONS:
                self._on_failure("completed, but there are too many sections")
                return
            # Tracks before channels: with one bundle, aiortc drops the transport of a channel
            # that was there first when the answer comes.
            for kind in KINDS:
                for subscription in self._subscriptions.without_section(kind):
                    subscription.attach(pc)
            self._subscriptions.detach_unwanted()
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
        """Answer the client's offer: what it publishes and, in v1, all there is.

        Raises:
            ValueError: It is none.
        """
        async with self._negotiating:
            if self._publisher is None:
                self._publisher = self._connection()
            pc = self._publisher
            sdp = without_mdns(offer.sdp)
            description = SessionDescription.parse(sdp)
            if not 0 < len(description.media) <= MAX_SECTIONS:
                raise ValueError(f"there are {len(description.media)} sections")
            if self._v1:
                self._prepare_sections(pc, description)
                self._subscriptions.detach_unwanted()
            await pc.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
            await pc.setLocalDescription(await pc.createAnswer())
            await self._use_candidates(r.PUBLISHER)
            self._signal(answer=self._description(pc, offer.id, tracks=self._v1))
        self._on_sections(_sending_sections(description))
        if self._v1:
            self._ask_for_sections()

    def _prepare_sections(self, pc: PeerConnection, description: SessionDescription) -> None:
        """Use each new section of an offer: to send a track, or to receive one.

        aiortc gives sections to transceivers without one in the order of both, whatever their
        direction: so each is made here, and in that order.
        """
        known = {transceiver.mid for transceiver in pc.getTransceivers()}
        for media in description.media:
            if media.kind not in KINDS or media.rtp.muxId in known:
                continue
            waiting = self._subscriptions.without_section(media.kind)
            if waiting and media.direction in ("recvonly", "sendrecv"):
                waiting[0].attach(pc)
            else:
                add_receiver(pc, media.kind)

    def _ask_for_sections(self) -> None:
        """Have the client offer anew, with sections for what it does not get yet; ask once."""
        if self._subscriptions.is_applied():
            self._missing = (0, 0)
            return
        audios, videos = (len(self._subscriptions.without_section(kind)) for kind in KINDS)
        if (audios, videos) != self._missing or not (audios or videos):
            self._missing = (audios, videos)
            self._signal(
                media_sections_requirement=r.MediaSectionsRequirement(
                    num_audios=audios, num_videos=videos
                )
            )

    def _description(self, pc: PeerConnection, number: int, *, tracks: bool) -> Any:
        sids = self._subscriptions.track_sids() if tracks else {}
        local = pc.localDescription
        return r.SessionDescription(type=local.type, sdp=local.sdp, id=number, mid_to_track_id=sids)

    async def add_candidate(self, trickle: r.TrickleRequest) -> None:
        """Keep or use a candidate: it may come before the description it belongs to."""
        try:
            candidate = parse_candidate(decode_json(trickle.candidateInit, dict[str, Any]))
        except MalformedData:
            return
        if candidate is None or not self._candidates_left.get(trickle.target):
            return
        self._candidates_left[trickle.target] -= 1
        self._candidates[trickle.target].append(candidate)
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

    # ---- what comes ---------------------------------------------------------------------------

    def _on_data_channel(self, channel: RTCDataChannel) -> None:
        if self._v1:
            self._channels.adopt(channel)
        else:
            self._channels.receive_from(channel)

    async def _consume_track(self, pc: PeerConnection, track: MediaStreamTrack) -> None:
        """Read all of a published track: unread frames would pile up."""
        mid = next(t.mid or "" for t in pc.getTransceivers() if t.receiver.track is track)
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = await track.recv()
                if isinstance(frame, AudioFrame):
                    self._on_audio(mid, frame)

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
        self._subscriptions.close()
        for pc in (self._subscriber, self._publisher):
            if pc is not None:
                await pc.close()
        for timer in self._timers:
            timer.cancel()
        await self._tasks.close()


def _sending_sections(description: SessionDescription) -> dict[str, Section]:
    """The sections of a client's offer in which it sends."""
    return {
        media.rtp.muxId: Section(media.kind, description.webrtc_track_id(media) or "")
        for media in description.media
        if media.kind in KINDS and media.direction in ("sendonly", "sendrecv")
    }
