"""Avatars in every order: verbs from several threads, observers, pages, hosts, services, time.

The kernel's half as users have it (`AvatarSession`, and the channel of its pages), the real host,
leases, ledger (a file), drivers, clients and the twin, in one process on virtual time. What fired
is counted, printed, and asserted.
"""

import asyncio
import itertools
import json
import logging
import pathlib
import shutil
import tempfile
import threading
from collections import Counter
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import Phase as Hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import (
    initialize,
    invariant,
    precondition,
    rule,
)

from ipyavatar.client import phases, session_life
from ipyavatar.client.phases import Phase
from ipyavatar.client.session import AvatarSession
from ipyavatar.client.session_setup import SessionSetup
from ipyavatar.errors import AvatarError, SessionClosed
from ipyavatar.protocol import host as m
from ipyavatar.protocol import page as p
from ipyavatar.protocol import page_codec
from ipyavatar.widget.page_channel import PageChannel
from tests.support.fakes.credentials import KEY, URL
from tests.support.machines import run_round
from tests.support.paid import FACES, World
from tests.support.service_trouble import KINDS, ServiceTrouble
from tests.support.virtual_host import VirtualHost, make_host
from tests.support.virtual_time import VirtualLoop

STEPS = 20_000
STEPS_EACH = 150
ROUNDS = 16
"""Looked after each whether that is enough; few and long ones would go far beyond it."""
PROVIDERS = ("heygen", "liveavatar", "kaltura")
MEMORY = pathlib.Path("/dev/shm")
"""The ledger is written with fsync; on a disk that alone would take minutes here."""

VERBS = ("start", "speak", "cut in", "interrupt", "interrupt one", "stop", "restart", "keep_alive")
OPENING = {"start", "speak", "cut in", "restart"}
ENDS = ("said", "interrupted", "failed")
RUBBISH = (
    None,
    [],
    "hello",
    {"type": "never"},
    {"type": "offer"},
    {"type": "join", "page": 5, "peer": None},
    {"type": "say", "text": "\ud83d", "page": "a"},
    {"type": "say", "text": "\x00\x01"},
    {"type": "stats", "page": "a", "fps": "many"},
    {"type": "interrupt", "speech": {"deep": [[[[]]]]}},
    {"type": "set-sound", "muted": False, "volume": float("nan")},
    {"type": "hello", "page": "a" * 10_000, "protocol": -1},
)


class Pages:
    """The widget, as far as its pages concern it: keeps nothing."""

    def send(self, content, buffers):
        json.dumps(content)

    def set_traits(self, **values):
        pass

    def hear(self, *, leaving=False):
        pass

    def show_playback(self, media):
        pass

    def show_problem(self, error):
        assert isinstance(error, AvatarError)


class Slot:
    """One avatar, and what its user knows of it."""

    def __init__(self, session):
        self.session = session
        self.pages = PageChannel(session, Pages())
        self.wanted = False
        self.opening = []
        """Verbs that may open it, and are being called: of the user's, of observers."""
        self.handles = []
        self.speeches = []
        self.heard = []
        self.meddled = 0


class LifeMachine(ServiceTrouble):
    """One twin, one ledger, one host, and an avatar of each service."""

    steps = 0
    fired: ClassVar[Counter] = Counter()

    @initialize(
        seed=st.integers(0, 2**32),
        concurrency=st.integers(1, 3),
        meddling=st.sampled_from([*(None for _ in VERBS), *VERBS, "close"]),
        on=st.sampled_from(["starting", "live", "ended", "failed", "speaking", "said"]),
        raising=st.booleans(),
    )
    def begin(self, seed, concurrency, meddling, on, raising):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.loop, self.dead_loops = VirtualLoop(), []
        self.meddling, self.on, self.raising = meddling, on, raising
        self.peers = itertools.count(1)
        self.old_peers = ["unknown"]
        self.rescued = []
        self.closed = []
        self.run(self._begin(seed, concurrency))
        self.slots = {provider: self._slot(provider) for provider in PROVIDERS}

    async def _begin(self, seed, concurrency):
        self.world = World(self.folder, seed, faults_may_stay=True, concurrency=concurrency)
        self.host = VirtualHost(self.world)
        self.host.on_send = self._on_send

    def _slot(self, provider):
        more = {"avatar_id": FACES.get(provider)}
        if provider == "liveavatar":
            more = {"sandbox": True, "lite": False}
        session = AvatarSession(
            provider,
            host=self.host,
            _setup=SessionSetup(clock=self.now),
            api_key=KEY,
            base_url=URL,
            max_idle_s=400,
            **more,
        )
        slot = Slot(session)
        session.observe(slot.heard.append)
        if self.raising:
            session.observe(lambda report: 1 / 0)
        if self.meddling is not None:
            session.observe(lambda report: self._meddle(slot, report))
        return slot

    def _on_send(self, command):
        if isinstance(command, m.OpenSession):
            slot = next(s for s in self.slots.values() if s.session.id == command.session)
            going = slot.session.phase in phases.STOPPING  # taken over only to be stopped
            asked = slot.wanted or slot.opening
            assert asked or (going and command.grant is not None), "nobody asked for it"
            self.count("opened" if command.grant is None else "taken over")

    def run(self, coroutine):
        asyncio.set_event_loop(self.loop)
        return self.loop.run_until_complete(coroutine)

    def now(self):
        return self.loop.time()

    def open_at_twin(self):
        async def look():
            return self.world.open_at_twin()

        return self.run(look())

    def count(self, what):
        LifeMachine.fired[what] += 1

    def settle_observers(self):
        """Until users' observers have been called of all that was told."""
        waiting = []
        for slot in self.slots.values():
            callbacks, reached = slot.session.callbacks, threading.Event()
            callbacks.submit(reached.set)  # not taken any more once it is closed
            waiting.append((slot.session.phase is Phase.CLOSED, callbacks, reached))
        for closed, callbacks, reached in waiting:
            if not closed:
                assert reached.wait(20), "an observer hangs"
            elif (thread := callbacks._thread) is not None:
                thread.join(20)

    def look(self):
        """After whatever was delivered: who has ended by itself is not wanted open any more."""
        if self.meddling is not None:
            self.settle_observers()
        for slot in self.slots.values():
            if slot.session.phase in (Phase.ENDED, Phase.FAILED):
                slot.wanted = False

    def agree(self, slot):
        """A user's verbs and an observer's come in nobody's order: what came of them counts."""
        if self.meddling is not None:
            self.settle_observers()
            slot.wanted = slot.session.phase in phases.GOING_ON

    # ---- verbs ------------------------------------------------------------------------------

    def _call(self, slot, verb):
        """One verb of the user's; returns its handle, or None."""
        session = slot.session
        match verb:
            case "start":
                return session.start()
            case "speak" | "cut in":
                speech = session.speak("Some words. " * 3, interrupt=verb == "cut in")
                slot.speeches.append(speech)
                return speech
            case "interrupt":
                return session.interrupt()
            case "interrupt one":
                return slot.speeches[-1].interrupt() if slot.speeches else None
            case "stop":
                return session.stop()
            case "restart":
                stopped = session.stop()
                slot.handles.append(stopped)
                return session.start()
            case "keep_alive":
                return session.keep_alive()
            case "close":
                return session.close()

    def verb(self, slot, verb):
        """The same, with what the user may rely on."""
        before = slot.wanted
        if verb in OPENING:
            slot.wanted = True
            slot.opening.append(verb)
        elif verb in ("stop", "close"):
            slot.wanted = False
        try:
            handle = self._call(slot, verb)
        except SessionClosed:
            slot.wanted = before and verb != "restart"
            refusing = {Phase.STOPPING, Phase.STOPPED, *phases.GONE}
            assert slot.session.phase in (phases.GONE if verb != "speak" else refusing) or (
                verb == "cut in" and slot.session.phase in refusing
            )
        else:
            if handle is not None:
                slot.handles.append(handle)
        finally:
            if verb in OPENING:
                slot.opening.remove(verb)

    def _meddle(self, slot, report):
        """An observer of the user's that calls verbs, three times at most."""
        state = getattr(report, "status", getattr(report, "state", ""))
        if state == self.on and slot.meddled < 3:
            slot.meddled += 1
            self.count(f"observer: {self.meddling}")
            self.verb(slot, self.meddling)

    @rule(
        provider=st.sampled_from(PROVIDERS),
        verb=st.sampled_from(VERBS),
        then_s=st.sampled_from([None, None, 0.0, 0.5, 2.0, 10.0]),
    )
    def user(self, provider, verb, then_s):
        slot = self.slots[provider]
        self.count(f"verb: {verb}")
        self.verb(slot, verb)
        self.agree(slot)
        self.look()
        if then_s is not None and self.host.alive:
            self._live(then_s)

    @rule(provider=st.sampled_from(PROVIDERS), really=st.integers(0, 5))
    def close(self, provider, really):
        if really:
            return
        slot = self.slots[provider]
        self.count("verb: close")
        self.verb(slot, "close")
        self.agree(slot)
        self.look()

    @precondition(lambda self: any(s.session.phase is Phase.CLOSED for s in self.slots.values()))
    @rule()
    def make_another(self):
        for provider, slot in self.slots.items():
            if slot.session.phase is Phase.CLOSED:
                self._check_story(slot)
                self.closed.append(slot)
                self.slots[provider] = self._slot(provider)

    @rule(provider=st.sampled_from(PROVIDERS[:2]), size=st.sampled_from(["low", "high", "auto"]))
    def quality(self, provider, size):
        self.count("verb: quality")
        self.slots[provider].session.change_quality(size)

    @rule(
        provider=st.sampled_from(PROVIDERS),
        verbs=st.lists(st.sampled_from(VERBS), min_size=2, max_size=4),
    )
    def several_threads(self, provider, verbs):
        """All at once; in which order they come is nobody's promise."""
        slot, ready = self.slots[provider], threading.Barrier(len(verbs))
        before, slot.wanted = slot.wanted, True
        results = []
        slot.opening.extend(OPENING & set(verbs))

        def call(verb):
            ready.wait(20)
            try:
                results.append(self._call(slot, verb))
            except SessionClosed:
                results.append(None)
            except BaseException as error:
                results.append(error)

        threads = [threading.Thread(target=call, args=(verb,)) for verb in verbs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert len(results) == len(verbs), "a verb hangs"
        for verb in OPENING & set(verbs):
            slot.opening.remove(verb)
        assert not [one for one in results if isinstance(one, BaseException)], results
        slot.handles += [one for one in results if one is not None]
        slot.wanted = slot.session.phase in phases.GOING_ON or (before and slot.wanted)
        if not OPENING & set(verbs):
            slot.wanted = before and "stop" not in verbs
        self.agree(slot)
        self.count("several threads")
        self.look()

    # ---- pages ------------------------------------------------------------------------------

    def page_says(self, slot, content):
        slot.pages.on_widget_message(None, content, [])

    @rule(provider=st.sampled_from(PROVIDERS), page=st.sampled_from("ab"), old=st.booleans())
    def page_joins(self, provider, page, old):
        """A new one, or one from before, also twice."""
        slot = self.slots[provider]
        peer = self.old_peers[-1] if old else f"{page}.{next(self.peers)}"
        self.old_peers.append(peer)
        if slot.session.phase is Phase.NEW:
            slot.wanted = True  # it is shown for the first time
        kind = "offer" if provider == "kaltura" and old else "join"
        more = {"sdp": "v=0"} if kind == "offer" else {}
        self.count(f"page: {kind}{' again' if old else ''}")
        self.page_says(slot, {"type": kind, "page": page, "peer": peer, **more})
        self.look()

    @rule(
        provider=st.sampled_from(PROVIDERS),
        what=st.sampled_from(["hello", "start", "stop", "say", "interrupt", "hangup", "set-sound"]),
    )
    def page_asks(self, provider, what):
        slot = self.slots[provider]
        more = {
            "hello": {"page": "a", "protocol": p.PROTOCOL, "atMs": 1.0},
            "say": {"text": "Typed.", "page": "a", "atMs": 1.0},
            "hangup": {"page": "a", "peer": self.old_peers[0]},
            "set-sound": {"muted": True, "volume": 7.0},
        }
        self.count(f"page: {what}")
        if what in ("start", "say"):
            slot.wanted = True
        elif what == "stop":
            slot.wanted = False
        self.page_says(slot, {"type": what, **more.get(what, {})})
        if slot.session.phase in phases.GONE:
            slot.wanted = False
        self.look()

    @rule(
        provider=st.sampled_from(PROVIDERS),
        page=st.sampled_from("ab"),
        what=st.sampled_from(
            ["playing", "waiting", "paused", "failed", "ended", "refused", "taken", "lost", "event"]
        ),
    )
    def page_reports(self, provider, page, what):
        if what in ("ended", "refused", "taken", "lost"):
            report = p.StreamOver(page, self.old_peers[-1], what, "so")
        elif what == "event":
            report = p.RoomData(page, "", json.dumps({"event_type": "session.stopped"}))
        else:
            report = p.Media(page, what)
        self.count(f"page: {what}")
        self.page_says(self.slots[provider], page_codec.builtins(report))
        self.look()

    @rule(provider=st.sampled_from(PROVIDERS), content=st.sampled_from(RUBBISH))
    def page_talks_rubbish(self, provider, content):
        slot = self.slots[provider]
        says = isinstance(content, dict) and content.get("type") == "say"
        before, slot.wanted = slot.wanted, slot.wanted or says
        self.count("page: rubbish")
        self.page_says(slot, content)
        slot.wanted = before or (says and slot.session.phase in phases.GOING_ON)
        self.look()

    # ---- the host ---------------------------------------------------------------------------

    @precondition(lambda self: self.host.alive)
    @rule(number=st.integers(1, 3))
    def commands_arrive(self, number):
        self.run(self.host.carry_out(number))

    @rule(number=st.integers(1, 3))
    def events_arrive(self, number):
        self.host.deliver(number)
        self.look()

    @precondition(lambda self: self.host.alive)
    @rule(seconds=st.sampled_from([0.0, 0.01, 0.3, 1.0, 4.0, 20.0]))
    def time_goes_on(self, seconds):
        self._live(seconds)

    @precondition(lambda self: self.host.alive)
    @rule(seconds=st.sampled_from([70.0, 130.0, 450.0]))
    def a_long_time_goes_on(self, seconds):
        self.count("time: long")
        self._live(seconds)

    def _live(self, seconds):
        """The host works for so long; what it tells is heard, and answered."""
        self.run(self.host.carry_out())
        self.run(asyncio.sleep(seconds))
        self.host.deliver()
        self.look()

    @precondition(lambda self: self.host.alive)
    @rule(really=st.integers(0, 2))
    def host_dies(self, really):
        if really:
            return
        for slot in self.slots.values():
            self.count(f"host died: {slot.session.phase.value}")
        now = self.loop.time()
        self.dead_loops.append(self.loop)
        self.loop = VirtualLoop()
        self.loop._jumping.now = now
        self.run(self._forget_dead_loop())
        self.host.die()
        self.look()

    async def _forget_dead_loop(self):
        self.world.twin.closing = asyncio.Event()

    @precondition(lambda self: not self.host.alive and not self.host.given_up)
    @rule()
    def host_comes_back(self):
        self.count("host: another one")
        self.run(self._come_back())
        self.look()

    async def _come_back(self):
        self.host.come_back()

    @precondition(lambda self: not self.host.alive and not self.host.given_up)
    @rule()
    def host_is_given_up(self):
        self.count("host: given up")
        self.host.give_up()
        self.look()
        rescued, self.rescued = self.rescued, []
        for options, grant in rescued:
            self.count("host: rescued without")
            self.run(self._rescue(options, grant))

    async def _rescue(self, options, grant):
        """What `stop_without_host` does, on virtual time."""
        self.world.new_process()
        host = make_host(self.world, lambda event, _: None, 0)
        host.handle(m.OpenSession("rescue", options, grant=grant))
        host.handle(m.StopSession("rescue"))
        await asyncio.sleep(30)
        await host.close("The avatar was closed.")

    # ---- the services -----------------------------------------------------------------------

    def on_recovery(self):
        self._count_faults()

    def on_jump(self):
        self.count("service: jumped")

    async def _calls(self):
        return self.world.twin.state()["calls"]

    def _count_faults(self):
        for call in self.run(self._calls()):
            if call.get("fault"):
                self.count(f"fault: {call['fault']}")
                self.count(f"fault at: {call['call']}")

    @rule()
    def python_is_thrown_out(self):
        rooms = self.world.rooms[-1:]
        if rooms and rooms[0].gone.get_loop() is self.loop:
            self.count("service: kicked")
            self.run(rooms[0].close())

    # ---- what must hold ---------------------------------------------------------------------

    @invariant()
    def counted(self):
        LifeMachine.steps += 1

    @invariant()
    def where_nothing_is_open_everybody_is_answered(self):
        for slot in getattr(self, "slots", {}).values():
            if slot.session.phase in phases.OVER:
                assert all(handle.done for handle in slot.handles)
                states = [entry["state"] for entry in slot.session.transcript]
                assert not {"queued", "speaking"} & set(states)

    @invariant()
    def one_avatar_has_one_session(self):
        if hasattr(self, "slots"):
            leases = [one for one in self.world.paid._leases if not one.done]
            held = Counter(one.row.provider for one in leases if one.row is not None)
            assert max(held.values(), default=0) <= 1, held

    def _check_story(self, slot):
        """What its user heard: each speech in order, one end, no latency below zero."""
        self.settle_observers()
        seen = {}
        for report in slot.heard:
            match report:
                case p.SpeechUpdate(speech=speech, state=state, latency_ms=latency_ms):
                    before = seen.get(speech)
                    assert before not in ENDS, (speech, before, state)
                    assert not (before == "speaking" and state == "queued")
                    assert latency_ms is None or latency_ms >= 0
                    seen[speech] = state
                case p.Status(status=status):
                    assert status in phases.STATUS.values()
        for speech in slot.speeches:
            assert speech.latency_ms is None or speech.latency_ms >= 0
            assert speech.done
            assert seen.get(speech.id, speech.state) == speech.state
            if speech.state == "failed":
                assert speech.reason

    def teardown(self):
        if not hasattr(self, "slots"):
            return
        try:
            self._finish()
        finally:
            self._clear_away()

    def _finish(self):
        """Everything works again: all is stopped and cleaned; it can be used; it can be closed."""
        self.meddling = None
        self._count_faults()
        self.world.twin.faults.remove()
        if not self.host.alive:
            self.run(self._revive())
        for slot in self.slots.values():
            slot.meddled = 3
            self.verb(slot, "stop")
        self._clean()
        assert not self.open_at_twin()
        assert not self.world.ledger.open_rows()
        for slot in self.slots.values():
            if slot.session.phase not in phases.GONE:
                self.verb(slot, "start")
                started = slot.handles[-1]
                self._live(60)
                assert started.done, slot.session
                assert started.error is None, started.error
                self.verb(slot, "speak")
                self._live(60)
                assert slot.speeches[-1].state == "said", slot.speeches[-1]
                self.count("used after it all")
            self.verb(slot, "close")
        self._clean()
        assert not self.open_at_twin()
        assert not self.host.listeners
        for slot in [*self.slots.values(), *self.closed]:
            assert slot.session.phase is Phase.CLOSED
            assert all(handle.done for handle in slot.handles)
            errors = [handle.error for handle in slot.handles if handle.error is not None]
            assert all(isinstance(error, AvatarError) for error in errors)
            self._check_story(slot)

    async def _revive(self):
        if self.host.given_up:
            self.host.revive()
        else:
            self.host.come_back()

    def _clean(self):
        """An hour passes, thrice, and the cleaner comes."""
        for _ in range(3):
            self._live(100)
            self.run(self.world.cleaner.clean())
            self._live(4000)

    def _clear_away(self):
        self.host.alive = False
        self.world.ledger.close()
        for loop in (*self.dead_loops, self.loop):
            asyncio.set_event_loop(loop)
            while left := asyncio.all_tasks(loop):
                for task in left:
                    task.cancel()
                loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            loop.close()
        asyncio.set_event_loop(None)
        shutil.rmtree(self.folder)


MUST_FIRE = frozenset(
    {
        *(f"verb: {verb}" for verb in (*VERBS, "close", "quality")),
        *(f"observer: {verb}" for verb in (*VERBS, "close")),
        *(f"page: {what}" for what in ("join", "join again", "offer again", "rubbish", "hello")),
        *(f"page: {what}" for what in ("start", "stop", "say", "interrupt", "taken", "lost")),
        *(f"host died: {phase}" for phase in ("new", "opening", "live", "stopping", "ended")),
        *("host: another one", "host: given up", "host: rescued without", "taken over"),
        *(f"fault: {kind}" for kind in KINDS),
        *(f"fault at: {call}" for call in ("new", "start", "task", "keep_alive", "stop", "token")),
        *(f"fault at: {call}" for call in ("create", "init_client", "say_text", "end")),
        *("several threads", "opened", "service: jumped", "service: kicked", "time: long"),
        "used after it all",
    }
)
"""Without these the test would have shown nothing about them."""


def test_an_avatar_keeps_its_promises_whatever_happens(record_property, monkeypatch, caplog):
    """At least 20,000 random steps, and until each kind of fault did fire."""
    LifeMachine.steps = 0
    LifeMachine.fired.clear()
    current = []

    class Watched(LifeMachine):
        def __init__(self):
            super().__init__()
            current[:] = [self]

    monkeypatch.setattr(
        session_life,
        "stop_without_host",
        lambda options, grant: current[0].rescued.append((options, grant)),
    )
    # Weeks pass here, and counting each second was nine tenths of the work.
    monkeypatch.setattr("ipyavatar.host.host.STATS_EVERY_S", 60.0)
    chosen = settings(
        max_examples=STEPS // STEPS_EACH // ROUNDS + 5,
        stateful_step_count=STEPS_EACH,
        deadline=None,
        database=None,
        print_blob=False,
        report_multiple_bugs=False,
        phases=[Hypothesis.generate],  # threads make a shorter story another one
        suppress_health_check=list(HealthCheck),
    )
    rounds = 0
    with caplog.at_level(logging.CRITICAL + 1):
        while Watched.steps < STEPS or (MUST_FIRE - set(Watched.fired) and rounds < 3 * ROUNDS):
            rounds += 1
            run_round(Watched, rounds, chosen)
    record_property("random steps of users, pages, hosts and services", Watched.steps)
    for what, number in sorted(Watched.fired.items()):
        record_property(what, number)
    assert sorted(MUST_FIRE - set(Watched.fired)) == []
