"""HeyGen without LiveKit: the service offers a peer connection, and the client answers by REST.

This is what the service's documentation shows: `streaming.new` without a version brings an offer,
`streaming.start` takes the answer, `streaming.ice` the client's candidates. Events come on a data
channel that the service makes.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceCandidate,
    RTCSessionDescription,
)

from ...errors import MediaError
from ...media.media_pump import Subscriber
from ...media.peer import prepare, without_mdns
from ...media.peer_connection import PeerConnection
from ...media.senders import add_tracks
from ..livekit.data_messages import DataMessages
from ..media.candidates import parse_candidate
from ..media.session_media import MediaEvent, SessionMedia

CHANNEL = "data"
MAX_CANDIDATES = 100
"""Of a client in its whole life: each is kept, and checked with each of ours."""
MAX_BUFFERED = 1_000_000
"""Bytes buffered in a data channel; events are dropped while there are more."""
MAX_EARLY_EVENTS = 1000


@dataclass(eq=False)
class _RawViewer:
    """The one client of a session."""

    media: SessionMedia
    subscriber: Subscriber
    pc: PeerConnection
    channel: RTCDataChannel
    messages: DataMessages
    answered: bool = False
    candidates_left: int = MAX_CANDIDATES
    early: list[RTCIceCandidate] = field(default_factory=list)
    """Candidates that came before the answer."""
    early_events: list[bytes] = field(default_factory=list)
    """What was told before the channel was open: a task may come as soon as `start` is answered."""

    def send(self, event: MediaEvent) -> None:
        """Tell the client, in binary frames, as the service does."""
        for message, _ in self.messages.encode_event(event):
            data = msgspec.json.encode(message)
            if self.channel.readyState == "connecting":
                if len(self.early_events) < MAX_EARLY_EVENTS:
                    self.early_events.append(data)
            elif self.channel.readyState == "open" and self.channel.bufferedAmount < MAX_BUFFERED:
                self.channel.send(data)

    def send_early_events(self) -> None:
        """The channel is open."""
        events, self.early_events = self.early_events, []
        for data in events:
            self.channel.send(data)


class RawWebRtc:
    """The clients of all sessions without LiveKit. `close()` ends them and waits.

    Args:
        log_event: Takes what happened in which session.
    """

    def __init__(self, log_event: Callable[[str, str], None]) -> None:
        self._log_event = log_event
        self._viewers: dict[str, _RawViewer] = {}

    async def offer(self, media: SessionMedia, messages: DataMessages) -> str:
        """The offer of a new session: picture, sound and a data channel, candidates inside."""
        prepare()
        pc = PeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        subscriber = media.pump.subscribe()
        # Like the service: one codec, the one that was asked for.
        for sender in add_tracks(pc, subscriber, (media.appearance.codec,)):
            sender._stream_id = "avatar"
        # After the tracks: with one bundle, aiortc drops the transport of a channel before them.
        channel = pc.createDataChannel(CHANNEL)
        viewer = _RawViewer(media, subscriber, pc, channel, messages)
        session = media.session
        self._viewers[session.id] = viewer
        channel.on("open", viewer.send_early_events)
        media.on_event = viewer.send
        pc.on("connectionstatechange", lambda: self._log_event(session.id, pc.connectionState))
        await pc.setLocalDescription(await pc.createOffer())
        return str(pc.localDescription.sdp)

    async def accept_answer(self, session_id: str, sdp: str) -> None:
        """The client's answer: media may flow.

        Raises:
            MediaError: It is none, or not one to our offer.
        """
        viewer = self._viewers.get(session_id)
        if viewer is None:
            raise MediaError("The session's media is gone.")
        try:
            answer = RTCSessionDescription(without_mdns(sdp), "answer")
            await viewer.pc.setRemoteDescription(answer)
        except Exception as error:
            raise MediaError(f"The answer makes no sense: {error}.") from error
        viewer.answered = True
        early, viewer.early = viewer.early, []
        for candidate in early:
            await self._use(viewer, candidate)

    async def add_candidate(self, session_id: str, init: dict[str, Any]) -> None:
        """A candidate of the client's; before its answer it waits for that."""
        viewer, candidate = self._viewers.get(session_id), parse_candidate(init)
        if viewer is None or candidate is None or not viewer.candidates_left:
            return
        viewer.candidates_left -= 1
        if viewer.answered:
            await self._use(viewer, candidate)
        else:
            viewer.early.append(candidate)

    async def _use(self, viewer: _RawViewer, candidate: RTCIceCandidate) -> None:
        # One for a section that was bundled away is refused; the bundle has its own.
        with contextlib.suppress(Exception):
            await viewer.pc.addIceCandidate(candidate)

    async def end_stream(self, session_id: str) -> None:
        """End the stream of a session."""
        viewer = self._viewers.pop(session_id, None)
        if viewer is not None:
            viewer.media.pump.unsubscribe(viewer.subscriber)
            await viewer.pc.close()

    async def close(self) -> None:
        """End all."""
        for session_id in list(self._viewers):
            await self.end_stream(session_id)
