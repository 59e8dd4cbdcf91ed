"""One encoder for all viewers: who gets what, and when a keyframe is made."""

from fractions import Fraction

import numpy as np
import pytest
from av.video.frame import VideoFrame

from ipyavatar.media.encoders import ENCODERS
from ipyavatar.media.shared_encoder import KEEP, SharedEncoders

VIDEO = ["video/h264", "video/vp8"]


class Counting:
    """Encodes a frame to its number, and remembers which ones were keyframes."""

    def __init__(self):
        self.keyframes = []
        self.fails_at = ()
        self.target_bitrate = 0

    def encode(self, frame, force_keyframe=False):
        self.keyframes.append(force_keyframe)
        if frame.pts in self.fails_at:
            raise ValueError(f"frame {frame.pts}")
        return [b"%d" % frame.pts], frame.pts

    def pack(self, packet):
        return [bytes(packet)], 0


def frames(count, size=(64, 48)):
    for pts in range(count):
        frame = VideoFrame(*size, "yuv420p")
        frame.pts = pts
        yield frame


class Scene:
    def __init__(self):
        self.encoders, self.encoder = SharedEncoders(), Counting()

    def viewer(self):
        return self.encoders.subscriber("video/h264", lambda: self.encoder)

    def frames(self, count):
        return list(frames(count))


def test_a_frame_is_encoded_once_for_all_viewers():
    scene = Scene()
    viewers = [scene.viewer() for _ in range(5)]
    for frame in scene.frames(4):
        for viewer in viewers:
            viewer.encode(frame)
    assert scene.encoder.keyframes == [True, False, False, False]


def test_one_who_comes_late_waits_for_the_next_frame_which_is_a_keyframe():
    scene = Scene()
    first, second = scene.viewer(), scene.viewer()
    shown = scene.frames(5)
    for frame in shown[:3]:
        first.encode(frame)
    assert second.encode(shown[2]) == ([], 2)
    assert first.encode(shown[3])[0] == second.encode(shown[3])[0] == [b"3"]
    assert scene.encoder.keyframes == [True, False, False, True]


def test_a_keyframe_that_one_viewer_asks_for_is_made_once():
    scene = Scene()
    first, second = scene.viewer(), scene.viewer()
    for number, frame in enumerate(scene.frames(6)):
        assert first.encode(frame, force_keyframe=number == 2)[0]
        assert second.encode(frame)[0]
    assert scene.encoder.keyframes == [True, False, True, False, False, False]


def test_one_who_missed_a_frame_gets_nothing_until_the_next_keyframe():
    scene = Scene()
    first, second = scene.viewer(), scene.viewer()
    got = []
    for number, frame in enumerate(scene.frames(6)):
        first.encode(frame)
        if number != 2:
            got += second.encode(frame)[0]
    assert got == [b"0", b"1", b"4", b"5"]
    assert scene.encoder.keyframes == [True, False, False, False, True, False]


def test_one_who_is_a_little_behind_gets_what_was_made():
    scene = Scene()
    first, second = scene.viewer(), scene.viewer()
    shown = scene.frames(KEEP + 8)
    second.encode(shown[0])
    for frame in shown[:6]:
        first.encode(frame)
    assert [second.encode(frame)[0] for frame in shown[1:6]] == [[b"%d" % n] for n in range(1, 6)]
    for frame in shown[6:]:
        first.encode(frame)
    assert second.encode(shown[6]) == ([], 0)  # no longer kept


def test_the_weakest_viewer_sets_the_bitrate():
    scene = Scene()
    first, second = scene.viewer(), scene.viewer()
    frame = scene.frames(1)[0]
    first.encode(frame)
    second.encode(frame)
    first.target_bitrate, second.target_bitrate = 900_000, 400_000
    assert scene.encoder.target_bitrate == 400_000
    assert first.target_bitrate == 900_000


def test_a_frame_that_fails_is_missing_and_the_next_is_a_keyframe(caplog):
    """Nobody gets the frame, both get the next; the failure is logged once and counted."""
    scene = Scene()
    first, second = scene.viewer(), scene.viewer()
    shown = scene.frames(6)
    scene.encoder.fails_at = {2, 3}
    got = [(first.encode(frame)[0], second.encode(frame)[0]) for frame in shown]
    assert got == [([b"%d" % n] * (n not in (2, 3)),) * 2 for n in range(6)]
    assert scene.encoder.keyframes == [True, False, False, True, True, False]
    assert scene.encoders.failures.count == 2
    assert [record.exc_info[0] for record in caplog.records] == [ValueError]


def frame_of(picture, pts):
    frame = VideoFrame.from_numpy_buffer(picture, format="yuv420p")
    frame.pts, frame.time_base = pts, Fraction(1, 90_000)
    return frame


def test_one_who_waits_for_a_keyframe_and_pauses_costs_the_others_nothing():
    """The keyframe it asked for is made once; when it looks again, one more."""
    scene = Scene()
    first, second = scene.viewer(), scene.viewer()
    for number, frame in enumerate(scene.frames(9)):
        first.encode(frame)
        if number in (2, 7, 8):
            second.encode(frame)
    assert scene.encoder.keyframes == [True, *[False] * 2, True, *[False] * 4, True]


def test_one_who_has_not_begun_to_send_asks_for_nothing():
    """Its connection may still be coming up, for as long as that takes."""
    scene = Scene()
    first, _waiting = scene.viewer(), scene.viewer()
    for frame in scene.frames(4):
        first.encode(frame)
    assert scene.encoder.keyframes == [True, False, False, False]


@pytest.mark.parametrize("mime", VIDEO)
def test_real_encoders_give_the_same_bytes_to_all(mime):
    encoders = SharedEncoders()
    viewers = [encoders.subscriber(mime, ENCODERS[mime]) for _ in range(2)]
    sizes = []
    for pts in range(6):
        frame = frame_of(np.full((48 * 3 // 2, 64), 16 + pts, np.uint8), pts * 3600)
        first, second = (viewer.encode(frame, force_keyframe=pts == 3) for viewer in viewers)
        assert first == second
        assert first[0]
        sizes.append(sum(map(len, first[0])))
    assert sizes[3] > sizes[2]
