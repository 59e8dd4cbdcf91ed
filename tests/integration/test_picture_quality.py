"""What viewers see against what was drawn: LiveKit's own client in rooms of the twin, a minute."""

import contextlib
import importlib.util
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from tests.support.processes import until
from tests.support.stamped_pictures import stamped_twin

TALK_S = {1: 20, 3: 50}
"""By viewers: three are watched for a minute in all; of one the encoder's history is the same."""
REST_S = 10
JOIN_S = 4.0
LATER_S = 3.0
"""Of three, each comes so long after the one before, while the others watch."""
TEXT = "Well, she was sure that many more people would be coming along the river road today. "

CLEAN_AFTER_S = 1.0

SCENES = {
    1: [("H264", "maya", "medium"), ("VP8", "leo", "medium")],
    3: [("H264", "arthur", "low"), ("VP8", "ava", "low")],
}
"""By viewers: codec, face, quality; a row side by side, since one needs a third of a core."""

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("livekit") is None or importlib.util.find_spec("livekit.rtc") is None,
    reason="the package livekit has no wheel for this machine",
)


@contextlib.contextmanager
def viewer(server, session, name, folder, seconds):
    token = server.viewer(session["session_id"], name)
    command = [sys.executable, "-m", "tests.support.livekit_viewer", session["url"], token]
    command += [str(folder), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def watch(folder, viewers, codec, face, quality):
    """What each viewer saw of a talk and the rest after it, and when the talk ended."""
    folder.mkdir()
    with stamped_twin(folder) as server, contextlib.ExitStack() as stack:
        session = server.heygen(quality=quality, video_encoding=codec, avatar_id=face)
        room = session["session_id"]
        processes, end = [], 0.0
        for number in range(viewers):
            seconds = TALK_S[viewers] + REST_S + (-number * LATER_S if number else JOIN_S)
            one = viewer(server, session, f"v{number}", folder, seconds)
            processes.append(stack.enter_context(one))
            inside = number + 1
            until(lambda n=inside: len(server.state()["rooms"].get(room, ())) >= n, 40, "it is in")
            if number == 0:
                for sentences in (6, 11):  # the service takes 1,000 characters at a time
                    server.say(room, TEXT * sentences)
                time.sleep(JOIN_S)
                end = time.monotonic() + TALK_S[viewers]
            if inside < viewers:
                time.sleep(LATER_S)
        time.sleep(max(0.0, end - time.monotonic()))
        end = time.monotonic()
        server.call("POST", "/v1/streaming.interrupt", {"session_id": room})
        seen = [json.loads(process.communicate(timeout=60)[0]) for process in processes]
    return seen, end


@pytest.mark.alone
@pytest.mark.parametrize("viewers", SCENES)
def test_a_talk_is_seen_whole_and_clean(viewers, tmp_path, record_property):
    """Of a talk >= 95 % are decoded, each >= 40 dB; within a second of its end it is >= 45 dB.

    Each from the first picture on that the viewer saw, also while others join.
    """
    scenes = SCENES[viewers]
    with ThreadPoolExecutor(len(scenes)) as pool:
        watched = list(pool.map(lambda scene: watch(tmp_path / scene[0], viewers, *scene), scenes))
    for (codec, face, _), (seen, end) in zip(scenes, watched, strict=True):
        assert len(seen) == viewers
        for name, pictures in enumerate(seen):
            check(
                f"{codec} of {face}, viewer {name + 1} of {viewers}",
                pictures,
                end,
                TALK_S[viewers] - name * LATER_S,
                record_property,
            )


def check(name, pictures, end, seconds, record_property):
    """What one viewer saw, who came so many seconds before the end of the talk."""
    talk = {number: db for when, number, db in pictures if when <= end + 0.2}
    rest = [db for when, _, db in pictures if when > end + CLEAN_AFTER_S]
    drawn = max(talk) - min(talk) + 1
    share, worst, mean = len(talk) / drawn, min(talk.values()), np.mean(list(talk.values()))
    told = (
        f"{share:.3f} decoded of {drawn};"
        f" talking {worst:.1f} dB at least, {mean:.1f} on average; at rest {min(rest):.1f}"
    )
    print(f"{name}: {told}")
    record_property(name, told)
    assert drawn > 20 * (seconds - JOIN_S)
    assert share >= 0.95
    assert worst >= 40
    assert len(rest) > 10
    assert min(rest) >= 45
