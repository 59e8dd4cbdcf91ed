"""An avatar at rest sends nothing by widget message, which would keep its kernel from culling."""

import time

import pytest

from ipyavatar.client import host_client
from ipyavatar.protocol import page as p
from tests.support.fakes.recording_avatar import RecordingAvatar
from tests.support.processes import until


@pytest.fixture
def avatar():
    avatar = RecordingAvatar(host="thread", quality="low")
    yield avatar
    avatar.stop().wait(30)
    avatar.close()
    host_client.close_all()


def stats(fps):
    """What a page has measured."""
    return p.Stats("page", 1280, 720, fps, 900.0, 0, 0, 0)


def test_numbers_of_an_avatar_at_rest_stay_in_python(avatar, monkeypatch):
    """They change there, and observers are told; pages get them while something is said."""
    states = []
    monkeypatch.setattr(avatar, "_send", lambda message, buffers=None: states.append(message))
    avatar.speak("Hello there, this takes a while.")
    until(lambda: avatar.speaking, 60, "it speaks")
    avatar.on_page_message(stats(24.0))
    assert any("stats" in one.get("state", {}) for one in states)
    until(lambda: not avatar.speaking, 60, "it has spoken")
    time.sleep(0.5)  # what follows the end of a speech
    seen = []
    avatar.observe(lambda change: seen.append(change["new"]["fps"]), "stats")
    states.clear()
    avatar.sent.clear()
    for fps in range(60):
        avatar.on_page_message(stats(float(fps)))
    until(lambda: 59.0 in seen, 10, "observers hear of it")
    assert avatar.stats["fps"] == 59.0
    assert states == []
    assert avatar.sent == []
