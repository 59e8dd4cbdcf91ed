"""Somebody is listened to, by a real host in a process of its own: real voices, a real recognizer.

What a page's microphone would send comes here in the same messages, in time.
"""

from __future__ import annotations

import numpy as np
import pytest

from ipyavatar import AvatarSession
from ipyavatar.protocol.listening import Heard, ListeningUpdate
from ipyavatar.protocol.page import Caption, SpeechUpdate
from tests.integration.recogniser import hear, word_errors, words
from tests.support.message_microphone import PIECE, RATE, WAIT_S, MessageMicrophone, spoken

QUESTION = "Which ancient city was suddenly abandoned?"
ANSWER = "Nobody knows exactly, but there are many stories about it, and I will tell you one now."


@pytest.fixture(scope="module")
def session():
    with AvatarSession(
        host="process",
        voice="june",
        recognizer=lambda samples: hear(samples, RATE),
        responder=lambda text: ANSWER,
    ) as session:
        hear(np.zeros(RATE, np.float32), RATE)  # it is loaded
        session.speak("Warm.").wait(WAIT_S)
        yield session


@pytest.fixture
def microphone(session):
    """It is on, and has been for a moment."""
    microphone = MessageMicrophone(session)
    with session.listen(language="en") as listening:
        microphone.turn_on()
        assert listening.state == "listening"
        yield microphone
        microphone.turn("off")
        session.interrupt()


def is_state(state):
    return lambda report: isinstance(report, SpeechUpdate) and report.state == state


def test_what_is_said_is_understood_answered_and_interrupted(session, microphone, record_property):
    """A question, its answer, and somebody who speaks into it; the history has what was heard."""
    microphone.speak(spoken(QUESTION))
    _, heard = microphone.wait_for(lambda r: isinstance(r, Heard))
    assert word_errors(words(QUESTION), words(heard.text)) <= 1
    _, speaking = microphone.wait_for(is_state("speaking"))
    record_property("end of speech -> first sample, ms", round(speaking.latency_ms))
    assert speaking.latency_ms > 500  # it was a pause first
    microphone.wait_for(lambda r: isinstance(r, Caption) and bool(r.words))
    began = microphone.speak(spoken("Wait, please.")[: RATE // 2])
    at, _ = microphone.wait_for(is_state("interrupted"))
    record_property("first word -> interrupted, ms", round((at - began) * 1000))
    entry = session.transcript.entries()[-1]
    assert (entry["role"], entry["text"], entry["state"]) == ("user", heard.text, "interrupted")
    question, answer = session.history
    assert question == {"role": "user", "content": heard.text}
    assert ANSWER.startswith(answer["content"])
    assert len(answer["content"]) < len(ANSWER)


def test_its_own_voice_does_not_interrupt_it(session, microphone):
    """What it says comes back a fifth of a second later, damped, and nobody is heard."""
    late = np.zeros(3 * RATE // 5, np.float32)  # at 48 kHz
    speech = session.speak(ANSWER)
    loudest = 0.0
    with session.audio(until=speech) as reader:
        for piece in reader:
            late = np.concatenate([late, 0.3 * np.asarray(piece, np.float32)])
            if len(late) >= 3 * (PIECE + RATE // 5):
                now, late = late[: 3 * PIECE], late[3 * PIECE :]
                loudest = max(loudest, float(np.abs(now).max()))
                microphone.send(now.reshape(-1, 3).mean(1))
    assert loudest > 0.02  # it could have been heard
    assert speech.wait(WAIT_S).state == "said"
    heard = [r for _, r in microphone.reports if isinstance(r, ListeningUpdate) and r.hearing]
    assert heard == []


def test_what_a_script_has_is_heard_in_place_of_a_microphone(session):
    """A question and a silence; listening ends with it."""
    sound = np.concatenate([spoken(QUESTION), np.zeros(RATE, np.float32)])
    listening = session.listen(source=iter(np.array_split(sound, 20)))
    (text,) = list(listening)
    session.interrupt()
    assert word_errors(words(QUESTION), words(text)) <= 1
    assert listening.state == "stopped"


def test_what_a_script_has_is_heard_at_once_after_a_microphone_was_off(session):
    """What the host still tells of the microphone is no news of the source that follows it."""
    sound = np.concatenate([spoken(QUESTION), np.zeros(RATE, np.float32)])
    microphone = MessageMicrophone(session)
    with session.listen(language="en"):
        microphone.turn_on()
        microphone.turn("off")
    listening = session.listen(source=iter(np.array_split(sound, 20)))
    (text,) = list(listening)
    session.interrupt()
    assert word_errors(words(QUESTION), words(text)) <= 1
