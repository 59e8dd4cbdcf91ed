"""An embedded session that nobody uses ends by itself, and comes back by itself."""

import time

import pytest

from ipyavatar import AvatarSession
from ipyavatar.client import host_client
from ipyavatar.client.phases import Phase
from ipyavatar.protocol import page as p
from tests.support.fakes.recording_avatar import RecordingAvatar
from tests.support.processes import until


@pytest.fixture
def avatar():
    avatar = RecordingAvatar(host="thread", quality="low", max_idle_s=1.0)
    yield avatar
    avatar.close()
    host_client.close_all()


def resumes(avatar):
    """What the pages were told last of whether a look brings it back."""
    return avatar.answers("status")[-1]["resumes"]


def test_it_ends_when_nobody_uses_it_and_speaks_when_told_to():
    """What is said takes longer than it may be idle; the ends of both are its own."""
    with AvatarSession(quality="low", max_idle_s=0.6) as session:
        session.start().wait(30)
        until(lambda: session.status == "ended", 30, "it ends")
        assert "nobody used it" in session.status_text
        speech = session.speak("Here I am again, and this is longer than it may be idle.").wait(60)
        assert speech.state == "said"
        assert speech.finished_at - speech.first_audio_at > 0.6
        until(lambda: session.status == "ended", 30, "it ends again")
    host_client.close_all()


def test_a_page_that_is_looked_at_brings_it_back(avatar):
    """It is told that it may; an end that the user asked for is kept."""
    avatar.start().wait(30)
    until(lambda: avatar.status == "ended", 30, "it ends")
    assert resumes(avatar) is True
    avatar.page_says(type="start", resume=True)
    until(lambda: avatar.status == "live", 30, "it is live")
    assert resumes(avatar) is False
    avatar.stop().wait(30)
    assert resumes(avatar) is False
    avatar.page_says(type="start", resume=True)
    assert avatar.session.phase is Phase.STOPPED
    avatar.page_says(type="start")
    until(lambda: avatar.status == "live", 30, "the button starts it")


def test_a_page_that_has_heard_of_the_end_is_not_asked_again(avatar):
    """Each question would count as activity of the kernel; unanswered it comes after 6 s."""
    avatar.start().wait(30)
    avatar.page_says(type="hello", page="p", protocol=p.PROTOCOL)
    until(lambda: avatar.status == "ended", 30, "it ends")
    until(lambda: avatar.answers("sync"), 10, "the page is asked")
    avatar.page_says(type="synced", page="p")
    asked = len(avatar.answers("sync"))
    time.sleep(7)
    assert len(avatar.answers("sync")) == asked
