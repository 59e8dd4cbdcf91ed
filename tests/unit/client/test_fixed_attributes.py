import pytest

from ipyavatar import Avatar
from ipyavatar.errors import InvalidArgument


@pytest.mark.parametrize("name", ["character", "provider"])
def test_what_an_avatar_is_made_of_cannot_be_set_later(name):
    avatar = Avatar(host="thread")
    with pytest.raises(InvalidArgument, match=f"Make another avatar, with {name}="):
        setattr(avatar, name, "leo")
    avatar.close()
