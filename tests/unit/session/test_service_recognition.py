"""A service's own recognition: every begin has one end and one text, whatever it leaves out."""

import asyncio

import pytest

from ipyavatar.errors import AvatarError
from ipyavatar.protocol.listening import Listen, ListeningUpdate, Microphone, TextHeard
from ipyavatar.protocol.page import Hangup
from ipyavatar.session.service_recognition import (
    DEAF,
    DEAF_S,
    LONGEST_S,
    NO_WAY,
    NOT_TOLD,
    TEXT_S,
    ServiceRecognition,
)
from tests.support.fakes.fake_provider import FakeProvider
from tests.support.virtual_time import VirtualClock, run_virtual


class Owner:
    """A session, which keeps what users do to it."""

    id = "s"

    def __init__(self):
        self.provider = FakeProvider()
        self.facts, self.notices, self.heard = [], [], []
        self.interrupted = self.touched = 0

    def announce(self, fact):
        assert isinstance(fact, ListeningUpdate)
        self.facts.append((fact.mode, fact.hearing, fact.microphones))

    def tick(self):
        return float(len(self.facts))

    def interrupt(self, speech=""):
        assert speech == ""
        self.interrupted += 1

    def touch(self):
        self.touched += 1

    def on_notice(self, kind, text):
        assert kind == "microphone"
        self.notices.append(text)

    def emit(self, event):
        assert isinstance(event, TextHeard)
        self.heard.append(event)


def scene(play, *, mode="open", on=True):
    async def go():
        owner = Owner()
        recognition = ServiceRecognition(owner, owner.emit, VirtualClock())
        recognition.listen(Listen("s", mode, by_service=True))
        if on:
            recognition.handle(Microphone("p", "on"))
        await asyncio.sleep(0.1)
        await play(recognition, owner)
        await recognition.close()
        return owner

    return run_virtual(go())


def told(*steps):
    """The service tells this, a second apart; then nothing."""

    async def play(recognition, owner):
        for step in steps:
            recognition.on_user(*(step if isinstance(step, tuple) else (step, "")))
            await asyncio.sleep(1.0)
        await asyncio.sleep(LONGEST_S + TEXT_S + 1)

    return scene(play)


START, STOP = "started", "stopped"
LIVEAVATAR = (START, STOP, ("text", "Hello there."), ("text_ended", "Hello there."))
HEYGEN = (START, ("text", "Hello"), ("text", " there."), ("text_ended", ""), STOP)


@pytest.mark.parametrize(
    "steps",
    [
        LIVEAVATAR,
        HEYGEN,
        HEYGEN[1:4],
        (START, ("text_ended", "Hello there."), STOP),
        (("text_ended", " Hello there. "),),
        (START, START, ("text", "Hello there."), STOP, STOP),
        (START, ("text", "Hello there.")),
    ],
    ids=["LiveAvatar", "HeyGen", "room alone", "early", "text alone", "no end", "no stop"],
)
def test_one_utterance_is_told_once_in_whatever_order_the_service_tells(steps):
    owner = told(*steps)
    assert [(one.text, one.reason) for one in owner.heard] == [("Hello there.", "")]
    assert owner.facts[0:2] == [("open", False, 0), ("open", False, 1)]
    assert [hearing for _, hearing, _ in owner.facts[2:]] == [True, False]
    assert owner.interrupted == 1
    (heard,) = owner.heard
    assert heard.page == "p"
    assert heard.began_at <= heard.ended_at


@pytest.mark.parametrize("steps", [(START, STOP), (START, STOP, ("text_ended", ""))])
def test_a_recognition_that_gives_no_text_says_so(steps):
    assert [(one.text, one.reason) for one in told(*steps).heard] == [("", NOT_TOLD)]


def test_who_goes_on_before_the_text_is_there_gets_both():
    """The first text is that of the first utterance."""
    owner = told(START, STOP, START, ("text_ended", "One."), STOP, ("text_ended", "Two."))
    assert [one.text for one in owner.heard] == ["One.", "Two."]
    assert owner.heard[0].ended_at < owner.heard[1].began_at


def test_who_seems_to_speak_for_ever_has_ended():
    owner = told(START)
    assert [one.reason for one in owner.heard] == [NOT_TOLD]
    assert owner.facts[-1] == ("open", False, 1)


def test_the_service_knows_when_a_microphone_is_on():
    async def play(recognition, owner):
        recognition.handle(Microphone("p", "off"))
        await asyncio.sleep(0.1)
        assert owner.provider.microphones == [(True, False), (False, False)]
        recognition.handle(Microphone("p", "on"))
        recognition.handle(Microphone("p", "off"))
        await asyncio.sleep(0.1)
        assert owner.provider.microphones[2:] == []

    assert scene(play).facts[-1] == ("open", False, 0)


@pytest.mark.parametrize(
    "end", [Microphone("p", "off"), Microphone("p", "failed"), Hangup("p", "1")]
)
def test_a_microphone_that_goes_off_ends_what_was_being_said(end):
    """Unplugged, or its page gone: the text may still come, or it is said that it did not."""

    async def play(recognition, owner):
        recognition.on_user(START, "")
        recognition.handle(end)
        assert owner.facts[-1] == ("open", False, 0)
        await asyncio.sleep(TEXT_S + 1)
        assert [one.reason for one in owner.heard] == [NOT_TOLD]

    scene(play)


def test_push_to_talk_silences_the_avatar_and_what_was_said_while_held_is_told():
    async def play(recognition, owner):
        assert owner.interrupted == 1
        recognition.handle(Microphone("p", "off"))
        recognition.on_user("text_ended", "Hello.")
        await asyncio.sleep(TEXT_S + 1)
        assert [(one.text, one.reason) for one in owner.heard] == [("Hello.", "")]
        assert owner.provider.microphones == [(True, True), (False, True)]
        recognition.handle(Microphone("p", "on"))
        recognition.handle(Microphone("p", "off"))
        await asyncio.sleep(TEXT_S + 1)
        assert [one.reason for one in owner.heard] == ["", NOT_TOLD]

    scene(play, mode="push_to_talk")


def test_a_service_that_tells_of_nobody_is_noticed_once():
    async def play(recognition, owner):
        await asyncio.sleep(DEAF_S + 1)
        recognition.handle(Microphone("p", "off"))
        recognition.handle(Microphone("p", "on"))
        await asyncio.sleep(DEAF_S + 1)
        assert owner.notices == [DEAF]

    scene(play)


def test_a_service_that_does_not_take_a_microphone_says_why():
    async def play(recognition, owner):
        owner.provider.deaf = AvatarError("It is deaf.", "Shout.")
        recognition.handle(Microphone("p", "on"))
        await asyncio.sleep(0.1)
        assert owner.notices == ["It is deaf. Shout."]

    scene(play, on=False)


def test_a_connection_that_takes_no_microphone_is_told_of_and_the_lamp_goes_off():
    async def play(recognition, owner):
        recognition.handle(Microphone("p", "on", "messages"))
        assert owner.notices == [NO_WAY]
        assert owner.facts[-1] == ("off", False, 0)

    scene(play, on=False)


def test_after_the_end_nothing_is_heard_and_the_service_is_asked_nothing():
    """The session is being stopped: a call of ours would come too late."""

    async def play(recognition, owner):
        recognition.on_user(START, "")
        recognition.stop()
        recognition.on_user("text_ended", "Hello.")
        recognition.handle(Microphone("p", "on"))
        await asyncio.sleep(LONGEST_S + TEXT_S + 1)
        assert owner.heard == []
        assert owner.provider.microphones == [(True, False)]
        assert owner.facts[-1] == ("off", False, 0)
        recognition.stop()
        assert owner.facts.count(("off", False, 0)) == 1

    scene(play)
