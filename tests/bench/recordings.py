"""Scripts into movies, and frames into arrays: as a user does, and beside the naive way."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from .numbers import median
from .rows import Part, Reading, Spec
from .stand import Stand

SENTENCE = (
    "The quick brown fox jumps over the lazy dog, and the avatar explains it patiently to "
    "everybody in the room.\n\n"
)
MINUTE = SENTENCE * 9
"""About a minute of speech."""

QUALITIES = ("low", "medium", "high")
RUNS = 3

MEMORY = "say: memory of 10 minutes against 1, low"
NAIVE = "say: ours against PyAV with default settings, medium"
LESSON = "record: a lesson of about a minute to mp4, medium"
LESSON_MEMORY = "record: memory of a lesson ten times as long, medium"
FRAMES = "frames(): taken while nobody watches, medium"

_SAY = """
import json, resource, sys
from ipyavatar.core.media_process import prepare_media_process
prepare_media_process()
from ipyavatar.api.say import SayOptions, say
said = say(sys.stdin.read(), [sys.argv[1]], SayOptions(quality=sys.argv[2]))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": said.seconds, "took_s": said.took_s, "mb": peak}))
"""
_JOIN = """
import json, sys, time, av
begin, frames = time.monotonic(), 0
source, target = av.open(sys.argv[1]), av.open(sys.argv[2], "w")
video = target.add_stream("libx264", rate=25)
video.width, video.height = source.streams.video[0].width, source.streams.video[0].height
video.pix_fmt = "yuv420p"
audio = target.add_stream("aac", rate=48000, layout="mono")
pictures = [frame.to_ndarray(format="rgb24") for frame, _ in zip(source.decode(video=0), range(50))]
source.seek(0)
for packet in source.demux(audio=0):
    for frame in packet.decode():
        target.mux(audio.encode(frame))
count = int(sys.argv[3])
for number in range(count):
    target.mux(video.encode(av.VideoFrame.from_ndarray(pictures[number % 50], format="rgb24")))
for stream in (video, audio):
    target.mux(stream.encode(None))
target.close()
print(json.dumps({"took_s": time.monotonic() - begin}))
"""
_FRAMES = """
import json, sys, time
from ipyavatar import AvatarSession
with AvatarSession(quality=sys.argv[1]) as avatar:
    avatar.speak("Hello.").wait(60)
    begin = time.monotonic()
    count = sum(1 for _ in avatar.frames(until=avatar.speak(sys.stdin.read())))
    print(json.dumps({"fps": count / (time.monotonic() - begin), "count": count}))
"""


def _run(code: str, *arguments: str, text: str = "") -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    numbers: dict[str, float] = json.loads(done.stdout)
    return numbers


def speed(quality: str) -> str:
    """The row of one size."""
    return f"say: 60 s of text to mp4, {quality}"


def say(_: Stand) -> Iterator[Reading]:
    """Multiples of real time, by size; then memory; then the naive way, in turn."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "a.mp4")
        for quality in QUALITIES:
            runs = [_run(_SAY, path, quality, text=MINUTE) for _ in range(RUNS)]
            multiples = [run["seconds"] / run["took_s"] for run in runs]
            peak = max(run["mb"] for run in runs)
            yield Reading(speed(quality), median(multiples), RUNS, f"peak memory {peak:.0f} MB")
        one = _run(_SAY, path, "low", text=MINUTE)["mb"]
        ten = _run(_SAY, path, "low", text=MINUTE * 10)["mb"]
        yield Reading(MEMORY, (ten / one - 1) * 100, 1, f"{one:.0f} and {ten:.0f} MB")
        ours, naive = [], []
        for _ in range(RUNS):
            said = _run(_SAY, path, "medium", text=MINUTE)
            ours.append(said["took_s"])
            count = str(round(said["seconds"] * 25))
            naive.append(_run(_JOIN, path, str(Path(folder) / "b.mp4"), count)["took_s"])
        where = f"ours {median(ours):.1f} s, naive {median(naive):.1f} s"
        yield Reading(NAIVE, median(ours) / median(naive), RUNS, where)


def frames(_: Stand) -> Iterator[Reading]:
    """Arrays a second, of a speech of ten seconds."""
    begin = time.monotonic()
    runs = [_run(_FRAMES, "medium", text=SENTENCE * 2) for _ in range(RUNS)]
    where = f"{runs[0]['count']} of each; {time.monotonic() - begin:.0f} s in all"
    yield Reading(FRAMES, median([run["fps"] for run in runs]), RUNS, where)


_LESSON = """
import json, pathlib, resource, sys
from ipyavatar.core.media_process import prepare_media_process
prepare_media_process()
from ipyavatar import record_lesson
path = pathlib.Path(sys.argv[1])
said = {"cell_type": "markdown", "metadata": {"tags": ["speak"]}}
cells = []
for number, text in enumerate(sys.stdin.read().split("\\n\\n")):
    code = f"print('cell', {number})\\nfor n in range(8):\\n    print(n, n * n)"
    cells += [{**said, "source": f"## Part {number}\\n\\n{text}"}]
    cells += [{"cell_type": "code", "metadata": {}, "outputs": [], "source": code}]
path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}))
made = record_lesson(path, path.with_suffix(".mp4"), quality=sys.argv[2])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": made.seconds, "took_s": made.took_s, "mb": peak}))
"""


def lessons(_: Stand) -> Iterator[Reading]:
    """A notebook of a minute, then ten times as long: multiples of real time, and memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "lesson.ipynb")
        minute = (SENTENCE * 5).strip()
        runs = [_run(_LESSON, path, "medium", text=minute) for _ in range(RUNS)]
        multiples = [run["seconds"] / run["took_s"] for run in runs]
        one = max(run["mb"] for run in runs)
        where = f"{runs[0]['seconds']:.0f} s of movie; peak memory {one:.0f} MB"
        yield Reading(LESSON, median(multiples), RUNS, where)
        ten = _run(_LESSON, path, "medium", text=(SENTENCE * 50).strip())["mb"]
        yield Reading(LESSON_MEMORY, (ten / one - 1) * 100, 1, f"{one:.0f} and {ten:.0f} MB")


_HOW = "a process of its own: seconds of speech by seconds it takes, after imports; median"
_NAIVE = (
    "seconds, median, in turn: all of ours (voice, face, movie) / a movie of as many frames that "
    "are there before, and of the same sound, by PyAV with default settings"
)

_LESSON_HOW = (
    "a process of its own: seconds of movie by seconds it takes, kernel and browser started and "
    "ended among them; five parts, each spoken of and with a cell that prints; median"
)

PARTS = (
    Part(
        "record",
        (
            Spec(LESSON, "x", 2, _LESSON_HOW, at_least=True),
            Spec(LESSON_MEMORY, "%", 10, "how much higher its peak is, in our own process"),
        ),
        lessons,
    ),
    Part(
        "say",
        (
            *(
                Spec(speed(quality), "x", 5 if quality == "medium" else None, _HOW, at_least=True)
                for quality in QUALITIES
            ),
            Spec(MEMORY, "%", 10, "how much higher its peak is"),
            Spec(NAIVE, "ratio", None, _NAIVE),
        ),
        say,
    ),
    Part(
        "frames",
        (Spec(FRAMES, "fps", None, "frames by seconds, session in this process", at_least=True),),
        frames,
    ),
)
