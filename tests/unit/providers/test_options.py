"""What the user may ask for."""

import pytest

from ipyavatar.core.text import LONGEST_TEXT, clean_text
from ipyavatar.engine.face import CHARACTERS
from ipyavatar.engine.voice import VOICES
from ipyavatar.errors import InvalidArgument, UnknownName
from ipyavatar.providers.options import validate_options, validate_service

GOOD = {"provider": "embedded", "character": "ava", "voice": None, "quality": "medium"}


def test_the_voice_fits_the_character_unless_one_is_named():
    """Every character has a voice of its kind."""
    for name, character in CHARACTERS.items():
        voice = validate_options(**GOOD | {"character": name}).voice
        assert VOICES[voice].description.startswith(character.voice)
    last = list(VOICES)[-1]
    assert validate_options(**GOOD | {"voice": last}).voice == last


@pytest.mark.parametrize(
    ("kind", "wrong", "guess"),
    [
        ("provider", "embeded", "embedded"),
        ("character", "Ava", "ava"),
        ("voice", "nobody", None),
        ("quality", "mediun", "medium"),
        ("quality", 720, None),
        ("character", None, None),
    ],
)
def test_an_unknown_name_is_told_with_what_there_is(kind, wrong, guess):
    """The error names the kind and the value, lists the known ones and guesses."""
    with pytest.raises(UnknownName) as caught:
        validate_options(**GOOD | {kind: wrong})
    assert f"no {kind} {wrong!r}" in str(caught.value)
    assert "Choose one of" in caught.value.fix
    if guess:
        assert f"Did you mean {guess!r}" in caught.value.fix


def test_auto_quality_begins_in_the_middle():
    """For every provider; the services know no such word."""
    assert validate_options(**GOOD | {"quality": "auto"}).quality == "medium"
    given = {"api_key": "k", "avatar_id": "x"}
    assert validate_service("kaltura", "auto", given).avatar_id == "x"


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00\x07", "...", "🎉🎉", "?!", "—"])
def test_nothing_to_say_is_refused_at_the_call(text):
    """An empty speech is a mistake, told with the value."""
    with pytest.raises(InvalidArgument, match="nothing to say"):
        clean_text(text)


@pytest.mark.parametrize("text", [None, 7, b"hi", ["hi"]])
def test_what_is_not_text_is_refused_with_its_type(text):
    """The error names the type and the fix."""
    with pytest.raises(InvalidArgument, match=type(text).__name__):
        clean_text(text)


def test_control_characters_are_taken_out():
    """They neither reach the voice nor stick words together."""
    assert clean_text("one\x00two\x1bthree") == "one two three"
    assert clean_text("line\nbreak\tand tab") == "line\nbreak\tand tab"


def test_a_text_over_the_limit_is_refused_with_both_numbers():
    """The limit and the length are in the message."""
    assert len(clean_text("a" * LONGEST_TEXT)) == LONGEST_TEXT
    with pytest.raises(InvalidArgument, match="200,001"):
        clean_text("a" * (LONGEST_TEXT + 1))
