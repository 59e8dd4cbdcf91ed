"""Which relays a page uses for a service's stream."""

import pytest

from ipyavatar.core.secret import Secret
from ipyavatar.protocol.grants import StreamGrant
from ipyavatar.providers.cloud.ice_servers import select_ice_servers

TURN = ("turn:h:80?transport=udp", "turns:h:443?transport=tcp")


@pytest.mark.parametrize(
    ("url", "relays", "wish", "wanted"),
    [
        ("https://srs.example/x", TURN, None, (TURN, True)),
        ("https://srs.example/x", TURN, True, (TURN, True)),
        ("https://srs.example/x", TURN, False, (TURN, False)),
        ("https://srs.example/x", (), None, ((), False)),
        ("https://srs.example/x", (), True, ((), False)),
        ("http://127.0.0.1:80/x", TURN, None, ((), False)),
        ("http://localhost/x", TURN, False, ((), False)),
        ("http://[::1]/x", TURN, None, ((), False)),
        ("http://127.0.0.1/x", TURN, True, (TURN, True)),
    ],
)
def test_a_stream_comes_through_its_relay_unless_it_is_here_or_the_user_says_so(
    url, relays, wish, wanted
):
    """With no relay given there is nothing to force anybody through."""
    whole = StreamGrant("whep", Secret(url), None, relays, "me", Secret("c"))
    chosen = select_ice_servers(whole, wish)
    assert (chosen.relay_urls, chosen.relay_only) == wanted
    # A name and a password go nowhere without a relay they are for.
    assert (chosen.relay_username, chosen.relay_credential) == (
        ("me", Secret("c")) if chosen.relay_urls else ("", None)
    )
