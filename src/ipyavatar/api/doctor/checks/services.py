"""Keys (their names), and the services they are for."""

from __future__ import annotations

import asyncio
import email.utils
import time
from typing import Any

from ....core.loops import complete_on_new_loop
from ....errors import AuthenticationError, AvatarError, NotOffered
from ....protocol.options import Credentials
from ....providers.cloud.spec import ServiceSpec
from ....providers.known_keys import credentials_from_environment
from ....providers.registry import service_spec, service_specs
from ...sessions import client_factory
from ..context import Context
from ..registry import check
from ..report import Finding

GROUP = "Services"

SERVICE_S = 12.0

SKEW_S = 60.0
"""Tokens last minutes; a clock that is further off has them refused."""


@check(GROUP, "Keys")
def check_keys(context: Context) -> Finding:
    """Which variables hold one, and whether it can be one."""
    read = context.environment.read
    names = [name for spec in service_specs() for name in spec.key_variables if read(name)]
    usable = {one.provider for one in credentials_from_environment(context.environment)}
    facts = {"variables": names, "usable": sorted(usable)}
    if not names:
        return Finding("ok", "None is set; the embedded avatar needs none.", facts=facts)
    found = ", ".join(names)
    for spec in service_specs():
        if spec.name not in usable and any(read(name) for name in spec.key_variables):
            what = f"Found: {found}. That of {spec.title} cannot be used."
            return Finding("warning", what, spec.key_hint, facts)
    return Finding("ok", f"Found: {found}.", facts=facts)


@check(GROUP, "Reachable", within_s=SERVICE_S + 3)
def check_reachable(context: Context) -> Finding:
    """Each service that there is a key for answers to it, by a call that costs nothing."""
    credentials = credentials_from_environment(context.environment)
    without = [spec.title for spec in service_specs()
               if spec.name not in {one.provider for one in credentials}]  # fmt: skip
    if not credentials:
        return Finding("not asked", "There is no key, so no service was asked.")
    results = complete_on_new_loop(_ask_all(credentials))
    told = "; ".join(f"{title}: {what}" for title, (what, _) in results.items())
    rest = f" Without a key, not asked: {', '.join(without)}." if without else ""
    fixes = " ".join(dict.fromkeys(fix for _, fix in results.values() if fix))
    facts = {title: what for title, (what, _) in results.items()}
    return Finding("failed" if fixes else "ok", f"{told}.{rest}", fixes, facts)


@check(GROUP, "Clock of services", within_s=SERVICE_S)
def check_skew(context: Context) -> Finding:
    """Ours against the first that tells its time."""
    for credentials in credentials_from_environment(context.environment):
        skew = complete_on_new_loop(_skew(credentials))
        if skew is not None:
            facts = {"ahead_s": round(skew, 1)}
            title = service_spec(credentials.provider).title
            if abs(skew) > SKEW_S:
                which = "ahead of" if skew > 0 else "behind"
                what = f"Ours is {abs(skew):.0f} s {which} that of {title}."
                return Finding("failed", what, "Set the clock: tokens go by it.", facts)
            return Finding("ok", f"Ours agrees with that of {title}.", facts=facts)
    return Finding("not asked", "No service was asked, so ours was compared with none.")


async def _ask_all(credentials: tuple[Credentials, ...]) -> dict[str, tuple[str, str]]:
    """By title: what is so, and what to do."""
    specs = [service_spec(one.provider) for one in credentials]
    asked = [_ask(spec, one) for spec, one in zip(specs, credentials, strict=True)]
    return dict(zip((spec.title for spec in specs), await asyncio.gather(*asked), strict=True))


async def _ask(spec: ServiceSpec[Any], credentials: Credentials) -> tuple[str, str]:
    began = time.monotonic()
    try:
        what = await asyncio.wait_for(_list(spec, credentials), SERVICE_S)
    except AuthenticationError as error:
        return "answers, and does not accept the key", error.fix
    except AvatarError as error:
        return error.what.rstrip("."), error.fix or "Check the network."
    except (asyncio.TimeoutError, TimeoutError):
        return f"no answer within {SERVICE_S:.0f} s", "Check the network, and any proxy."
    return f"{what}, {(time.monotonic() - began) * 1000:.0f} ms", ""


async def _list(spec: ServiceSpec[Any], credentials: Credentials) -> str:
    clients = client_factory()
    try:
        count = len(await spec.list_sessions(credentials, clients))
    except NotOffered:
        await spec.list_avatars(credentials, clients)
        return "answers, and accepts the key"
    open_now = f"{count} session{'' if count == 1 else 's'} open"
    return f"answers, and accepts the key ({open_now})"


async def _skew(credentials: Credentials) -> float | None:
    """Seconds that our clock is ahead of the service's; None where it does not tell."""
    import httpx

    from ....providers.cloud.network import make_client

    try:
        url = credentials.base_url
        async with make_client(url, timeout=SERVICE_S / 2) as client:
            sent = time.time()
            answer = await client.head(url)
            halfway = (sent + time.time()) / 2
        told = email.utils.parsedate_to_datetime(answer.headers["date"]).timestamp()
    except (AvatarError, httpx.HTTPError, httpx.InvalidURL, KeyError, ValueError, OSError):
        return None
    return halfway - told
