"""The lifecycle of one session at the twin, on a virtual clock."""

import contextlib
import itertools

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ipyavatar.twin.session import LEGAL_TRANSITIONS, Rules, TwinPhase, TwinSession, WrongPhase


def session(*, start: bool = True, **rules: float | bool) -> TwinSession:
    made = TwinSession("s", "heygen", "v2", Rules(**{"idle_s": 120, "max_s": 600, **rules}), 0.0)
    if start:
        made.start(0.0)
    return made


def names(made: TwinSession) -> list[tuple[float, str, str]]:
    return [(e.at, e.name, e.speech_id) for e in made.events if e.name != "phase"]


def test_a_session_joins_speaks_and_stops() -> None:
    made = session(join_delay_s=2)
    assert made.phase is TwinPhase.CONNECTING
    with pytest.raises(WrongPhase, match="speak while connecting"):
        made.speak(1.9, "a", 1.0)
    made.speak(2.0, "a", 1.0)
    made.speak(2.5, "b", 2.0)
    made.stop(10.0)
    assert names(made) == [
        (2.0, "speech_started", "a"),
        (3.0, "speech_ended", "a"),
        (3.0, "speech_started", "b"),
        (5.0, "speech_ended", "b"),
    ]
    assert (made.phase, made.ended_at, made.end_reason) == (TwinPhase.CLOSED, 10.0, "stopped")


@pytest.mark.parametrize("step", [1000.0, 7.0, 0.25])
def test_a_jump_of_the_clock_gives_the_same_history_as_waiting(step: float) -> None:
    made = session(idle_s=30)
    made.speak(5.0, "a", 60.0)
    now = 5.0
    while now < 1000:
        now += step
        made.advance(now)
    assert names(made) == [(5.0, "speech_started", "a"), (35.0, "speech_interrupted", "a")]
    assert (made.ended_at, made.end_reason) == (35.0, "idle")


def test_only_activity_moves_the_idle_limit_and_nothing_moves_the_duration_limit() -> None:
    made = session(idle_s=30, max_s=100)
    for now in (29.0, 58.0, 87.0):
        made.keep_alive(now)
    made.advance(99.9)
    assert made.is_open
    made.advance(1e9)
    assert (made.ended_at, made.end_reason) == (100.0, "max_duration")
    assert made.seconds(1e9) == 100.0


def test_a_session_whose_room_nobody_joins_ends_however_active_it_is() -> None:
    made, joined = session(idle_s=200, join_by_s=300), session(idle_s=200, join_by_s=300)
    joined.join(1.0)
    for now in range(100, 500, 100):
        for one in (made, joined):
            with contextlib.suppress(WrongPhase):
                one.keep_alive(now)
    assert (made.ended_at, made.end_reason) == (300.0, "nobody_joined")
    assert joined.is_open


def test_a_silent_end_cuts_what_is_said_and_tells_nobody() -> None:
    made = session(max_s=60, silent_end=True)
    made.speak(55.0, "a", 10.0)
    made.speak(56.0, "b", 10.0)
    told: list[bool] = []
    made.listeners.add(lambda: told.append(made.is_silent))
    made.advance(100.0)
    assert names(made) == [(55.0, "speech_started", "a")]
    assert [speech.state for speech in made.speeches] == ["interrupted", "interrupted"]
    assert (made.ended_at, made.is_silent, told) == (60.0, True, [True])


@pytest.mark.parametrize("end", ["stop", "idle"])
def test_every_other_end_is_told(end: str) -> None:
    made = session(max_s=600, idle_s=30, silent_end=True)
    made.speak(1.0, "a", 100.0)
    if end == "stop":
        made.stop(20.0)
    made.advance(100.0)
    assert not made.is_silent
    assert names(made)[-1][1:] == ("speech_interrupted", "a")


def test_a_session_that_is_never_started_ends_too_and_costs_nothing() -> None:
    made = session(start=False, idle_s=300)
    made.advance(301)
    assert (made.end_reason, made.seconds(400)) == ("idle", 0.0)


def test_a_stop_takes_its_time_when_told_so() -> None:
    made = session(stop_latency_s=3)
    made.stop(1.0)
    made.advance(3.9)
    assert made.phase is TwinPhase.CLOSING
    with pytest.raises(WrongPhase, match="stop while closing"):
        made.stop(3.9)
    made.advance(4.0)
    assert (made.phase, made.ended_at) == (TwinPhase.CLOSED, 4.0)


def test_interrupt_cuts_at_once_and_drops_the_queue() -> None:
    made = session()
    made.speak(0.0, "a", 10.0)
    made.speak(0.0, "b", 10.0)
    assert made.interrupt(4.0) == 2
    assert (made.speeches[0].state, made.speeches[0].ends_at) == ("interrupted", 4.0)
    assert made.interrupt(4.0) == 0


def test_interrupt_can_spare_the_queue() -> None:
    made = session(interrupt_clears_queue=False)
    made.speak(0.0, "a", 10.0)
    made.speak(0.0, "b", 5.0)
    assert made.interrupt(4.0) == 1
    made.advance(9.0)
    assert names(made)[-2:] == [(4.0, "speech_started", "b"), (9.0, "speech_ended", "b")]


def test_audio_plays_as_long_as_it_comes_and_ends_only_when_told() -> None:
    made = session()
    made.append_audio(0.0, "a", 1.0)
    made.append_audio(0.5, "a", 1.0)
    made.advance(5.0)
    assert [name for _, name, _ in names(made)] == ["speech_started"]
    made.append_audio(5.0, "a", 1.0)  # the buffer had run dry: this plays from 5 to 6
    assert made.close_speech(5.1, "a")
    made.advance(9.0)
    assert names(made)[-1] == (6.0, "speech_ended", "a")
    assert not made.close_speech(9.0, "a")


def test_an_open_speech_goes_on_whatever_the_id() -> None:
    made = session()
    made.append_audio(0.0, "a", 1.0)
    made.append_audio(0.1, "b", 1.0)
    assert made.close_speech(0.2, "c")
    made.append_audio(0.3, "d", 1.0)
    made.close_speech(0.4, "")
    made.advance(5.0)
    assert names(made)[-4:] == [
        (0.0, "speech_started", "a"),
        (2.0, "speech_ended", "a"),
        (2.0, "speech_started", "d"),
        (3.0, "speech_ended", "d"),
    ]


def test_a_new_audio_speech_closes_the_one_before_where_ids_are_strict() -> None:
    made = session(strict_ids=True)
    made.append_audio(0.0, "a", 1.0)
    made.append_audio(0.1, "b", 1.0)
    made.close_speech(0.2, "b")
    made.advance(5.0)
    assert [(at, what) for at, what, _ in names(made)] == [
        (0.0, "speech_started"),
        (1.0, "speech_ended"),
        (1.0, "speech_started"),
        (2.0, "speech_ended"),
    ]


def test_a_clock_that_goes_back_is_ignored() -> None:
    made = session()
    made.speak(10.0, "a", 1.0)
    made.keep_alive(5.0)
    assert made.last_activity == 10.0


TIMES = st.floats(0, 200)


class AnySession(RuleBasedStateMachine):
    """Random verbs at random times, also backwards: the promises of `TwinSession` hold."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.phases = [TwinPhase.NEW]
        self.seen = 0
        self.ids = 0
        self.model = session(start=False, idle_s=100, max_s=400, join_delay_s=1, stop_latency_s=2)

    def attempt(self, verb: str, *args: object, **named: object) -> None:
        with contextlib.suppress(WrongPhase):
            getattr(self.model, verb)(self.now, *args, **named)

    @rule(step=TIMES)
    def time_passes(self, step: float) -> None:
        self.now += step
        self.model.advance(self.now)

    @rule(step=TIMES)
    def clock_goes_back(self, step: float) -> None:
        self.model.advance(self.now - step)

    @rule()
    def start(self) -> None:
        self.attempt("start")

    @rule(seconds=st.floats(0, 50))
    def speak(self, seconds: float) -> None:
        self.ids += 1
        self.attempt("speak", f"speech-{self.ids}", seconds)

    @rule(which=st.integers(0, 2), seconds=st.floats(0.01, 5))
    def append_audio(self, which: int, seconds: float) -> None:
        self.attempt("append_audio", f"audio-{which}", seconds)

    @rule(which=st.integers(0, 2))
    def close_speech(self, which: int) -> None:
        self.attempt("close_speech", f"audio-{which}")

    @rule(verb=st.sampled_from(["keep_alive", "interrupt"]))
    def touch(self, verb: str) -> None:
        self.attempt(verb)

    @precondition(lambda self: self.now > 50)
    @rule()
    def stop(self) -> None:
        self.attempt("stop")

    @invariant()
    def events_are_in_order_and_phases_legal(self) -> None:
        for event in self.model.events_after(self.seen):
            assert event.seq == self.seen + 1
            self.seen = event.seq
            if event.name == "phase":
                assert event.phase in LEGAL_TRANSITIONS[self.phases[-1]]
                self.phases.append(event.phase)
        times = [event.at for event in self.model.events]
        assert times == sorted(times)
        assert self.phases[-1] is self.model.phase

    @invariant()
    def speeches_do_not_overlap_and_none_is_left_over(self) -> None:
        speeches = [s for s in self.model.speeches if s.state != "interrupted"]
        for before, after in itertools.pairwise(speeches):
            assert after.starts_at >= before.ends_at
        assert sum(s.state == "speaking" for s in speeches) <= 1
        if self.model.phase in (TwinPhase.CLOSING, TwinPhase.CLOSED):
            assert all(s.state == "said" for s in speeches)

    @invariant()
    def nothing_is_overdue(self) -> None:
        due = self.model.next_at()
        assert due is None or due >= self.model.now
        assert (due is None) == (self.model.phase is TwinPhase.CLOSED)

    @invariant()
    def limits_hold(self) -> None:
        made = self.model
        if made.is_open and made.phase is not TwinPhase.CLOSING:
            assert made.now <= made.last_activity + made.rules.idle_s
        assert made.seconds(made.now) <= made.rules.max_s + made.rules.stop_latency_s


TestAnySession = AnySession.TestCase
TestAnySession.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
