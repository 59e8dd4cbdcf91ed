"""Who speaks in what is said into files."""

import contextlib
import threading

import numpy as np
import pytest

from ipyavatar.api.script_voices import choose_script_voice
from ipyavatar.engine.resources import EngineResources
from ipyavatar.errors import InvalidArgument, SpeechFailed, UnknownName
from ipyavatar.protocol.options import AddressVoice, EspeakVoice

TONE = np.sin(np.arange(12_000) / 20).astype(np.float32) * 0.3


def say(voice, text="One. Two.", **more):
    """What a voice makes of a text, and what it leaves out."""
    told = []
    loaded = choose_script_voice(voice, "ava", more).load(EngineResources(), told.append)
    with contextlib.closing(loaded):
        return list(loaded.stream(text, threading.Event())), told


def test_what_fits_is_chosen_by_the_character():
    """As with an avatar; a name of ours is that one."""
    fitting = {choose_script_voice(None, who).chosen.voice for who in ("ava", "leo")}
    assert len(fitting) == 2
    assert choose_script_voice("miles", "ava").chosen.voice == "miles"
    assert isinstance(choose_script_voice("espeak:de", "leo").chosen.speech.other, EspeakVoice)


def test_an_address_is_one_and_shows_itself_nowhere():
    """It may hold a key."""
    chosen = choose_script_voice("https://example.com/v1/audio/speech", "ava").chosen
    assert isinstance(chosen.speech.other, AddressVoice)


def test_what_cannot_be_a_voice_is_refused():
    """In the words of an avatar's voice."""
    with pytest.raises(UnknownName, match="junee"):
        choose_script_voice("junee", "ava")
    with pytest.raises(InvalidArgument, match="no file"):
        choose_script_voice("missing.onnx", "ava")
    with pytest.raises(InvalidArgument, match="pitch= would have no effect"):
        choose_script_voice(lambda text: TONE, "ava", {"pitch": 1.2})


def test_only_our_own_voices_leave_other_scripts_out():
    """Which is told before anything is said."""
    assert "Привет" in choose_script_voice(None, "ava").describe_unreadable("Привет!")
    assert choose_script_voice("espeak:ru", "ava").describe_unreadable("Привет!") == ""


@pytest.mark.parametrize("kind", ["samples", "iterator", "async"])
def test_a_function_of_the_users_speaks(kind):
    """Whatever it gives; each sentence is one call, and has its captions."""
    asked = []

    def samples(text):
        asked.append(text)
        return TONE

    def iterator(text):
        asked.append(text)
        yield TONE[:6000]
        yield TONE[6000:]

    async def coroutine(text):
        asked.append(text)
        return TONE

    voice = {"samples": samples, "iterator": iterator, "async": coroutine}[kind]
    chunks, told = say(voice)
    assert asked == ["One.", "Two."]
    assert sum(chunk.duration for chunk in chunks) == pytest.approx(2 * len(TONE) / 24_000)
    assert [chunk.text for chunk in chunks if chunk.text] == ["One.", "Two."]
    assert told == []


def test_a_sentence_that_a_function_cannot_say_is_skipped_and_told():
    """The others are said."""

    def voice(text):
        if text == "One.":
            raise KeyError("no such word")
        return TONE

    chunks, told = say(voice)
    assert [chunk.text for chunk in chunks if chunk.text] == ["Two."]
    assert "left out 'One.'" in told[0]
    assert "no such word" in told[0]


def test_a_function_that_does_not_come_back_is_given_up():
    """Within its time; the threads that it holds end nothing else."""
    ended = threading.Event()
    with pytest.raises(SpeechFailed, match=r"no sound for 0.05 s"):
        say(lambda text: ended.wait(60), "One.", voice_timeout_s=0.05)
    ended.set()
