"""A peer connection by which a service's stream comes here: we only receive."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import av
import numpy as np
from aiortc import (
    MediaStreamError,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCSessionDescription,
)
from numpy.typing import NDArray

from ..core.guard import Guard
from ..core.log import get_logger
from ..core.tasks import TaskSet
from ..engine.playout import SAMPLE_RATE
from ..errors import AvatarError, MediaError
from ..protocol.options import IceServer
from .peer import CLOSE_S, prepare
from .peer_connection import PeerConnection
from .received_stream import StreamListener, as_i420
from .relays import RelayFinder
from .senders import add_receiver

log = get_logger(__name__)

CONNECT_S = 20.0
"""A connection that has not come up by then is given up."""

LONGEST_GAP = SAMPLE_RATE
"""Sound that is lost is silence; more than so many samples is another clock."""

EARLY_S = 0.03
"""aiortc keeps back four packets of sound, 80 ms, and one picture, 40 ms, and decodes it: by so
much a picture comes before its sound."""


class ReceivingPeer:
    """One connection. Offer and `accept`, or `answer`; `close()` is idempotent and waits.

    It may be kept while nobody listens, and go on for another listener.

    Args:
        listener: Told what comes, and when nothing comes any more.
        on_data: Told what comes by data channels.

    Attributes:
        listener: As given; None while nobody listens.
        lost: Nothing comes by it any more.
    """

    def __init__(
        self, listener: StreamListener, on_data: Callable[[str | bytes], None] | None = None
    ) -> None:
        prepare()
        self.listener: StreamListener | None = listener
        self._on_data = on_data
        self._telling = Guard("What came of a stream could not be taken", log)
        self._tasks = TaskSet("a received connection")
        self._pc: PeerConnection | None = None
        self._relays: RelayFinder | None = None
        self._mono = av.AudioResampler("s16", "mono", SAMPLE_RATE)
        self._expected: int | None = None  # when the next sound begins, in samples
        self.lost = False
        self._giving_up = asyncio.get_running_loop().call_later(CONNECT_S, self._give_up)

    async def offer(self, ice_servers: Sequence[IceServer] = ()) -> str:
        """An offer to receive sound and pictures.

        Raises:
            MediaError: It was closed meanwhile.
        """
        pc = await self._make(ice_servers)
        for kind in ("video", "audio"):
            add_receiver(pc, kind)
        await pc.setLocalDescription(await pc.createOffer())
        return str(pc.localDescription.sdp)

    async def accept(self, sdp: str) -> None:
        """Take the answer to it.

        Raises:
            MediaError: It makes no sense.
        """
        assert self._pc is not None  # noqa: S101  # offered before
        await self._take(self._pc, sdp, "answer")

    async def answer(self, sdp: str, ice_servers: Sequence[IceServer] = ()) -> str:
        """Answer an offer.

        Raises:
            MediaError: It makes no sense, or this was closed meanwhile.
        """
        pc = await self._make(ice_servers)
        await self._take(pc, sdp, "offer")
        await pc.setLocalDescription(await pc.createAnswer())
        return str(pc.localDescription.sdp)

    async def close(self) -> None:
        """End it."""
        self.lost = True
        self._giving_up.cancel()
        await self._tasks.close()
        if self._relays is not None:
            await self._relays.close()
        if self._pc is not None:
            closing = asyncio.ensure_future(self._pc.close())
            await asyncio.wait({closing}, timeout=CLOSE_S)

    # ---- inside -----------------------------------------------------------------------------

    async def _make(self, ice_servers: Sequence[IceServer]) -> PeerConnection:
        self._relays = RelayFinder(ice_servers)
        found: list[RTCIceServer] = await self._relays.find()
        if self.lost:  # nobody would close what is made now
            raise MediaError("The connection was closed before it was made.")
        pc = self._pc = PeerConnection(RTCConfiguration(iceServers=found))
        pc.on("track", self._on_track)
        pc.on("datachannel", self._on_channel)
        pc.on("connectionstatechange", self._on_state)
        return pc

    async def _take(self, pc: PeerConnection, sdp: str, kind: str) -> None:
        try:
            await pc.setRemoteDescription(RTCSessionDescription(sdp, kind))
        except Exception as error:
            what = f"The service's {kind} of a connection makes no sense ({type(error).__name__})."
            raise MediaError(what, "Stop the session and start another.") from error

    def _on_track(self, track: Any) -> None:
        follow = self._follow_pictures if track.kind == "video" else self._follow_sound
        self._tasks.start(self._until_end(follow(track)), f"receive {track.kind}")

    async def _until_end(self, follow: Any) -> None:
        try:
            await follow
        except MediaStreamError:
            self._lose("it has ended")

    async def _follow_sound(self, track: Any) -> None:
        while True:
            frame = await track.recv()
            for mono in self._mono.resample(frame):
                samples = mono.to_ndarray().reshape(-1).astype(np.int16, copy=False)
                self._telling.run(partial(self._put_sound, frame.pts, samples))

    def _put_sound(self, pts: int | None, samples: NDArray[np.int16]) -> None:
        gap = 0 if pts is None or self._expected is None else pts - self._expected
        self._expected = None if pts is None else pts + len(samples)
        if self.listener is not None:
            if 0 < gap <= LONGEST_GAP:
                self.listener.on_sound(np.zeros(gap, np.int16))
            self.listener.on_sound(samples)

    async def _follow_pictures(self, track: Any) -> None:
        while True:
            frame = await track.recv()
            if self.listener is None:
                continue
            at = 0.0 if frame.time is None else frame.time
            data = frame.to_ndarray(format="yuv420p").tobytes()
            picture = as_i420(data, frame.width, frame.height)
            self._telling.run(partial(self.listener.on_picture, at, picture, EARLY_S))

    def _on_channel(self, channel: RTCDataChannel) -> None:
        on_data = self._on_data
        if on_data is not None:
            # What is raised here would end the connection.
            channel.on("message", lambda data: self._telling.run(lambda: on_data(data)))

    def _on_state(self) -> None:
        assert self._pc is not None  # noqa: S101  # it is its state
        if self._pc.connectionState == "connected":
            self._giving_up.cancel()
        elif self._pc.connectionState in {"failed", "closed"}:
            self._lose("the connection was lost")

    def _give_up(self) -> None:
        self._lose(f"no connection came up within {CONNECT_S:g} s")

    def _lose(self, why: str) -> None:
        if not self.lost:
            self.lost = True
            error: AvatarError = MediaError(
                f"The service's stream does not come any more: {why}.",
                "Check that WebRTC gets through the network; then start it again.",
            )
            if self.listener is not None:
                self.listener.on_lost(error)
