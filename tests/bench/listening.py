"""Listening: how soon the avatar is silent when somebody speaks, and how soon it answers."""

from __future__ import annotations

from collections.abc import Iterator

from ipyavatar import AvatarSession
from ipyavatar.protocol.page import Caption, SpeechUpdate
from tests.support.message_microphone import RATE, WAIT_S, MessageMicrophone, spoken

from .numbers import median, percentile, spread
from .rows import Part, Reading, Spec
from .stand import Stand

RUNS = 12

BARGE_IN = "listening: somebody speaks -> the avatar is silent, p95"
ANSWERED = "listening: end of speech -> first sample of an answer, p50"

TEXTS = (
    "Running waves were rolling over yellow sand in early morning light while we were walking home",
    "All along our narrow alley we will be hearing new music from every open window this evening",
)
QUESTIONS = ("What is the time?", "Where are we now?", "And why is that?", "Wait a moment, please.")


def measure(_: Stand) -> Iterator[Reading]:
    """A session in its companion; its microphone's sound comes by messages, in pieces of 60 ms."""
    silent, answered = [], []
    questions = [spoken(text, voice) for voice in ("cole", "wren") for text in QUESTIONS]
    answers = iter(TEXTS * RUNS)
    with AvatarSession(
        host="process",
        quality="low",
        voice="june",
        recognizer=lambda samples: "A question.",
        responder=lambda text: next(answers),
    ) as session:
        session.speak("Once, to begin with.").wait(WAIT_S)
        microphone = MessageMicrophone(session)
        with session.listen():
            microphone.turn_on()
            for run in range(RUNS):
                asked = microphone.speak(questions[run % len(questions)])
                at, speaking = microphone.wait_for(_is("speaking"), asked)
                answered.append(speaking.latency_ms)
                microphone.wait_for(lambda r: isinstance(r, Caption) and bool(r.words), at)
                began = microphone.speak(questions[(run + 3) % len(questions)][: RATE // 2])
                over, _ = microphone.wait_for(_is("interrupted"), began)
                silent.append((over - began) * 1000)
                microphone.speak(questions[0][-RATE:])  # and that is all
                microphone.wait_for(_is("speaking"), began)
                session.interrupt()
    yield Reading(BARGE_IN, percentile(silent, 95), RUNS, spread(silent))
    yield Reading(ANSWERED, median(answered), RUNS, f"{spread(answered)}; 700 of it are the pause")


def _is(state: str):  # type: ignore[no-untyped-def]
    return lambda report: isinstance(report, SpeechUpdate) and report.state == state


_SILENT = "first sample of a voice at the microphone -> the speech is reported interrupted, p95"
_ANSWERED = "the last sample of a voice -> first sample of a rule's answer leaves the host, p50"

PARTS = (
    Part(
        "listening",
        (Spec(BARGE_IN, "ms", 200, _SILENT), Spec(ANSWERED, "ms", None, _ANSWERED)),
        measure,
    ),
)
