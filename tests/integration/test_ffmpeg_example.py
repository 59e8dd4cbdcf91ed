"""The example of docs/how-to/recordings.md that needs a program: tried where that is."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import av
import pytest

from ipyavatar import AvatarSession

PAGE = Path(__file__).resolve().parents[2] / "docs/how-to/recordings.md"


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="there is no ffmpeg here")
def test_frames_go_into_ffmpeg_as_the_page_says(tmp_path, monkeypatch):
    """What it writes is as long as what was said, and grey as the page says."""
    (example,) = re.findall(r"```py\n(import subprocess.*?)```", PAGE.read_text(), re.DOTALL)
    monkeypatch.chdir(tmp_path)
    exec(compile(example, str(PAGE), "exec"), {"AvatarSession": AvatarSession})
    with av.open(tmp_path / "grey.mp4") as file:
        frames = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]
    assert len(frames) > 15
    assert frames[0].shape == (480, 854, 3)
    assert int(frames[0].max(axis=2).astype(int).max()) > 100
    assert (frames[-1].max(axis=2) - frames[-1].min(axis=2)).mean() < 6
