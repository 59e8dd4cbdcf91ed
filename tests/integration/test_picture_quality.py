"""What viewers see against what was drawn: LiveKit's own client in rooms of the twin, a minute."""

import contextlib
import importlib.util
import json
import subprocess
import sys
import time

import numpy as np
import pytest

from tests.support.processes import until
from tests.support.stamped_pictures import Originals, stamped_twin

TALK_S = {1: 20, 3: 50}
"""By viewers: three are watched for a minute in all; of one the encoder's history is the same."""
REST_S = 10
JOIN_S = 4.0
SIZE = (640, 360)
TEXT = "Well, she was sure that many more people would be coming along the river road today. "

CLEAN_AFTER_S = 1.0

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


def watch(folder, codec, viewers):
    """What each viewer saw of a talk and the rest after it; when the talk was; how many drawn."""
    with stamped_twin(folder) as server, contextlib.ExitStack() as stack:
        session = server.heygen(quality="low", video_encoding=codec)
        seconds = JOIN_S + TALK_S[viewers] + REST_S
        processes = [
            stack.enter_context(viewer(server, session, f"v{number}", folder, seconds))
            for number in range(viewers)
        ]
        room = session["session_id"]
        until(lambda: len(server.state()["rooms"].get(room, ())) >= viewers, 40, "all are in")
        for sentences in (6, 11):  # the service takes 1,000 characters at a time
            server.say(room, TEXT * sentences)
        time.sleep(JOIN_S)
        originals = Originals(folder, *SIZE)
        begin, first = time.monotonic(), originals.newest()
        time.sleep(TALK_S[viewers])
        end, last = time.monotonic(), originals.newest()
        server.call("POST", "/v1/streaming.interrupt", {"session_id": room})
        seen = [json.loads(process.communicate(timeout=60)[0]) for process in processes]
    return seen, begin, end, last - first


@pytest.mark.alone
@pytest.mark.parametrize("viewers", [1, 3])
@pytest.mark.parametrize("codec", ["H264", "VP8"])
def test_a_talk_is_seen_whole_and_clean(codec, viewers, tmp_path, record_property):
    """Of a talk >= 95 % are decoded, each >= 40 dB; within a second of its end it is >= 45 dB."""
    seen, begin, end, drawn = watch(tmp_path, codec, viewers)
    assert drawn > 20 * TALK_S[viewers]
    for name, pictures in enumerate(seen):
        talk = {number: db for when, number, db in pictures if begin <= when <= end + 0.2}
        rest = [db for when, _, db in pictures if when > end + CLEAN_AFTER_S]
        share, worst, mean = len(talk) / drawn, min(talk.values()), np.mean(list(talk.values()))
        told = (
            f"{codec}, viewer {name + 1} of {viewers}: {share:.3f} decoded of {drawn}; talking"
            f" {worst:.1f} dB at least, {mean:.1f} on average; at rest {min(rest):.1f} at least"
        )
        print(told)
        record_property(f"viewer {name + 1}", told)
        assert share >= 0.95
        assert worst >= 40
        assert len(rest) > 10
        assert min(rest) >= 45
