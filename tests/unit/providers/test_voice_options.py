"""What users give for `voice=` and what goes with it."""

from pathlib import Path

import pytest

from ipyavatar.errors import InvalidArgument, UnknownName
from ipyavatar.protocol.options import AddressVoice, EspeakVoice, FunctionVoice, PiperVoice
from ipyavatar.providers.options import hide_secrets
from ipyavatar.providers.speech_api import SpeechApi
from ipyavatar.providers.voice_options import choose_voice


def speak(text):
    return text


class Speaker:
    def __call__(self, text):
        return text


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "anna.onnx"
    path.touch()
    path.with_name("anna.onnx.json").touch()
    return path


def test_one_of_ours_may_be_faster_and_higher():
    chosen = choose_voice({"voice": "june", "speed": 1.5, "pitch": 0.8})
    assert (chosen.voice, chosen.speech.speed, chosen.speech.pitch) == ("june", 1.5, 0.8)
    assert chosen.speech.other is None


@pytest.mark.parametrize(("voice", "name"), [(speak, "speak"), (Speaker(), "Speaker")])
def test_a_function_stays_here_and_its_name_is_sent(voice, name):
    chosen = choose_voice({"voice": voice, "language": "de", "voice_timeout_s": 3})
    assert (chosen.voice, chosen.speech.other) == ("", FunctionVoice(name))
    assert (chosen.speech.language, chosen.speech.timeout_s) == ("de", 3.0)


def test_a_function_that_takes_no_text_is_refused():
    """At the call, and not with its first sentence."""
    with pytest.raises(InvalidArgument, match="The voice cannot be called with a text"):
        choose_voice({"voice": lambda: 1})


def test_a_model_an_address_and_espeak_are_known_by_their_form(model):
    assert choose_voice({"voice": str(model)}).speech.other == PiperVoice(str(model.resolve()))
    assert choose_voice({"voice": model}).speech.other == PiperVoice(str(model.resolve()))
    espeak = choose_voice({"voice": "espeak:pt-br+f2"}).speech
    assert (espeak.other, espeak.language) == (EspeakVoice("pt-br+f2"), "pt")
    address = hide_secrets({"voice": "https://example.com/v1/audio/speech"})
    assert "example" not in repr(address)
    other = choose_voice(address).speech.other
    assert isinstance(other, AddressVoice)
    assert other.url == "https://example.com/v1/audio/speech"
    assert choose_voice({"voice": SpeechApi("http://127.0.0.1:1")}).speech.other.model == "tts-1"


WRONG = {
    "a wrong name": ({"voice": "jun"}, "june"),
    "a number": ({"voice": 5}, "takes no int"),
    "no such model": ({"voice": "no/such.onnx"}, "no file"),
    "no model at all": ({"voice": Path("voice.wav")}, "no Piper model"),
    "an espeak voice without a name": ({"voice": "espeak:"}, "no eSpeak voice"),
    "an espeak voice of another kind": ({"voice": "espeak:../x"}, "no eSpeak voice"),
    "too fast": ({"speed": 9}, "0.5 to 2"),
    "no speed": ({"speed": float("nan")}, "0.5 to 2"),
    "no pitch": ({"pitch": "high"}, "0.5 to 2"),
    "a pace for a function": ({"voice": speak, "speed": 1.2}, "no effect"),
    "a pitch for an address": ({"voice": SpeechApi("http://127.0.0.1:1"), "pitch": 2}, "no effect"),
    "a time limit for ours": ({"voice_timeout_s": 3}, "no effect"),
    "no time limit": ({"voice": speak, "voice_timeout_s": 0}, "more than 0"),
    "a language ours does not read": ({"language": "de"}, "espeak:de"),
    "no language": ({"voice": speak, "language": "klingon"}, "de, el"),
    "a number as a language": ({"voice": speak, "language": 5}, "no language"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_cannot_work_is_refused_with_what_does(case):
    keywords, said = WRONG[case]
    with pytest.raises((InvalidArgument, UnknownName), match=said) as caught:
        choose_voice(keywords)
    assert caught.value.fix


def test_a_model_without_its_description_is_refused(model):
    model.with_name("anna.onnx.json").unlink()
    with pytest.raises(InvalidArgument, match=r"anna\.onnx\.json"):
        choose_voice({"voice": model})
