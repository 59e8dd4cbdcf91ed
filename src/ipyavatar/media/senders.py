"""A subscriber's tracks in a peer connection; a sender of pictures has its encoder from the start.

aiortc gives a sender an encoder of its own when the first frame comes. Ours is set before, when
the codec is agreed on: it belongs to the sender for as long as that lives, whatever becomes of
frames and tracks, and no other peer connection of this process is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiortc import MediaStreamTrack, RTCPeerConnection, RTCRtpSender
from aiortc.codecs.base import Encoder
from aiortc.rtcrtpparameters import RTCRtpSendParameters

from .media_pump import Subscriber

AUDIO_CODEC = "audio/opus"

_ENCODER = "_RTCRtpSender__encoder"
"""Where aiortc keeps a sender's encoder; it has no public way to set one."""


MakeEncoder = Callable[[str], Encoder]
"""Makes an encoder for a codec, as `video/VP8`."""


def add_tracks(
    pc: RTCPeerConnection, subscriber: Subscriber, codecs: Sequence[str]
) -> list[RTCRtpSender]:
    """Send `subscriber` sound and pictures over `pc`.

    Args:
        pc: Not negotiated yet, or to be negotiated again.
        subscriber: Whose tracks are sent.
        codecs: Of the pictures, best first, as `video/H264`; the other side chooses from them.

    Returns:
        The senders of sound and pictures; stream ids, for example, are set there.
    """
    return [
        add_track(pc, subscriber.audio, (AUDIO_CODEC,)),  # sound comes encoded
        add_track(pc, subscriber.video, codecs, subscriber.encoder),
    ]


def add_track(
    pc: RTCPeerConnection,
    track: MediaStreamTrack,
    codecs: Sequence[str],
    make_encoder: MakeEncoder | None = None,
) -> RTCRtpSender:
    """Send one track over `pc`; without `make_encoder` what is not encoded yet is so by aiortc."""
    wanted = (*codecs, "video/rtx") if track.kind == "video" else codecs
    transceiver = pc.addTransceiver(track, direction="sendonly")
    known = RTCRtpSender.getCapabilities(track.kind).codecs
    transceiver.setCodecPreferences(
        [codec for name in wanted for codec in known if codec.mimeType == name]
    )
    if make_encoder is not None:
        _encode_by(transceiver.sender, make_encoder)
    return transceiver.sender


def add_receiver(pc: RTCPeerConnection, kind: str) -> None:
    """Use the next section of that kind that is offered to receive."""
    pc.addTransceiver(kind, direction="recvonly")


def _encode_by(sender: RTCRtpSender, make_encoder: MakeEncoder) -> None:
    """Give `sender` its encoder as soon as it knows its codec."""
    start = sender.send

    async def send(parameters: RTCRtpSendParameters) -> None:
        if getattr(sender, _ENCODER) is None:  # it is called at each negotiation
            setattr(sender, _ENCODER, make_encoder(parameters.codecs[0].mimeType))
        await start(parameters)

    sender.send = send  # type: ignore[method-assign]
