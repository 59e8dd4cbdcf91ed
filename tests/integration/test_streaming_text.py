"""Text that comes bit by bit, said by the embedded avatar."""

import threading
import time

import pytest

from ipyavatar import AvatarSession
from ipyavatar.errors import SpeechFailed

TOKENS = (
    "Hello there, <th|ink>I must not say| this. </thi|nk>my friend. |This |is |the |second |sen"
    "|tence. |And |this |is |the |last."
)


@pytest.fixture(scope="module")
def avatar():
    with AvatarSession() as avatar:
        avatar.speak("Warm.").wait(60)
        yield avatar


def test_a_stream_is_heard_before_it_ends(avatar):
    """Its last token comes after the first sound, and thoughts are not said."""
    ended_at = 0.0
    heard = threading.Event()

    def tokens():
        nonlocal ended_at
        *first, last = TOKENS.split("|")
        yield from first
        assert heard.wait(60)
        ended_at = time.time()
        yield last

    speech = avatar.speak(tokens())
    end = avatar.observe(lambda report: speech.first_audio_at and heard.set())
    speech.wait(60)
    end()
    assert speech.first_audio_at < ended_at
    words = " ".join(word for word, _, _ in speech.words)
    assert words == "Hello there, my friend. This is the second sentence. And this is the last."
    times = [start for _, start, _ in speech.words]
    assert times == sorted(times)


def test_an_interrupt_closes_the_source_and_what_was_heard_is_known(avatar):
    closed, speaking = threading.Event(), threading.Event()

    async def endless():
        try:
            while True:
                yield "This sentence is said again and again. "
        finally:
            closed.set()

    speech = avatar.speak(endless())
    end = avatar.observe(lambda report: speech.first_audio_at and speaking.set())
    assert speaking.wait(60)
    speech.interrupt()
    speech.wait(60)
    end()
    assert closed.wait(60)
    assert speech.state == "interrupted"
    assert len(speech.heard) < len(speech.text)
    assert speech.text.startswith(speech.heard[:5])


def test_what_was_good_is_said_before_the_error(avatar):
    def fails():
        yield "This is good. "
        raise ValueError("bad luck")

    speech = avatar.speak(fails())
    with pytest.raises(SpeechFailed, match="bad luck") as failed:
        speech.wait(60)
    assert isinstance(failed.value.__cause__, ValueError)
    assert [word for word, _, _ in speech.words] == ["This", "is", "good."]
