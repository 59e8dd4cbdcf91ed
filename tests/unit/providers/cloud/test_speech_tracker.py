"""A speech followed by what a service tells in its room: in every order, and in bounded time."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.errors import SessionGone
from ipyavatar.providers.cloud.driver import estimate_seconds
from ipyavatar.providers.cloud.service_events import GAP, ServiceEvent
from ipyavatar.providers.cloud.speech_tracker import (
    ANSWER_LENGTH_S,
    ANSWER_S,
    BEGIN_S,
    EVENTS_S,
    LATE_S,
    MOST_LAG_S,
    SLACK,
    SWAPPED_S,
    SpeechTracker,
    plan_speech,
)
from ipyavatar.providers.liveavatar.spec import SPEC
from tests.support.virtual_time import VirtualClock, run_virtual

TEXT = "Twelve words to say. " * 12  # more than two lines, 16.8 s
SECONDS = 12.0


def event(kind, text="", task="mine", duration=None):
    return ServiceEvent(kind, kind, text, task, duration)


class Listener:
    """Notes what a speech tells, with the time."""

    def __init__(self):
        self.sounds, self.captions, self.answer = [], [], ""

    def on_first_sound(self):
        self.sounds.append(asyncio.get_running_loop().time())

    def on_answer(self, text):
        self.answer += text

    def on_caption(self, text, words):
        self.captions.append((asyncio.get_running_loop().time(), text))

    def on_notice(self, kind, text):
        raise AssertionError(text)


class Told:
    """What came of a speech."""

    def __init__(self, listener, heard, end):
        self.sounds, self.captions = listener.sounds, listener.captions
        self.answer = listener.answer
        self.heard, self.end = heard, end


def speak(script=(), *, text=TEXT, mode="repeat", seconds=SECONDS, hears=True, expects_events=True):
    """Say `text` at 0; `script` are times and what is told then, before 0 too."""
    script = sorted(script, key=lambda row: row[0])

    async def go():
        listener, clock = Listener(), VirtualClock()
        spoken = SpeechTracker(SPEC, clock, listener)
        for _ in [None for at, _ in script if at < 0]:
            spoken.on_event(script.pop(0)[1])

        async def tell():
            for at, told in script:
                await clock.sleep_until(at)
                spoken.on_event(told)

        telling = asyncio.ensure_future(tell())
        plan = plan_speech(text, mode, "mine", seconds, hears=hears, expects_events=expects_events)
        try:
            heard = await spoken.follow(plan)
        finally:
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
        return Told(listener, heard, clock.now())

    return run_virtual(go())


def test_told_in_order():
    """Begins and ends when the service says so; our lines in step from its begin on."""
    said = speak([(2.5, event("avatar_started")), (13.0, event("avatar_stopped", duration=10.5))])
    assert said.sounds == [BEGIN_S["repeat"]]  # nothing was told for so long
    assert said.end == 13.0
    assert said.heard
    first, second, third = said.captions
    assert (first[0], second[0]) == (
        1.0,
        pytest.approx(2.5 + SECONDS * len(first[1]) / 250, rel=0.1),
    )
    assert " ".join((first[1], second[1], third[1])) == TEXT.strip()


def test_a_quick_begin_is_the_first_sound():
    said = speak([(0.2, event("avatar_started")), (9.0, event("avatar_stopped"))])
    assert (said.sounds, said.end) == ([0.2], 9.0)
    assert said.captions[0][0] == 0.2


def test_told_before_its_id_is_known():
    """A short speech may even be over before the answer to its call."""
    begun = speak([(-1, event("avatar_started")), (5.0, event("avatar_stopped"))])
    assert (begun.sounds, begun.end) == ([0.0], 5.0)
    over = speak([(-2, event("avatar_started")), (-1, event("avatar_stopped"))])
    assert (over.sounds, over.end, over.captions) == ([0.0], 0.0, [])


@pytest.mark.parametrize("task", ["mine", None])
@pytest.mark.parametrize("seconds", [SECONDS, None], ids=["told", "estimated"])
def test_an_end_counts_where_its_begin_was_lost(seconds, task):
    """Not sooner than it can have lasted; after that nothing is waited for."""
    assert speak([(13.0, event("avatar_stopped", task=task))], seconds=seconds).end == 13.0


def test_the_late_end_of_another_is_none_of_its_own():
    said = speak([(0.5, event("avatar_stopped", task=None)), (13.0, event("avatar_stopped"))])
    assert said.end == 13.0


@pytest.mark.parametrize(
    ("seconds", "end"), [(SECONDS, 12.5), (None, 0.5 + SLACK * estimate_seconds(TEXT))]
)
def test_an_end_that_may_have_been_lost_is_not_waited_for(seconds, end):
    """The room was away in the middle: the length counts, unless the end is told all the same."""
    begun, away = (0.5, event("avatar_started")), (4.0, GAP)
    said = speak([begun, away], seconds=seconds)
    assert said.end == pytest.approx(end, abs=0.1)
    assert speak([begun, away, (9.0, event("avatar_stopped"))], seconds=seconds).end == 9.0
    before = speak([(-1, GAP), begun], seconds=seconds)
    assert before.end == pytest.approx(end + LATE_S, abs=0.1)


@pytest.mark.parametrize("mode", ["repeat", "talk"])
def test_an_end_told_before_its_begin_waits_for_it(mode):
    """A moment: where none comes, it was cut off before it began."""
    end = (0.5, event("avatar_stopped"))
    swapped = [end, (0.6, event("avatar_started")), (12.6, event("avatar_stopped"))]
    said = speak(swapped, mode=mode)
    assert (said.sounds, said.end) == ([0.6], 12.6)
    assert speak([end], mode=mode).end == 0.5 + SWAPPED_S


@pytest.mark.parametrize(
    ("expects_events", "extra"),
    [(True, EVENTS_S), (False, BEGIN_S["repeat"])],
    ids=["once", "then"],
)
def test_nothing_told(expects_events, extra):
    """The page was closed, or the kernel is busy: as long as it takes, and a little more."""
    said = speak(expects_events=expects_events)
    assert said.end == SECONDS + extra
    assert said.sounds == [BEGIN_S["repeat"]]
    assert not said.heard
    assert " ".join(text for _, text in said.captions) == TEXT.strip()


def test_nobody_hears():
    """Exactly as long as it takes."""
    said = speak(hears=False)
    assert (said.sounds, said.end) == ([0.0], SECONDS)
    assert " ".join(text for _, text in said.captions) == TEXT.strip()


def test_an_answer_that_nobody_hears():
    """The length of the question says nothing about it."""
    assert speak(hears=False, mode="talk").end == ANSWER_LENGTH_S


def test_the_end_is_never_told():
    said = speak([(1.5, event("avatar_started"))])
    assert said.end == 1.5 + SECONDS + LATE_S


def test_an_estimated_length_gets_slack():
    said = speak([(1.5, event("avatar_started"))], seconds=None)
    assert said.end == pytest.approx(1.5 + SLACK * estimate_seconds(TEXT) + LATE_S)


def test_all_told_late_and_at_once():
    """The cell is over, and the page's messages come in a heap."""
    kinds = ("avatar_started", "avatar_text", "avatar_text_ended", "avatar_stopped")
    said = speak([(14.0, event(kind, "Some text.")) for kind in kinds])
    assert said.end == 14.0


def test_a_begin_told_late_is_not_a_late_begin():
    said = speak([(14.0, event("avatar_started"))])
    assert said.end == MOST_LAG_S + SECONDS + LATE_S


def test_doubled():
    said = speak(
        [
            (1.0, event("avatar_started")),
            (6.0, event("avatar_started")),
            (11.0, event("avatar_stopped")),
            (11.0, event("avatar_stopped")),
        ]
    )
    assert (said.sounds, said.end) == ([1.0], 11.0)
    assert [c for c, _ in said.captions] == sorted({c for c, _ in said.captions})


def test_another_speech():
    """The end of the one before, or of somebody else's, ends nothing."""
    theirs = [
        (t, event(kind, task="theirs"))
        for t, kind in ((1, "avatar_started"), (2, "avatar_stopped"))
    ]
    said = speak(theirs)
    assert (said.end, said.heard) == (SECONDS + EVENTS_S, False)


def test_told_without_an_id():
    """A late end of the one before does not count, an end after the begin does."""
    said = speak(
        [
            (0.5, event("avatar_stopped", task=None)),
            (1.0, event("avatar_started", task=None)),
            (9.0, event("avatar_stopped", task=None)),
        ]
    )
    assert (said.end, said.heard) == (9.0, True)


def test_what_the_user_says_changes_nothing():
    users = ("user_started", "user_text", "user_text_ended", "user_stopped", "other", "warning")
    said = speak([(n, event(kind, "words", task=None)) for n, kind in enumerate(users)])
    assert said.end == SECONDS + EVENTS_S
    assert "words" not in {text for _, text in said.captions}


def test_the_session_ends_meanwhile():
    with pytest.raises(SessionGone, match="IDLE_TIMEOUT"):
        speak([(1, event("avatar_started")), (3, event("session_ended", "IDLE_TIMEOUT", None))])


# ---- an answer -------------------------------------------------------------------------------


def test_an_answer_is_shown_as_it_is_told():
    said = speak(
        [
            (4.0, event("avatar_started")),
            (4.0, event("avatar_text", "Well, ")),
            (4.5, event("avatar_text", "I am fine.")),
            (6.0, event("avatar_text", "And you?")),
            (6.0, event("avatar_text_ended", "Well, I am fine. And you?")),
            (8.0, event("avatar_stopped")),
        ],
        text="How are you?",
        mode="talk",
        seconds=None,
    )
    assert said.captions == [
        (3.0, "…"),
        (4.0, "Well,"),
        (4.5, "Well, I am fine."),
        (6.0, "And you?"),
    ]
    assert (said.sounds, said.end) == ([3.0], 8.0)
    assert said.answer == "Well, I am fine. And you?"


@pytest.mark.parametrize(
    ("told", "answer"),
    [
        (["The", "sky", "is", "blue", "."], "The sky is blue."),
        (["The ", "sk", "y ", "is blue."], "The sky is blue."),
        (
            ["One sentence.", "And", "another", ",", "it's", "long."],
            "One sentence. And another, it's long.",
        ),
    ],
)
def test_an_answer_is_told_whole_however_it_comes(told, answer):
    """Word by word, by parts of words or by sentences; also what was not yet shown as a caption."""
    script = [(1 + n / 100, event("avatar_text", text)) for n, text in enumerate(told)]
    said = speak([*script, (1.2, event("avatar_stopped"))], text="Why?", mode="talk", seconds=None)
    assert said.answer == answer


def test_what_is_repeated_is_no_answer():
    said = speak([(1, event("avatar_text", "Hello.")), (2, event("avatar_stopped"))], text="Hello.")
    assert said.answer == ""


def test_text_ahead_of_its_sound_waits_for_it():
    """Shown from the begin on, line by line."""
    texts = ["This is the first sentence of it.", "This is the second one.", "The last."]
    said = speak(
        [(0.1, event("avatar_text", text)) for text in texts]
        + [(1.0, event("avatar_started")), (9.0, event("avatar_stopped"))],
        text="Hm?",
        mode="talk",
        seconds=None,
    )
    assert [text for _, text in said.captions] == texts
    assert said.captions[0][0] == 1.0
    assert 2.0 < said.captions[1][0] < 1.0 + estimate_seconds(texts[0])


def test_an_answer_of_which_only_the_whole_is_told():
    said = speak(
        [(1, event("avatar_started")), (2, event("avatar_text_ended", "All of it."))],
        text="Hm?",
        mode="talk",
        seconds=None,
    )
    assert said.captions[-1] == (2, "All of it.")
    assert said.answer == "All of it."
    assert said.end == 2 + LATE_S  # all is known, so it cannot be a long one


@pytest.mark.parametrize(
    ("expects_events", "end"), [(True, ANSWER_S), (False, BEGIN_S["talk"] + 0.45)]
)
def test_an_answer_never_told(expects_events, end):
    said = speak(text="Hm?", mode="talk", seconds=None, expects_events=expects_events)
    assert said.end == end
    assert said.captions == [(3.0, "…")]


def test_a_long_answer_is_followed_to_its_end():
    """Three minutes: longer than any estimate, but it keeps being told."""
    texts = [(t, event("avatar_text", f"Sentence {t}.")) for t in range(2, 180, 10)]
    said = speak(
        [(1, event("avatar_started")), *texts, (180, event("avatar_stopped"))],
        text="Hm?",
        mode="talk",
        seconds=None,
    )
    assert said.end == 180


# ---- whatever is told ------------------------------------------------------------------------

told = st.lists(
    st.tuples(
        st.floats(-5, 60),
        st.builds(
            event,
            st.sampled_from(
                ["avatar_started", "avatar_stopped", "avatar_text", "avatar_text_ended"]
            ),
            st.sampled_from(["", "One.", "Two words"]),
            st.sampled_from(["mine", "mine", "theirs", None]),
        ),
    ),
    max_size=12,
)


@given(told, st.sampled_from(["repeat", "talk"]), st.floats(0.3, 20), st.booleans(), st.booleans())
def test_any_order_ends_in_time(script, mode, seconds, hears, expects_events):
    """Told once that it begins, never before it is asked for, over within the bounds."""
    said = speak(script, mode=mode, seconds=seconds, hears=hears, expects_events=expects_events)
    assert len(said.sounds) == 1
    assert said.sounds[0] <= max(BEGIN_S[mode], 0)
    assert all(at >= said.sounds[0] for at, _ in said.captions)
    silent = seconds + max(EVENTS_S, ANSWER_S)
    heard = MOST_LAG_S + max(seconds, ANSWER_LENGTH_S if mode == "talk" else 0) + LATE_S
    texts = [row for row in script if row[1].text]
    # Each told text proves that it goes on, for as long as that text takes.
    bound = max(silent, heard) + MOST_LAG_S + len(texts) * (SLACK + ANSWER_S)
    assert said.end <= bound


@given(told, st.floats(0, 30))
def test_an_interrupt_leaves_nothing(script, at):
    """Cancelled at any time, it is over at once, with no task left (`run_virtual` looks)."""

    async def go():
        spoken = SpeechTracker(SPEC, VirtualClock(), Listener())
        for _, happened in script:
            spoken.on_event(happened)
        plan = plan_speech(TEXT, "repeat", "mine", 40.0, hears=True, expects_events=True)
        speaking = asyncio.ensure_future(spoken.follow(plan))
        await asyncio.sleep(at)
        speaking.cancel()
        await asyncio.gather(speaking, return_exceptions=True)
        assert asyncio.get_running_loop().time() == pytest.approx(at, abs=1e-6)

    run_virtual(go())
