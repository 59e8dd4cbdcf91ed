"""A session: its table of statuses, its queue, and what it reports."""

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipyavatar.errors import AvatarError, SpeechFailed
from ipyavatar.protocol import page
from ipyavatar.protocol.events import CaptionShown, SpeechChanged, StatusChanged
from ipyavatar.session.session import Session
from ipyavatar.session.state import TRANSITIONS, IllegalTransition, check
from tests.support.virtual_time import VirtualClock, run_virtual


class Reciter:
    """A provider in memory: says one character in 0.1 s."""

    name = "reciter"

    def __init__(self, fails_to_open: bool = False) -> None:
        self.fails_to_open = fails_to_open
        self.told = []
        self.said = []
        self.closed = 0
        self.listener = None

    async def open(self, audience):
        self.listener = audience
        await asyncio.sleep(0.5)
        if self.fails_to_open:
            raise AvatarError("No such door.", "Try the window.")

    async def say(self, utterance):
        await asyncio.sleep(0.1)
        self.listener.on_first_sound(utterance.id)
        self.listener.on_caption(utterance.id, utterance.text, [])
        if "!" in utterance.text:
            raise SpeechFailed("It has an exclamation mark.")
        await asyncio.sleep(0.1 * len(utterance.text))
        self.said.append(utterance.text)
        return [(utterance.text, 0.0, 0.1)]

    def expect_page(self, within_s):
        pass

    async def answer(self, page, peer, sdp):
        return ""

    async def hang_up(self, peer):
        pass

    async def join(self, page, peer):
        raise AvatarError("No stream.")

    def on_page_report(self, report):
        pass

    def change_quality(self, quality):
        pass

    def send_to_page(self, page, message):
        self.told.append(message)

    def stats(self):
        return {}

    def touch(self):
        pass

    async def keep_alive(self):
        pass

    async def close(self, goodbye):
        await asyncio.sleep(0.1)
        self.closed += 1


class Scene:
    def __init__(self, **options):
        self.events = []
        self.provider = Reciter(**options)
        self.session = Session("x", lambda: self.provider, self.events.append, VirtualClock())

    def states(self, speech):
        return [e.state for e in self.events if isinstance(e, SpeechChanged) and e.speech == speech]

    @property
    def statuses(self):
        return [e.status for e in self.events if isinstance(e, StatusChanged)]


def test_a_speech_before_live_is_said_once_live():
    """Speeches are taken from `start` on and keep their order."""

    async def go():
        scene = Scene()
        scene.session.start()
        scene.session.speak("a", "one", False)
        scene.session.speak("b", "two", False)
        await asyncio.sleep(5)
        await scene.session.stop()
        return scene

    scene = run_virtual(go())
    assert scene.provider.said == ["one", "two"]
    assert scene.states("a") == ["queued", "speaking", "said"]
    assert scene.states("b") == ["queued", "speaking", "said"]
    assert scene.statuses == ["starting", "live", "stopping", "ended"]
    assert scene.provider.closed == 1


def test_latency_counts_from_the_command():
    """`latency_ms` is from `speak` to the first sound: here 100 ms of the provider."""

    async def go():
        scene = Scene()
        scene.session.start()
        await asyncio.sleep(1)
        scene.session.speak("a", "one", False)
        await asyncio.sleep(2)
        await scene.session.stop()
        return scene

    speaking = next(
        e
        for e in run_virtual(go()).events
        if isinstance(e, SpeechChanged) and e.state == "speaking"
    )
    assert speaking.latency_ms == pytest.approx(100)


def test_interrupt_cuts_what_is_said_and_drops_what_is_queued():
    """All of them end as interrupted, at once; the session goes on."""

    async def go():
        scene = Scene()
        scene.session.start()
        await asyncio.sleep(1)
        scene.session.speak("a", "a long one", False)
        scene.session.speak("b", "another", False)
        await asyncio.sleep(0.3)
        scene.session.interrupt("")
        await asyncio.sleep(0.001)
        at_once = scene.states("a")[-1], scene.states("b")[-1]
        scene.session.speak("c", "more", False)
        await asyncio.sleep(2)
        await scene.session.stop()
        return scene, at_once

    scene, at_once = run_virtual(go())
    assert at_once == ("interrupted", "interrupted")
    assert scene.provider.said == ["more"]


def test_interrupting_one_speech_leaves_the_others():
    """`speech.interrupt()` of a queued speech drops only that one."""

    async def go():
        scene = Scene()
        scene.session.start()
        for speech in "abc":
            scene.session.speak(speech, speech, False)
        await asyncio.sleep(0.55)
        scene.session.interrupt("b")
        await asyncio.sleep(3)
        await scene.session.stop()
        return scene

    scene = run_virtual(go())
    assert scene.provider.said == ["a", "c"]
    assert scene.states("b") == ["queued", "interrupted"]


def test_speak_with_interrupt_cuts_in():
    """`interrupt=True` is said next, whatever was before it."""

    async def go():
        scene = Scene()
        scene.session.start()
        await asyncio.sleep(1)
        scene.session.speak("a", "a long one", False)
        await asyncio.sleep(0.3)
        scene.session.speak("b", "now", True)
        await asyncio.sleep(3)
        await scene.session.stop()
        return scene

    scene = run_virtual(go())
    assert scene.states("a")[-1] == "interrupted"
    assert scene.provider.said == ["now"]


def test_a_failed_speech_does_not_end_the_session():
    """It is reported with its reason, and the next one is said."""

    async def go():
        scene = Scene()
        scene.session.start()
        scene.session.speak("a", "no!", False)
        scene.session.speak("b", "yes", False)
        await asyncio.sleep(3)
        await scene.session.stop()
        return scene

    scene = run_virtual(go())
    failed = next(e for e in scene.events if isinstance(e, SpeechChanged) and e.state == "failed")
    assert "exclamation mark" in failed.reason
    assert scene.provider.said == ["yes"]


def test_a_session_that_cannot_open_fails_all_that_was_queued():
    """Nothing hangs: status `failed` with what and fix, each speech `failed` with the reason."""

    async def go():
        scene = Scene(fails_to_open=True)
        scene.session.start()
        scene.session.speak("a", "one", False)
        await asyncio.sleep(2)
        scene.session.speak("b", "two", False)
        await scene.session.stop()
        return scene

    scene = run_virtual(go())
    assert scene.statuses[:2] == ["starting", "failed"]
    failed = next(e for e in scene.events if isinstance(e, StatusChanged) and e.status == "failed")
    assert (failed.what, failed.fix) == ("No such door.", "Try the window.")
    assert scene.states("a") == ["queued", "failed"]
    assert scene.states("b") == ["failed"]


def test_stopped_while_a_failed_opening_is_cleared_away_it_is_cleared_away_all_the_same():
    """What the opening may have left at a service is closed, however impatient the user."""

    async def scenario():
        scene = Scene(fails_to_open=True)
        scene.session.start()
        await asyncio.sleep(0.55)
        assert scene.statuses[-1] == "failed"
        await scene.session.stop()
        assert scene.provider.closed == 1
        assert scene.statuses[-1] == "ended"

    run_virtual(scenario())


def test_stop_reports_every_speech_and_can_be_called_twice():
    """What was queued is reported as interrupted; the provider is closed once."""

    async def go():
        scene = Scene()
        scene.session.start()
        await asyncio.sleep(1)
        scene.session.speak("a", "a long one", False)
        scene.session.speak("b", "another", False)
        await asyncio.sleep(0.3)
        await asyncio.gather(scene.session.stop(), scene.session.stop())
        await scene.session.stop()
        return scene

    scene = run_virtual(go())
    assert scene.states("a")[-1] == scene.states("b")[-1] == "interrupted"
    assert scene.provider.closed == 1
    assert scene.statuses == ["starting", "live", "stopping", "ended"]


def test_what_the_page_says_over_the_data_channel_works_without_the_kernel():
    """Say and Interrupt are carried out by the session itself."""

    async def go():
        scene = Scene()
        scene.session.start()
        await asyncio.sleep(1)
        scene.session.on_page_message("page", page.Say("typed words"))
        await asyncio.sleep(0.5)
        scene.session.on_page_message("page", page.Interrupt())
        await asyncio.sleep(0.1)
        await scene.session.stop()
        return scene

    scene = run_virtual(go())
    states = [(e.text, e.state) for e in scene.events if isinstance(e, SpeechChanged)]
    assert states == [
        ("typed words", "queued"),
        ("typed words", "speaking"),
        ("typed words", "interrupted"),
    ]
    assert any(isinstance(e, CaptionShown) for e in scene.events)


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
        scene = Scene(fails_to_open=fails)
        session, stops, asked = scene.session, [], 0
        for verb, pause in verbs:
            if verb == "start":
                session.start()
            elif verb in ("speak", "cut in"):
                asked += 1
                session.speak(f"s{asked}", "some text", verb == "cut in")
            elif verb == "interrupt":
                session.interrupt("")
            elif verb == "stop":
                stops.append(asyncio.ensure_future(session.stop()))
            await asyncio.sleep(pause)
        await asyncio.gather(*stops)
        await session.stop()
        return scene, asked

    scene, asked = run_virtual(go())
    before = "idle"
    for status in scene.statuses:
        check(before, status)
        before = status
    for i in range(1, asked + 1):
        states = scene.states(f"s{i}")
        assert states[-1] in ("said", "interrupted", "failed")
        assert sum(s in ("said", "interrupted", "failed") for s in states) == 1


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
