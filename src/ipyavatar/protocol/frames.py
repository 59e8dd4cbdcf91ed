"""The messages about sound and pictures as frames, without WebRTC. A part of `protocol.page`."""

from __future__ import annotations

from typing import Literal

import msgspec

from ..core.decode import Count, Number
from ..core.secret import Secret
from .message import PageMessage

FrameKind = Literal["sound", "picture"]


class Subscribe(PageMessage, frozen=True, tag="subscribe"):
    """The page wants sound and pictures as `Frames`, or it is `Refused`.

    `peer` is as in `Offer`. The page may ask again until the first frames come. With `plain` it has
    no decoders: sound is samples, and pictures are JPEG. They come by widget message. With an
    `origin`, its own, the page may reach ports of the host, and gets a `SocketGranted` besides.
    """

    page: str
    peer: str
    plain: bool = False
    origin: str = ""


class OpenSocket(PageMessage, frozen=True, tag="open-socket"):
    """The first that a page says over its WebSocket: whose it is, and the `token` it was given."""

    page: str
    peer: str
    token: str


class Acknowledge(PageMessage, frozen=True, tag="acknowledge"):
    """Frames up to this `number` have come, but for those from `lost_from` to `lost_to`.

    With `gap` a keyframe is needed. What was lost is told once; 0 is nothing. `at_ms` is the page's
    own clock as it says so.
    """

    page: str
    peer: str
    number: Count
    gap: bool = False
    lost_from: Count = 0
    lost_to: Count = 0
    at_ms: Number = 0.0


class Missed(PageMessage, frozen=True, tag="missed"):
    """The page has the stream by another way than before, which broke.

    For so long, until it says so, it has heard nothing.
    """

    page: str
    ms: Number


class MediaFrame(msgspec.Struct, frozen=True, rename="camel"):
    """20 ms of sound, as an Opus packet, or a picture, as a VP8 frame; or plain, see `Subscribe`.

    Attributes:
        kind: What it is.
        number: Frames of one subscription are numbered from 1, sound and pictures together.
        at_ms: When it is due, on the clock of the sound.
        key: It can be decoded without the ones before.
    """

    kind: FrameKind
    number: Count
    at_ms: Number
    key: bool


class Frames(PageMessage, frozen=True, tag="frames"):
    """Sound and pictures for the subscription `peer`; each frame's bytes are a buffer, in order.

    Sound comes ahead of its time: `clock_ms` is what the clock of the sound says as they are sent.
    `flushes` counts how often what had not been played was dropped; where it grows, all sound that
    came before is to be dropped, and with less than that it comes too late. With `resting` nothing
    follows until the avatar has something to say: what is sent keeps a kernel from being culled.
    The first after an acknowledgement has in `echo_ms` what that said of the page's clock, and
    since when it was here: what the page's clock says less that is the time there and back.
    """

    page: str
    peer: str
    frames: tuple[MediaFrame, ...] = ()
    clock_ms: Number = 0.0
    flushes: Count = 0
    resting: bool = False
    echo_ms: Number | None = None


class SocketGranted(PageMessage, frozen=True, tag="socket-granted"):
    """The page may open a WebSocket to this port of the host, once; it says `OpenSocket` there.

    From then on frames come over it, each `Frames` as bytes (`page_codec.pack_frames`), and both
    sides say over it, as JSON text, what goes over a data channel elsewhere. When it ends, frames
    come by widget message again.
    """

    page: str
    peer: str
    port: Count
    token: Secret
