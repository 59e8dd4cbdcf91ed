"""This machine's own addresses: what stays here needs no proxy and no relay."""

from __future__ import annotations

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
"""Host names of this machine: the offline twin's, and test servers'."""
