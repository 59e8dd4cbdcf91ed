"""This machine's own addresses: what stays here needs no proxy and no relay."""

from __future__ import annotations

import functools
import ipaddress
import warnings

from ..errors import InsecureAddress

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


@functools.cache  # once for each machine
def warn_of_plain_http(host: str) -> None:
    """Warn of a key that goes to `host` in the open."""
    warnings.warn(
        f"The key goes to http://{host} unencrypted: whoever is on the way can read it. Use "
        f"https://{host}, or a tunnel to this machine (ssh -L) and http://127.0.0.1.",
        InsecureAddress,
        stacklevel=2,
    )
