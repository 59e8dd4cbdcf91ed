"""Which ICE servers a page uses for a service's stream."""

from __future__ import annotations

from urllib.parse import urlsplit

from ...protocol.grants import StreamGrant
from .spec import LOOPBACK


def select_ice_servers(join: StreamGrant, relay: bool | None) -> tuple[tuple[str, ...], bool]:
    """The relays a page is to use, and whether it may use nothing else.

    A service's stream must come through its relay, or no path is found. What is on this machine
    has no relay in front of it.

    Args:
        join: Where the stream is.
        relay: What the user says; None to go by the address.
    """
    here = urlsplit(join.url.reveal()).hostname in LOOPBACK
    if here and not relay:
        return (), False
    only = relay is not False and bool(join.relay_urls)
    return join.relay_urls, only
