"""Voices that are not ours, through kernel, pipe and host: what is heard, and what is skipped."""

from __future__ import annotations

import asyncio
import contextlib
import threading

import numpy as np
import pytest

from ipyavatar import AvatarSession, SpeechApi
from ipyavatar.errors import SpeechFailed
from ipyavatar.protocol.host import Noticed
from tests.support.processes import until
from tests.support.speech_server import speech_server

RATE = 24_000
TONE = (0.3 * np.sin(np.arange(RATE // 2) / 9)).astype(np.float32)


@contextlib.contextmanager
def speaking(voice, **options):
    """A session, and what it noticed."""
    notices = []
    with AvatarSession(host="process", voice=voice, quality="low", **options) as session:
        session.observe(lambda r: notices.append(r.text) if isinstance(r, Noticed) else None)
        yield session, notices


def length(speech):
    return speech.finished_at - speech.first_audio_at


def test_a_function_that_raises_hangs_or_gives_no_sound_costs_that_sentence():
    """Each is told by its reason; the others are said, on a thread of the kernel's."""
    let_go, threads = threading.Event(), set()

    def voice(text):
        threads.add(threading.current_thread())
        if "raise" in text:
            raise KeyError("no such word")
        if "hang" in text:
            let_go.wait(60)
        if "nan" in text:
            return np.array([np.nan])
        return None if "nothing" in text else (TONE, 0) if "rate" in text else TONE

    text = "One. I raise. Two. I hang. Three. I am nan. Four. I give nothing. Five. No rate. Six."
    with speaking(voice, voice_timeout_s=1.0) as (session, notices):
        speech = session.speak(text).wait(60)
        let_go.set()
        assert speech.state == "said"
        assert {"One.", "Two.", "Three.", "Four.", "Five.", "Six."} <= {
            w for w, _, _ in speech.words
        }
        assert length(speech) > 2.5
        until(lambda: len(notices) == 5, 10, "five notices")
        said = "\n".join(notices)
        for reason in ("no such word", "No sound came for 1 s", "nan", "no sound", "rate=0"):
            assert reason in said
        assert threading.main_thread() not in threads
        with pytest.raises(SpeechFailed, match="no such word"):
            session.speak("I raise.").wait(30)


def test_an_asynchronous_function_is_heard_with_its_first_chunk():
    """Long before the last one is made."""
    let_go = threading.Event()

    async def voice(text):
        yield TONE
        while not let_go.is_set():
            await asyncio.sleep(0.01)
        yield TONE

    with speaking(voice) as (session, _):
        session.start().wait(60)
        speech = session.speak("Hello there.")
        until(lambda: speech.state == "speaking", 20, "sound")
        assert not let_go.is_set()
        let_go.set()
        assert speech.wait(30).state == "said"
        assert length(speech) > 0.8


def test_a_speech_address_is_streamed_and_its_key_stays_hidden():
    key = "sk-loopback-4711"
    with speech_server() as server:
        server.seconds, server.pause_s = 1.0, 0.2
        api = SpeechApi(server.url, voice="coral", api_key=key)
        with speaking(api, speed=1.25) as (session, _):
            session.start().wait(60)
            speech = session.speak("Hello **there**. How are you?")
            until(lambda: speech.state == "speaking", 20, "sound")
            assert len(server.asked) == 1
            assert speech.wait(30).state == "said"
            assert [one["input"] for one in server.asked] == ["Hello there.", "How are you?"]
            assert {(one["voice"], one["speed"]) for one in server.asked} == {("coral", 1.25)}
            assert set(server.keys) == {f"Bearer {key}"}
            assert key not in repr(session.options) + repr(session.options.wire)
            server.status = 401
            with pytest.raises(SpeechFailed, match="does not accept the key"):
                session.speak("Again. And again.").wait(30)
            assert len(server.asked) == 3


def test_espeak_speaks_german_and_a_damaged_piper_model_is_told(tmp_path):
    pytest.importorskip("espeakng_loader", reason="the extra [espeak] is not installed")
    with speaking("espeak:de") as (session, notices):
        speech = session.speak("Guten Tag, z. B. 3,5 % von 1.000 €. Das ist gut.").wait(60)
        assert speech.state == "said"
        assert [word for word, _, _ in speech.words][-1] == "gut."
        assert 2 < length(speech) < 9
        assert notices == []
    model = tmp_path / "anna.onnx"
    model.write_bytes(b"damaged")
    model.with_name("anna.onnx.json").write_text("{}")
    with speaking(model) as (session, _), pytest.raises(SpeechFailed, match="cannot be read"):
        session.speak("Hallo.").wait(60)
