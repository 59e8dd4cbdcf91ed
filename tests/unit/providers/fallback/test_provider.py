"""Two providers as one: what the second says, what a page gets, and that the first is closed."""

import asyncio

import pytest

from ipyavatar.core.speech import Utterance
from ipyavatar.errors import (
    AvatarError,
    InvalidArgument,
    QuotaExceeded,
    RequestRefused,
    ServiceUnavailable,
    SessionGone,
)
from ipyavatar.protocol import page as p
from ipyavatar.protocol.host import AddText, Announced, FellBack, Noticed
from ipyavatar.providers.fallback.provider import FallbackProvider
from ipyavatar.session.session import Session
from tests.support.fakes.fake_provider import FakeProvider
from tests.support.virtual_time import VirtualClock, run_virtual


class Service(FakeProvider):
    """A service whose calls can be made to fail."""

    name = "service"

    def __init__(self, **more):
        super().__init__(**more)
        self.failure = None
        self.fails_after_sound = False
        self.dead = False
        self.close_s = 0.0

    async def say(self, utterance):
        if self.failure is not None and self.fails_after_sound:
            self.listener.on_first_sound(utterance.id)
            await asyncio.sleep(0.1)
        if self.failure is not None:
            raise self.failure
        return await super().say(utterance)

    async def keep_alive(self):
        if self.dead:
            raise trouble(ServiceUnavailable)

    async def close(self, goodbye):
        await asyncio.sleep(self.close_s)
        self.listener.on_notice("unconfirmed", "It may still be open.")
        await super().close(goodbye)


def trouble(kind):
    return kind("It is not so.", "Do something.", service="service", call="task")


def only_repeat(utterance):
    if utterance.mode == "talk":
        raise InvalidArgument("There is nobody to answer.", "Give it the words to say.")


class Scene:
    """A session on both, and what it reports."""

    def __init__(self, *, second=None, **first):
        self.first = Service(**first)
        self.second = second or FakeProvider()
        self.events = []
        self.told = []  # until the test is over
        clock = VirtualClock()
        provider = FallbackProvider(
            self.first, lambda: self.second, clock, title="The other one", check=only_repeat
        )
        self.session = Session("x", lambda: provider, self.events.append, clock)

    def speak(self, name, text, mode="repeat"):
        self.session.speak(Utterance(name, text, mode))

    def of(self, kind):
        facts = [e.message if isinstance(e, Announced) else e for e in self.told]
        return [fact for fact in facts if isinstance(fact, kind)]

    def end_of(self, speech):
        return [u for u in self.of(p.SpeechUpdate) if u.speech == speech][-1]

    @property
    def statuses(self):
        names = [one.status for one in self.of(p.Status)]
        return [name for i, name in enumerate(names) if i == 0 or names[i - 1] != name]


def play(scene_of, act):
    async def go():
        scene = scene_of()
        scene.session.start()
        await act(scene)
        scene.told, scene.ended_as = list(scene.events), scene.session.status
        await scene.session.close()
        return scene

    return run_virtual(go())


def test_what_cannot_be_opened_is_replaced_and_says_all_that_was_queued():
    """In order, once; one line says why; the first is closed, and the session is live."""

    async def act(scene):
        scene.speak("a", "one")
        scene.speak("b", "two")
        await asyncio.sleep(5)

    scene = play(lambda: Scene(fails_to_open=True), act)
    assert scene.second.said == ["one", "two"]
    assert scene.statuses == ["starting", "live"]
    line = "No such door. Try the window. The other one speaks instead."
    assert [n.text for n in scene.of(Noticed) if n.kind == "fallback"] == [line]
    assert scene.of(p.Status)[-1].text == line
    assert len(scene.of(FellBack)) == 1
    assert scene.first.closed == 1


@pytest.mark.parametrize("how", ["quota", "outage", "told"])
def test_what_breaks_for_good_is_replaced_and_nothing_is_said_twice(how):
    """The speech that was under way, unheard, and those behind it are the second's."""

    async def act(scene):
        await asyncio.sleep(1)
        scene.speak("a", "one")
        await asyncio.sleep(1)
        if how == "told":
            scene.speak("b", "two")
            await asyncio.sleep(0)
            scene.first.listener.on_over("It has ended.", unasked=trouble(SessionGone))
        else:
            kind = QuotaExceeded if how == "quota" else ServiceUnavailable
            scene.first.failure, scene.first.dead = trouble(kind), True
            scene.speak("b", "two")
        scene.speak("c", "three")
        await asyncio.sleep(5)

    scene = play(Scene, act)
    assert (scene.first.said, scene.second.said) == (["one"], ["two", "three"])
    assert scene.statuses == ["starting", "live", "reconnecting", "live"]
    assert scene.first.closed == 1


def test_a_speech_that_was_heard_to_begin_is_not_begun_again():
    async def act(scene):
        await asyncio.sleep(1)
        scene.first.failure, scene.first.fails_after_sound = trouble(QuotaExceeded), True
        scene.speak("a", "one")
        scene.speak("b", "two")
        await asyncio.sleep(5)

    scene = play(Scene, act)
    assert scene.second.said == ["two"]
    assert scene.end_of("a").state == "failed"
    assert "middle" in scene.end_of("a").reason


@pytest.mark.parametrize(
    ("failure", "dead"), [(trouble(RequestRefused), True), (trouble(ServiceUnavailable), False)]
)
def test_a_speech_that_failed_is_no_break_while_the_session_lives(failure, dead):
    """What the service does not like in a text, or a call that failed once."""

    async def act(scene):
        await asyncio.sleep(1)
        scene.first.failure, scene.first.dead = failure, dead
        scene.speak("a", "one")
        await asyncio.sleep(1)
        scene.first.failure = None
        scene.speak("b", "two")
        await asyncio.sleep(2)

    scene = play(Scene, act)
    assert scene.end_of("a").state == "failed"
    assert (scene.first.said, scene.second.said) == (["two"], [])
    assert not scene.of(FellBack)


def test_an_end_by_a_known_rule_is_an_end():
    """Idle and duration save credits: nothing takes over."""

    async def act(scene):
        await asyncio.sleep(1)
        scene.first.listener.on_over("Nobody used it.")
        await asyncio.sleep(1)

    scene = play(Scene, act)
    assert scene.statuses[-1] == "ended"
    assert scene.second.listener is None


def test_what_the_second_cannot_do_is_refused_with_its_reason():
    async def act(scene):
        scene.speak("a", "Who are you?", mode="talk")
        scene.speak("b", "two")
        await asyncio.sleep(5)

    scene = play(lambda: Scene(fails_to_open=True), act)
    assert scene.end_of("a").state == "failed"
    assert "nobody to answer" in scene.end_of("a").reason
    assert scene.second.said == ["two"]


@pytest.mark.parametrize("late", [False, True])
def test_where_neither_works_the_session_fails_and_every_speech_is_answered(late):
    async def act(scene):
        await asyncio.sleep(1 if late else 0)
        scene.first.failure, scene.first.dead = trouble(QuotaExceeded), True
        scene.speak("a", "one")
        scene.speak("b", "two")
        await asyncio.sleep(5)

    scene = play(
        lambda: Scene(second=FakeProvider(fails_to_open=True), fails_to_open=not late), act
    )
    assert scene.ended_as == "failed"
    assert {scene.end_of(name).state for name in "ab"} <= {"failed", "interrupted"}
    assert (scene.first.closed, scene.second.closed) == (1, 1)


@pytest.mark.parametrize("after_s", [0.1, 0.55, 0.7, 1.5, 3.0])
def test_a_stop_at_any_time_ends_both(after_s):
    """While the first opens, while the second does, while one speaks; the first's word is kept."""

    async def act(scene):
        scene.first.close_s = 1.0
        scene.speak("a", "one")
        await asyncio.sleep(after_s)
        await scene.session.stop()
        scene.speak("b", "late")

    scene = play(lambda: Scene(fails_to_open=True), act)
    assert scene.ended_as == "ended"
    assert scene.first.closed == 1
    assert scene.second.closed == (scene.second.listener is not None)
    assert scene.of(p.Status)[-1].text == "It may still be open."


def test_an_interrupt_while_the_other_one_comes_drops_the_speech():
    async def act(scene):
        await asyncio.sleep(1)
        scene.first.failure = trouble(QuotaExceeded)
        scene.speak("a", "one")
        await asyncio.sleep(0.1)
        scene.session.interrupt()
        scene.speak("b", "two")
        await asyncio.sleep(5)

    scene = play(Scene, act)
    assert scene.end_of("a").state == "interrupted"
    assert scene.second.said == ["two"]


@pytest.mark.parametrize("sounds", [False, True])
def test_of_a_text_that_comes_bit_by_bit_the_second_says_what_the_first_has_not_begun(sounds):
    """Sentence by sentence; one that was cut off in the middle fails the speech."""

    async def act(scene):
        await asyncio.sleep(1)
        scene.session.speak(Utterance("a", "", streamed=True))
        scene.session.add_text(AddText("x", "a", "One two. "))
        await asyncio.sleep(5)
        scene.first.failure, scene.first.fails_after_sound = trouble(QuotaExceeded), sounds
        scene.session.add_text(AddText("x", "a", "Three four. Five six.", end=True))
        await asyncio.sleep(20)

    scene = play(Scene, act)
    assert scene.first.said == ["One two."]
    if sounds:
        assert scene.end_of("a").state == "failed"
    else:
        assert scene.second.said == ["Three four.", "Five six."]
        assert scene.end_of("a").state == "said"


def test_a_page_that_waits_for_the_first_hears_of_the_second_before_it_is_refused():
    """So it takes the refusal for an old one."""

    async def go():
        told = []

        class Listener(FirstWord):
            def on_fallback(self, text):
                told.append("fallback")

        class Opening(Service):
            async def grant_stream(self, page, peer):
                await asyncio.sleep(0.4)
                raise AvatarError("It will not be opened.")

        provider = FallbackProvider(
            Opening(fails_to_open=True),
            FakeProvider,
            VirtualClock(),
            title="Other",
            check=only_repeat,
        )
        opening = asyncio.create_task(provider.open(Listener()))
        with pytest.raises(AvatarError):
            await provider.grant_stream("page", "page.1")
        told.append("refused")
        await opening
        return told

    assert run_virtual(go()) == ["fallback", "refused"]


class FirstWord:
    """A listener that hears everything and says nothing."""

    def __getattr__(self, name):
        return lambda *arguments, **more: None


def test_a_speech_that_the_first_has_said_stays_said():
    """Also when it breaks in the same moment."""

    async def act(scene):
        await asyncio.sleep(1)
        scene.speak("a", "one")
        await asyncio.sleep(0.4)  # the last of it is out
        await asyncio.sleep(0)
        scene.first.listener.on_over("Gone.", unasked=trouble(SessionGone))
        await asyncio.sleep(3)

    scene = play(Scene, act)
    assert scene.second.said == []
    assert scene.end_of("a").state in ("said", "failed")


def test_what_ends_while_it_is_opened_where_the_other_one_fails_too_is_a_failure():
    """The service's opening goes on meanwhile, and comes to an end as if all were well."""

    class Late(Service):
        async def open(self, audience):
            self.listener = audience
            await asyncio.sleep(2.0)

    async def act(scene):
        await asyncio.sleep(0.1)
        scene.first.listener.on_over("It has ended.", unasked=trouble(SessionGone))
        scene.speak("a", "one")
        await asyncio.sleep(5)

    def scene_of():
        scene = Scene(second=FakeProvider(fails_to_open=True))
        scene.first.__class__ = Late
        return scene

    scene = play(scene_of, act)
    assert scene.ended_as == "failed"
    assert scene.end_of("a").state == "failed"
