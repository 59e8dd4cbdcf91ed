"""`AvatarSession` in every order: verbs, late and doubled events, loss of the host, observers."""

import gc
import itertools
import threading
import weakref

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
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
from tests.support.fakes.memory_host import MemoryHost, Ticks
from tests.support.machines import run_round
from tests.support.memory_sessions import PAID

STEPS = 20_000


class SessionMachine(RuleBasedStateMachine):
    """Drives one session against a host in memory."""

    steps = 0
    opened = 0
    losses = 0

    @initialize(paid=st.booleans(), slow=st.booleans(), raising=st.booleans())
    def make(self, paid, slow, raising):
        self.host = MemoryHost(Ticks(), paid)
        self.host.on_send = self._on_send
        options = PAID if paid else {}
        self.session = AvatarSession(
            host=self.host, _setup=SessionSetup(clock=self.host.clock), **options
        )
        self.handles = []
        self.stops = []
        self.wanted = False  # whether the user has asked for an open session
        self.release = threading.Event()
        if slow:
            release = self.release
            self.session.observe(lambda report: release.wait(10))
        if raising:
            self.session.observe(lambda report: 1 / 0)
        self.heard = []
        self.session.observe(self.heard.append)

    def _on_send(self, command):
        if isinstance(command, m.OpenSession):
            type(self).opened += 1
            going = self.session.phase in phases.STOPPING  # taken over only to be stopped
            assert self.wanted or (going and command.grant is not None)
            # What a host had is taken over from another one, never from itself: there it has ended.
            assert command.grant is None or self.session._generation < self.host.generation

    def _step(self):
        type(self).steps += 1

    # ---- the user ---------------------------------------------------------------------------

    @rule()
    def start(self):
        self._step()
        before, self.wanted = self.wanted, True
        try:
            self.handles.append(self.session.start())
        except SessionClosed:
            self.wanted = before
            assert self.session.phase in phases.GONE

    @rule(interrupt=st.booleans())
    def speak(self, interrupt):
        self._step()
        before, self.wanted = self.wanted, True
        try:
            self.handles.append(self.session.speak("Some words.", interrupt=interrupt))
        except SessionClosed:
            self.wanted = before
            assert self.session.phase in {Phase.STOPPING, Phase.STOPPED, *phases.GONE}

    @rule()
    def say_in_page(self):
        self._step()
        before, self.wanted = self.wanted, True
        try:
            self.session.say_for_page(p.Say("Typed."))
        except SessionClosed:
            self.wanted = before

    @rule(data=st.data())
    def interrupt(self, data):
        self._step()
        speeches = [one for one in self.handles if hasattr(one, "text")]
        if speeches and data.draw(st.booleans()):
            data.draw(st.sampled_from(speeches)).interrupt()
        else:
            self.session.interrupt()

    @rule()
    def keep_alive(self):
        self._step()
        self.handles.append(self.session.keep_alive())

    @rule()
    def stop(self):
        self._step()
        self.wanted = False
        self.stops.append(self.session.stop())
        self.handles.append(self.stops[-1])

    @rule()
    def stop_and_start(self):
        self._step()
        self.wanted = False
        self.stops.append(self.session.stop())
        self.handles.append(self.stops[-1])
        if self.session.phase not in phases.GONE:
            self.wanted = True
            self.handles.append(self.session.start())

    @precondition(lambda self: self.session.phase not in phases.GONE)
    @rule(really=st.integers(0, 9))
    def close(self, really):
        self._step()
        if really == 0:
            self.wanted = False
            self.handles.append(self.session.close())

    @rule()
    def ask_for_quality(self):
        self._step()
        self.session.change_quality("low")
        self.session.expect_page(10)

    # ---- the host ---------------------------------------------------------------------------

    @rule(number=st.integers(1, 4))
    def carry_out(self, number):
        self._step()
        for _ in range(number):
            self.host.carry_out()

    @rule(number=st.integers(1, 6), twice=st.booleans())
    def deliver(self, number, twice):
        self._step()
        for _ in range(number):
            self.host.deliver(twice=twice)
        if self.session.phase in {Phase.ENDED, Phase.FAILED}:
            self.wanted = False

    @rule()
    def go_on(self):
        self._step()
        self.host.go_on(self.session.id)

    @precondition(lambda self: self.host.alive)
    @rule()
    def settle(self):
        self._step()
        self.host.settle()
        if self.session.phase in {Phase.ENDED, Phase.FAILED}:
            self.wanted = False

    @rule(failed=st.booleans())
    def end_by_itself(self, failed):
        self._step()
        self.host.end_by_itself(self.session.id, failed=failed)

    @rule()
    def trouble(self):
        self._step()
        self.host.trouble(self.session.id)

    @precondition(lambda self: self.host.alive)
    @rule()
    def die(self):
        self._step()
        type(self).losses += 1
        self.host.die()

    @precondition(lambda self: not self.host.alive and not self.host.given_up)
    @rule()
    def come_back(self):
        self._step()
        self.host.come_back()

    @precondition(lambda self: not self.host.alive and not self.host.given_up)
    @rule()
    def give_up(self):
        self._step()
        self.host.give_up()
        if self.session.phase is Phase.FAILED:
            self.wanted = False

    # ---- always -----------------------------------------------------------------------------

    @invariant()
    def nothing_is_left_unanswered_where_nothing_is_open(self):
        if hasattr(self, "session") and self.session.phase in phases.OVER:
            assert all(handle.done for handle in self.handles)

    @invariant()
    def whoever_stopped_it_is_answered_before_it_is_opened_again(self):
        if hasattr(self, "session") and self.session.phase in phases.OPEN:
            assert all(handle.done for handle in self.stops)

    @invariant()
    def the_transcript_knows_every_end(self):
        if hasattr(self, "session"):
            states = {one["speech"]: one["state"] for one in self.session.transcript}
            for handle in self.handles:
                if hasattr(handle, "text") and handle.id in states:
                    assert states[handle.id] == handle.state

    def teardown(self):
        if not hasattr(self, "session"):
            return
        if not self.host.alive:
            self.host.come_back() if not self.host.given_up else self.host.revive()
        self.host.settle()
        if self.session.phase in {Phase.ENDED, Phase.FAILED}:
            self.wanted = False
        # Whatever has happened, it can be used again, or says that it is closed.
        if self.session.phase not in phases.GONE:
            self.wanted = True
            started = self.session.start()
            self.host.settle()
            assert started.done
            assert started.error is None
            said = self.session.speak("Last words.")
            self.host.settle()
            assert said.state == "said"
            self.wanted = False
            closed = self.session.close()
            self.host.settle()
            assert closed.done
        assert self.session.phase is Phase.CLOSED
        assert all(handle.done for handle in self.handles)
        assert all(h.error is None or isinstance(h.error, AvatarError) for h in self.handles)
        assert not self.host.listeners
        assert not self.host.sessions
        self.release.set()
        thread = self.session.callbacks._thread
        if thread is not None:
            thread.join(10)
        del thread
        assert any(isinstance(report, p.Status) for report in self.heard)
        gone = weakref.ref(self.session)
        del self.session
        self.handles.clear()
        self.host.on_send = None
        gc.collect()
        assert gone() is None


def test_a_session_keeps_its_promises_in_every_order(record_property, monkeypatch):
    """20,000 steps: every handle answered, nothing opened unasked, nothing left after close."""
    rescued = []
    monkeypatch.setattr(
        session_life, "stop_without_host", lambda options, grant: rescued.append(grant)
    )
    chosen = settings(
        max_examples=100,
        report_multiple_bugs=False,
        stateful_step_count=50,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    gc.freeze()  # what other tests have left need not be looked at after each story
    try:
        rounds = itertools.count(1)
        while SessionMachine.steps < STEPS or not rescued:  # until the hard cases did come up
            run_round(SessionMachine, next(rounds), chosen)
            assert SessionMachine.steps < 10 * STEPS, "the hard cases do not come up any more"
    finally:
        gc.unfreeze()
    record_property("random steps of a session", SessionMachine.steps)
    record_property("sessions opened in them", SessionMachine.opened)
    record_property("hosts lost in them", SessionMachine.losses)
    record_property("paid sessions stopped without a host in them", len(rescued))
    assert rescued
    assert SessionMachine.losses > 100
