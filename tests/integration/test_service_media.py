"""Sound and pictures of paid services in Python: every service, real protocols, the twin."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor

import av
import numpy as np
import psutil
import pytest

from ipyavatar import AvatarSession
from tests.integration.recogniser import hear, word_errors, words
from tests.support.processes import until
from tests.support.sdk import KEY, twin_process

SAY = "Good morning. This lesson is short."
WAIT_S = 60
RATE = 48_000

KINDS = {
    "heygen": ("heygen", {"avatar_id": "x", "quality": "low"}),
    "heygen-webrtc": ("heygen", {"avatar_id": "x", "quality": "low", "transport": "webrtc"}),
    "lite": ("liveavatar", {"avatar_id": "x", "quality": "low"}),
    "full": (
        "liveavatar",
        {"avatar_id": "x", "quality": "low", "lite": False, "context_id": "c"},
    ),
    "kaltura": ("kaltura", {"avatar_id": "64b1f0c2a1b2c3d4e5f60718"}),
}


@pytest.fixture(scope="module")
def twin():
    with twin_process("--concurrency", "9") as process:
        yield process


def opened(twin, kind):
    service, options = KINDS[kind]
    return AvatarSession(service, api_key=KEY, base_url=twin.url, host="thread", **options)


class Taken:
    """What two readers and a recording had of one speech; and a snapshot of after."""

    def __init__(self, twin, kind, file):
        self.file, self.frames, self.sounds = file, [], []
        with opened(twin, kind) as avatar:
            with avatar.record(file, captions="track") as self.film:
                frames, sounds = avatar.frames(), avatar.audio()
                self.speech = avatar.speak(SAY)
                ears = threading.Thread(target=lambda: self.sounds.extend(sounds))
                eyes = threading.Thread(target=lambda: self.frames.extend(frames))
                ears.start(), eyes.start()
                self.speech.wait(WAIT_S)
                frames.close(), sounds.close()
                ears.join(WAIT_S), eyes.join(WAIT_S)
            self.shot = avatar.snapshot().wait(WAIT_S)

    @property
    def sound(self):
        return np.concatenate(self.sounds)

    @property
    def loudness(self):
        """Of each 20 ms."""
        return np.array([float(np.abs(one).max()) for one in self.sounds])


@pytest.fixture(scope="module")
def taken(twin, tmp_path_factory):
    """Of all kinds, two at a time."""
    folder = tmp_path_factory.mktemp("films")
    with ThreadPoolExecutor(2) as pool:
        jobs = {kind: pool.submit(Taken, twin, kind, folder / f"{kind}.mp4") for kind in KINDS}
    return {kind: job.result() for kind, job in jobs.items()}


@pytest.mark.parametrize("kind", KINDS)
def test_pictures_and_sound_of_a_speech_are_there_whole(taken, kind):
    """The face, which moves; the sound end to end; both on one clock, and the lips in step."""
    got = taken[kind]
    assert got.speech.state == "said"
    assert np.diff([one.timestamp for one in got.sounds]) == pytest.approx(0.02)
    times = np.array([frame.timestamp for frame in got.frames])
    assert (np.diff(times) > 0).all()
    loud = np.flatnonzero(got.loudness > 0.02)
    begin, end = (got.sounds[at].timestamp for at in (loud[0], loud[-1]))
    assert end - begin > 1.8
    assert times[0] <= begin + 0.2
    assert times[-1] >= end - 0.3
    (shape,) = {frame.shape for frame in got.frames}
    assert shape == ((512, 512, 3) if kind == "kaltura" else (360, 640, 3))
    assert got.frames[-1].std() > 20
    assert np.std([frame[shape[0] // 3 :].mean() for frame in got.frames]) > 0.02


@pytest.mark.parametrize("kind", KINDS)
def test_a_recording_plays_with_its_captions_and_a_snapshot_shows_the_face(taken, kind):
    got = taken[kind]
    with av.open(got.file) as file:
        pictures = list(file.decode(video=0))
    assert len(pictures) > 15
    assert pictures[-1].to_ndarray(format="rgb24").std() > 20
    with av.open(got.file) as file:
        texts = [bytes(packet)[2:].decode() for packet in file.demux(subtitles=0)]
    assert " ".join(" ".join(filter(None, texts)).split()) == SAY
    assert got.shot.array.shape == got.frames[0].shape
    assert got.shot.array.std() > 20


@pytest.mark.parametrize("kind", ["heygen", "kaltura"])
def test_the_words_are_heard(taken, kind):
    """By a recogniser, over LiveKit and over WHEP."""
    assert word_errors(words(SAY), words(hear(taken[kind].sound, RATE))) <= 1


def test_nobody_of_ours_is_left_in_a_room(twin, taken):
    """Nor a process of one."""
    assert taken
    until(lambda: not any(twin.state()["rooms"].values()), 20, "empty rooms")
    until(lambda: room_processes() == [], 20, "no process of a room")


def room_processes():
    """Of this process."""
    found = []
    for child in psutil.Process().children():
        try:
            if any("room_process" in word for word in child.cmdline()):
                found.append(child.pid)
        except psutil.NoSuchProcess:
            pass
    return found


def test_a_room_whose_process_aborts_is_joined_anew(twin):
    """As LiveKit's library does when it is starved: the readers and the session go on."""
    with opened(twin, "heygen") as avatar:
        sounds = []
        ears = threading.Thread(target=lambda: sounds.extend(avatar.audio()))
        ears.start()
        frames = avatar.frames()
        next(frames)
        (pid,) = room_processes()
        os.kill(pid, signal.SIGABRT)
        until(lambda: [other for other in room_processes() if other != pid], WAIT_S, "another")
        speech = avatar.speak("We go on.")
        before = len(sounds)
        assert speech.wait(WAIT_S).state == "said"
        next(frames)
        assert avatar.status == "live"
    ears.join(WAIT_S)
    times = [one.timestamp for one in sounds]
    assert np.diff(times) == pytest.approx(0.02)
    assert max(np.abs(one).max() for one in sounds[before:]) > 0.02


@pytest.mark.parametrize("kind", ["heygen", "kaltura"])
def test_a_session_that_ends_under_its_readers_ends_them(twin, kind, tmp_path):
    """Without an error: the session says why. What was recorded until then plays."""
    with opened(twin, kind) as avatar:
        film = avatar.record(tmp_path / "a.webm")
        frames, seen = avatar.frames(), []
        eyes = threading.Thread(target=lambda: seen.extend(frame.timestamp for frame in frames))
        eyes.start()
        speech = avatar.speak(SAY * 3)
        until(lambda: speech.state == "speaking", WAIT_S, "a speech under way")
        until(lambda: len(seen) > 10, WAIT_S, "pictures")
        twin.call("POST", "/_twin/clock", {"advance_s": 8000})
        eyes.join(WAIT_S)
        assert not eyes.is_alive()
        until(lambda: avatar.status == "ended", WAIT_S, "the end of the session")
        film.wait(WAIT_S)
    with av.open(tmp_path / "a.webm") as file:
        assert sum(1 for _ in file.decode(video=0)) > 5


def test_without_the_extra_the_reader_is_told_what_to_install(twin):
    """Whoever reads a room; at the first picture."""
    code = f"""
        import sys
        from ipyavatar import AvatarSession
        from ipyavatar.errors import MissingPart
        from ipyavatar.providers.cloud.room_process import process
        usual = process.usual_command()
        usual[3] = "import sys; sys.modules['livekit'] = None; " + usual[3]
        process.usual_command = lambda: usual
        with AvatarSession("heygen", avatar_id="x", api_key={KEY!r}, base_url={twin.url!r},
                           host="thread") as avatar:
            for verb in (lambda: next(avatar.frames()), lambda: avatar.snapshot().wait(30)):
                try:
                    verb()
                except MissingPart as error:
                    print(error)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True
    )
    assert done.stdout.count('pip install "ipyavatar[livekit]"') == 2
