"""What only a widget has is named where a script asks for it, and the other way round."""

import traceback

import pytest

import ipyavatar
from ipyavatar import Avatar
from ipyavatar.client.session import AvatarSession
from ipyavatar.client.session_setup import SessionSetup
from ipyavatar.client.widget_names import WIDGET_NAMES
from ipyavatar.errors import InvalidArgument
from ipyavatar.widget.traits import AvatarTraits
from tests.support.fakes.memory_host import MemoryHost, Ticks
from tests.support.memory_sessions import make_avatar


def make_session(kind=AvatarSession, **options):
    host = MemoryHost(Ticks())
    return kind(host=host, _setup=SessionSetup(clock=host.clock), **options)


def test_each_trait_that_a_session_has_not_is_named():
    """And none that it has."""
    public = {name for name in AvatarTraits.class_own_traits() if not name.startswith("_")}
    assert {name for name in public if not hasattr(AvatarSession, name)} == set(WIDGET_NAMES)


@pytest.mark.parametrize("name", WIDGET_NAMES)
def test_a_script_that_asks_for_one_is_told(name):
    session = make_session()
    with pytest.raises(AttributeError, match="it is the widget's; ") as told:
        getattr(session, name)
    assert told.value.name == name
    assert not hasattr(session, name)


@pytest.mark.parametrize("name", ["volume", "volme", "mute", "width", "captions"])
def test_what_would_have_no_effect_cannot_be_set(name):
    """Also with a slip in its name."""
    with pytest.raises(InvalidArgument, match=f"{name} cannot be set: .* is the widget's"):
        setattr(make_session(), name, 0.5)


def test_a_users_own_attributes_are_theirs():
    """Names like none of ours, and any in a class of their own."""

    class Tutor(AvatarSession):
        pass

    session, tutor = make_session(), make_session(Tutor)
    session.topic = tutor.volume = "loud"
    assert (session.topic, tutor.volume) == ("loud", "loud")
    with pytest.raises(AttributeError, match=r"'AvatarSession' object has no attribute 'nothing'$"):
        session.nothing  # noqa: B018


def test_a_session_is_not_made_with_what_a_widget_has():
    with pytest.raises(InvalidArgument, match="width= is the widget's: a script has no page"):
        make_session(width=300)


@pytest.mark.parametrize("name", ["frames", "audio", "change_quality", "phase"])
def test_a_widget_says_that_its_session_has_it(name):
    avatar, _ = make_avatar(Avatar)
    with pytest.raises(AttributeError, match=rf"has it: avatar\.session\.{name}$"):
        getattr(avatar, name)
    assert not hasattr(avatar, name)
    avatar.close()


@pytest.mark.parametrize(
    ("name", "meant"),
    [("speek", "speak"), ("interupt", "interrupt"), ("say", "speak"), ("play", "start")],
)
def test_a_verb_with_a_slip_or_by_another_word_is_guessed(name, meant):
    """In the message: notebooks show no guess of Python's own."""
    avatar, _ = make_avatar(Avatar)
    for asked in (avatar, make_session()):
        with pytest.raises(AttributeError, match=rf"{name!r}\. Did you mean {meant!r}\?$") as told:
            getattr(asked, name)
        lines = traceback.format_exception_only(AttributeError, told.value)
        assert "".join(lines).count("Did you mean") == 1
    avatar.close()


def test_a_name_of_the_package_is_guessed():
    """Also before anything of it was used."""
    with pytest.raises(AttributeError, match=r"'Avtar'\. Did you mean 'Avatar'\?$"):
        ipyavatar.Avtar  # noqa: B018


@pytest.mark.parametrize(
    ("name", "meant"),
    [("captions", "captions_on"), ("mute", "muted"), ("subtitles", "captions_on")],
)
def test_what_is_set_with_a_slip_is_guessed_among_what_can_be_set(name, meant):
    """What only tells (`caption`) may be nearer, and is not meant."""
    avatar, _ = make_avatar(Avatar)
    with pytest.raises(InvalidArgument, match=f"Did you mean {meant!r}"):
        setattr(avatar, name, False)
    avatar.close()
