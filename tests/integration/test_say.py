"""`ipyavatar say` as a program: files by one command, judged by what is in them."""

import json
import os
import re
import subprocess
import sys

import av
import numpy as np
import pytest

from ipyavatar.core.subtitles import Cue
from tests.integration.recogniser import hear, word_errors, words
from tests.support.piper_voice import write_piper_voice
from tests.support.processes import until
from tests.support.speech_server import speech_server

SCRIPT = """\
# Welcome
ava: Good morning, Leo. Today we talk about recordings.

leo: Good morning, Ava! I am curious.

# The end
That was all.
"""
WAIT_S = 240
PATH = os.pathsep.join(os.path.abspath(p) for p in sys.path if p)


def say(*arguments, text=None, **more):
    return subprocess.run(
        [sys.executable, "-m", "ipyavatar.cli", "say", "--quiet", *arguments],
        input=text,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
        **more,
    )


@pytest.fixture(scope="module")
def movie(tmp_path_factory):
    folder = tmp_path_factory.mktemp("say")
    (folder / "lesson.md").write_text(SCRIPT)
    done = say(
        *("-f", "lesson.md", "-o", "lesson.mp4", "-o", "lesson.srt", "-o", "lesson.vtt"),
        *("--quality", "low", "--json"),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": PATH},
    )
    assert done.returncode == 0, done.stderr
    return folder, json.loads(done.stdout)


def test_what_is_heard_is_what_the_captions_say(movie):
    """Both from the file, by a recogniser and as text; the title of a chapter is not said."""
    folder, _ = movie
    with av.open(folder / "lesson.mp4") as file:
        rate = file.streams.audio[0].rate
        parts = [frame.to_ndarray()[0] for frame in file.decode(audio=0)]
    with av.open(folder / "lesson.mp4") as file:
        captions = [bytes(packet)[2:].decode() for packet in file.demux(subtitles=0)]
    shown = words(" ".join(captions))
    heard = words(hear(np.concatenate(parts), rate))
    assert "welcome" not in shown
    assert word_errors(shown, heard) <= 2, (shown, heard)
    assert "-->" in (folder / "lesson.srt").read_text()
    assert (folder / "lesson.vtt").read_text().startswith("WEBVTT\n")


def test_pictures_are_in_step_with_sound_and_chapters(movie):
    """Both are as long, the two speak side by side, and players can jump."""
    folder, told = movie
    assert [chapter["title"] for chapter in told["chapters"]] == ["Welcome", "The end"]
    with av.open(folder / "lesson.mp4") as file:
        frames = [frame.to_ndarray(format="gray")[::4, ::4] for frame in file.decode(video=0)]
    assert len(frames) == pytest.approx(told["seconds"] * 25, abs=1)
    moving = np.array([np.abs(b.astype(int) - a) for a, b in zip(frames, frames[5:], strict=False)])
    left, right = moving[..., :107].mean((1, 2)), moving[..., 107:].mean((1, 2))
    early, late = slice(20, 60), slice(-80, -30)
    assert left[early].mean() > right[early].mean()  # Ava speaks first, Leo last
    assert right[late].mean() > left[late].mean()


def test_a_full_disk(tmp_path):
    """One clear line, and what was written until then plays."""
    path = tmp_path / "a.mp4"
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000));"
        "from ipyavatar.cli import main;"
        "arguments = ['say', '--quiet', '--quality', 'low', 'It goes on. ' * 40];"
        f"sys.exit(main([*arguments, '-o', {str(path)!r}]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=WAIT_S, check=False
    )
    assert done.returncode == 2
    assert "cannot be written: File too large. Its first" in done.stderr
    assert done.stderr.count("\n") == 1
    with av.open(path) as file:
        seen = 0
        try:
            for _ in file.decode(video=0):
                seen += 1
        except av.error.FFmpegError:
            pass
    assert seen >= 50


CONVERSATION = """\
ava: The first speaker is an address.

leo: The second speaker is a robot.

maya: The third is a model.
"""


def test_each_speaker_has_a_voice_of_their_own_kind(tmp_path):
    """An address, eSpeak NG and a Piper model: each says its own sentences, and nobody else's."""
    (tmp_path / "talk.txt").write_text(CONVERSATION)
    model = write_piper_voice(tmp_path)
    with speech_server() as server:
        done = say(
            *("-f", "talk.txt", "-o", "talk.wav", "-o", "talk.srt"),
            *("--voice", f"{server.url}#coral", "--voice", "leo=espeak:en-gb"),
            *("--voice", f"maya={model.name}"),
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": PATH, "IPYAVATAR_SPEECH_KEY": "a-key"},
        )
    assert (done.returncode, done.stderr) == (0, "")
    (asked,) = server.asked
    assert (asked["input"], asked["voice"]) == ("The first speaker is an address.", "coral")
    assert server.keys == ["Bearer a-key"]
    shown = (tmp_path / "talk.srt").read_text()
    assert "first speaker" in shown
    spans = [(cue.start, cue.end) for cue in cues_of(shown)]
    with av.open(tmp_path / "talk.wav") as file:
        sound = np.concatenate([frame.to_ndarray()[0] for frame in file.decode(audio=0)])
    tones = [loudest_hz(sound[round(a * 48_000) : round(b * 48_000)]) for a, b in spans]
    assert tones[0] == pytest.approx(220, abs=8)  # the server's
    assert tones[-1] == pytest.approx(0.1 / (2 * np.pi) * 22_050, abs=8)  # the model's
    assert 60 < tones[1] < 1000


def test_an_address_that_refuses_is_said_in_one_line(tmp_path):
    """With what to do, and without the key."""
    with speech_server() as server:
        server.status = 401
        env = os.environ | {"PYTHONPATH": PATH, "IPYAVATAR_SPEECH_KEY": "a-key"}
        done = say("Hello.", "-o", "a.wav", "--voice", server.url, cwd=tmp_path, env=env)
    assert done.returncode == 2
    assert "does not accept the key" in done.stderr
    assert "a-key" not in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_file_that_another_process_records_to_is_refused_and_complete(tmp_path):
    """The one that was there first goes on."""
    env = os.environ | {"PYTHONPATH": PATH}
    with speech_server() as server:
        server.seconds, server.pause_s = 60.0, 0.2  # for two minutes, if nobody changes it
        command = [sys.executable, "-m", "ipyavatar.cli", "say", "Hello.", "--quiet", "--json"]
        first = subprocess.Popen(
            [*command, "-o", "a.wav", "--voice", server.url],
            cwd=tmp_path,
            env=env,
            stdout=subprocess.PIPE,
            text=True,
        )
        until((tmp_path / "a.wav").exists, WAIT_S, "a file")
        second = say("Hello.", "-o", "a.wav", cwd=tmp_path, env=env)
        assert first.poll() is None
        server.pause_s = 0.0
        told = json.loads(first.communicate(timeout=WAIT_S)[0])
    assert second.returncode == 2
    assert "a.wav' is being recorded to already. Wait for its end" in second.stderr
    with av.open(tmp_path / "a.wav") as file:
        assert float(file.duration) / 1e6 == pytest.approx(told["seconds"], abs=0.1)
        assert told["seconds"] > 60


def cues_of(text):
    """The times of an .srt file."""
    found = re.findall(r"(\d+):(\d+):(\d+),(\d+) --> (\d+):(\d+):(\d+),(\d+)", text)
    seconds = [
        [
            int(h) * 3600 + int(m) * 60 + int(s) + int(ms) / 1000
            for h, m, s, ms in (one[:4], one[4:])
        ]
        for one in found
    ]
    return [Cue(start, end, "") for start, end in seconds]


def loudest_hz(sound):
    """The strongest frequency in it."""
    spectrum = np.abs(np.fft.rfft(sound.astype(float) * np.hanning(len(sound))))
    return float(np.argmax(spectrum[1:]) + 1) * 48_000 / len(sound)
