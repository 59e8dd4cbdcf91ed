"""A connection by which a stream comes here: what becomes of it when it is closed early."""

import asyncio

import pytest

from ipyavatar.errors import MediaError
from ipyavatar.media.receiving_peer import ReceivingPeer


def test_nothing_is_made_after_it_was_closed():
    """A connection that nobody would close any more."""

    async def scenario():
        peer = ReceivingPeer(None)
        offering = asyncio.ensure_future(peer.offer())
        for _ in range(2):  # a server was looked for, and whoever waits does not know yet
            await asyncio.sleep(0)
        await peer.close()
        with pytest.raises(MediaError, match="closed before"):
            await offering

    asyncio.run(scenario())
