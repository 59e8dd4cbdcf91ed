"""An OpenAI-compatible speech address: what it is asked, and each way in which it may fail."""

import asyncio
import io
import json
import socket
import wave

import httpx
import numpy as np
import pytest

from ipyavatar.core.secret import Secret
from ipyavatar.errors import SpeechFailed
from ipyavatar.media.sentence_voice import VoiceRefused
from ipyavatar.protocol.options import AddressVoice
from ipyavatar.providers.speech_address import AddressSpeaker

KEY = "sk-very-secret-4711"
PCM = (np.sin(np.arange(24_000) / 9) * 9000).astype("<i2").tobytes()


def wav(rate):
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes(PCM)
    return file.getvalue()


def speak(answer, *, speed=1.0, key=KEY):
    """The blocks of one sentence, and the requests that were made."""
    requests = []

    def handle(request):
        requests.append(request)
        return answer(request) if callable(answer) else answer

    voice = AddressVoice(
        "https://a.example/v1/audio/speech", "tts-1", "alloy", Secret(key) if key else None
    )
    speaker = AddressSpeaker(voice, speed, 5.0, httpx.MockTransport(handle))

    async def go():
        blocks = [block async for block in speaker.speak("Hello there.")]
        await speaker.close()
        return blocks

    return asyncio.run(go()), requests


def answer(status=200, content=PCM, kind="audio/pcm"):
    return httpx.Response(status, content=content, headers={"content-type": kind})


def test_a_sentence_is_asked_for_as_openai_documents_it():
    blocks, (request,) = speak(answer(), speed=1.25)
    assert json.loads(request.content) == {
        "model": "tts-1", "voice": "alloy", "input": "Hello there.", "response_format": "pcm",
        "speed": 1.25,
    }  # fmt: skip
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert sum(block.duration for block in blocks) == pytest.approx(1.0)


def test_without_a_key_none_is_sent():
    assert "authorization" not in speak(answer(), key="")[1][0].headers


@pytest.mark.parametrize("kind", ["audio/pcm;rate=16000", "audio/L16; rate=16000"])
def test_the_rate_may_be_told_with_the_answer(kind):
    assert {block.rate for block in speak(answer(kind=kind))[0]} == {16_000}


def test_a_file_is_taken_all_the_same():
    blocks, _ = speak(answer(content=wav(22_050), kind="audio/wav"))
    assert {block.rate for block in blocks} == {22_050}
    assert sum(block.duration for block in blocks) == pytest.approx(24_000 / 22_050, abs=0.01)


def test_samples_that_look_like_a_file_are_samples():
    blocks, _ = speak(answer(content=b"RIFF" + PCM))
    assert sum(len(block.audio) for block in blocks) == 24_002


@pytest.mark.parametrize("status", [401, 403, 404, 405])
def test_what_refuses_every_sentence_is_told_apart(status):
    with pytest.raises(VoiceRefused, match=str(status)):
        speak(answer(status, b"{}", "application/json"))


ERROR = json.dumps({"error": {"message": f"Bad voice for {KEY}.\nSee docs."}}).encode()
FAILURES = {
    "an error": (answer(500, b"oops", "text/plain"), "HTTP 500"),
    "an error with its reason": (answer(400, ERROR, "application/json"), "Bad voice"),
    "too many": (answer(429, b"", "text/html"), "HTTP 429"),
    "a web page": (answer(200, b"<html>", "text/html; charset=utf-8"), "text/html"),
    "success with an error inside": (answer(200, ERROR, "application/json"), "Bad voice"),
    "deep JSON": (answer(400, b"[" * 3000, "application/json"), "HTTP 400"),
    "half a file": (answer(200, wav(8000)[:30], "audio/wav"), "sound"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_what_fails_for_one_sentence_is_told_without_the_key(case):
    response, said = FAILURES[case]
    with pytest.raises(SpeechFailed, match=said) as caught:
        speak(response)
    assert not isinstance(caught.value, VoiceRefused)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx.ConnectError("no"), VoiceRefused),
        (httpx.ReadTimeout("slow"), SpeechFailed),
        (httpx.RemoteProtocolError("half"), SpeechFailed),
    ],
)
def test_a_line_that_breaks_leaves_nothing_of_the_request(error, kind):
    def fail(request):
        error.request = request
        raise error

    with pytest.raises(kind) as caught:
        speak(fail)
    cause = caught.value.__cause__
    with pytest.raises(RuntimeError):
        _ = cause.request
    assert cause.__traceback__ is None


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ConnectionRefusedError(), "a.example refuses connections at port 443"),
        (socket.gaierror(), "The name a.example cannot be resolved"),
        (TimeoutError(), "a.example does not take a connection"),
    ],
)
def test_an_address_where_nobody_is_is_named_with_the_reason(error, why):
    """Nor is it a voice that was slow, which more time would help."""

    def fail(request):
        kind = httpx.ConnectTimeout if isinstance(error, TimeoutError) else httpx.ConnectError
        raise kind("no") from error

    with pytest.raises(VoiceRefused, match=why) as caught:
        speak(fail)
    assert "its address" in caught.value.fix
    assert "voice_timeout_s" not in caught.value.fix


def test_silence_is_no_sound_and_no_error():
    assert speak(answer(content=b""))[0] == []
