"""The events of a session by plain WebRTC, whenever its channel opens."""

import asyncio
import json
from types import SimpleNamespace

import pytest

from ipyavatar.twin.heygen.data_messages import HeyGenDataMessages
from ipyavatar.twin.heygen.raw_webrtc import (
    MAX_CANDIDATES,
    MAX_EARLY_EVENTS,
    RawWebRtc,
    _RawViewer,
)
from ipyavatar.twin.media.session_media import MediaEvent


class Channel:
    """A data channel as far as events need one."""

    def __init__(self, state):
        self.readyState = state
        self.bufferedAmount = 0
        self.sent = []

    def send(self, data):
        assert self.readyState == "open"
        self.sent.append(json.loads(data)["type"])


def make_viewer(state):
    messages = HeyGenDataMessages(None, lambda: 0.0, lambda: "id")
    return _RawViewer(None, None, None, Channel(state), messages)


def event(kind):
    return MediaEvent(kind, SimpleNamespace(id="task"))


def test_what_is_told_before_the_channel_is_open_is_told_then():
    """A task that comes as soon as `start` is answered finds the channel still connecting."""
    viewer = make_viewer("connecting")
    viewer.send(event("started"))
    viewer.send(event("text_end"))
    viewer.channel.readyState = "open"
    viewer.send_early_events()
    viewer.send(event("ended"))
    assert viewer.channel.sent == [
        "avatar_start_talking",
        "avatar_end_message",
        "avatar_stop_talking",
    ]


def test_a_channel_that_never_opens_costs_no_memory():
    viewer = make_viewer("connecting")
    for _ in range(2 * MAX_EARLY_EVENTS):
        viewer.send(event("started"))
    assert len(viewer.early_events) == MAX_EARLY_EVENTS


def test_a_closed_channel_is_told_nothing():
    viewer = make_viewer("closed")
    viewer.send(event("started"))
    assert (viewer.channel.sent, viewer.early_events) == ([], [])


@pytest.mark.parametrize("answered", [True, False])
def test_a_client_has_so_many_candidates_in_its_whole_life(answered):
    class Connection:
        taken = 0

        async def addIceCandidate(self, _):
            self.taken += 1

        async def setRemoteDescription(self, _):
            pass

    async def go():
        server, viewer = RawWebRtc(lambda *_: None), make_viewer("connecting")
        viewer.pc, viewer.answered = Connection(), answered
        server._viewers["s"] = viewer
        for port in range(1, 3 * MAX_CANDIDATES):
            line = f"candidate:1 1 udp 2130706431 127.0.0.1 {port} typ host"
            await server.add_candidate("s", {"candidate": line, "sdpMid": "0"})
        await server.accept_answer("s", "v=0")
        await server.add_candidate("s", {"candidate": line, "sdpMid": "0"})
        return viewer.pc.taken

    assert asyncio.run(go()) == MAX_CANDIDATES
