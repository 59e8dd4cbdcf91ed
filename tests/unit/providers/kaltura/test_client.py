"""Kaltura's relay server."""

from ipyavatar.providers.kaltura.client import Turn


def test_bare_turn_host_becomes_four_urls():
    assert Turn("turn.example").ice_urls == (
        "turn:turn.example:80?transport=udp",
        "turn:turn.example:443?transport=udp",
        "turn:turn.example:80?transport=tcp",
        "turns:turn.example:443?transport=tcp",
    )
    assert Turn("turn:host:3478").ice_urls == ("turn:host:3478",)
