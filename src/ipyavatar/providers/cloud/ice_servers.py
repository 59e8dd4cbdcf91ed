"""Which ICE servers a page uses for a service's stream."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from ...core.loopback import LOOPBACK
from ...protocol.grants import StreamGrant


def select_ice_servers(grant: StreamGrant, relay: bool | None) -> StreamGrant:
    """The stream with the relays a page is to use, and whether it may use nothing else.

    A service's stream must come through its relay, or no path is found. What is on this machine
    has no relay in front of it.

    Args:
        grant: Where the stream is, with all its relays.
        relay: What the user says; None to go by the address.
    """
    here = urlsplit(grant.url.reveal()).hostname in LOOPBACK
    if (here and not relay) or not grant.relay_urls:
        return StreamGrant(grant.kind, grant.url, grant.token)
    return msgspec.structs.replace(grant, relay_only=relay is not False)
