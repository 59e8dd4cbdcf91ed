"""Checks of the options that paid services share."""

import pytest

from ipyavatar.errors import InvalidArgument, UnknownName
from ipyavatar.protocol.options import ServiceOptions
from ipyavatar.providers.cloud.options import check_disable_idle_timeout, check_values
from ipyavatar.providers.heygen.options import HeyGenOptions
from ipyavatar.providers.liveavatar.options import LiveAvatarOptions


@pytest.mark.parametrize("name", ["max_idle_s", "max_duration_s"])
@pytest.mark.parametrize("bad", [0, -1, float("inf"), float("nan"), None, True])
def test_there_is_no_session_for_ever(name, bad):
    with pytest.raises(InvalidArgument, match=name):
        check_values(ServiceOptions, {name: bad})


def test_idle_timeout_cannot_be_disabled_and_the_reason_is_given():
    check_disable_idle_timeout(False, "max_idle_s=")
    with pytest.raises(InvalidArgument, match="costing credits after a crash") as caught:
        check_disable_idle_timeout(True, "max_idle_s=")
    assert "Use max_idle_s=;" in caught.value.fix


@pytest.mark.parametrize("bad", ["webrct", "WebRTC", "", 1, ["webrtc"]])
def test_one_of_a_few_words_is_named_with_those_there_are(bad):
    with pytest.raises(UnknownName, match="livekit, webrtc"):
        check_values(HeyGenOptions, {"transport": bad})


@pytest.mark.parametrize(
    ("name", "bad", "wanted"),
    [
        ("lite", "yes", "bool"),
        ("sandbox", 1, "bool"),
        ("avatar_id", 5, "str"),
        ("voice_id", b"x", "str"),
        ("credits_per_minute", "2", "float"),
        ("credits_per_minute", -1, "0 or more"),
        ("credits_per_minute", float("nan"), "0 or more"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(name, bad, wanted):
    with pytest.raises(InvalidArgument, match=wanted) as caught:
        check_values(LiveAvatarOptions, {name: bad})
    assert f"{name}={bad!r}" in str(caught.value)
