import pytest

from ipyavatar import Avatar, AvatarSession
from ipyavatar.errors import InvalidArgument


@pytest.mark.parametrize("name", ["character", "provider"])
def test_what_an_avatar_is_made_of_cannot_be_set_later(name):
    avatar = Avatar(host="thread")
    with pytest.raises(InvalidArgument, match=f"Make another avatar, with {name}="):
        setattr(avatar, name, "leo")
    avatar.close()


@pytest.mark.parametrize(
    ("name", "value"),
    [("character", "leo"), ("provider", "embedded"), ("voice", "miles"), ("host", "thread")],
)
def test_what_is_so_already_may_be_set(name, value):
    """Solara does, for all that `Avatar.element` was given, whenever it draws anew."""
    avatar = Avatar(**{"character": "leo", "host": "thread", name: value})
    setattr(avatar, name, value)
    assert avatar.character == "Leo"
    avatar.close()


def test_a_key_that_is_so_already_may_be_set_too():
    """It is compared hidden; another one is refused."""
    avatar = Avatar("heygen", api_key="a-key", host="thread")
    avatar.api_key = "a-key"
    with pytest.raises(InvalidArgument, match="api_key is chosen when the avatar is made"):
        avatar.api_key = "another-key"
    avatar.close()


@pytest.mark.parametrize("name", ["responder", "system", "recognizer", "answer_within_s"])
@pytest.mark.parametrize("kind", [Avatar, AvatarSession])
def test_what_talks_and_listens_cannot_be_set_later(kind, name):
    avatar = kind(host="thread")
    with pytest.raises(InvalidArgument, match=f"Make another (avatar|one), with {name}="):
        setattr(avatar, name, "anything")
    avatar.close()


@pytest.mark.parametrize("kind", [Avatar, AvatarSession])
def test_where_it_runs_cannot_be_set_later(kind):
    avatar = kind(host="thread")
    with pytest.raises(InvalidArgument, match="host is chosen when the avatar is made"):
        avatar.host = "process"
    avatar.close()


def test_a_session_keeps_its_name():
    """What the host has would be lost under another one."""
    session = AvatarSession()
    with pytest.raises(InvalidArgument, match="id cannot be set"):
        session.id = "another"
    session.close()


def test_what_can_be_changed_by_a_verb_names_it():
    session = AvatarSession()
    with pytest.raises(InvalidArgument, match=r"Call change_quality\(\)"):
        session.quality = "high"
    session.close()
