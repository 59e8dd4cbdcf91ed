"""The last resort of the companion process."""

import queue
import threading

import pytest

from ipyavatar.host.last_resort import LastResort


@pytest.fixture
def ended():
    return queue.SimpleQueue()


def test_it_ends_the_process_though_no_thread_can_be_started_any_more(ended, monkeypatch):
    """Where the user's threads are at their limit it was the end of what stops paid sessions."""
    last = LastResort(ended.put)

    def refuse(_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    last.end_within(0.0)
    assert ended.get(timeout=10) == 1


def test_the_earliest_time_counts(ended):
    last = LastResort(ended.put)
    last.end_within(3600.0)
    last.end_within(0.0)
    last.end_within(3600.0)
    assert ended.get(timeout=10) == 1
