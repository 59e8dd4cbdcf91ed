"""`ipyavatar say` as a program: files by one command, judged by what is in them."""

import json
import os
import subprocess
import sys

import av
import numpy as np
import pytest

from tests.integration.recogniser import hear, word_errors, words

SCRIPT = """\
# Welcome
ava: Good morning, Leo. Today we talk about recordings.

leo: Good morning, Ava! I am curious.

# The end
That was all.
"""
WAIT_S = 240


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
        env=os.environ | {"PYTHONPATH": os.pathsep.join(os.path.abspath(p) for p in sys.path if p)},
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
