"""How a peer connection that others may be closing, too, is closed."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aiortc import RTCPeerConnection


async def close_connection(pc: RTCPeerConnection) -> None:
    """Close it, and wait for that.

    aiortc closes by itself what the other side has left. Who waits there for the end, and is
    cancelled, cancels that end: whoever closes fails then, and the connection is never closed.
    """
    await asyncio.shield(pc.close())
