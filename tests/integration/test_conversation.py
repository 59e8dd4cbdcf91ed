"""Conversations and lessons of the embedded avatar, in this process."""

import asyncio
import threading

import pytest

from ipyavatar import Avatar, AvatarSession
from ipyavatar.errors import LessonStopped, SpeechFailed
from ipyavatar.protocol import page as p


class Responder:
    """Answers as it is told."""

    def __init__(self):
        self.answer = None
        self.asked = []

    def __call__(self, text, history):
        self.asked.append((text, [message["content"] for message in history]))
        return self.answer(text)


@pytest.fixture(scope="module")
def responder():
    return Responder()


@pytest.fixture(scope="module")
def avatar(responder):
    with AvatarSession(responder=responder, system="Be short.", answer_within_s=20) as avatar:
        avatar.speak("Warm.").wait(60)
        yield avatar


@pytest.fixture
def observed(avatar):
    """What is reported, and a way to wait for it."""
    reports, changed = [], threading.Condition()

    def note(report):
        with changed:
            reports.append(report)
            changed.notify_all()

    def wait_for(predicate):
        with changed:
            assert changed.wait_for(lambda: any(map(predicate, reports)), 60)

    end = avatar.observe(note)
    yield wait_for
    end()


def test_an_answer_is_said_and_remembered(avatar, responder):
    """The responder is told what was before."""

    async def answer(text):
        await asyncio.sleep(0)
        return "Yes."

    avatar.forget_history()
    responder.answer = answer
    speech = avatar.speak("Is it so?", mode="talk").wait(60)
    assert (speech.state, speech.text, speech.answer) == ("said", "Is it so?", "Yes.")
    assert [word for word, _, _ in speech.words] == ["Yes."]
    assert avatar.history == [
        {"role": "user", "content": "Is it so?"},
        {"role": "assistant", "content": "Yes."},
    ]
    avatar.speak("And now?", mode="talk").wait(60)
    assert responder.asked[-1] == ("And now?", ["Be short.", "Is it so?", "Yes."])
    assert avatar.transcript.entries()[-1]["answer"] == "Yes."


def test_an_interrupt_ends_the_responder_and_only_what_was_heard_is_remembered(
    avatar, responder, observed
):
    closed = threading.Event()

    async def for_ever(text):
        try:
            while True:
                yield "This is said again and again. "
        finally:
            closed.set()

    avatar.forget_history()
    responder.answer = for_ever
    speech = avatar.speak("Go on.", mode="talk")
    observed(lambda report: isinstance(report, p.Caption) and report.speech == speech.id)
    avatar.interrupt()
    speech.wait(60)
    assert closed.wait(60)
    assert speech.state == "interrupted"
    assert len(speech.heard) < len(speech.answer)
    told = [message["content"] for message in avatar.history]
    assert told == ["Go on.", *([speech.heard] if speech.heard else [])]


def test_while_it_works_the_status_says_that_it_thinks(avatar, responder, observed):
    let_go = threading.Event()

    def slow(text):
        assert let_go.wait(60)
        return "Yes."

    responder.answer = slow
    speech = avatar.speak("Is it so?", mode="talk")
    observed(lambda report: isinstance(report, p.Status) and report.text == "Thinking…")
    let_go.set()
    speech.wait(60)
    assert avatar.status_text == "Ready"


@pytest.mark.parametrize(
    ("answer", "told"),
    [(lambda text: 1 / 0, "ZeroDivisionError"), (lambda text: None, "returned None")],
)
def test_a_responder_that_fails_fails_the_speech(avatar, responder, answer, told):
    responder.answer = answer
    with pytest.raises(SpeechFailed, match=told) as failed:
        avatar.speak("Is it so?", mode="talk").wait(60)
    assert failed.value.__cause__ is not None
    responder.answer = lambda text: "Yes."
    assert avatar.speak("And now?", mode="talk").wait(60).state == "said"


def test_an_answer_of_100_000_characters_can_be_interrupted(avatar, responder, observed):
    responder.answer = lambda text: "And on it goes. " * 6250
    speech = avatar.speak("Go on.", mode="talk")
    observed(lambda report: isinstance(report, p.Caption) and report.speech == speech.id)
    speech.interrupt()
    assert speech.wait(60).state == "interrupted"
    assert len(speech.answer) == 100_000


def test_what_is_typed_in_a_page_is_asked_once_and_an_error_is_shown_there(responder):
    """The page sends it again until it hears of it."""
    with_page = Avatar(responder=lambda text: f"You say {text}.", host="thread")
    try:
        say = p.Say("hello", page="p1", at_ms=1000.0)
        for _ in range(2):
            with_page._pages.on_message(say)
        with_page.session.speak("Done.").wait(60)
        answers = [one["answer"] for one in with_page.transcript if "answer" in one]
        assert answers == ["You say hello."]
        assert with_page.talks
        with_page.session._conversation._call = lambda text, history: 1 / 0
        with_page._pages.on_message(p.Say("hello", page="p1", at_ms=2000.0))
        with_page.session.speak("Done.").wait(60)
        assert "ZeroDivisionError" in with_page.error["what"]
    finally:
        with_page.close()


def test_a_lesson_is_said_and_goes_on_where_a_function_failed(avatar):
    calls = []

    def fails_once():
        calls.append([entry["text"] for entry in avatar.transcript][-1])
        if len(calls) == 1:
            raise ValueError("bad luck")

    lesson = avatar.present(["# One\nFirst.", fails_once, "Last."], pause=0.1)
    with pytest.raises(LessonStopped, match="bad luck"):
        lesson.wait(60)
    lesson.resume()
    lesson.wait(60)
    assert calls == ["# One\nFirst."] * 2
    assert [entry["text"] for entry in avatar.transcript][-2:] == ["# One\nFirst.", "Last."]
    assert lesson.state == "done"
