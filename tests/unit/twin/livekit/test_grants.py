"""What a LiveKit token grants."""

import pytest

from ipyavatar.twin.livekit.grants import (
    MAX_ATTRIBUTES,
    NOT_YET_LEEWAY_S,
    NoGrant,
    Profile,
    RoomGrant,
    read_grant,
)

CLAIMS = {"sub": "ada", "exp": 100, "video": {"room": "r", "roomJoin": True}}


def test_what_a_token_leaves_out_is_as_livekit_has_it():
    """Null is left out; who may what is allowed, but changing oneself and administration."""
    grant = read_grant({**CLAIMS, "name": None, "unknown": 1, "nbf": 60}, 50)
    assert (grant.identity, grant.name, grant.attributes) == ("ada", "", {})
    video = grant.video
    assert (video.canPublish, video.canSubscribe, video.canPublishData) == (True, True, True)
    assert (video.canUpdateOwnMetadata, video.roomAdmin) == (False, False)
    assert not read_grant({**CLAIMS, "video": {"canPublish": False}}, 50).video.canPublish


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        (None, "invalid token"),
        ({**CLAIMS, "video": []}, "invalid token"),
        ({**CLAIMS, "video": {"roomJoin": "yes"}}, "invalid token"),
        ({**CLAIMS, "sub": 7}, "invalid token"),
        ({**CLAIMS, "exp": 49}, "token is expired"),
        ({"sub": "ada"}, "token is expired"),
        ({**CLAIMS, "nbf": 50 + NOT_YET_LEEWAY_S + 1}, "token not valid yet"),
        ({**CLAIMS, "sub": "x" * 257}, "token is too large"),
        ({**CLAIMS, "name": "x" * 257}, "token is too large"),
    ],
)
def test_a_token_that_makes_no_sense_grants_nothing(claims, reason):
    with pytest.raises(NoGrant, match=reason):
        read_grant(claims, 50)


def test_a_profile_keeps_what_is_not_changed_and_loses_what_is_emptied():
    profile = Profile.of(RoomGrant("ada", metadata="m", attributes={"a": "1", "b": "2"}))
    assert profile.name == "ada"
    changed = profile.updated("Ada", "", {"b": "", "c": "3"})
    assert changed == Profile("Ada", "m", {"a": "1", "c": "3"})
    many = {str(number): "x" for number in range(MAX_ATTRIBUTES + 1)}
    assert changed.is_small_enough()
    assert not changed.updated("", "", many).is_small_enough()
