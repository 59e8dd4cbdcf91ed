"""A session: its table of statuses, its queue, and what it reports."""

import asyncio
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipyavatar.core.speech import Utterance
from ipyavatar.errors import AvatarError, MissingPart
from ipyavatar.protocol import page as p
from ipyavatar.protocol.host import AddText, Announced, Noticed, TextTaken
from ipyavatar.protocol.listening import Listen, ListeningUpdate, Microphone
from ipyavatar.session.session import Session
from ipyavatar.session.state import TRANSITIONS, IllegalTransition, check
from tests.support.fakes.fake_provider import FakeProvider
from tests.support.virtual_time import VirtualClock, run_virtual


class Recorded:
    """A session on a provider in memory, and what it reports."""

    def __init__(self, **options):
        self.events = []
        self.provider = FakeProvider(**options)
        self.session = Session("x", lambda: self.provider, self.events.append, VirtualClock())

    def speak(self, speech, text, *, interrupt=False):
        asked_at = asyncio.get_running_loop().time()
        self.session.speak(Utterance(speech, text, asked_at=asked_at), interrupt=interrupt)

    def announced(self, kind):
        facts = [e.message for e in self.events if isinstance(e, Announced)]
        return [fact for fact in facts if isinstance(fact, kind)]

    def states(self, speech):
        return [one.state for one in self.announced(p.SpeechUpdate) if one.speech == speech]

    @property
    def statuses(self):
        """Each status, without repetitions: the line for the user may change alone."""
        names = [status.status for status in self.announced(p.Status)]
        return [name for i, name in enumerate(names) if i == 0 or names[i - 1] != name]


def test_a_speech_before_live_is_said_once_live():
    """Speeches are taken from `start` on and keep their order."""

    async def go():
        recorded = Recorded()
        recorded.session.start()
        recorded.speak("a", "one")
        recorded.speak("b", "two")
        await asyncio.sleep(5)
        await recorded.session.stop()
        return recorded

    recorded = run_virtual(go())
    assert recorded.provider.said == ["one", "two"]
    assert recorded.states("a") == ["queued", "speaking", "said"]
    assert recorded.states("b") == ["queued", "speaking", "said"]
    assert recorded.statuses == ["starting", "live", "stopping", "ended"]
    assert recorded.provider.closed == 1


def test_latency_counts_from_the_command():
    """`latency_ms` is from `speak` to the first sound: here 100 ms of the provider."""

    async def go():
        recorded = Recorded()
        recorded.session.start()
        await asyncio.sleep(1)
        recorded.speak("a", "one")
        await asyncio.sleep(2)
        await recorded.session.stop()
        return recorded

    updates = run_virtual(go()).announced(p.SpeechUpdate)
    speaking = next(update for update in updates if update.state == "speaking")
    assert speaking.latency_ms == pytest.approx(100)


def test_interrupt_cuts_what_is_said_and_drops_what_is_queued():
    """All of them end as interrupted, at once; the session goes on."""

    async def go():
        recorded = Recorded()
        recorded.session.start()
        await asyncio.sleep(1)
        recorded.speak("a", "a long one")
        recorded.speak("b", "another")
        await asyncio.sleep(0.3)
        recorded.session.interrupt("")
        await asyncio.sleep(0.001)
        at_once = recorded.states("a")[-1], recorded.states("b")[-1]
        recorded.speak("c", "more")
        await asyncio.sleep(2)
        await recorded.session.stop()
        return recorded, at_once

    recorded, at_once = run_virtual(go())
    assert at_once == ("interrupted", "interrupted")
    assert recorded.provider.said == ["more"]


def test_what_is_dropped_together_ends_with_the_last_first():
    """So nothing begins meanwhile that waits for the end of the one before it."""

    async def go(fails):
        recorded = Recorded(fails_to_open=fails)
        recorded.session.start()
        for name in ("a", "b", "c"):
            recorded.speak(name, "one two")
        if not fails:
            recorded.session.interrupt()
        await asyncio.sleep(2)
        await recorded.session.stop()
        ends = {"interrupted", "failed"}
        return [e.speech for e in recorded.announced(p.SpeechUpdate) if e.state in ends]

    assert run_virtual(go(fails=False)) == ["c", "b", "a"]
    assert run_virtual(go(fails=True)) == ["c", "b", "a"]


def test_interrupting_one_speech_leaves_the_others():
    """`speech.interrupt()` of a queued speech drops only that one."""

    async def go():
        recorded = Recorded()
        recorded.session.start()
        for speech in "abc":
            recorded.speak(speech, speech)
        await asyncio.sleep(0.55)
        recorded.session.interrupt("b")
        await asyncio.sleep(3)
        await recorded.session.stop()
        return recorded

    recorded = run_virtual(go())
    assert recorded.provider.said == ["a", "c"]
    assert recorded.states("b") == ["queued", "interrupted"]


def test_speak_with_interrupt_cuts_in():
    """`interrupt=True` is said next, whatever was before it."""

    async def go():
        recorded = Recorded()
        recorded.session.start()
        await asyncio.sleep(1)
        recorded.speak("a", "a long one")
        await asyncio.sleep(0.3)
        recorded.speak("b", "now", interrupt=True)
        await asyncio.sleep(3)
        await recorded.session.stop()
        return recorded

    recorded = run_virtual(go())
    assert recorded.states("a")[-1] == "interrupted"
    assert recorded.provider.said == ["now"]


def test_a_failed_speech_does_not_end_the_session():
    """It is reported with its reason, and the next one is said."""

    async def go():
        recorded = Recorded()
        recorded.session.start()
        recorded.speak("a", "no!")
        recorded.speak("b", "yes")
        await asyncio.sleep(3)
        await recorded.session.stop()
        return recorded

    recorded = run_virtual(go())
    failed = next(e for e in recorded.announced(p.SpeechUpdate) if e.state == "failed")
    assert "exclamation mark" in failed.reason
    assert recorded.provider.said == ["yes"]


def test_a_session_that_cannot_open_fails_all_that_was_queued():
    """Nothing hangs: status `failed` with what and fix, each speech `failed` with the reason."""

    async def go():
        recorded = Recorded(fails_to_open=True)
        recorded.session.start()
        recorded.speak("a", "one")
        await asyncio.sleep(2)
        recorded.speak("b", "two")
        await recorded.session.stop()
        return recorded

    recorded = run_virtual(go())
    assert recorded.statuses[:2] == ["starting", "failed"]
    failed = next(e for e in recorded.announced(p.Status) if e.status == "failed")
    assert (failed.error.what, failed.error.fix) == ("No such door.", "Try the window.")
    assert recorded.states("a") == ["queued", "failed"]
    assert recorded.states("b") == ["failed"]


def test_stopped_while_a_failed_opening_is_cleared_away_it_is_cleared_away_all_the_same():
    """What the opening may have left at a service is closed, however impatient the user."""

    async def scenario():
        recorded = Recorded(fails_to_open=True)
        recorded.session.start()
        await asyncio.sleep(0.55)
        assert recorded.statuses[-1] == "failed"
        await recorded.session.stop()
        assert recorded.provider.closed == 1
        assert recorded.statuses[-1] == "ended"

    run_virtual(scenario())


def test_stop_reports_every_speech_and_can_be_called_twice():
    """What was queued is reported as interrupted; the provider is closed once."""

    async def go():
        recorded = Recorded()
        recorded.session.start()
        await asyncio.sleep(1)
        recorded.speak("a", "a long one")
        recorded.speak("b", "another")
        await asyncio.sleep(0.3)
        await asyncio.gather(recorded.session.stop(), recorded.session.stop())
        await recorded.session.stop()
        return recorded

    recorded = run_virtual(go())
    assert recorded.states("a")[-1] == recorded.states("b")[-1] == "interrupted"
    assert recorded.provider.closed == 1
    assert recorded.statuses == ["starting", "live", "stopping", "ended"]


def test_what_the_page_says_over_the_data_channel_works_without_the_kernel():
    """Say and Interrupt are carried out by the session itself."""

    async def go():
        recorded = Recorded()
        recorded.session.start()
        await asyncio.sleep(1)
        recorded.session.on_page_message("page", p.Say("typed words"))
        await asyncio.sleep(0.5)
        recorded.session.on_page_message("page", p.Interrupt())
        await asyncio.sleep(0.1)
        await recorded.session.stop()
        return recorded

    recorded = run_virtual(go())
    states = [(e.text, e.state) for e in recorded.announced(p.SpeechUpdate)]
    assert states == [
        ("typed words", "queued"),
        ("typed words", "speaking"),
        ("typed words", "interrupted"),
    ]
    assert recorded.announced(p.Caption)


VERBS = st.lists(
    st.tuples(
        st.sampled_from(["start", "speak", "cut in", "interrupt", "stop", "wait"]),
        st.floats(0, 1.5),
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(VERBS, st.booleans())
def test_whatever_happens_every_speech_ends_and_every_step_is_legal(verbs, fails):
    """Random verbs at random times: legal steps only, and each speech ends exactly once."""

    async def go():
        recorded = Recorded(fails_to_open=fails)
        session, stops, asked = recorded.session, [], 0
        for verb, pause in verbs:
            if verb == "start":
                session.start()
            elif verb in ("speak", "cut in"):
                asked += 1
                recorded.speak(f"s{asked}", "some text", interrupt=verb == "cut in")
            elif verb == "interrupt":
                session.interrupt("")
            elif verb == "stop":
                stops.append(asyncio.ensure_future(session.stop()))
            await asyncio.sleep(pause)
        await asyncio.gather(*stops)
        await session.stop()
        return recorded, asked

    recorded, asked = run_virtual(go())
    before = "idle"
    for status in recorded.statuses:
        check(before, status)
        before = status
    for i in range(1, asked + 1):
        states = recorded.states(f"s{i}")
        assert states[-1] in ("said", "interrupted", "failed")
        assert sum(s in ("said", "interrupted", "failed") for s in states) == 1


@pytest.mark.parametrize("stops", [1, 3])
def test_stopping_what_never_began_is_answered_with_its_end(stops):
    """Whoever asks for the end hears `ended`, each time."""

    async def go():
        recorded = Recorded()
        for _ in range(stops):
            await recorded.session.stop()
        return recorded

    recorded = run_virtual(go())
    assert [s.status for s in recorded.announced(p.Status)] == ["ended"] * stops
    assert recorded.provider.closed == 0


def test_a_start_right_after_a_stop_of_what_has_ended_is_not_stopped():
    """The stop takes effect where it stands in the order, not when its task comes to run."""

    async def go():
        recorded = Recorded()
        await recorded.session.stop()
        recorded.session.begin_stop()
        recorded.session.start()
        await asyncio.sleep(1)
        status = recorded.session.status
        await recorded.session.stop()
        return status

    assert run_virtual(go()) == "live"


def test_the_end_is_told_again_as_of_when_it_was_asked_for():
    """Never later than that, or than the end itself: it may be opened again meanwhile."""

    async def go():
        recorded = Recorded()
        recorded.session.start()
        await asyncio.sleep(1)
        recorded.session.on_over("It was idle.")
        await asyncio.sleep(4)
        recorded.session.begin_stop(asked_at=0.5)
        recorded.session.begin_stop(asked_at=3.0)
        return [status for status in recorded.announced(p.Status) if status.status == "ended"]

    ended, crossed, later = run_virtual(go())
    assert crossed == ended
    assert (later.at, later.text) == (3.0, ended.text)


def test_an_end_that_a_look_undoes_is_told_as_such_and_the_users_own_is_not():
    """Each status says it anew."""

    async def go():
        recorded = Recorded()
        idle = partial(recorded.session.on_over, "It was idle.", resumes=True)
        for end in (idle, recorded.session.rest):
            recorded.session.start()
            await asyncio.sleep(1)
            end()
            await asyncio.sleep(4)
        recorded.session.begin_stop(asked_at=7.0)
        return [(one.status, one.resumes) for one in recorded.announced(p.Status)]

    once = [("starting", False), ("live", False), ("stopping", False), ("ended", True)]
    assert run_virtual(go()) == [*once, *once, ("ended", False)]


def test_a_speech_is_taken_once_however_often_it_is_asked_for():
    """A new link to the kernel asks again for all it does not know to be said."""

    async def go():
        recorded = Recorded()
        recorded.session.start()
        recorded.speak("a", "one")
        recorded.speak("a", "one")
        await asyncio.sleep(3)
        recorded.speak("a", "one")
        await asyncio.sleep(3)
        await recorded.session.stop()
        return recorded

    assert run_virtual(go()).provider.said == ["one"]


def test_facts_are_in_the_order_of_their_times():
    """Each is later than all before it, though several happen at one moment."""

    async def go():
        recorded = Recorded()
        recorded.session.start()
        for number in range(5):
            recorded.speak(f"s{number}", "word")
        recorded.session.interrupt()
        await recorded.session.stop()
        return [e.message.at for e in recorded.events if isinstance(e, Announced)]

    times = run_virtual(go())
    assert times == sorted(set(times))


def test_a_new_page_is_told_what_sounds_not_what_was_queued_last():
    """Where the session is: its status, the speech that is heard, its caption."""

    async def go():
        recorded = Recorded()
        recorded.session.start()
        recorded.speak("a", "a long one")
        recorded.speak("b", "another")
        await asyncio.sleep(0.8)
        recorded.session.interrupt("b")
        recorded.provider.channels.add("page")
        recorded.session.on_page_opened("page")
        await recorded.session.close()
        told = [message for page, message in recorded.provider.sent if page == "page"]
        return told[:4]

    status, under_way, speech, caption = run_virtual(go())
    assert status.status == "live"
    assert (under_way.sounding, under_way.queued) == ("a", [])
    assert (speech.speech, speech.state) == ("a", "speaking")
    assert caption.text == "a long one"


def test_the_table_names_every_status_and_refuses_the_rest():
    """Each status can be left, each step leads to a known one, anything else raises."""
    assert all(after in TRANSITIONS for steps in TRANSITIONS.values() for after in steps)
    for before in TRANSITIONS:
        for after in TRANSITIONS:
            if after in TRANSITIONS[before]:
                check(before, after)
            else:
                with pytest.raises(IllegalTransition, match=f"{before}.*{after}"):
                    check(before, after)


def test_a_stop_is_answered_with_the_end_although_the_session_fails_meanwhile():
    """Its failure was on its way: whoever has asked for the end hears of the end, after it."""

    async def go():
        recorded = Recorded()
        recorded.session.start()
        await asyncio.sleep(1)
        recorded.session.on_over("It broke.", AvatarError("It broke."))
        await asyncio.sleep(0)
        stopping = recorded.session.begin_stop(asked_at=1.0)
        await stopping
        await asyncio.sleep(0)
        return recorded

    recorded = run_virtual(go())
    assert recorded.statuses[-3:] == ["stopping", "failed", "ended"]


@pytest.mark.parametrize(
    "error", [asyncio.CancelledError(), SystemExit(3), RecursionError("too deep")], ids=repr
)
def test_whatever_opening_raises_the_session_has_failed_and_can_be_started_again(error):
    """Also a cancellation that nobody asked for: a library's own."""

    async def go():
        recorded = Recorded()
        opens = recorded.provider.open

        async def fail(listener):
            await asyncio.sleep(0.1)
            raise error

        recorded.provider.open = fail
        recorded.session.start()
        recorded.speak("a", "one")
        await asyncio.sleep(1)
        failed = recorded.announced(p.Status)[-1]
        recorded.provider.open = opens
        recorded.session.start()
        await asyncio.sleep(1)
        again = recorded.session.status
        await recorded.session.close()
        return recorded, failed, again

    recorded, failed, again = run_virtual(go())
    assert failed.status == "failed"
    assert "could not be opened" in failed.error.what
    assert recorded.states("a") == ["queued", "failed"]
    assert again == "live"


def test_a_provider_that_cannot_be_made_is_a_session_that_failed():
    """Such as one whose part is not installed; it can be started again."""

    async def go():
        provider, events = FakeProvider(), []
        makes = iter([MissingPart("A part is missing."), provider])

        def make():
            made = next(makes)
            if isinstance(made, Exception):
                raise made
            return made

        session = Session("x", make, events.append, VirtualClock())
        session.start()
        failed = session.status
        session.start()
        await asyncio.sleep(1)
        again = session.status
        await session.close()
        return failed, again, events

    failed, again, events = run_virtual(go())
    assert (failed, again) == ("failed", "live")
    errors = [e.message.error for e in events if getattr(e.message, "error", None)]
    assert [error.what for error in errors] == ["A part is missing."]


@pytest.mark.parametrize("text", ["", ",", " ", "…", "---", "🎉"])
def test_a_speech_with_nothing_to_say_is_said_at_once(text):
    """It waits for nothing, and is no failure; what it interrupts is silenced."""

    async def go():
        recorded = Recorded()
        recorded.session.start()
        recorded.speak("long", "a long text that goes on")
        await asyncio.sleep(2)
        recorded.speak("nothing", text, interrupt=True)
        await asyncio.sleep(0)
        states = recorded.states("nothing")
        await asyncio.sleep(1)
        await recorded.session.stop()
        return recorded, states

    recorded, states = run_virtual(go())
    assert states == ["said"]
    assert recorded.states("long")[-1] == "interrupted"
    assert recorded.provider.said == []


def streamed(recorded, speech, *bits, end=True, failure=""):
    recorded.session.speak(Utterance(speech, "", streamed=True))
    for bit in bits:
        recorded.session.add_text(AddText("x", speech, bit))
    if end:
        recorded.session.add_text(AddText("x", speech, end=True, failure=failure))


def test_a_streamed_speech_begins_with_its_first_clause():
    """What comes later is said later; the use of each bit is told."""

    async def go():
        recorded = Recorded()
        recorded.session.start()
        streamed(recorded, "a", "Hello there, my friend. ", end=False)
        await asyncio.sleep(30)
        begun = list(recorded.provider.said)
        recorded.session.add_text(AddText("x", "a", "And on it goes.", end=True))
        await asyncio.sleep(30)
        await recorded.session.stop()
        return recorded, begun

    recorded, begun = run_virtual(go())
    assert begun == ["Hello there,", "my friend."]
    assert recorded.provider.said == [*begun, "And on it goes."]
    assert recorded.states("a") == ["queued", "speaking", "said"]
    assert recorded.announced(p.SpeechUpdate)[-1].text == "Hello there, my friend. And on it goes."
    taken = [event.characters for event in recorded.events if isinstance(event, TextTaken)]
    assert sum(taken) == len("Hello there, my friend. And on it goes.")


def test_a_stream_that_breaks_off_is_said_as_far_as_it_goes_and_has_failed():
    async def go():
        recorded = Recorded()
        recorded.session.start()
        streamed(recorded, "a", "That is good. And", failure="It broke off.")
        recorded.speak("b", "next")
        await asyncio.sleep(30)
        await recorded.session.stop()
        return recorded

    recorded = run_virtual(go())
    assert recorded.provider.said == ["That is good.", "And", "next"]
    assert recorded.states("a")[-1] == "failed"
    failed = [one for one in recorded.announced(p.SpeechUpdate) if one.state == "failed"]
    assert failed[0].reason == "It broke off."
    assert recorded.states("b")[-1] == "said"


def test_what_comes_for_a_speech_that_has_ended_is_nothing():
    """The kernel may not have heard yet that it was interrupted."""

    async def go():
        recorded = Recorded()
        recorded.session.start()
        streamed(recorded, "a", "One is here. ", end=False)
        await asyncio.sleep(1)
        recorded.session.interrupt("a")
        await asyncio.sleep(1)
        recorded.session.add_text(AddText("x", "a", "Two is here.", end=True))
        await asyncio.sleep(30)
        await recorded.session.stop()
        return recorded

    recorded = run_virtual(go())
    assert recorded.states("a")[-1] == "interrupted"
    assert "Two is here." not in recorded.provider.said


def test_a_speech_that_no_page_could_play_is_not_simply_said():
    """It has a reason, and the user is told once; where a page plays, there is neither."""

    async def go():
        recorded = Recorded()
        recorded.session.audience.expected = True
        recorded.session.start()
        for speech in "ab":
            recorded.speak(speech, speech)
        await asyncio.sleep(3)
        recorded.session.pages.handle(p.Media("page", "playing"), direct=False)
        recorded.speak("c", "c")
        await asyncio.sleep(3)
        await recorded.session.stop()
        return recorded

    recorded = run_virtual(go())
    ends = [u for u in recorded.announced(p.SpeechUpdate) if u.state == "said"]
    assert [bool(update.reason) for update in ends] == [True, True, False]
    notices = [e for e in recorded.events if isinstance(e, Noticed)]
    assert [one.kind for one in notices] == ["unheard"]
    assert "Show the avatar" in notices[0].text


@pytest.mark.parametrize("end", ["cannot open", "cannot be made", "stop", "over", "broken"])
def test_every_end_of_a_session_ends_its_listening(end):
    """Pages are told, and a microphone that is turned on after it is not listened to."""

    def refuse():
        raise MissingPart("It is not installed.")

    async def go():
        recorded = Recorded(fails_to_open=end == "cannot open")
        session = recorded.session
        if end == "cannot be made":
            session = Session("x", refuse, recorded.events.append, VirtualClock())
        session.microphones.listen(Listen("x", "open"))
        session.start()
        await asyncio.sleep(5)
        match end:
            case "stop":
                await session.stop()
            case "over":
                session.on_over("That was all.")
            case "broken":
                session.on_over("It broke.", AvatarError("It broke."))
        await asyncio.sleep(5)
        session.microphones.handle(Microphone("p", "on", "messages"))
        facts = [(one.mode, one.microphones) for one in recorded.announced(ListeningUpdate)]
        await session.close()
        return facts

    assert run_virtual(go()) == [("open", 0), ("off", 0)]
