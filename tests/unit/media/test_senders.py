"""Senders get their encoder once, and what they send is one history whatever becomes of frames."""

import asyncio
import gc
import itertools
import pathlib
import re
from fractions import Fraction

import av
import numpy as np
import pytest
from aiortc import rtcrtpsender
from aiortc.codecs.h264 import h264_depayload
from aiortc.codecs.vpx import Vp8Encoder, vp8_depayload
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av.video.frame import VideoFrame

from ipyavatar.media import senders
from ipyavatar.media.media_pump import Subscriber
from ipyavatar.media.senders import add_tracks
from ipyavatar.media.shared_encoder import SharedEncoders
from tests.support.fakes.peer_connection import FakePeerConnection
from tests.support.pictures import psnr

DEPAYLOAD = {"video/H264": ("h264", h264_depayload), "video/VP8": ("vp8", vp8_depayload)}

# Each viewer sends its first picture before its second; that is all the order there is.
ORDERS = [
    order
    for order in itertools.permutations([("a", 0), ("a", 1), ("b", 0), ("b", 1)])
    if all(order.index((viewer, 0)) < order.index((viewer, 1)) for viewer in "ab")
]


def blobs(number):
    """A picture of soft shapes that are elsewhere in each: `uint8[360, 320]`, I420 of 320 x 240."""
    y, x = np.mgrid[0:240, 0:320] / 40
    luma = 128 + 50 * np.sin(x + number) * np.cos(y - number)
    return np.concatenate([luma, np.full((120, 320), 128)]).astype(np.uint8)


def frame_of(picture, number):
    frame = VideoFrame.from_numpy_buffer(picture, format="yuv420p")
    frame.pts, frame.time_base = number * 3600, Fraction(1, 90_000)
    return frame


@pytest.mark.parametrize("mime", DEPAYLOAD)
@pytest.mark.parametrize("order", ORDERS, ids=lambda order: "".join(f"{v}{n}" for v, n in order))
def test_frames_that_live_at_once_may_be_freed_in_any_order(mime, order):
    """Two viewers, two pictures, each frame gone once sent: both decode the pictures, >= 40 dB."""

    async def go():
        shared = SharedEncoders()
        live, encoders = {}, {}
        for name in "ab":
            connection, subscriber = FakePeerConnection(), Subscriber(shared)
            sender = add_tracks(connection, subscriber, [mime])[1]
            await connection.negotiate()
            encoders[name] = sender._RTCRtpSender__encoder
            await connection.close()
            for number in range(2):
                live[name, number] = frame_of(blobs(number), number)
        sent = {"a": [], "b": []}
        for name, number in order:
            sent[name].append(encoders[name].encode(live.pop((name, number)))[0])
            gc.collect()
        return sent

    sent = asyncio.run(go())
    assert sent["a"] == sent["b"]
    name, depayload = DEPAYLOAD[mime]
    decoder = av.CodecContext.create(name, "r")
    for number, payloads in enumerate(sent["a"]):
        (shown,) = decoder.decode(av.Packet(b"".join(map(depayload, payloads))))
        assert psnr(shown.to_ndarray(), blobs(number)) >= 40


@pytest.mark.parametrize("mime", DEPAYLOAD)
def test_viewers_of_one_pump_are_sent_the_same_pictures(mime):
    """From the first frame on, and also when their connection is negotiated again."""

    async def go():
        shared = SharedEncoders()
        viewers = [(FakePeerConnection(), Subscriber(shared)) for _ in range(3)]
        for connection, subscriber in viewers:
            add_tracks(connection, subscriber, [mime])
            await connection.negotiate()
        for number in range(4):
            for connection, subscriber in viewers:
                subscriber.video.put(number * 1920, blobs(number))
                if number == 2:
                    await connection.negotiate()
            for connection, _ in viewers:
                await asyncio.wait_for(until_sent(connection, number + 1), 10)
        for connection, _ in viewers:
            await connection.close()
        return [pictures_of(connection) for connection, _ in viewers]

    sent = asyncio.run(go())
    assert len(sent[0]) == 4
    assert sent[0] == sent[1] == sent[2]


async def until_sent(connection, pictures):
    while len(pictures_of(connection)) < pictures:
        await asyncio.sleep(0)


def pictures_of(connection):
    """The payloads of each whole picture that was sent."""
    pictures = [[]]
    for packet in connection.transceivers[1].transport.packets:
        pictures[-1].append(packet.payload)
        if packet.marker:
            pictures.append([])
    return pictures[:-1]


def test_tracks_are_put_in_a_connection_in_one_place():
    """A track that is added otherwise would be encoded by aiortc, for that viewer alone."""
    source = pathlib.Path(senders.__file__).parents[1]
    found = [
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if re.search(r"\.(addTrack|addTransceiver|replaceTrack)\(", path.read_text("utf-8"))
    ]
    assert found == ["media/senders.py"]


def test_other_connections_of_the_process_keep_aiortcs_encoders():
    """Users who run aiortc beside us get what they know."""

    async def go():
        add_tracks(FakePeerConnection(), Subscriber(SharedEncoders()), ["video/VP8"])

    asyncio.run(go())
    encoder = rtcrtpsender.get_encoder(RTCRtpCodecParameters("video/VP8", 90_000))
    assert type(encoder) is Vp8Encoder


def test_codecs_are_ours_only_in_the_order_asked_for():
    """Silence is a ready-made packet of Opus, so sound is never sent as anything else."""

    async def go():
        connection = FakePeerConnection()
        add_tracks(connection, Subscriber(SharedEncoders()), ["video/VP8", "video/H264"])
        return [
            list(dict.fromkeys(codec.mimeType for codec in transceiver.codecs))
            for transceiver in connection.transceivers
        ]

    assert asyncio.run(go()) == [["audio/opus"], ["video/VP8", "video/H264", "video/rtx"]]
