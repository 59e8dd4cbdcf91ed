"""What a process of ours that plays media sets for itself."""

import os
import sys

import pytest

from ipyavatar.core.media_process import OPENCV_THREADS, SWITCH_INTERVAL_S, prepare_media_process


@pytest.fixture(autouse=True)
def as_before(monkeypatch):
    """The interval and the environment of the tests' process."""
    monkeypatch.delenv(OPENCV_THREADS, raising=False)
    interval = sys.getswitchinterval()
    yield
    sys.setswitchinterval(interval)
    os.environ.pop(OPENCV_THREADS, None)


def test_threads_hand_over_in_time_for_sound_and_opencv_starts_none():
    prepare_media_process()
    assert sys.getswitchinterval() == pytest.approx(SWITCH_INTERVAL_S)
    assert os.environ[OPENCV_THREADS] == "1"


def test_what_the_user_has_set_for_opencv_stays(monkeypatch):
    monkeypatch.setenv(OPENCV_THREADS, "3")
    prepare_media_process()
    assert os.environ[OPENCV_THREADS] == "3"
