"""A value of the wrong kind is refused by the call that it is given to, in our words."""

import math

import pytest

from ipyavatar import AvatarSession, ChatModel, SpeechApi, TranscriptionApi
from ipyavatar.errors import InvalidArgument
from tests.support.fakes.memory_host import MemoryHost, Ticks
from tests.support.fakes.unhelpful import Unhelpful
from tests.support.memory_sessions import PAID, make_session

ODD = [-1, b"x", {"a": 1}, object(), math.nan, 10**400, Unhelpful()]
"""None of them is what any option takes."""

OWN = ("answer_within_s", "recognizer", "responder", "system")
EMBEDDED = (
    *("character", "voice", "speed", "pitch", "language", "voice_timeout_s", "quality"),
    *("video_codec", "ice_servers", "transport", "max_idle_s", "fallback"),
)
HEYGEN = (
    *("avatar_id", "voice_id", "quality", "transport", "fallback", "credits_per_minute"),
    *("max_idle_s", "max_duration_s", "idle_timeout_s", "disable_idle_timeout"),
)
SWITCHES = ["yes", "no", "", 0, 1, [], *ODD]


@pytest.mark.parametrize("name", [*OWN, *EMBEDDED])
def test_what_a_session_is_made_of(name):
    for value in ODD:
        with pytest.raises(InvalidArgument):
            AvatarSession(host=MemoryHost(Ticks()), **{name: value})


@pytest.mark.parametrize("name", HEYGEN)
def test_what_a_session_of_a_service_is_made_of(name):
    for value in ODD:
        with pytest.raises(InvalidArgument):
            AvatarSession(host=MemoryHost(Ticks()), **{**PAID, name: value})


@pytest.mark.parametrize("name", [*OWN, *EMBEDDED])
def test_none_is_not_given(name):
    assert AvatarSession(host=MemoryHost(Ticks()), **{name: None}).status == "idle"


class Answers:
    """Can be called, once it is made."""

    def __call__(self, text):
        return text


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("responder", ChatModel),
        ("responder", Answers),
        ("recognizer", TranscriptionApi),
        ("recognizer", Answers),
        ("voice", SpeechApi),
        ("voice", Answers),
    ],
)
def test_a_class_where_one_of_it_is_meant(name, given):
    """It can be called, too: the first speech failed."""
    host = MemoryHost(Ticks())
    with pytest.raises(InvalidArgument, match=rf"not the class itself. Make one: {given.__name__}"):
        AvatarSession(host=host, **{name: given})
    if given is Answers:
        assert AvatarSession(host=host, **{name: given()}).status == "idle"


def test_a_class_that_makes_what_is_wanted():
    """Of text makes an iterator of pieces, or a text: it is a function like any other."""
    for given in (str, list, iter):
        assert AvatarSession(host=MemoryHost(Ticks()), responder=given).status == "idle"


@pytest.mark.parametrize("name", ["fallback", "host"])
def test_names_that_are_none(name):
    for value in ["", *ODD]:
        with pytest.raises(InvalidArgument):
            AvatarSession(**{name: value})


CALLS = {
    "interrupt": lambda session, value: session.speak("Hello.", interrupt=value),
    "push_to_talk": lambda session, value: session.listen(len, push_to_talk=value),
    "half_duplex": lambda session, value: session.listen(len, half_duplex=value),
    "progress": lambda session, value: session.record("a.wav", progress=value),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_switch_is_true_or_false(name, tmp_path, monkeypatch):
    """What merely counts as true may be meant otherwise; and nothing is begun."""
    monkeypatch.chdir(tmp_path)
    session, host = make_session()
    for value in SWITCHES:
        with pytest.raises(InvalidArgument, match=f"{name}=.*Give True or False"):
            CALLS[name](session, value)
    assert not host.opened
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "call",
    [
        lambda session, value: session.speak(value),
        lambda session, value: session.speak("Hello.", mode=value),
        lambda session, value: session.present(value),
        lambda session, value: session.present(["Hello."], pause=value),
        lambda session, value: session.listen(value),
        lambda session, value: session.listen(len, language=value),
        lambda session, value: session.record(value),
        lambda session, value: session.record("a.webm", codec=value),
        lambda session, value: session.record("a.webm", captions=value),
        lambda session, value: session.express(value),
        lambda session, value: session.change_quality(value),
        lambda session, value: session.observe(value),
        lambda session, value: session.frames(until=value),
        lambda session, value: session.audio(until=value),
    ],
)
def test_what_verbs_are_given(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    session, host = make_session()
    for value in ODD:
        with pytest.raises(InvalidArgument):
            call(session, value)
    assert not host.opened
