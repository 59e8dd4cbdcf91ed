"""Speech addresses as users name them."""

import warnings

import pytest

from ipyavatar.errors import InsecureAddress, InvalidArgument
from ipyavatar.providers.speech_api import SpeechApi

KEY = "sk-1234567890"


@pytest.fixture(autouse=True)
def no_keys(monkeypatch):
    for name in ("IPYAVATAR_SPEECH_KEY", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://a.example", "https://a.example/v1/audio/speech"),
        ("https://a.example/v1/", "https://a.example/v1/audio/speech"),
        ("https://a.example/v1/audio/speech", "https://a.example/v1/audio/speech"),
        ("https://a.example/tts?api-version=1", "https://a.example/tts?api-version=1"),
        (" http://127.0.0.1:8000/v1 ", "http://127.0.0.1:8000/v1/audio/speech"),
    ],
)
def test_the_usual_path_is_added(given, used):
    assert SpeechApi(given).options.url == used


def test_the_key_hides_itself():
    api = SpeechApi("https://a.example", api_key=KEY)
    assert api.options.key.reveal() == KEY
    assert KEY not in repr(api) + repr(api.options) + repr(vars(api))


def test_keys_come_from_the_environment_but_openais_goes_to_openai_alone(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert SpeechApi("https://a.example").options.key is None
    assert SpeechApi("https://api.openai.com/v1").options.key.reveal() == KEY
    monkeypatch.setenv("IPYAVATAR_SPEECH_KEY", "ours")
    assert SpeechApi("https://a.example").options.key.reveal() == "ours"


@pytest.mark.parametrize(
    "url",
    [
        None,
        5,
        "",
        "ftp://a",
        "a.example/v1",
        "https://",
        "https://me:pw@a.b",
        "https://[x",
        b"x",
        "https://a b",
    ],
)
def test_what_is_no_address_is_refused_without_showing_it(url):
    with pytest.raises(InvalidArgument, match="speech address") as caught:
        SpeechApi(url)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    "more",
    [
        {"model": ""},
        {"voice": 5},
        {"api_key": 5},
        {"api_key": "a key"},
        {"api_key": "é"},
        {"sample_rate": 0},
    ],
)
def test_other_values_that_cannot_work_are_refused(more):
    with pytest.raises(InvalidArgument) as caught:
        SpeechApi("https://a.example", **more)
    assert caught.value.fix


def test_a_key_in_the_open_is_warned_of():
    with pytest.warns(InsecureAddress, match="plain-speech"):
        SpeechApi("http://plain-speech.example", api_key=KEY)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        SpeechApi("http://plain-speech.example")
        SpeechApi("http://localhost:1", api_key=KEY)
