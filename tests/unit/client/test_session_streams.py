"""Speeches whose text comes from an iterator of the user's."""

import itertools
import threading

import pytest

from ipyavatar.client.session import AvatarSession
from ipyavatar.client.session_setup import SessionSetup
from ipyavatar.errors import InvalidArgument, SpeechFailed
from ipyavatar.protocol import host as m
from ipyavatar.protocol import page as p
from tests.support.fakes.memory_host import MemoryHost, Ticks


class StreamHost(MemoryHost):
    """Lets a test wait for what is sent by other threads."""

    def __init__(self):
        super().__init__(Ticks())
        self.changed = threading.Condition()

    def send(self, command):
        with self.changed:
            try:
                return super().send(command)
            finally:
                self.changed.notify_all()

    def text(self):
        return "".join(c.text for c in self.commands if isinstance(c, m.AddText))

    def ends(self):
        return [c.failure for c in self.commands if isinstance(c, m.AddText) and c.end]

    def wait_until(self, predicate):
        with self.changed:
            assert self.changed.wait_for(predicate, 10)

    def report(self, session, speech, state, **facts):
        at = self.clock()
        update = p.SpeechUpdate(speech.id, state, speech.text, at, **facts)
        self.listeners[session.id].on_event(m.Announced(session.id, update))


@pytest.fixture
def host():
    return StreamHost()


@pytest.fixture
def session(host):
    return AvatarSession(host=host, _setup=SessionSetup(clock=host.clock))


def test_the_text_is_sent_as_it_comes_without_thoughts(session, host):
    """The speech and the transcript grow with it."""
    bits = ["Hello ", "<th", "ink>I must", " not</thi", "nk>", "", None, "there."]
    speech = session.speak(iter(bits))
    host.wait_until(host.ends)
    assert host.text() == "Hello there."
    assert host.ends() == [""]
    assert speech.text == "Hello there."
    assert session.transcript.entries()[0]["text"] == "Hello there."
    asked = next(c for c in host.commands if isinstance(c, m.Speak))
    assert (asked.utterance.streamed, asked.utterance.text) == (True, "")


def test_the_error_of_a_source_is_the_cause_of_the_speechs(session, host):
    def fails():
        yield "Good. "
        raise ValueError("bad luck")

    speech = session.speak(fails())
    host.wait_until(host.ends)
    assert "ValueError: bad luck" in host.ends()[0]
    host.report(session, speech, "failed", reason=host.ends()[0])
    with pytest.raises(SpeechFailed, match="bad luck") as failed:
        speech.wait(10)
    assert isinstance(failed.value.__cause__, ValueError)


def test_a_speech_that_is_interrupted_closes_its_source(session, host):
    closed = threading.Event()

    def endless():
        try:
            for number in itertools.count():
                yield f"Number {number}. "
        finally:
            closed.set()

    speech = session.speak(endless())
    host.wait_until(lambda: len(host.text()) >= 200)
    host.report(session, speech, "interrupted")
    assert closed.wait(10)
    assert speech.state == "interrupted"
    sent = len(host.text())
    assert sent < 400  # no more than the window, and what one piece is longer


def test_stopping_closes_the_source(session, host):
    closed = threading.Event()

    def endless():
        try:
            while True:
                yield "And on. "
        finally:
            closed.set()

    session.speak(endless())
    session.close()
    host.settle()
    assert closed.wait(10)


def test_an_iterator_is_for_one_speech(session, host):
    """While it is read, and once it has been."""
    let_go = threading.Event()

    def waits():
        let_go.wait(30)
        yield "Done."

    source = waits()
    speech = session.speak(source)
    with pytest.raises(InvalidArgument, match="Another speech is reading"):
        session.speak(source)
    let_go.set()
    host.wait_until(host.ends)
    host.report(session, speech, "said")
    with pytest.raises(InvalidArgument, match="read to its end"):
        session.speak(source)
    pieces = ["One. ", "Two."]
    assert session.speak(pieces).state == session.speak(pieces).state == "queued"


def test_a_new_host_is_told_all_of_what_has_not_begun(session, host):
    """What had begun to sound is lost, and says so."""
    speech = session.speak(iter(["One. ", "Two."]))
    host.wait_until(host.ends)
    host.commands.clear()
    host.die()
    host.come_back()
    assert host.text() == "One. Two."
    assert host.ends() == [""]
    assert speech.state == "queued"


def test_what_is_to_be_answered_is_a_whole_text(session):
    with pytest.raises(InvalidArgument):
        session.speak(iter(["Why?"]), mode="talk")
