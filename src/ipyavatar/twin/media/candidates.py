"""ICE candidates as browsers send them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiortc import RTCIceCandidate
from aiortc.sdp import candidate_from_sdp


def parse_candidate(init: Mapping[str, Any]) -> RTCIceCandidate | None:
    """The candidate of an `RTCIceCandidateInit`; None where it is none, or of no use here."""
    try:
        line = str(init.get("candidate") or "").removeprefix("candidate:")
        # Looking up a name that ends in .local takes a second and fails; the client's own
        # connectivity checks reach us anyway.
        if not line or ".local " in line:
            return None
        candidate = candidate_from_sdp(line)
    except (ValueError, IndexError, AssertionError):
        return None
    if candidate.protocol.lower() != "udp":
        return None
    candidate.sdpMid = init.get("sdpMid")
    candidate.sdpMLineIndex = init.get("sdpMLineIndex")
    return candidate
