"""How a page gets Kaltura's stream: the address, and which relays it is to use."""

import pytest

from ipyavatar.core.secret import Secret
from ipyavatar.providers.kaltura.client import KalturaStream, Turn
from ipyavatar.providers.kaltura.driver import _stream_grant

TURN = Turn("relay.example", "me", Secret("c"))
RELAYS = TURN.ice_urls


@pytest.mark.parametrize(
    ("url", "turn", "wish", "wanted"),
    [
        ("https://srs.example/x", TURN, None, (RELAYS, True)),
        ("https://srs.example/x", TURN, True, (RELAYS, True)),
        ("https://srs.example/x", TURN, False, (RELAYS, False)),
        ("https://srs.example/x", None, None, ((), False)),
        ("https://srs.example/x", None, True, ((), False)),
        ("http://127.0.0.1:80/x", TURN, None, ((), False)),
        ("http://localhost/x", TURN, False, ((), False)),
        ("http://[::1]/x", TURN, None, ((), False)),
        ("http://127.0.0.1/x", TURN, True, (RELAYS, True)),
    ],
)
def test_a_stream_comes_through_its_relay_unless_it_is_here_or_the_user_says_so(
    url, turn, wish, wanted
):
    """With no relay given there is nothing to force anybody through."""
    grant = _stream_grant(KalturaStream(url, turn), wish)
    assert grant.url == Secret(url)
    urls = [url for relay in grant.ice_servers for url in relay.urls]
    assert (tuple(urls), grant.relay_only) == wanted


def test_who_we_are_at_the_relay_goes_along_with_it_and_nowhere_else():
    """Name and password come with the relays, or not at all; neither is shown."""
    through = _stream_grant(KalturaStream("https://srs.example/x", TURN), None)
    (relay,) = through.ice_servers
    assert (relay.username, relay.credential) == (Secret("me"), Secret("c"))
    assert "'c'" not in repr(through)
    here = _stream_grant(KalturaStream("http://127.0.0.1/x", TURN), None)
    assert here.ice_servers == ()
