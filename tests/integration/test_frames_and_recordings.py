"""Frames, sound, snapshots and recordings of a real session, in a thread and in a process."""

import asyncio
import gc
import threading
import time

import av
import numpy as np
import pytest

from ipyavatar import AvatarSession
from ipyavatar.errors import InvalidArgument, MediaError, SessionClosed, UnknownName
from tests.support.processes import until

SAY = "Good morning. This lesson is about recordings, and it is short."
WAIT_S = 120


@pytest.fixture(scope="module", params=["thread", "process"])
def avatar(request):
    with AvatarSession(host=request.param, quality="low") as avatar:
        avatar.start().wait(WAIT_S)
        avatar.speak("Hello.").wait(WAIT_S)
        yield avatar


def test_a_loop_over_frames_and_one_over_sound(avatar):
    """On one clock, whole, 25 pictures a second; with the speech in them."""
    speech = avatar.speak(SAY)
    heard = []
    ears = threading.Thread(target=lambda: heard.extend(avatar.audio(until=speech)))
    ears.start()
    seen = [(frame.timestamp, frame[200:, 380:480].mean()) for frame in avatar.frames(until=speech)]
    ears.join(WAIT_S)
    times = np.array([at for at, _ in seen])
    sound = np.concatenate(heard)
    assert sound.dtype == np.float32
    assert np.diff([one.timestamp for one in heard]) == pytest.approx(0.02)
    assert (np.diff(times) < 0.041).all()
    assert speech.state == "said"
    length = speech.words[-1][2]
    loud = np.flatnonzero(np.abs(sound) > 0.02) / 48_000
    assert loud[-1] - loud[0] == pytest.approx(length, abs=0.4)
    assert times[-1] - times[0] >= length - 0.2
    assert np.std([mean for _, mean in seen]) > 0.05  # the face moves


def test_an_async_loop(avatar):
    """The same, awaited."""

    async def look():
        speech = avatar.speak("One.")
        return [frame.shape async for frame in avatar.frames(until=speech)]

    shapes = asyncio.run(look())
    assert set(shapes) == {(480, 854, 3)}
    assert len(shapes) > 5


def test_a_loop_that_was_left_costs_nothing(avatar):
    """Nothing is drawn any more."""
    for _ in avatar.frames():
        break
    gc.collect()

    def still():
        before = avatar.stats.get("pictures")
        time.sleep(1.5)  # numbers come once a second
        return avatar.stats.get("pictures") == before

    until(still, WAIT_S, "nothing is drawn")


def test_a_snapshot(avatar):
    """An array, a PNG."""
    shot = avatar.snapshot().wait(WAIT_S)
    assert shot.array.shape == (480, 854, 3)
    assert shot.array.std() > 20
    assert len(shot.png) > 50_000


def test_two_recordings_of_one_speech(avatar, tmp_path):
    """Sound and pictures are whole, and captions say what was said."""
    with (
        avatar.record(tmp_path / "a.mp4", captions="track") as film,
        avatar.record(tmp_path / "b.webm", captions="burn"),
    ):
        speech = avatar.speak(SAY).wait(WAIT_S)
    assert film.done
    length = speech.words[-1][2]
    for name in ("a.mp4", "b.webm"):
        with av.open(tmp_path / name) as file:
            assert file.duration / 1e6 >= length
            pictures = sum(1 for _ in file.decode(video=0))
        assert pictures >= (length - 0.2) * 25
    with av.open(tmp_path / "a.mp4") as file:
        texts = [bytes(packet)[2:].decode() for packet in file.demux(subtitles=0)]
    assert " ".join(filter(None, texts)) == SAY


def test_what_cannot_be_recorded_is_refused_at_the_call(avatar, tmp_path):
    """Nothing is left behind by it."""
    with pytest.raises(UnknownName, match=r"\.avi"):
        avatar.record(tmp_path / "a.avi")
    with pytest.raises(MediaError, match="cannot be written"):
        avatar.record("/proc/no.mp4")
    with pytest.raises(InvalidArgument, match="no until="):
        avatar.frames(until=3)
    assert list(tmp_path.iterdir()) == []


def test_after_stop():
    """Loops end, files are complete, and new ones are refused."""
    avatar = AvatarSession(quality="low")
    frames, seen = avatar.frames(), []
    loop = threading.Thread(target=lambda: seen.extend(frame.timestamp for frame in frames))
    loop.start()
    until(lambda: seen, WAIT_S, "a picture")
    avatar.stop().wait(WAIT_S)
    loop.join(WAIT_S)
    assert not loop.is_alive()
    for verb in (avatar.frames, avatar.audio, avatar.snapshot):
        with pytest.raises(SessionClosed, match="The avatar was stopped"):
            verb()
    avatar.close().wait(WAIT_S)
    with pytest.raises(SessionClosed, match="Make another one"):
        avatar.frames()
