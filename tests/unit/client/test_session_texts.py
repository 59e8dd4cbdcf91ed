"""What `AvatarSession.speak` makes of a text before anything is sent."""

import threading
import warnings

import numpy as np
import pytest

from ipyavatar.client.session import AvatarSession
from ipyavatar.client.session_setup import SessionSetup
from ipyavatar.errors import InvalidArgument, UnreadableText
from ipyavatar.protocol import host as m
from ipyavatar.protocol import host_codec
from ipyavatar.protocol import page as p
from tests.support.fakes.memory_host import MemoryHost, Ticks


@pytest.fixture
def host():
    return MemoryHost(Ticks())


@pytest.fixture
def session(host):
    return AvatarSession(host=host, _setup=SessionSetup(clock=host.clock))


@pytest.mark.parametrize("text", ["", ",", " ", "\n", "…", "---", "🎉🎉", "?!", "\ud83d", "\x00"])
def test_a_piece_with_nothing_to_say_is_a_finished_speech(session, host, text):
    """At once, with no session opened, and in the transcript."""
    speech = session.speak(text)
    assert speech.done
    assert speech.wait(0) is speech
    assert (speech.state, speech.words) == ("said", [])
    assert [entry["state"] for entry in session.transcript.entries()] == ["said"]
    assert not host.opened


def test_a_piece_with_nothing_to_say_interrupts_where_it_is_told_to(session, host):
    """The interrupt is a wish of its own."""
    session.speak("A long speech.")
    session.speak("", interrupt=True)
    sent = [command for command in host.commands if isinstance(command, m.FromPage)]
    assert [command.message for command in sent] == [p.Interrupt("")]


@pytest.mark.parametrize("value", [None, 7, b"hi", {"a": "b"}, {"a"}, np.zeros(3), ["a", 1]])
def test_what_is_no_text_is_refused_at_the_call(session, value):
    """The message says what to do with it."""
    wrong = value[1] if isinstance(value, list) else value
    with pytest.raises(InvalidArgument, match=type(wrong).__name__) as refused:
        session.speak(value)
    assert refused.value.fix


@pytest.mark.parametrize("text", ["Hi \ud83d there", "\udfffA", "a\ud800\ud800b", "\ude00\ud83d x"])
def test_a_lone_surrogate_is_not_sent_shown_or_kept(session, host, text):
    """Neither in the speech and its repr, nor in the transcript, nor in the command."""
    speech = session.speak(text)
    for shown in (speech.text, repr(speech), session.transcript.entries()[0]["text"]):
        shown.encode()
    for command in host.commands:
        host_codec.encode(command)


def test_halves_of_an_emoji_are_put_together(session):
    assert session.speak("Hi \ud83d\ude00").text == "Hi 😀"


def test_the_transcript_keeps_the_text_as_it_was_given(session):
    """Markup is taken away where it is said, and where it is shown as a caption."""
    assert session.speak("**Bold** <b>x</b>").text == "**Bold** <b>x</b>"


def test_another_script_is_warned_of_by_name(session):
    with pytest.warns(UnreadableText, match="привет") as caught:
        session.speak("Hello, **привет**!")
    assert caught[0].filename == __file__
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        session.speak("café, naïve, ½, 😀")


def test_an_interrupt_by_an_odd_name_is_sent(session, host):
    """An id that cannot be encoded is nobody's, and poisons nothing."""
    session.speak("Words.")
    session.interrupt("\ud800")
    for command in host.commands:
        host_codec.encode(command)


def test_questions_that_are_dropped_together_are_never_asked(host):
    """Neither of the responder nor in the history: but for the first, which was under way."""
    asked, begun, let_go = [], threading.Event(), threading.Event()

    def responder(text):
        asked.append(text)
        begun.set()
        assert let_go.wait(30)
        return "Yes."

    setup = SessionSetup(clock=host.clock)
    session = AvatarSession(host=host, responder=responder, _setup=setup)
    questions = [session.speak(text, mode="talk") for text in ("a", "b", "c")]
    assert begun.wait(30)
    before = set(threading.enumerate())
    session.close()
    host.settle()
    assert [one.state for one in questions] == ["interrupted"] * 3
    begun_since = [one.name for one in set(threading.enumerate()) - before]
    let_go.set()
    assert (asked, begun_since) == (["a"], [])
    assert [message["content"] for message in session.history] == ["a"]


def test_what_a_service_answers_is_kept_as_it_is_told(host):
    """In the speech, in the transcript, and in the files made of it; late words change nothing."""
    setup = SessionSetup(clock=host.clock)
    session = AvatarSession("heygen", api_key="k", host=host, _setup=setup)
    speech = session.speak("Why is the sky blue?", mode="talk")
    for piece in ("Since it", " scatters *light*."):
        host.events.append(m.AnswerTold(session.id, speech.id, piece))
        host.deliver()
    host.settle()
    assert (speech.state, speech.answer) == ("said", "Since it scatters *light*.")
    assert speech.heard == "Since it scatters light."
    host.events.append(m.AnswerTold(session.id, speech.id, " Late."))
    host.deliver()
    assert session.transcript.entries()[0]["answer"] == "Since it scatters *light*."
    assert session.transcript.to_text() == (
        "user: Why is the sky blue?\n\navatar: Since it scatters light.\n\n"
    )
    assert "Since it scatters light." in session.transcript.to_vtt()
