"""Turns of a conversation: one after the other, with what was heard remembered."""

import threading

import pytest

from ipyavatar.client.conversation import REMEMBERED, Conversation, make_conversation
from ipyavatar.core.speech import Speech, Utterance
from ipyavatar.errors import InvalidArgument


class Session:
    id = "x"

    def __init__(self):
        self.ended = threading.Event()
        self.texts = []

    def send_text(self, streamed, more):
        streamed.note(more)
        self.texts.append(more.text)
        if more.end:
            self.ended.set()


def conversation(responder, system=""):
    return Conversation(responder, system, 30)


def ask(made, session, text):
    speech = Speech(Utterance(f"s-{text}", text, "talk", streamed=True), lambda name: None, 0.0)
    return made.ask(speech, session)


def finish(session, streamed, heard=None):
    """The speech ends: all of it was heard, or that."""
    assert session.ended.wait(10)
    session.ended.clear()
    streamed.said = streamed.speech.answer if heard is None else heard
    streamed.cancel()


@pytest.mark.parametrize(
    "responder",
    [
        lambda text, history: f"{text} {len(history)}",
        lambda text, history=(): f"{text} {len(history)}",
        lambda text, *, history: f"{text} {len(history)}",
        lambda *arguments: f"{arguments[0]} {len(arguments[1])}",
    ],
)
def test_a_responder_that_takes_the_history_gets_it(responder):
    made, session = conversation(responder, system="Be short."), Session()
    for number, text in enumerate(["a", "b"]):
        streamed = ask(made, session, text)
        finish(session, streamed)
        assert streamed.speech.answer == f"{text} {1 + 2 * number}"
    assert made.history == [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": "a 1"},
        {"role": "user", "content": "b"},
        {"role": "assistant", "content": "b 3"},
    ]


@pytest.mark.parametrize("responder", [lambda text: text, lambda text, level=3: f"{text}", str])
def test_a_responder_of_a_text_gets_that_alone(responder):
    made, session = conversation(responder), Session()
    streamed = ask(made, session, "a")
    finish(session, streamed)
    assert streamed.speech.answer == "a"


def test_a_question_waits_until_the_answer_before_it_was_said():
    """So its responder knows what was heard of that."""
    asked = []
    made, session = conversation(lambda text: asked.append(text) or f"{text}!"), Session()
    first, second = ask(made, session, "a"), ask(made, session, "b")
    assert session.ended.wait(10)
    assert asked == ["a"]
    finish(session, first, heard="")
    finish(session, second)
    assert asked == ["a", "b"]
    assert [message["content"] for message in made.history] == ["a", "b", "b!"]


def test_what_was_not_heard_is_not_remembered():
    made, session = conversation(lambda text: "One two three."), Session()
    finish(session, ask(made, session, "a"), heard="One two")
    assert made.history[-1] == {"role": "assistant", "content": "One two"}


def test_a_question_that_is_dropped_before_its_turn_is_never_asked():
    asked = []
    made, session = conversation(lambda text: asked.append(text) or text), Session()
    first, second = ask(made, session, "a"), ask(made, session, "b")
    second.cancel()
    finish(session, first)
    assert asked == ["a"]
    assert len(made.history) == 2


def test_the_history_is_bounded():
    made, session = conversation(lambda text: "yes"), Session()
    for _ in range(REMEMBERED // 2 + 3):
        finish(session, ask(made, session, "a"))
    assert len(made.history) == REMEMBERED


@pytest.mark.parametrize("responder", [lambda: "x", lambda a, b, c: "x", 7, ["x"], "", "ftp://x"])
def test_what_cannot_answer_is_refused_at_once(responder):
    with pytest.raises(InvalidArgument) as refused:
        conversation(responder)
    assert refused.value.fix


def test_a_system_text_without_a_responder_would_have_no_effect():
    with pytest.raises(InvalidArgument, match="no effect"):
        make_conversation(None, "Be short.", 30)
    assert make_conversation(None, "", 30) is None
    with pytest.raises(InvalidArgument):
        make_conversation(str, 7, 30)
    with pytest.raises(InvalidArgument):
        make_conversation(str, "", 0)


def failure_of(responder):
    """What is said of a responder that fails."""
    session = Session()
    session.failures = []
    send = session.send_text
    session.send_text = lambda streamed, more: (
        session.failures.append(more.failure) or send(streamed, more)
    )
    made = Conversation(responder, "", 0.05)
    ask(made, session, "a")
    assert session.ended.wait(10)
    return session.failures[-1]


async def returns_none(text):
    return None


@pytest.mark.parametrize("responder", [lambda text: None, returns_none])
def test_a_forgotten_return_is_named(responder):
    said = failure_of(responder)
    assert said.startswith("The responder returned None. Return the words to say")
    assert "str(value)" not in said


def test_what_a_responder_returns_that_is_no_text_is_named():
    said = failure_of(lambda text: 7)
    assert said.startswith("The responder returned what is no text. ")
    assert "int" in said


def test_what_a_responder_raises_is_the_responders():
    assert failure_of(lambda text: {}[text]).startswith("The responder raised KeyError")


def test_an_answer_that_takes_too_long_names_what_gives_it_more_time():
    go = threading.Event()
    said = failure_of(lambda text: go.wait(10) and "late")
    go.set()
    assert said.startswith("The responder gave nothing for 0.05 s.")
    assert "answer_within_s=" in said


@pytest.mark.parametrize("wrong", ["gpt-4", "ftp://x"])
def test_an_address_that_is_none_names_what_takes_one(wrong):
    with pytest.raises(InvalidArgument, match=r"ChatModel\(url, model=") as refused:
        conversation(wrong)
    assert "base_url=" not in str(refused.value)
