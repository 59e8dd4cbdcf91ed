"""This machine's own addresses: what stays here needs no proxy and no relay."""

from __future__ import annotations

import ipaddress

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
"""Host names of this machine: the offline twin's, and test servers'."""


def is_loopback(host: str | None) -> bool:
    """Whether `host` is this machine, by any of its own names and addresses."""
    name = (host or "").lower().rstrip(".")
    if name in LOOPBACK or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
