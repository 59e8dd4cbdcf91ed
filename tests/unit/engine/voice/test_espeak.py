"""eSpeak NG as a voice: sound, phonemes and words of many languages."""

# ruff: noqa: RUF001 - letters of many languages

import threading

import pytest

from ipyavatar.engine.lips import MouthTrack
from ipyavatar.engine.voice.espeak import EspeakVoice, spell_phones
from ipyavatar.errors import InvalidArgument
from ipyavatar.protocol.options import VoiceOptions

pytest.importorskip("espeakng_loader", reason="the extra [espeak] is not installed")

TEXTS = {
    "de": "Guten Morgen, Welt! Der 3. Tag.",
    "fr": "Bonjour le monde.",
    "hi": "नमस्ते दुनिया।",
    "ru": "Привет, мир!",
    "cmn": "你好，世界。",
}


def say(language, text, **options):
    told = []
    voice = EspeakVoice(language, VoiceOptions(language=language, **options), told.append)
    return list(voice.stream(text, threading.Event())), told


@pytest.mark.parametrize("language", TEXTS)
def test_every_script_has_sound_lips_and_captions(language):
    chunks, told = say(language, TEXTS[language])
    assert told == []
    assert "".join("".join(c.text for c in chunks).split()) == "".join(TEXTS[language].split())
    for chunk in chunks:
        assert 0.3 < chunk.duration < 5
        assert abs(chunk.audio).max() > 0.1
        assert MouthTrack.of(chunk).values[:, 0].max() > 0.2
        assert [word.text for word in chunk.words] == chunk.text.split()
        ends = [word.end for word in chunk.words]
        assert ends == sorted(ends)
        assert ends[-1] == pytest.approx(chunk.duration)


def test_pace_and_pitch_are_its_own():
    slow, fast = (say("de", "Guten Morgen, Welt!", speed=s)[0][0].duration for s in (0.6, 1.8))
    assert slow > 1.8 * fast


@pytest.mark.parametrize("sign", ["⁻⁹", "\x00", "🎉", "\u200b", "∮", "\ud83d"])
def test_one_sign_never_costs_a_sentence(sign):
    chunks, told = say("de", f"Es sind 10{sign} Meter.".replace("\ud83d", " "))
    assert told == []
    assert chunks[0].duration > 0.5


def test_a_voice_that_is_not_there_is_told():
    with pytest.raises(InvalidArgument, match="no voice 'xx'"):
        EspeakVoice("xx", VoiceOptions(), print).warm()


def test_it_stops_between_sentences():
    cancel = threading.Event()
    stream = EspeakVoice("de", VoiceOptions(language="de"), print).stream("Eins. Zwei.", cancel)
    next(stream)
    cancel.set()
    assert list(stream) == []


def test_phonemes_of_several_letters_share_their_time():
    phones = list(spell_phones([("tʃ", 0.0), ("ˈaɪ", 0.1), ("", 0.3)], 0.5))
    assert "".join(phone.symbol for phone in phones) == "tʃˈaɪ "
    assert [round(phone.start, 2) for phone in phones] == [0.0, 0.05, 0.1, 0.1, 0.2, 0.3]
    assert phones[-1].end == 0.5


@pytest.mark.parametrize("name", ["en-gb", "fr-fr", "no", "en-gb+f3", "en-us", "en-gb-x-rp"])
def test_a_voice_is_found_by_its_language_too(name):
    """As eSpeak's own program finds it: not each has a file of that name."""
    (chunk,), told = say(name, "Hello.")
    assert abs(chunk.audio).max() > 0.1
    assert told == []


@pytest.mark.parametrize("name", ["xx", "qq+f3"])
def test_a_language_that_it_has_not_is_told(name):
    """And is not read by some other voice."""
    with pytest.raises(InvalidArgument, match="has no voice"):
        say(name, "Hello.")
