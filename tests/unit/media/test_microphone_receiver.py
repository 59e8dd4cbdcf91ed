"""Packets of a microphone are sound at once, as long as somebody listens."""

import asyncio
from fractions import Fraction
from types import SimpleNamespace

import av
import numpy as np
import pytest
from aiortc.rtp import RtpPacket

from ipyavatar.media.microphone_receiver import PACKET_SAMPLES, RATE, MicrophoneReceiver

OPUS = 111
SECONDS = 0.5


def opus_packets(layout="mono"):
    """A tone of 440 Hz, as a browser encodes it."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE, layout, "s16"
    encoder.time_base = Fraction(1, RATE)
    tone = np.sin(2 * np.pi * 440 * np.arange(int(RATE * SECONDS)) / RATE) * 16_000
    samples = np.repeat(tone.astype(np.int16), 2 if layout == "stereo" else 1)[None]
    frame = av.AudioFrame.from_ndarray(samples, format="s16", layout=layout)
    frame.sample_rate, frame.pts, frame.time_base = RATE, 0, Fraction(1, RATE)
    return [bytes(packet) for one in (frame, None) for packet in encoder.encode(one)]


class Sender:
    """What comes to a receiver, as aiortc hands it on."""

    def __init__(self, *, listening=True, on_samples=None):
        self.heard = []
        self.receiver = MicrophoneReceiver(on_samples or self.heard.append)
        self.registered = []
        transport = SimpleNamespace(
            _register_rtp_receiver=lambda *args: self.registered.append(args)
        )
        self.aiortc = SimpleNamespace(transport=transport, receive=None)
        self.receiver.receive_in_place_of(SimpleNamespace(receiver=self.aiortc))
        self.negotiate()
        self.receiver.listening = listening

    def negotiate(self):
        codecs = [
            SimpleNamespace(payloadType=OPUS, mimeType="audio/opus"),
            SimpleNamespace(payloadType=0, mimeType="audio/PCMU"),
        ]
        asyncio.run(self.aiortc.receive(SimpleNamespace(codecs=codecs)))

    def send(self, number, payload, payload_type=OPUS):
        packet = RtpPacket(payload_type=payload_type, sequence_number=number % 65_536)
        packet.payload = payload
        asyncio.run(self.receiver._handle_rtp_packet(packet, arrival_time_ms=0))

    @property
    def sound(self):
        return np.concatenate(self.heard) if self.heard else np.zeros(0)


@pytest.mark.parametrize("layout", ["mono", "stereo"])
def test_each_packet_is_sound_as_soon_as_it_comes(layout):
    """Twenty milliseconds of it, mono, with nothing held back."""
    sender = Sender()
    packets = opus_packets(layout)
    for number, packet in enumerate(packets, 65_530):  # the numbers begin anew on the way
        sender.send(number, packet)
        assert len(sender.heard[-1]) == PACKET_SAMPLES
    assert len(sender.heard) == len(packets)
    assert sender.heard[0].dtype == np.float32
    middle = sender.sound[RATE // 10 : -RATE // 10]
    loudest = np.argmax(np.abs(np.fft.rfft(middle))) * RATE / len(middle)
    assert abs(loudest - 440) < 5
    assert abs(float(np.abs(middle).max()) - 16_000 / 32_768) < 0.1


def test_nothing_is_decoded_while_nobody_listens():
    """Whatever a page sends; and afterwards it is no hole."""
    sender = Sender(listening=False)
    packets = opus_packets()
    for number, packet in enumerate(packets[:5]):
        sender.send(number, packet)
    assert sender.heard == []
    assert sender.receiver._decoder is None
    sender.receiver.listening = True
    sender.send(5, packets[5])
    assert len(sender.sound) == PACKET_SAMPLES


def test_what_is_missing_is_silence_and_what_is_late_or_doubled_is_nothing():
    """A pause of many packets is none: it goes on at once."""
    sender = Sender()
    packets = opus_packets()
    for number in (0, 1, 4, 3, 4, 5):
        sender.send(number, packets[number])
    assert len(sender.sound) == 6 * PACKET_SAMPLES
    assert not sender.sound[2 * PACKET_SAMPLES : 4 * PACKET_SAMPLES].any()
    sender.send(5_000, packets[6])
    assert len(sender.sound) == 7 * PACKET_SAMPLES


def test_garbage_is_no_sound_and_ends_nothing(caplog):
    """Not of another codec either; the first failure is logged, and the next packet is heard."""
    sender = Sender()
    packets = opus_packets()
    sender.send(0, b"\xff" * 7)
    sender.send(1, b"\xff" * 7)
    sender.send(2, b"")
    sender.send(3, packets[0], payload_type=0)
    assert sender.heard == []
    sender.send(4, packets[0])
    assert sender.sound[-PACKET_SAMPLES:].any()
    assert len([record for record in caplog.records if "decoded" in record.message]) == 1


def test_what_users_of_the_sound_raise_ends_nothing(caplog):
    """Each packet is given to them all the same, and the first failure is logged."""
    given = []

    def use(samples):
        given.append(samples)
        raise ValueError("no such model")

    sender = Sender(on_samples=use)
    for number, packet in enumerate(opus_packets()[:3]):
        sender.send(number, packet)
    assert len(given) == 3
    assert len([record for record in caplog.records if "be used" in record.message]) == 1


def test_a_track_that_says_goodbye_is_followed_by_another():
    """A browser says so each time the microphone is turned off; negotiated again it is the same."""
    sender = Sender()
    packets = opus_packets()
    sender.send(0, packets[0])
    asyncio.run(sender.receiver._handle_rtcp_packet(object()))
    sender.negotiate()
    sender.send(1, packets[1])
    assert len(sender.heard) == 2
    assert [one[0] for one in sender.registered] == [sender.receiver]
    sender.receiver._handle_disconnect()
    sender.send(2, packets[2])
    assert len(sender.heard) == 2
