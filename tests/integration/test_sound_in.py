"""Sound instead of text: through kernel, pipe and host, to a face and to services."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from ipyavatar import Audio, AvatarSession
from ipyavatar.errors import InvalidArgument, SpeechFailed
from ipyavatar.protocol.page import Caption
from tests.support.twin_process import KEY, twin_process

RATE = 16_000
TONE = (0.4 * np.sin(np.arange(RATE) / 7)).astype(np.float32)
TEXT = "One two three. And four."


@pytest.fixture(scope="module")
def session():
    with AvatarSession(host="process", quality="low") as session:
        session.start().wait(60)
        yield session


def length(speech):
    return speech.finished_at - speech.first_audio_at


def test_samples_are_heard_with_captions(session):
    """As long as they are, with the captions and words of the text, and soon."""
    captions = []
    forget = session.observe(
        lambda r: captions.append(r.text) if isinstance(r, Caption) and r.text else None
    )
    speech = session.speak(Audio(TONE, RATE, text=TEXT)).wait(30)
    forget()
    assert (speech.state, speech.text) == ("said", TEXT)
    assert 0.8 < length(speech) < 3.0
    assert [word for word, _, _ in speech.words] == TEXT.split()
    assert speech.words[-1][2] == pytest.approx(1.0, abs=0.05)
    assert captions == ["One two three.", "And four."]


async def late(chunks):
    for chunk in chunks:
        await asyncio.sleep(0.01)
        yield chunk


def test_every_way_to_give_sound_is_heard(session, tmp_path: Path):
    """An iterator, an asynchronous one, and a file by its path, in the order asked for."""
    path = tmp_path / "tone.raw.wav"
    import wave

    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((TONE[: RATE // 2] * 32767).astype("<i2").tobytes())
    half = np.split(TONE[: RATE // 2], 8)
    sources = [Audio(iter(half), RATE), Audio(late(half), RATE), path, path.read_bytes()]
    speeches = [session.speak(source) for source in sources]
    assert [speech.wait(30).state for speech in speeches] == ["said"] * 4
    starts = [speech.first_audio_at for speech in speeches]
    assert starts == sorted(starts)
    assert all(0.3 < length(speech) < 2.0 for speech in speeches)


def test_what_breaks_off_has_failed_and_what_follows_is_said(session):
    def broken():
        yield TONE[:4000]
        raise OSError("the microphone is gone")

    failed, after = session.speak(Audio(broken(), RATE)), session.speak("After it.")
    with pytest.raises(SpeechFailed, match="the microphone is gone"):
        failed.wait(30)
    assert failed.first_audio_at is not None
    assert after.wait(30).state == "said"


def test_an_interrupt_ends_the_sound_and_its_source(session):
    ended = []

    def endless():
        try:
            while True:
                yield TONE
        finally:
            ended.append(True)

    speech = session.speak(Audio(endless(), RATE))
    other = session.speak("Now.", interrupt=True)
    assert speech.wait(30).state == "interrupted"
    assert other.wait(30).state == "said"
    # It was never begun, or its own end was run.
    again = session.speak(Audio(endless(), RATE))
    while again.state == "queued":
        asyncio.run(asyncio.sleep(0.02))
    again.interrupt()
    again.wait(30)
    while not ended:
        asyncio.run(asyncio.sleep(0.02))


def test_services_that_let_us_bring_sound_take_it():
    """LiveAvatar LITE as samples, Kaltura as a file; the others refuse it at the call.

    LITE speaks with the user's own voice as well.
    """
    asked = []

    def voice(text):
        asked.append(text)
        return TONE[: RATE // 2], RATE

    with twin_process() as twin:
        for provider, options in (
            ("liveavatar", {"sandbox": True, "voice": voice}),
            ("kaltura", {"avatar_id": "64b1f0c2a1b2c3d4e5f60718"}),
        ):
            with AvatarSession(provider, api_key=KEY, base_url=twin.url, **options) as session:
                speech = session.speak(Audio(TONE, RATE, text=TEXT)).wait(60)
                assert speech.state == "said", provider
                assert 0.6 < length(speech) < 4.0, provider
                assert [word for word, _, _ in speech.words] == TEXT.split(), provider
                if "voice" in options:
                    assert session.speak("Eins. Zwei.").wait(60).state == "said"
                    assert asked == ["Eins.", "Zwei."]
        session = AvatarSession("heygen", api_key=KEY, base_url=twin.url)
        with session, pytest.raises(InvalidArgument, match="takes no sound"):
            session.speak(Audio(TONE, RATE))
