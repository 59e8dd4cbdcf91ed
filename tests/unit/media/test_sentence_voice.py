"""A voice that is asked sentence by sentence, and sound that is given."""

import asyncio

import numpy as np
import pytest

from ipyavatar.core.speech import Utterance
from ipyavatar.engine.sound.samples import SoundBlock
from ipyavatar.errors import InvalidArgument, SpeechFailed
from ipyavatar.media.sentence_voice import IN_A_ROW, GivenSound, SentenceVoice, VoiceRefused

RATE = 24_000


class FakeSpeaker:
    """A tenth of a second for each character; what is in `errors` raises after `before` s."""

    name = "Your voice"

    def __init__(self, errors=None, before=0.0):
        self.errors, self.before = errors or {}, before
        self.asked = []

    async def speak(self, sentence):
        self.asked.append(sentence)
        for word, error in self.errors.items():
            if word in sentence:
                if self.before:
                    yield sound(self.before)
                raise error
        yield sound(0.1 * len(sentence))


def sound(seconds):
    return SoundBlock(np.full(round(RATE * seconds), 0.1, np.float32), RATE)


def say(speaker, text, language="en"):
    told = []
    voice = SentenceVoice(speaker, told.append, language)

    async def go():
        return [chunk async for chunk in voice.stream(text)]

    return asyncio.run(go()), told


def test_each_sentence_is_asked_for_without_markup():
    speaker = FakeSpeaker()
    chunks, told = say(speaker, "**Hello** there. <b>How</b> are you?")
    assert speaker.asked == ["Hello there.", "How are you?"]
    assert [chunk.text for chunk in chunks if chunk.text] == speaker.asked
    assert told == []
    assert sum(c.duration for c in chunks) == pytest.approx(0.1 * (12 + 12), abs=0.01)


def test_what_cannot_be_said_is_skipped_and_told():
    speaker = FakeSpeaker({"bad": SpeechFailed("No such word.")})
    chunks, told = say(speaker, "One. A bad one. Three.")
    assert [chunk.text for chunk in chunks if chunk.text] == ["One.", "Three."]
    assert told == ["Your voice left out 'A bad one.': No such word."]


def test_where_nothing_could_be_said_the_speech_has_failed():
    with pytest.raises(SpeechFailed, match="No such word"):
        say(FakeSpeaker({"bad": SpeechFailed("No such word.")}), "A bad one.")


def test_a_voice_that_only_fails_is_given_up():
    speaker = FakeSpeaker({"bad": SpeechFailed("No.")})
    with pytest.raises(SpeechFailed, match="No"):
        say(speaker, "A bad one. " * 100)
    assert len(speaker.asked) == IN_A_ROW


def test_a_voice_that_refuses_is_asked_once():
    speaker = FakeSpeaker({"": VoiceRefused("The key is wrong.", "Give another.")})
    with pytest.raises(SpeechFailed, match="key is wrong"):
        say(speaker, "One. Two. Three.")
    assert len(speaker.asked) == 1


def test_a_sentence_without_sound_is_told():
    class Mute(FakeSpeaker):
        async def speak(self, sentence):
            if "two" not in sentence:
                yield sound(0.5)

    chunks, told = say(Mute(), "Say one. Say two. Say three.")
    assert len([chunk for chunk in chunks if chunk.text]) == 2
    assert "no sound" in told[0]


def test_a_sentence_that_breaks_off_is_heard_until_there():
    speaker = FakeSpeaker({"bad": SpeechFailed("Broken.")}, before=0.5)
    chunks, told = say(speaker, "A bad one. Fine.")
    assert sum(c.duration for c in chunks) > 0.5
    assert len(told) == 1


def test_signs_alone_are_not_asked_for():
    speaker = FakeSpeaker()
    say(speaker, "One. … Two.")
    assert all(any(map(str.isalnum, asked)) for asked in speaker.asked)


def play(utterance, *blocks, error=None):
    async def source(speech):
        assert speech == utterance.id
        for block in blocks:
            yield block
        if error is not None:
            raise error

    async def go():
        return [chunk async for chunk in GivenSound(source).play(utterance)]

    return asyncio.run(go())


def test_given_sound_has_the_captions_of_its_text():
    chunks = play(Utterance("s1", "One. Two.", sound_s=2.0), sound(1.0), sound(1.0))
    assert [c.text for c in chunks if c.text] == ["One.", "Two."]


def test_given_sound_without_a_sample_has_failed():
    with pytest.raises(SpeechFailed, match="no sound"):
        play(Utterance("s1", "", sound_s=0.0))


def test_a_bad_piece_is_a_speech_that_failed():
    with pytest.raises(SpeechFailed, match="nan"):
        play(Utterance("s1", "", sound_s=0.0), sound(0.2), error=InvalidArgument("A nan.", "Fix."))
