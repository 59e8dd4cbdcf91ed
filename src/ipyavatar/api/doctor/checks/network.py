"""Ways for sound and pictures: UDP on this machine, TURN servers."""

from __future__ import annotations

import asyncio
import socket
import time

from ....core.loops import complete_on_new_loop
from ....errors import InvalidArgument
from ....protocol.options import IceServer
from ..context import Context
from ..registry import check
from ..report import Finding

GROUP = "Network"

RELAY_S = 4.0


@check(GROUP, "UDP here")
def check_udp(context: Context) -> Finding:
    """A packet from this machine to itself; whether one gets to the browser, the page tells."""
    del context
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.bind(("127.0.0.1", 0))
            one.settimeout(2.0)
            one.sendto(b"x", one.getsockname())
            one.recv(1)
    except OSError as error:
        fix = 'Use transport="messages".'
        return Finding("warning", f"No UDP on this machine: {error}.", fix)
    return Finding("ok", "A packet gets through on this machine.")


@check(GROUP, "TURN servers", within_s=15.0)
def check_turn(context: Context) -> Finding:
    """Each of the user's servers gives this machine an address, or says why not."""
    from ....providers.ice_servers import ICE_VARIABLE, resolve_ice_servers

    try:
        servers = resolve_ice_servers(None, context.environment)
    except InvalidArgument as error:
        return Finding("failed", error.what, error.fix)
    pairs = [(url, one) for one in servers for url in one.urls if url.startswith("turn")]
    if not pairs:
        what = f"None is given in {ICE_VARIABLE}; none is needed where another way is found."
        return Finding("not asked", what)
    results = complete_on_new_loop(_try_all(pairs))
    facts = {url: text for url, (_, text) in results.items()}
    told = "; ".join(f"{url}: {text}" for url, (_, text) in results.items())
    works = [ok for ok, _ in results.values()]
    if all(works):
        return Finding("ok", f"{told}.", facts=facts)
    fix = "Check address, user name and credential, and that the port is open from this machine."
    return Finding("warning" if any(works) else "failed", f"{told}.", fix, facts)


async def _try_all(pairs: list[tuple[str, IceServer]]) -> dict[str, tuple[bool, str]]:
    tries = [_try(url, server) for url, server in pairs]
    return dict(zip((url for url, _ in pairs), await asyncio.gather(*tries), strict=True))


async def _try(url: str, server: IceServer) -> tuple[bool, str]:
    from ....media.relays import describe_failure, try_relay

    began = time.monotonic()
    try:
        await asyncio.wait_for(try_relay(url, server), RELAY_S)
    except Exception as error:
        return False, describe_failure(error)
    return True, f"relays, {(time.monotonic() - began) * 1000:.0f} ms"
