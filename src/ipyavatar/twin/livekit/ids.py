"""LiveKit's ids, and the kinds of participants."""

from __future__ import annotations

import secrets

from livekit.protocol import models as m

KINDS = {"agent": m.ParticipantInfo.AGENT}
"""By what a token says; all others are standard."""


def sid(prefix: str) -> str:
    """A new LiveKit id."""
    return f"{prefix}_{secrets.token_hex(6)}"
