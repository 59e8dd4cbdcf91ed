"""HTTP calls to servers of this machine."""

from __future__ import annotations

import httpx

http = httpx.Client(
    # By itself httpx loads all authorities for each call, which takes 25 ms of CPU.
    verify=False,  # nothing leaves this machine
    trust_env=False,
    # Each call has a connection of its own: servers come and go, and some tests count them.
    limits=httpx.Limits(max_keepalive_connections=0),
)
"""What `httpx.get` and its like do, for plain HTTP on loopback."""
