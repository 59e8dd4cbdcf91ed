"""What users give as `recognizer=`."""

import pytest

from ipyavatar import AvatarSession
from ipyavatar.client.recognizer import bind_language, make_recognizer, require_language
from ipyavatar.client.transcription_api import TranscriptionApi
from ipyavatar.core.secret import Secret
from ipyavatar.errors import InvalidArgument


@pytest.mark.parametrize(
    ("recognizer", "given"),
    [
        (lambda samples: (samples,), ("sound",)),
        (lambda samples, rate: (samples, rate), ("sound", 16_000)),
        (lambda samples, *, language="": (samples, language), ("sound", "de")),
        (lambda samples, language, rate: (samples, language, rate), ("sound", "de", 16_000)),
        (lambda samples, level=3: (samples, level), ("sound", 3)),
        (lambda *samples: samples, ("sound",)),
    ],
)
def test_a_function_gets_what_it_takes(recognizer, given):
    """Samples, and by name the rate and the language."""
    assert bind_language(make_recognizer(recognizer), "de")("sound") == given


@pytest.mark.parametrize("recognizer", [lambda: "", lambda a, b: "", lambda *, rate: ""])
def test_a_function_that_takes_no_samples_is_refused(recognizer):
    with pytest.raises(InvalidArgument, match="cannot be called with samples"):
        make_recognizer(recognizer)


@pytest.mark.parametrize("recognizer", [7, ["a"], b"x", object()])
def test_what_is_no_recognizer_is_refused(recognizer):
    with pytest.raises(InvalidArgument, match="recognizer= takes no"):
        make_recognizer(recognizer)


@pytest.mark.parametrize("recognizer", ["http://127.0.0.1:1", Secret("http://127.0.0.1:1/v1")])
def test_an_address_is_asked(recognizer):
    assert isinstance(make_recognizer(recognizer), TranscriptionApi)


@pytest.mark.parametrize("recognizer", ["", " ", "ftp://x", "http://", "http://me:pw@x"])
def test_an_address_that_cannot_be_one_is_refused(recognizer):
    with pytest.raises(InvalidArgument, match="transcription address"):
        make_recognizer(recognizer)


@pytest.mark.parametrize("recognizer", ["base", "no/such/folder", "\0", "x" * 5000])
def test_a_folder_without_a_model_is_refused(recognizer):
    with pytest.raises(InvalidArgument, match=r"no Whisper model|is no file"):
        make_recognizer(recognizer)


@pytest.mark.parametrize("language", ["", "en", "de-AT", "zh_Hans"])
def test_a_language_is_a_code(language):
    assert require_language(language) == language


@pytest.mark.parametrize("language", ["english!", 7, None, "e", "en; rm"])
def test_what_is_no_code_is_refused(language):
    with pytest.raises(InvalidArgument, match="language="):
        require_language(language)


def test_a_generator_function_is_refused_at_once():
    def recognize(samples):
        yield "It is one text."

    async def recognize_async(samples):
        yield "It is one text."

    for one in (recognize, recognize_async):
        with pytest.raises(InvalidArgument, match="generator function"):
            make_recognizer(one)


def test_a_service_that_listens_by_itself_takes_none():
    with pytest.raises(InvalidArgument, match="recognizer= would have no effect"):
        AvatarSession("heygen", api_key="a-key", recognizer=lambda samples: "")
    stands_in = {"api_key": "a-key", "fallback": "embedded"}
    AvatarSession("heygen", recognizer=lambda samples: "", **stands_in).close()
