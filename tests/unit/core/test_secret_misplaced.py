"""A key that was given where none belongs is shown nowhere: not in the message, not in a frame."""

import traceback

import pytest

from ipyavatar import (
    Audio,
    Avatar,
    AvatarSession,
    ChatModel,
    SpeechApi,
    TranscriptionApi,
    lesson,
    record_lesson,
    run,
    stop_all,
    usage,
)
from ipyavatar.errors import InvalidArgument
from tests.support.memory_sessions import make_session

KEYS = [
    "sk-a-hush-4711",
    "aBcDhush4711EfGhIjKlMnOpQrStUvWxYz",
    "seeded-hush-key-99",
    "abcd" + "hush" * 9,
]
"""Of what looks like a key, the first four characters may be shown."""

NAMES = (
    *("character", "voice", "language", "quality", "transport", "video_codec", "speed"),
    *("max_idle_s", "host", "responder", "recognizer", "answer_within_s"),
)
LOOKS = ("muted", "volume", "captions_on", "badge", "width", "floating", "save_transcript")
OF_SERVICES = [
    *[("heygen", name) for name in ("quality", "voice", "transport", "idle_timeout_s")],
    *[("heygen", name) for name in ("video_encoding", "max_duration_s", "disable_idle_timeout")],
    *[("liveavatar", name) for name in ("lite", "voice", "sandbox", "push_to_talk")],
    *[("kaltura", name) for name in ("relay", "voice", "credits_per_minute")],
]
CALLS = {
    "mode": lambda avatar, key: avatar.speak("Hello.", mode=key),
    "interrupt": lambda avatar, key: avatar.speak("Hello.", interrupt=key),
    "express": lambda avatar, key: avatar.express(key),
    "pause": lambda avatar, key: avatar.present(["Hello."], pause=key),
    "listen": lambda avatar, key: avatar.listen(key),
    "listen in": lambda avatar, key: avatar.listen(len, language=key),
    "record": lambda avatar, key: avatar.record(key),
    "codec": lambda avatar, key: avatar.record("a.webm", codec=key),
    "captions": lambda avatar, key: avatar.record("a.webm", captions=key),
    "wait": lambda avatar, key: avatar.start().wait(key),
    "set": lambda avatar, key: setattr(avatar, "voice", key),
    "set what it has not": lambda avatar, key: setattr(avatar, "quality", key),
}
OTHERS = {
    "provider": Avatar,
    "in a list": lambda key: Avatar(quality=[key]),
    "keyword": lambda key: Avatar(**{key: 1}),
    "keyword of a session": lambda key: AvatarSession(**{key: 1}),
    "set": lambda key: setattr(Avatar(), "quality", key),
    "set what tells": lambda key: setattr(Avatar(), "status", key),
    "lesson": lesson,
    "movie": lambda key: record_lesson(key, "a.mp4"),
    "movie's file": lambda key: record_lesson("a.ipynb", [key]),
    "usage": usage,
    "stop": lambda key: stop_all(foreign=key),
    "run": run,
    "sound": Audio,
    "rate": lambda key: Audio([0.0], key),
    "chat": lambda key: ChatModel("https://a", model=[key]),
    "speech": lambda key: SpeechApi("https://a", voice="a", sample_rate=key),
    "transcription": lambda key: TranscriptionApi("https://a", model=[key]),
}


def refused(call, key):
    """What verbose tracebacks show of the error of `call(key)`, but the frames of this file."""
    with pytest.raises(InvalidArgument) as caught:
        call(key)
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    errors = [told]
    while (cause := errors[-1].__cause__ or errors[-1].__context__) is not None:
        errors.append(cause)
    frames = [frame for error in errors for frame in error.stack if frame.filename != __file__]
    assert frames
    return f"{caught.value} {[(frame.locals, frame.line) for frame in frames]}"


@pytest.mark.parametrize("make", [Avatar, AvatarSession])
@pytest.mark.parametrize("name", NAMES)
def test_as_an_option(make, name):
    assert "hush" not in refused(lambda key: make(**{name: key}), KEYS[2])


@pytest.mark.parametrize("key", KEYS)
def test_of_any_look(key):
    """The first of them begins like a text in Slovak."""
    for name in ("voice", "language"):
        assert "hush" not in refused(lambda key: AvatarSession(**{name: key}), key)  # noqa: B023


@pytest.mark.parametrize("name", LOOKS)
def test_as_a_look(name):
    assert "hush" not in refused(lambda key: Avatar(**{name: key}), KEYS[2])


@pytest.mark.parametrize(("provider", "name"), OF_SERVICES)
def test_as_an_option_of_a_service(provider, name):
    shown = refused(lambda key: Avatar(provider, api_key="k", **{name: key}), KEYS[2])
    assert "hush" not in shown


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_given_to_a_verb(call):
    avatar, _ = make_session()
    assert "hush" not in refused(lambda key: call(avatar, key), KEYS[2])


@pytest.mark.parametrize("call", OTHERS.values(), ids=OTHERS)
def test_given_to_something_else(call):
    assert "hush" not in refused(call, KEYS[2])


def test_what_is_no_key_is_shown():
    """Names, words, files: who mistyped one has to see it."""
    for name in ("nobody", "Ava", "en-US", "a very long name with spaces 4711 in it"):
        with pytest.raises(InvalidArgument, match=f"There is no voice '{name}'"):
            AvatarSession(voice=name)
    with pytest.raises(InvalidArgument, match=r"models/de_DE-thorsten-medium-2\.onnx"):
        AvatarSession(voice="models/de_DE-thorsten-medium-2.onnx")


def test_what_looks_like_a_key_where_it_belongs_is_plain_text():
    """Models, voices and folders of files may have such names: they go on as they came."""
    name = "en-US-Wavenet-D2-4711"
    options = SpeechApi("https://a", model=name, voice=name, api_key="k").options
    assert type(options.model) is type(options.voice) is str
    assert (options.model, options.voice) == (name, name)
    assert name in repr(ChatModel("https://a", model=name, api_key="k"))
