"""Faces that a process of their own draws: as good as those drawn here, and never missing."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import subprocess
import sys
import time

import numpy as np
import psutil
import pytest

from ipyavatar.engine.animator import Animator
from ipyavatar.engine.face import FaceRenderer, I420Ring
from ipyavatar.engine.face_process.process import ANSWER_S, FaceProcess
from ipyavatar.engine.pose import Mouth, Pose
from ipyavatar.engine.resources import EngineResources
from ipyavatar.errors import MediaError
from tests.support.room_listeners import listeners
from tests.support.sdk import twin_process

SIZE = (320, 180)
posix = pytest.mark.skipif(os.name != "posix", reason="signals and ps are POSIX")


@contextlib.contextmanager
def face_process(*args, **options):
    process = FaceProcess(*args, **options)
    try:
        yield process
    finally:
        process.close()


def poses(count):
    rng = np.random.default_rng(3)
    for number in range(count):
        jaw, head = rng.random(2)
        yield Pose(mouth=Mouth(jaw=jaw), head_x=8 * head, blink=float(number % 5 == 0))


def wait_until(holds, what, seconds=20):
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def check_same(source, count=20):
    """Whoever draws: the pictures are those of a renderer in this process."""
    here, ring, other = FaceRenderer("ava", *SIZE), I420Ring(*SIZE), I420Ring(*SIZE)
    for pose in poses(count):
        assert np.array_equal(other.next(source.draw(pose)), ring.next(here.draw(pose)))


def test_it_draws_what_would_be_drawn_here():
    with face_process() as process:
        check_same(process.face("ava", *SIZE))


@posix
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_face_whose_process_dies_or_hangs_is_drawn_here(number):
    with face_process(answer_s=2.0) as process:
        face = process.face("ava", *SIZE)
        ring, here, other = I420Ring(*SIZE), FaceRenderer("ava", *SIZE), I420Ring(*SIZE)
        for at, pose in enumerate(poses(12)):
            if at == 5:
                os.kill(process.pid, number)
            assert np.array_equal(ring.next(face.draw(pose)), other.next(here.draw(pose)))
        assert not psutil.pid_exists(process.pid)
        with pytest.raises(MediaError, match="has ended"):
            process.face("ava", *SIZE)


@posix
def test_closing_waits_for_no_answer():
    """Who hangs when it is to end is ended at once, and who waits for it goes on."""
    resources = EngineResources(faces_here=0)
    animator = resources.drawing_executor.submit(resources.animator, "ava", SIZE, 1).result()
    animator.key(0.0, Mouth(), True, 0.0)
    os.kill(resources._face_process.pid, signal.SIGSTOP)
    drawing = resources.drawing_executor.submit(animator.draw)
    wait_until(lambda: resources._face_process._waits_since is not None, "it is not asked")
    begun = time.monotonic()
    resources.close()
    assert time.monotonic() - begun < 2
    assert drawing.result(1).shape == (SIZE[1] * 3 // 2, SIZE[0])
    assert not psutil.pid_exists(resources._face_process.pid)


@posix
def test_a_process_that_hangs_holds_others_up_for_a_moment_only():
    resources = EngineResources(faces_here=1)
    submit = resources.drawing_executor.submit
    try:
        animators = [submit(resources.animator, "ava", SIZE, n).result() for n in range(3)]
        for one in animators:
            one.key(0.0, Mouth(), True, 0.0)
            submit(one.draw).result()
        os.kill(resources._face_process.pid, signal.SIGSTOP)
        for one in animators:
            one.key(1.0, Mouth(jaw=0.5), True, 0.0)
        drawn = [submit(one.draw) for one in animators[::-1]]
        for one in drawn:
            one.result(3 * ANSWER_S)
        assert not psutil.pid_exists(resources._face_process.pid)
    finally:
        resources.close()


@pytest.mark.parametrize("missing", ["temporary folder", "thread", "process"])
def test_what_is_missing_for_a_process_is_told_as_one_error(monkeypatch, missing):
    def fail(*_args, **_options):
        raise RuntimeError(missing) if missing == "thread" else OSError(missing)

    patched = {
        "temporary folder": "tempfile.TemporaryFile",
        "thread": "GuardedThread.start",
        "process": "subprocess.Popen",
    }
    monkeypatch.setattr(f"{FaceProcess.__module__}.{patched[missing]}", fail)
    with face_process() as process:
        with pytest.raises(MediaError, match=f"could not start: {missing}"):
            process.face("ava", *SIZE)
        monkeypatch.undo()
        with pytest.raises(MediaError, match="has ended"):
            process.face("ava", *SIZE)


def test_a_face_that_cannot_be_drawn_ends_only_itself():
    with face_process() as process:
        good = process.face("ava", *SIZE)
        with pytest.raises(MediaError, match="unknown character 'nobody'"):
            process.face("nobody", *SIZE)
        check_same(good, 3)


def test_what_it_said_last_is_told():
    code = "import sys; sys.exit('no cv2 here')"
    ends = pytest.raises(MediaError, match="ended with code 1: no cv2 here")
    with face_process([sys.executable, "-c", code]) as process, ends:
        process.face("ava", *SIZE)


def test_a_face_that_nobody_has_any_more_is_given_up_there():
    with face_process() as process:
        kept = process.face("ava", *SIZE)
        memory = psutil.Process(process.pid).memory_info
        before = None
        for at in range(30):
            face = process.face("ava", 1280, 720)
            face.draw(Pose())
            del face
            gc.collect()
            if at == 5:
                before = memory().rss
        kept.draw(Pose())
        # One face of this size takes more than 8 MB: 24 that stay would be 200.
        assert memory().rss - before < 40e6


@posix
def test_it_ends_with_its_parent_also_where_a_fork_holds_the_pipe():
    code = (
        "import os, time\n"
        "from ipyavatar.engine.face_process.process import FaceProcess\n"
        "p = FaceProcess(); face = p.face('ava', 320, 180)\n"
        "child = os.fork()\n"
        "if not child: time.sleep(60); os._exit(0)\n"
        "print(p.pid, child, flush=True); os._exit(0)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as parent:
        pid, child = map(int, parent.stdout.readline().split())  # the child keeps it open
    try:
        wait_until(lambda: not psutil.pid_exists(pid), "it outlives its parent")
        assert psutil.pid_exists(child)
    finally:
        os.kill(child, signal.SIGKILL)


def test_further_faces_go_there_and_come_back_when_there_is_room():
    resources = EngineResources(faces_here=1)

    def animator():
        return resources.drawing_executor.submit(resources.animator, "ava", SIZE, 1).result()

    try:
        first = animator()
        assert resources._face_process is None
        second = animator()
        assert resources._face_process.pid is not None
        for one in (first, second):
            one.key(0.0, Mouth(), True, 0.0)
        assert np.array_equal(first.draw(), second.draw())
        del first, one
        gc.collect()
        assert isinstance(animator()._source, FaceRenderer)
    finally:
        resources.close()
    assert not psutil.pid_exists(resources._face_process.pid)


def test_where_no_process_can_be_started_faces_are_drawn_here(monkeypatch):
    monkeypatch.setattr(sys, "executable", "")
    resources = EngineResources(faces_here=0)
    try:
        animator = resources.animator("ava", SIZE, 1)
        assert isinstance(animator, Animator)
        assert isinstance(animator._source, FaceRenderer)
    finally:
        resources.close()


def test_rooms_go_on_when_the_process_is_killed():
    """Three rooms of a real twin: all but the first one's face are drawn in the process."""
    with twin_process("--concurrency", "5", "--warm") as twin, listeners() as ears:
        rooms = [twin.heygen(quality="low")["session_id"] for _ in range(3)]
        for room in rooms:
            ears.join(f"{room}/1", twin.url, twin.viewer(room, "1"))

        def pictures():
            """In the last second, by room."""
            return [sum(r["pictures"] for r in ears.of(f"{room}/1", 1)) for room in rooms]

        wait_until(lambda: all(pictures()), "not all rooms have pictures")
        for room in rooms:
            twin.say(room, "This is a long sentence that takes a while to say. " * 8)
        wait_until(lambda: min(pictures()) >= 10, "not all rooms talk")
        (drawing,) = (
            p
            for p in psutil.Process(twin.process.pid).children(recursive=True)
            if "face_process" in " ".join(p.cmdline())
        )
        drawing.kill()
        gone = time.monotonic()
        wait_until(lambda: not drawing.is_running() or drawing.status() == "zombie", "it lives")
        wait_until(
            lambda: time.monotonic() > gone + 2 and min(pictures()) >= 10, "a room stands still"
        )
