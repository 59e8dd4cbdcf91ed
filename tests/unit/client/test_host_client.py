"""One host and its listeners: who hears what, a new host for a dead one, and when that ends."""

import logging
import threading

import pytest

from ipyavatar.client.host_client import RESTARTS, RESTARTS_WITHIN_S, HostClient
from ipyavatar.errors import HostError
from ipyavatar.protocol import host as m
from tests.support.fakes.fake_transport import FakeTransports
from tests.support.fakes.host_listener import RecordingHostListener

SOON_S = 10.0


class Recorded:
    """A host client on transports in memory, with a clock of the test, and one listener."""

    def __init__(self):
        self.now = 0.0
        self.transports = FakeTransports()
        self.client = HostClient("process", connect=self.transports, clock=lambda: self.now)
        self.listener = RecordingHostListener()
        self.client.attach("s", self.listener)

    def give_up(self):
        while not self.listener.failures:
            self.transports.last.die()


@pytest.fixture
def recorded():
    return Recorded()


def stats(session):
    return m.StatsMeasured(session, {"pages": 1.0})


def test_commands_go_to_the_host_of_now(recorded):
    """In order; the caller learns which host it was."""
    assert recorded.client.send(m.StopSession("s")) == 1
    recorded.transports.last.die()
    assert recorded.client.send(m.StopSession("s", forget=True)) == 2
    first, second = recorded.transports.made
    assert (first.sent, second.sent) == ([m.StopSession("s")], [m.StopSession("s", forget=True)])
    assert recorded.client.pid == second.pid


def test_each_listener_hears_its_own_session(recorded):
    """And nothing after it was detached; the host's greeting is for none of them."""
    other = RecordingHostListener()
    recorded.client.attach("other", other)
    for event in (m.HostHello(m.PROTOCOL, 1), stats("s"), stats("other"), stats("nobody")):
        recorded.transports.last.on_event(event)
    recorded.client.detach("other")
    recorded.transports.last.on_event(stats("other"))
    recorded.client.detach("other")
    assert recorded.listener.heard() == [stats("s")]
    assert other.heard() == [stats("other")]


def test_a_listener_that_raises_disturbs_nobody(recorded, caplog):
    """The thread that all of them hear through goes on."""

    class Raising:
        def __getattr__(self, name):
            raise RuntimeError(name)

    recorded.client.attach("a", Raising())
    recorded.client.attach("z", RecordingHostListener())
    with caplog.at_level(logging.CRITICAL):
        recorded.transports.last.on_event(stats("a"))
        recorded.transports.last.on_event(stats("s"))
        recorded.transports.last.die()
    assert recorded.listener.heard() == [stats("s")]
    assert recorded.listener.calls == [("disconnect", 1), ("reconnect", 2)]


def test_a_dead_host_is_replaced_and_both_are_told_with_their_generation(recorded):
    """First that it is lost, with the reason, then that there is another."""
    recorded.transports.last.die("Code 9.")
    assert recorded.listener.calls == [("disconnect", 1), ("reconnect", 2)]
    assert recorded.listener.reasons == ["Code 9."]
    assert len(recorded.transports.made) == 2


def test_after_too_many_in_a_minute_there_is_no_other(recorded):
    """What is wrong then, a new one does not cure: the error says so, with the last words."""
    for _ in range(RESTARTS):
        recorded.now += 1
        recorded.transports.last.die()
    assert not recorded.listener.failures
    recorded.transports.last.die("Last words.")
    (error,) = recorded.listener.failures
    assert isinstance(error, HostError)
    assert f"{RESTARTS + 1} times in a minute. Last words." in error.what
    assert recorded.listener.calls[-1] == ("failure", RESTARTS + 1)
    assert recorded.transports.left_behind == []


def test_now_and_then_it_may_die_for_ever(recorded):
    """Only deaths within a minute count."""
    for _ in range(20):
        recorded.now += RESTARTS_WITHIN_S / (RESTARTS - 0.5)
        recorded.transports.last.die()
    assert not recorded.listener.failures


def test_a_host_that_cannot_be_started_again_is_given_up(recorded):
    """At once, with what is wrong."""
    recorded.transports.broken = True
    recorded.transports.last.die()
    assert [error.what for error in recorded.listener.failures] == ["It cannot be started."]


def test_a_first_host_that_cannot_be_started_is_an_error_at_the_call():
    """Whoever makes the client hears of it."""
    transports = FakeTransports()
    transports.broken = True
    with pytest.raises(HostError, match="cannot be started"):
        HostClient("process", connect=transports)


def test_revive_tries_again_after_it_was_given_up_and_does_nothing_before(recorded):
    """With a fresh count of restarts."""
    recorded.client.revive()
    assert len(recorded.transports.made) == 1
    recorded.give_up()
    made = len(recorded.transports.made)
    recorded.client.revive()
    recorded.client.revive()
    assert len(recorded.transports.made) == made + 1
    assert recorded.client.send(m.StopSession("s")) == made + 1
    for _ in range(RESTARTS):
        recorded.transports.last.die()
    assert len(recorded.listener.failures) == 1


def test_revive_that_fails_says_so_and_can_be_tried_again(recorded):
    """It stays given up until there is a host."""
    recorded.give_up()
    recorded.transports.broken = True
    for _ in range(2):
        with pytest.raises(HostError):
            recorded.client.revive()
    recorded.transports.broken = False
    recorded.client.revive()
    assert recorded.transports.left_behind == [recorded.transports.last]


def test_a_client_that_was_closed_starts_nothing_more(recorded):
    """Whoever asks for it gets an error, and no handle that nobody answers."""
    recorded.give_up()
    recorded.client.close()
    recorded.client.close()
    assert recorded.client.closed
    with pytest.raises(HostError, match="closed"):
        recorded.client.revive()
    assert recorded.transports.left_behind == []


def test_closing_when_it_is_told_that_the_host_died_leaves_none_behind(recorded):
    """Between the loss and the new host: there is none."""

    class Closing(RecordingHostListener):
        def on_disconnect(self, generation, what):
            recorded.client.close()

    closing = Closing()
    recorded.client.attach("closing", closing)
    recorded.transports.last.die()
    assert recorded.transports.left_behind == []
    assert len(recorded.transports.made) == 1
    assert closing.calls == []


def test_closing_while_a_new_host_is_being_started_leaves_none_behind(recorded):
    """The one that comes is closed."""
    transports = recorded.transports
    transports.starting.clear()
    transports.go_on.clear()
    losing = threading.Thread(target=transports.last.die)
    losing.start()
    assert transports.starting.wait(SOON_S)
    closing = threading.Thread(target=recorded.client.close)
    closing.start()
    transports.go_on.set()
    for thread in (losing, closing):
        thread.join(SOON_S)
        assert not thread.is_alive()
    assert len(transports.made) == 2
    assert transports.left_behind == []


def test_a_host_that_cannot_be_started_for_any_reason_is_told(recorded, monkeypatch):
    """Nobody waits for ever because a thread could not be started."""

    def fail(*_):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(recorded.client, "_make", fail)
    recorded.transports.last.die()
    (failure,) = recorded.listener.failures
    assert "can't start new thread" in str(failure)


@pytest.mark.parametrize("error", [RuntimeError("not in subinterpreters"), ValueError("json")])
def test_the_first_that_cannot_be_started_is_an_error_of_ours(error):
    """Without the frames of the cause, which show the environment in a verbose traceback."""

    def fail(*_):
        raise error

    with pytest.raises(HostError, match=f"could not be started: .*{error}.*host=") as caught:
        HostClient("process", connect=fail)
    assert caught.value.__cause__ is error
    assert error.__traceback__ is None


def test_a_command_that_cannot_be_sent_ends_nothing_else(recorded, monkeypatch, caplog):
    """It is logged, and the caller goes on."""

    def fail(command):
        raise UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "surrogates not allowed")

    monkeypatch.setattr(recorded.transports.last, "send", fail)
    assert recorded.client.send(m.StopSession("s")) == 1
    assert "could not be sent" in caplog.text


def test_one_that_never_got_ready_is_not_tried_again(recorded):
    """What is wrong with the first is wrong with the next: it is said, with the way out."""
    recorded.transports.last.die("It did not answer.", fix="Use a thread.", final=True)
    (failure,) = recorded.listener.failures
    assert (failure.what, failure.fix) == ("It did not answer.", "Use a thread.")
    assert len(recorded.transports.made) == 1
    recorded.client.revive()
    assert len(recorded.transports.made) == 2


def test_who_listens_is_told_that_it_was_closed(recorded):
    """So that nothing waits for ever; also when the host was lost a moment before."""
    recorded.client.close()
    assert isinstance(recorded.listener.closed, HostError)
    lost = Recorded()
    lost.transports.broken = True
    lost.transports.last.die()
    lost.client.close()
    assert isinstance(lost.listener.closed, HostError)


def test_our_own_records_are_logged_here_at_their_level(recorded, caplog):
    """They are for the user, wherever they were made."""
    with caplog.at_level(logging.DEBUG, "ipyavatar"):
        recorded.transports.last.on_event(m.Logged("ipyavatar.paid.lease", 30, "100 % sure"))
    (record,) = caplog.records
    assert (record.name, record.levelname) == ("ipyavatar.paid.lease", "WARNING")
    assert record.getMessage() == "100 % sure"
