"""Users' code around an avatar: values, observers, threads, copies, inspectors."""

import asyncio
import contextlib
import copy
import gc
import inspect
import logging
import pickle
import sys
import threading

import ipywidgets
import pytest
import traitlets

from ipyavatar import Avatar, AvatarSession
from ipyavatar.client import host_client
from ipyavatar.client.phases import Phase
from ipyavatar.core import log
from ipyavatar.errors import HostError, InvalidArgument, NotCopyable, SessionClosed
from ipyavatar.protocol import host as host_messages
from ipyavatar.protocol.options import SessionOptions
from ipyavatar.widget.traits import TOLD
from tests.support.fakes.recording_avatar import RecordingAvatar
from tests.support.memory_sessions import bring_to, make_avatar, make_session
from tests.support.processes import until

SOON_S = 20.0
OURS = sorted(set(Avatar.class_trait_names()) - set(ipywidgets.DOMWidget.class_trait_names()))


@pytest.fixture(scope="module", autouse=True)
def _hosts():
    yield
    host_client.close_all()


@pytest.fixture
def made():
    """An avatar on a host in memory, and the host."""
    avatar, host = make_avatar()
    yield avatar, host
    avatar.close()
    host.settle()


def values_of(avatar):
    """Its traits, but for those that every widget has."""
    return {name: getattr(avatar, name) for name in OURS}


def all_heard(avatar):
    """Wait until observers have been called of all that happened so far."""
    reached = threading.Event()
    avatar.session.callbacks.submit(reached.set)
    assert reached.wait(SOON_S)


def in_threads(number, call):
    """Call it in so many threads at once; what each returned or raised."""
    results, ready = [], threading.Barrier(number)

    def run():
        ready.wait(SOON_S)
        try:
            results.append(call())
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON_S)
    assert len(results) == number, "one of them hangs"
    return results


# ---- values -------------------------------------------------------------------------------------

WRONG = [
    *(("volume", value) for value in (5, -0.1, float("nan"), float("inf"), "loud", None, True, [])),
    *(("width", value) for value in (-1, 10**6, 10**400, 1.5, float("nan"), "wide", None, True)),
    *((name, value) for name in ("muted", "badge", "captions_on") for value in ("yes", 1, None)),
    *(("quality", value) for value in ("ultra", "Low", None, 720, ["low"])),
]


@pytest.mark.parametrize(("name", "value"), WRONG, ids=lambda one: f"{one!r:.20}")
def test_a_value_that_cannot_work_is_refused_alike_at_the_making_and_later(made, name, value):
    """By our own error that names it and is one of traitlets, too; nothing has changed then."""
    avatar, host = made
    before = values_of(avatar)
    if value is not None:  # there it counts as not given
        with pytest.raises(InvalidArgument, match=name):
            Avatar(host="thread", **{name: value})
    with pytest.raises(InvalidArgument, match=name) as caught:
        setattr(avatar, name, value)
    assert isinstance(caught.value, traitlets.TraitError)
    assert caught.value.fix

    def change_several():
        with avatar.hold_trait_notifications():
            avatar.width, avatar.muted, avatar.badge = 333, True, False
            setattr(avatar, name, value)

    with pytest.raises(InvalidArgument, match=name):
        change_several()
    assert values_of(avatar) == before
    assert not host.opened


def test_none_counts_as_not_given():
    """For what only the widget takes, as for what the session is made of."""
    nothing = dict.fromkeys(["muted", "volume", "captions_on", "badge", "width", "quality"])
    avatar, _ = make_avatar(host=None, character=None, **nothing)
    usual, _ = make_avatar()
    assert values_of(avatar) | {"session_id": ""} == values_of(usual) | {"session_id": ""}
    avatar.close()
    usual.close()


@pytest.mark.parametrize("name", sorted(TOLD))
@pytest.mark.parametrize("how", ["assigned", "set_trait", "by a page"])
def test_what_only_tells_is_set_by_nobody_else(made, name, how):
    """Then `status` would say what is not so."""
    avatar, _ = made
    before = values_of(avatar)
    value = {"status": "live", "speaking": True, "provider": "heygen"}.get(name, before[name])
    if how == "by a page" and name not in avatar.keys:
        avatar.set_state({name: value})  # nothing of it is taken
        return
    change = {
        "assigned": lambda: setattr(avatar, name, value),
        "set_trait": lambda: avatar.set_trait(name, value),
        "by a page": lambda: avatar.set_state({"width": 300, name: value}),
    }[how]
    with pytest.raises(InvalidArgument, match=f"{name} cannot be set"):
        change()
    assert values_of(avatar) == before


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("volum", "Did you mean 'volume'"),
        ("caption_on", "Did you mean 'caption"),
        ("voice", "chosen when the avatar is made"),
        ("avatar_id", "chosen when the avatar is made"),
        ("api_key", "chosen when the avatar is made"),
        ("session", "cannot be set"),
    ],
)
def test_what_would_have_no_effect_is_not_kept_in_silence(name, told):
    """An attribute of nearly a trait's name, an option of the session."""
    avatar, _ = make_avatar(Avatar)
    with pytest.raises(InvalidArgument, match=told):
        setattr(avatar, name, "x")
    avatar.own_notes = "kept"  # anything else is the user's
    avatar.close()


@pytest.mark.parametrize("name", ["status", "quality", "voice", "options", "speaking"])
def test_a_session_refuses_alike(name):
    """What tells, and what is chosen at the making."""
    session, _ = make_session()
    with pytest.raises(InvalidArgument, match=name):
        setattr(session, name, "low")


@pytest.mark.parametrize("change", ["trait", "verb"])
def test_a_size_that_can_have_no_effect_is_refused_later_too(change):
    """Kaltura's picture comes in one."""
    kaltura = {"api_key": "k", "avatar_id": "a" * 24, "base_url": "http://127.0.0.1:9"}
    avatar, _ = make_avatar(provider="kaltura", **kaltura)
    changes = {
        "trait": lambda: setattr(avatar, "quality", "high"),
        "verb": lambda: avatar.session.change_quality("high"),
    }
    with pytest.raises(InvalidArgument, match=r"quality=.*no effect"):
        changes[change]()
    assert avatar.quality == "medium"
    avatar.close()


# ---- while notifications are held back ----------------------------------------------------------


def test_a_mistake_of_the_user_does_not_take_back_what_happened_meanwhile(made):
    """The status is what it is, and observers and pages hear of it at once."""
    avatar, host = made
    seen = []
    avatar.observe(lambda change: seen.append(change.new), "status")

    def change_several():
        with avatar.hold_trait_notifications():
            avatar.width = 300
            avatar.start()
            host.settle()
            all_heard(avatar)
            assert seen == ["starting", "live"]
            avatar.volume = 7

    with pytest.raises(InvalidArgument):
        change_several()
    assert (avatar.status, avatar.width) == ("live", 0)


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


# ---- handles ------------------------------------------------------------------------------------


@pytest.mark.parametrize("timeout", ["soon", float("nan"), True, [], object(), 1j])
def test_a_time_out_that_is_no_time_is_refused(made, timeout):
    """By our own error, done or not."""
    avatar, host = made
    speech = avatar.speak("Words.")
    for _ in range(2):
        with pytest.raises(InvalidArgument, match="wait"):
            speech.wait(timeout)
        host.settle()


@pytest.mark.parametrize("timeout", [0, -1, 0.0, float("-inf"), -(10**400), 1e-9])
def test_a_time_out_that_is_over_at_once_is_one(made, timeout):
    """The speech goes on; when it is done, it is done for them all."""
    avatar, host = made
    speech = avatar.speak("Words.")
    with pytest.raises(TimeoutError):
        speech.wait(timeout)
    host.settle()
    assert speech.wait(timeout) is speech


@pytest.mark.parametrize("timeout", [float("inf"), 10**400, 1e300, sys.maxsize, None])
def test_a_time_out_beyond_all_times_is_none(made, timeout):
    """A lock cannot wait that long; we can."""
    avatar, host = made
    speech = avatar.speak("Words.")
    later = threading.Timer(0.05, host.settle)
    later.start()
    assert speech.wait(timeout).state == "said"
    later.join()


def test_a_handle_is_waited_for_by_threads_and_loops_at_once():
    """Three threads, and two loops with two tasks each; one that gives up ends nothing."""
    avatar = Avatar(host="thread", quality="low")
    speech = avatar.speak("One speech for them all.")

    async def wait_twice():
        async def one():
            return await speech

        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(one(), 0.001)
        return [done.state for done in await asyncio.gather(one(), one())]

    turns = [lambda: speech.wait(SOON_S).state] * 3 + [lambda: asyncio.run(wait_twice())] * 2

    def wait_once():
        return turns.pop()()

    results = in_threads(5, wait_once)
    assert sorted(map(str, results)) == sorted(["said"] * 3 + [str(["said", "said"])] * 2)
    avatar.stop().wait(SOON_S)
    avatar.close()


# ---- verbs --------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["thread", "process"])
def test_it_is_stopped_and_closed_by_twenty_threads_at_once(how):
    """In the middle of its opening; everybody is answered."""
    session = AvatarSession(host=how, quality="low")
    started, speech = session.start(), session.speak("Words.")
    for handle in in_threads(20, session.stop):
        handle.wait(SOON_S)
    assert session.status == "ended"
    started = session.start()
    for handle in in_threads(20, session.close):
        handle.wait(SOON_S)
    assert session.phase is Phase.CLOSED
    assert started.done
    assert speech.done


def test_every_verb_after_the_end_says_so_or_does_nothing():
    """Whichever thread calls it."""
    avatar, host = make_avatar()
    bring_to(avatar.session, host, Phase.LIVE)
    avatar.close()
    host.settle()
    for verb in (avatar.start, lambda: avatar.speak("Words.")):
        (error,) = in_threads(1, verb)
        assert isinstance(error, SessionClosed)
        assert error.fix
    for verb in (avatar.stop, avatar.session.stop, avatar.session.close):
        (handle,) = in_threads(1, verb)
        assert handle.done
        assert handle.error is None
    assert isinstance(avatar.keep_alive().error, SessionClosed)
    avatar.interrupt()
    avatar.close()
    avatar.quality = "low"
    assert avatar.status == "ended"
    assert not host.commands


@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt])
def test_a_with_block_that_is_left_by_an_error_ends_the_session(error):
    """And the error is what is raised."""
    opened, speeches = [], []

    def leave():
        with AvatarSession(quality="low") as session:
            opened.append(session)
            speeches.append(session.speak("Words. " * 50))
            raise error

    async def leave_on_a_loop():
        async with AvatarSession(quality="low") as session:
            opened.append(session)
            speeches.append(session.speak("Words. " * 50))
            raise error

    with pytest.raises(error):
        leave()
    with pytest.raises(error):
        asyncio.run(leave_on_a_loop())
    assert [session.phase for session in opened] == [Phase.CLOSED] * 2
    assert [speech.state for speech in speeches] == ["interrupted"] * 2


# ---- copies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
@pytest.mark.parametrize("which", ["avatar", "session", "speech", "handle", "inside"])
def test_what_goes_on_cannot_be_copied(made, which, duplicate):
    """A copy would be of nothing: it says so, and nothing has happened to the first one."""
    avatar, host = made
    speech = avatar.speak("Words.")
    one = {
        "avatar": avatar,
        "session": avatar.session,
        "speech": speech,
        "handle": avatar.start(),
        "inside": {"cells": [avatar]},
    }[which]
    if which == "inside" and duplicate is copy.copy:
        assert copy.copy(one)["cells"][0] is avatar
        return
    with pytest.raises(NotCopyable, match="neither copied nor pickled") as caught:
        duplicate(one)
    assert isinstance(caught.value, TypeError)
    host.settle()
    assert speech.state == "said"


# ---- inspectors of variables ---------------------------------------------------------------------


def inspect_all(one):
    """What inspectors do: look at everything that can be looked at."""
    repr(one)
    str(one)
    f"{one!r:>30}"
    dir(one)
    vars(one)
    with contextlib.suppress(AssertionError):  # by a property of ipywidgets', of every widget
        inspect.getmembers(one)
    for name in (*dir(one), *dir(type(one))):
        with contextlib.suppress(AssertionError, AttributeError):
            getattr(one, name)
    gc.get_referrers(one)
    sys.getsizeof(one)
    bool(one)
    hash(one)


@pytest.mark.parametrize("phase", Phase, ids=lambda phase: phase.value)
@pytest.mark.parametrize("paid", [False, True])
def test_an_inspector_of_variables_changes_nothing(phase, paid):
    """Whatever it looks at, and in whatever phase; in its own thread it may even show it."""
    avatar, host = make_avatar(paid=paid)
    bring_to(avatar.session, host, phase)
    opened, commands, before = len(host.opened), list(host.commands), values_of(avatar)
    inspect_all(avatar)
    inspect_all(avatar.session)
    (shown,) = in_threads(1, avatar._repr_mimebundle_)
    assert not isinstance(shown, Exception)
    in_threads(1, lambda: inspect_all(avatar))
    assert len(host.opened) == opened
    assert list(host.commands) == commands
    assert values_of(avatar) == before
    assert avatar.session.phase is phase
    avatar.close()
    host.settle()


def test_a_page_opens_what_was_shown_in_another_thread():
    """A display from a thread is seen by its page all the same."""
    avatar, host = make_avatar()
    in_threads(1, avatar._repr_mimebundle_)
    assert not host.opened
    avatar.page_says(type="offer", page="p", peer="p.1", sdp="v=0")
    assert len(host.opened) == 1
    avatar.close()
    host.settle()


# ---- what a widget brings along ------------------------------------------------------------------


def test_a_closed_avatar_takes_its_layout_with_it():
    """Else ipywidgets keeps it, in kernel and page; one that is the user's stays."""
    avatar, host = make_avatar()
    own, shared = avatar.layout, ipywidgets.Layout(width="50%")
    avatar.layout = shared
    avatar.close()
    host.settle()
    assert own.comm is None
    assert shared.comm is not None
    shared.close()
