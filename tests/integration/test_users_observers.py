"""Observers of users', which may raise, wait, and change what they observe."""

import logging
import threading

import ipywidgets
import pytest
import traitlets

from ipyavatar import Avatar, AvatarSession
from ipyavatar.client import host_client
from ipyavatar.client.phases import Phase
from ipyavatar.core import log
from ipyavatar.errors import HostError, InvalidArgument, SessionClosed
from ipyavatar.protocol import host as host_messages
from ipyavatar.protocol.options import SessionOptions
from tests.support.fakes.recording_avatar import RecordingAvatar
from tests.support.memory_sessions import make_avatar, make_session
from tests.support.processes import until
from tests.support.users_code import OURS, SOON_S, all_heard, in_threads

pytestmark = pytest.mark.usefixtures("hosts_closed")


# ---- observers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [ValueError, SystemExit, KeyboardInterrupt, GeneratorExit, RecursionError, BaseException],
)
def test_an_observer_of_all_traits_may_raise_anything(made, error, caplog):
    """It is shown once for each place; every other observer, of the same trait too, hears all."""
    avatar, host = made
    seen = []

    def fail(change):
        raise error

    avatar.observe(fail)  # all traits
    for name in OURS:
        avatar.observe(fail, name)
        avatar.observe(lambda change: seen.append((change.name, change.new)), name)
    avatar.session.observe(fail)
    with caplog.at_level(logging.ERROR, "ipyavatar"):
        speech = avatar.speak("Words.")
        host.settle()
        all_heard(avatar)
    assert speech.state == "said"
    assert [value for name, value in seen if name == "status"] == ["starting", "live"]
    assert [value for name, value in seen if name == "speaking"] == [True, False]
    assert seen[-1] == ("speaking", False) or seen[-1][0] in ("transcript", "stats")
    assert [record.exc_info[0] for record in caplog.records] == [error]


def test_an_observer_may_close_the_avatar_that_calls_it(made):
    """What waits for it is answered, and the observer hears of the end."""
    avatar, host = made
    seen = []

    def observe(change):
        seen.append(change.new)
        if change.new == "live":
            avatar.close()

    avatar.observe(observe, "status")
    speech = avatar.speak("Words.")
    started = avatar.start()
    host.become_live(avatar.session.id)
    until(lambda: host.settle() or avatar.session.phase is Phase.CLOSED, SOON_S, "it is closed")
    until(lambda: seen[-1] == "ended", SOON_S, "the observer hears of it")
    assert speech.done
    assert started.done


def test_an_observer_may_stop_observing_itself(made):
    """It is called once; another one goes on."""
    avatar, host = made
    once, always = [], []

    def observe(change):
        once.append(change.new)
        avatar.unobserve(observe, "status")

    avatar.observe(observe, "status")
    avatar.observe(lambda change: always.append(change.new), "status")
    for _ in range(2):
        avatar.start()
        host.settle()
        all_heard(avatar)
        avatar.stop()
        host.settle()
        all_heard(avatar)
    assert once == ["starting"] or once == ["starting", "live"]
    assert always == ["starting", "live", "stopping", "ended"] * 2


def test_the_same_function_may_observe_twice_and_end_once():
    """What ends the one does not end the other, however often it is called."""
    session, host = make_session()
    heard, all_of_it = [], []
    session.observe(all_of_it.append)
    end = session.observe(heard.append)
    session.observe(heard.append)
    end()
    end()
    session.start()
    host.settle()
    reached = threading.Event()
    session.callbacks.submit(reached.set)
    assert reached.wait(SOON_S)
    assert heard == all_of_it
    assert heard[-1].status == "live"


class Tutor:
    """Throws its session away with itself: it observes it, and closes it at its own end."""

    def __init__(self, session):
        self.session = session
        self.end = session.observe(self.hear)

    def hear(self, report):
        """An observer."""

    def __del__(self):
        self.session.close()


def test_an_observer_may_close_the_session_when_it_is_thrown_away():
    """Taking it out is the end of it, so that its finalizer runs in the middle of that."""
    session = AvatarSession(host="thread", quality="low")
    tutor = Tutor(session)
    end = tutor.end
    del tutor
    thread = threading.Thread(target=end, daemon=True)
    thread.start()
    thread.join(SOON_S)
    assert not thread.is_alive(), "it hangs"
    session.close().wait(SOON_S)
    assert session.phase is Phase.CLOSED


def test_a_finalizer_that_waits_where_events_are_handled_holds_up_nobody():
    """The garbage collector runs it on any thread, the one that would answer it as well."""
    session, refused, threads = AvatarSession(host="thread", quality="low"), [], []

    class Waiter:
        def __del__(self):
            threads.append(threading.current_thread().name)
            try:
                session.keep_alive().wait()
            except HostError as error:
                refused.append(error)

    class Thrower:
        """A session of whose listener something is thrown away."""

        def on_event(self, event):
            Waiter()

        def on_host_closed(self, error):
            pass

    with session:
        session.start().wait(SOON_S)
        host = host_client.shared_host("thread")
        thrower = Thrower()  # a host holds no listener
        host.attach("thrower", thrower)
        host.send(host_messages.OpenSession("thrower", SessionOptions(quality="low")))
        until(lambda: threads, SOON_S, "it was thrown away")
        assert session.speak("Hello.").wait(SOON_S).state == "said"
        host.send(host_messages.StopSession("thrower", forget=True))
        host.detach("thrower")
    assert set(threads) == {"ipyavatar-events"}
    assert len(refused) == len(threads)
    assert "all avatars wait for this thread" in refused[0].what


def test_a_log_handler_may_take_a_lock_that_is_held_around_a_verb():
    """What is logged under our lock reaches it where nobody waits for it."""
    session, _host = make_session()
    lock, begun = threading.Lock(), threading.Event()

    class Handler(logging.Handler):
        def handle(self, record):
            begun.set()
            with lock:
                session.interrupt()

    logger, handler = logging.getLogger("ipyavatar"), Handler()
    logger.addHandler(handler)
    notice = host_messages.Noticed(session.id, "service", "Nobody is in the room.")
    with lock:
        thread = threading.Thread(target=session.on_event, args=(notice,), daemon=True)
        thread.start()
        assert begun.wait(SOON_S), "it was not logged"
        (called,) = in_threads(1, session.keep_alive)
    thread.join(SOON_S)
    assert isinstance(called.error, SessionClosed)
    assert log.flush(SOON_S)
    logger.removeHandler(handler)
    session.close()


def test_a_class_of_the_users_may_wait_in_its_start():
    """`speak` opens the session by itself, and does not call that under the lock."""

    class Patient(AvatarSession):
        def start(self):
            handle = super().start()
            handle.wait(SOON_S)
            return handle

    with Patient(quality="low") as session:
        assert session.speak("Hello.").wait(SOON_S).state == "said"
        session.stop().wait(SOON_S)
        assert session.start().done


@pytest.mark.parametrize("callback", [None, 3, "show", []])
def test_what_cannot_be_called_cannot_observe(callback):
    """It would fail later, where nobody knows why."""
    session, host = make_session()
    with pytest.raises(InvalidArgument, match="observe"):
        session.observe(callback)
    closed = session.close()
    host.settle()
    assert closed.done


def test_an_observer_may_wait_for_the_speech_that_calls_it():
    """Also while the main thread waits for it, with a lock of the user's that both take."""
    avatar, lock, states = Avatar(host="thread", quality="low"), threading.Lock(), []
    speeches = []

    def observe(change):
        if change.new and speeches:
            states.append(speeches[0].wait(SOON_S).state)
            with lock:
                states.append("locked")

    avatar.observe(observe, "speaking")
    with lock:
        speeches.append(avatar.speak("Words."))
        assert speeches[0].wait(SOON_S).state == "said"
        avatar.keep_alive().wait(SOON_S)
        avatar.stop().wait(SOON_S)
    until(lambda: states == ["said", "locked"], SOON_S, f"the observer goes on: {states}")
    avatar.close()


def test_observers_that_change_a_trait_back_and_forth_hold_up_nobody(made, caplog):
    """What comes of it is Python's own error in that observer; the others hear all."""
    avatar, host = made
    seen = []
    avatar.observe(lambda change: setattr(avatar, "volume", 0.75 - change.new / 2), "volume")
    avatar.observe(lambda change: setattr(avatar, "muted", not change.new), "muted")
    avatar.observe(lambda change: seen.append(change.new), "status")
    with caplog.at_level(logging.ERROR, "ipyavatar"):
        avatar.page_says(type="set-sound", muted=True, volume=0.1)
        speech = avatar.speak("Words.")
        host.settle()
        all_heard(avatar)
        until(lambda: caplog.records, SOON_S, "the endless one is shown")
    assert speech.state == "said"
    assert seen == ["starting", "live"]
    assert {record.exc_info[0] for record in caplog.records} == {RecursionError}


def test_widgets_that_are_tied_to_it_follow(made):
    """`link`, `dlink`, `jslink`, `interactive`: as with every widget."""
    avatar, host = made
    label, slider, mirror = ipywidgets.Label(), ipywidgets.FloatSlider(max=1.0), ipywidgets.Label()
    links = [
        traitlets.dlink((avatar, "status"), (label, "value")),
        traitlets.link((avatar, "volume"), (slider, "value")),
        ipywidgets.dlink((avatar, "caption"), (mirror, "value")),
    ]
    ipywidgets.jslink((avatar, "muted"), (ipywidgets.Checkbox(), "value"))
    controls = ipywidgets.interactive(lambda volume: avatar.speak("Louder."), volume=(0.0, 1.0))
    slider.value = 0.25
    avatar.start()
    host.settle()
    all_heard(avatar)
    assert (label.value, avatar.volume) == ("live", 0.25)
    controls.children[0].value = 0.3
    host.settle()
    assert [entry["text"] for entry in avatar.transcript] == [
        "Louder."
    ] * 2  # first when it is made
    for link in links:
        link.unlink()


def test_a_front_end_that_fails_leaves_nothing_in_the_middle_of_a_step(caplog):
    """The kernel's socket is closed at the interpreter's end, or a subclass has a mistake."""

    class Broken(RecordingAvatar):
        def send(self, content, buffers=None):
            raise OSError("the socket is closed")

        def on_status(self, status):
            raise ValueError("a mistake")

    avatar, host = make_avatar(Broken)
    with caplog.at_level(logging.CRITICAL):
        speech, started = avatar.speak("Words."), avatar.start()
        host.settle()
        host.die()
        host.come_back()
        host.settle()
        stopped = avatar.stop()
        host.settle()
        avatar.close()
        host.settle()
    assert speech.state == "said"
    assert started.error is None
    assert started.done
    assert stopped.done
    assert not host.sessions


def test_a_class_of_the_users_has_traits_observers_and_checks_of_its_own(caplog):
    """They work as in every widget; a check that raises changes nothing of ours."""

    class Teacher(RecordingAvatar):
        subject = traitlets.Unicode("maths").tag(sync=True)
        mood = traitlets.Int(0, read_only=True)

        def __init__(self, **options):
            super().__init__(**options)
            self.heard = []

        @traitlets.observe("status", "subject")
        def _hear(self, change):
            self.heard.append(change.new)
            if change.new == "starting":
                raise ValueError("a mistake")

        @traitlets.validate("caption")
        def _check(self, proposal):
            raise traitlets.TraitError("never")

    teacher, host = make_avatar(Teacher)
    with caplog.at_level(logging.CRITICAL):
        speech = teacher.speak("Words.")
        teacher.subject = "physics"
        host.settle()
        all_heard(teacher)
    assert speech.state == "said"
    assert set(teacher.heard) == {"physics", "starting", "live"}
    with pytest.raises(traitlets.TraitError, match="read-only"):
        teacher.mood = 3
    teacher.close()
