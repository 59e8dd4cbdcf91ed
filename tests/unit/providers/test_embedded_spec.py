"""The options of the embedded avatar."""

import pytest

from ipyavatar.errors import InvalidArgument, UnknownName
from ipyavatar.providers.embedded_spec import EmbeddedSpec


@pytest.mark.parametrize(
    ("keywords", "environ", "codec"),
    [
        ({}, {}, "auto"),
        ({"video_codec": "vp8"}, {}, "vp8"),
        ({}, {"IPYAVATAR_VIDEO_CODEC": " VP8 "}, "vp8"),
        ({"video_codec": "h264"}, {"IPYAVATAR_VIDEO_CODEC": "vp8"}, "h264"),
        ({"video_codec": None}, {"IPYAVATAR_VIDEO_CODEC": ""}, "auto"),
    ],
)
def test_the_codec_is_the_keyword_else_the_environments(keywords, environ, codec):
    """An administrator sets it for all; whoever names one means it."""
    assert EmbeddedSpec().validate(keywords, environ).video_codec == codec


def test_a_codec_that_is_not_there_is_named_with_its_source():
    """The error says whether the keyword or the environment is wrong."""
    with pytest.raises(UnknownName, match="video_codec"):
        EmbeddedSpec().validate({"video_codec": "av1"}, {})
    with pytest.raises(UnknownName, match="IPYAVATAR_VIDEO_CODEC"):
        EmbeddedSpec().validate({}, {"IPYAVATAR_VIDEO_CODEC": "x264"})


@pytest.mark.parametrize(
    ("keywords", "environ", "transport"),
    [
        ({}, {}, "auto"),
        ({"transport": "messages"}, {"IPYAVATAR_TRANSPORT": "webrtc"}, "messages"),
        ({}, {"IPYAVATAR_TRANSPORT": "websocket"}, "websocket"),
        ({}, {"IPYAVATAR_TRANSPORT": "WebRTC"}, "webrtc"),
    ],
)
def test_the_transport_is_the_keyword_else_the_environments(keywords, environ, transport):
    """As the codec is."""
    assert EmbeddedSpec().validate(keywords, environ).transport == transport


def test_a_transport_that_is_not_there_is_named_with_its_source():
    """As a codec is."""
    with pytest.raises(UnknownName, match="transport"):
        EmbeddedSpec().validate({"transport": "udp"}, {})
    with pytest.raises(UnknownName, match="IPYAVATAR_TRANSPORT"):
        EmbeddedSpec().validate({}, {"IPYAVATAR_TRANSPORT": "pigeon"})


@pytest.mark.parametrize("transport", ["messages", "websocket"])
@pytest.mark.parametrize("other", [{"video_codec": "h264"}, {"ice_servers": ["stun:one"]}])
def test_what_only_webrtc_can_use_is_refused_with_others(other, transport):
    """They carry VP8, and need no servers."""
    with pytest.raises(InvalidArgument, match=next(iter(other))):
        EmbeddedSpec().validate({"transport": transport, **other}, {})
