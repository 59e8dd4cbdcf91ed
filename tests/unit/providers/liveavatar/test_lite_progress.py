"""A speech of LITE by what sessions were seen to tell: by words, by states, by both, by nothing."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.providers.cloud.service_events import read_event
from ipyavatar.providers.liveavatar.lite_progress import (
    BEGIN_S,
    EXPECTED_S,
    LATE_S,
    LiteProgress,
)

SECONDS = 2.1


def words(kind, **ids):
    return {"type": f"agent.{kind}", **(ids or {"event_id": "m"})}


def state(new, previous="idle"):
    return {"type": "agent.state_updated", "previous_state": previous, "new_state": new}


BY_WORDS = [(0.5, words("speak_started")), (2.6, words("speak_ended"))]
BY_STATES = [(0.5, state("talking")), (2.6, state("idle", "talking"))]
LISTENING = [(0.5, state("talking", "listening")), (2.6, state("listening", "talking"))]
NULL_IDS = [
    (at, {**event, "event_id": "theirs", "source_event_id": None}) for at, event in BY_WORDS
]
FRESH_IDS = [
    (at, {**event, "event_id": "theirs", "source_event_id": "m"}) for at, event in BY_WORDS
]
UNKNOWN_IDS = [(at, {**event, "event_id": "theirs"}) for at, event in BY_WORDS]
CAPITALS = [(at, {**event, "new_state": event["new_state"].upper()}) for at, event in BY_STATES]
TWICE = [row for row in (*BY_WORDS, *BY_STATES) for _ in range(2)]
BOTH = [row for pair in zip(BY_STATES, FRESH_IDS, strict=True) for row in pair]


def play(script, *, sent=((0.0, SECONDS),), others=(), expects_events=False):
    """When it begins and ends, by a script of events and of sound that is sent."""
    progress = LiteProgress("m", others, expects_events=expects_events)
    rows = sorted([*script, *sent], key=lambda row: row[0])
    last = max(at for at, _ in sent)
    begun = None
    now = 0.0
    while True:
        while rows and rows[0][0] <= now:
            at, what = rows.pop(0)
            if isinstance(what, float):
                progress.on_sent(what, at)
                if at == last:
                    progress.on_all_sent(at)
            else:
                progress.on_event(read_event(json.dumps(what)), at)
        if begun is None and progress.begun(now):
            begun = now
        if progress.over(now):
            return begun, now, progress
        later = [at for at in (progress.next_at(now), *(at for at, _ in rows[:1])) if at > now]
        now = min(later)


@pytest.mark.parametrize(
    "script",
    [BY_WORDS, BY_STATES, LISTENING, CAPITALS, NULL_IDS, FRESH_IDS, UNKNOWN_IDS, BOTH, TWICE],
)
def test_each_observed_form_tells_begin_and_end(script):
    begun, over, _ = play(script)
    assert (begun, over) == (0.5, 2.6)


LATE_BY_S = 8.0
"""Longer than BEGIN_S."""


@pytest.mark.parametrize("script", [BY_WORDS, BY_STATES, NULL_IDS, FRESH_IDS, BOTH])
def test_a_service_that_tells_is_waited_for(script):
    """It was slow to begin, and nothing is shown or counted before it does."""
    late = [(at + LATE_BY_S, event) for at, event in script]
    begun, over, _ = play(late, expects_events=True)
    assert (begun, over) == (0.5 + LATE_BY_S, 2.6 + LATE_BY_S)


def test_a_service_that_tells_no_more_is_not_waited_for_without_end():
    begun, over, _ = play([], expects_events=True)
    assert (begun, over) == (EXPECTED_S, EXPECTED_S + SECONDS + LATE_S)


@pytest.mark.parametrize("script", [BY_WORDS, BY_STATES, NULL_IDS, FRESH_IDS])
def test_where_its_begin_is_lost_the_end_counts(script):
    _, over, _ = play(script[1:], expects_events=True)
    assert over == 2.6


NAMED = [{"event_id": "m"}, {"event_id": "theirs", "source_event_id": "m"}]
NAMELESS = [{"event_id": "theirs", "source_event_id": None}, {"event_id": "x"}, {"task": None}]


@pytest.mark.parametrize("ids", [*NAMED, *NAMELESS])
@pytest.mark.parametrize("begin", [None, 6.0], ids=["lost", "late"])
def test_an_end_is_believed_where_its_begin_was_told_late_or_not_at_all(begin, ids):
    """From when on the sound can have lasted: it is not waited for a second time."""
    begins = [] if begin is None else [(begin, words("speak_started", **ids))]
    end = (10.6, words("speak_ended", **ids))
    begun, over, _ = play([*begins, end], sent=((0.0, 5.0), (0.2, 5.0)))
    assert (begun, over) == (BEGIN_S, 10.6)


@pytest.mark.parametrize("ids", [*NAMED, *NAMELESS])
def test_an_end_told_before_its_begin_is_none(ids):
    kinds = ((0.5, "speak_ended"), (0.6, "speak_started"), (2.7, "speak_ended"))
    _, over, _ = play([(at, words(kind, **ids)) for at, kind in kinds])
    assert over == 2.7


def test_a_short_speech_is_not_ended_by_the_end_of_the_one_before():
    """Also where that is as late as this one is long: its begin tells."""
    script = [
        (0.9, state("idle", "talking")),
        (1.0, state("talking")),
        (1.6, state("idle", "talking")),
    ]
    assert play(script, sent=((0.0, 0.6),))[:2] == (1.0, 1.6)


def test_whatever_it_does_next_it_has_stopped_to_talk():
    script = [BY_STATES[0], (2.6, state("thinking", "talking"))]
    assert play(script)[:2] == (0.5, 2.6)


def test_nothing_told_ends_in_bounded_time():
    begun, over, _ = play([])
    assert begun == BEGIN_S
    assert over == pytest.approx(BEGIN_S + SECONDS + LATE_S)


def test_an_end_before_the_sound_has_lasted_waits_for_it():
    """Idle between two pieces is no end; with no more told, the sound's length is."""
    begun, over, _ = play([(0.5, state("talking")), (1.0, state("idle", "talking"))])
    assert (begun, over) == (0.5, pytest.approx(0.5 + SECONDS))


def test_a_pause_for_want_of_sound_moves_the_end():
    script = [
        (0.5, state("talking")),
        (1.5, state("idle", "talking")),
        (2.5, state("talking")),
        (3.6, state("idle", "talking")),
    ]
    assert play(script, sent=((0.0, 1.0), (2.4, 1.1)))[1] == 3.6


@pytest.mark.parametrize("name", ["speak_interrupted", "audio_buffer_cleared"])
def test_who_else_cuts_it_off_ends_it(name):
    """Sessions that tell states alone tell that their buffer was emptied; before it began that was
    the one before it."""
    cut = {"type": f"agent.{name}", "event_id": "theirs", "source_event_id": None}
    _, over, progress = play([(0.5, state("talking")), (1.0, cut), (1.1, state("idle", "talking"))])
    assert (over, progress.interrupted) == (1.0, True)
    _, over, progress = play([(0.1, cut), *BY_STATES])
    assert (over, progress.interrupted) == (2.6, False)


def test_a_start_told_again_does_not_undo_an_interrupt():
    script = [*BY_WORDS[:1], (1.0, words("speak_interrupted")), (1.1, words("speak_started"))]
    begun, over, progress = play(script)
    assert (begun, over, progress.interrupted) == (0.5, 1.0, True)
    progress.on_event(read_event(json.dumps(words("speak_started"))), 1.2)
    assert progress.over(1.2)


def test_late_ends_of_the_speech_before_are_not_its_own():
    """Without an id, as long as it has not begun; with one, always."""
    before = [
        (0.1, state("idle", "talking")),
        (0.2, words("speak_interrupted", event_id="x", source_event_id=None)),
        (0.7, words("speak_interrupted", event_id="old")),
    ]
    assert play([*before, *BY_WORDS], others={"old"})[:2] == (0.5, 2.6)


def test_a_refusal_by_id_fails_at_once():
    error = {"type": "server_error", "message": "no", "event_id": "m"}
    refusal = {"type": "error", "error": error}
    begun, over, progress = play([(0.2, refusal)])
    assert (begun, over, progress.failure) == (None, 0.2, "LiveAvatar did not say it: no.")


def test_an_error_about_something_else_changes_nothing():
    starving = {"type": "error", "error": {"type": "video_starvation"}}
    begun, over, progress = play([(0.2, starving), *BY_WORDS])
    assert (begun, over, progress.failure) == (0.5, 2.6, "")


def test_a_speech_that_somebody_else_cut_off_was_not_said():
    """With what the service told of it, also while it went on; by whom it was is not known."""
    cut = words("speak_interrupted")
    error = {"type": "error", "error": {"type": "server_error", "message": "no renderer"}}
    _, over, progress = play([*BY_WORDS[:1], (0.9, error), (1.0, cut)])
    assert (over, progress.failure) == (1.0, "LiveAvatar cut it off: no renderer.")
    _, over, progress = play([*BY_WORDS[:1], (1.0, cut)])
    assert (over, progress.failure) == (1.0, "LiveAvatar cut it off: it did not say why.")


def test_trouble_in_the_middle_of_a_speech_that_ends_well_is_no_failure():
    starving = {"type": "error", "error": {"type": "video_starvation", "event_id": "m"}}
    begun, over, progress = play([BY_WORDS[0], (1.0, starving), BY_WORDS[1]])
    assert (begun, over, progress.failure) == (0.5, 2.6, "")


EVENTS = st.sampled_from(
    [
        *(words(f"speak_{kind}", event_id=i) for kind in ("started", "ended") for i in "mx"),
        state("talking"), state("idle", "talking"), state("listening"), {"type": "warning"},
    ]
)  # fmt: skip


@given(st.lists(st.tuples(st.floats(0, 20), EVENTS), max_size=12))
def test_it_always_ends_and_never_before_its_sound(script):
    begun, over, _ = play(sorted(script, key=lambda row: row[0]))
    assert begun is not None
    assert over >= SECONDS - 0.3 - 1e-9
    assert over <= 20 + BEGIN_S + SECONDS + LATE_S + 1e-9
