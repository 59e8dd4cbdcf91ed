"""Stopping a paid session when the companion process is gone for good: by a host in a thread."""

from __future__ import annotations

import threading

from msgspec.structs import replace

from ..core.clock import AwakeClock
from ..core.log import get_logger
from ..core.loops import complete_on_new_loop
from ..core.threads import GuardedThread
from ..errors import AvatarError
from ..host.orphan_cleaner import OrphanCleaner
from ..host.paid_resources import PaidResources
from ..protocol import host as m
from ..protocol import page as p
from ..protocol.grants import SessionGrant
from ..protocol.options import SessionOptions
from .host_client import HostClient

log = get_logger("ipyavatar")

CLEAN_UP_S = 90.0
LOOK_EVERY_S = 2.0

WITHIN_S = 30.0
"""After this long without a confirmation the session is left to the ledger."""


def stop_without_host(options: SessionOptions, grant: SessionGrant | None) -> threading.Thread:
    """Take the session over in this process and stop it; returns the thread that does so.

    Without a grant it was still being opened: then the ledger is all that knows of it. What cannot
    be confirmed stays there, and is listed by `ipyavatar.sessions()`.
    """

    def stop() -> None:
        if grant is not None:
            _stop(replace(options, fallback=None), grant)
        else:
            complete_on_new_loop(_clean_up(options))

    thread = GuardedThread(target=stop, name="ipyavatar-rescue", daemon=True)
    thread.start()
    return thread


class _End:
    """Waits for the end of the session."""

    def __init__(self) -> None:
        self.over = threading.Event()

    def on_event(self, event: m.SessionEvent) -> None:
        match event:
            case m.Announced(message=p.Status(status="ended" | "failed")):
                self.over.set()

    def on_disconnect(self, generation: int, what: str) -> None:
        del generation, what

    def on_reconnect(self, generation: int) -> None:
        del generation

    def on_failure(self, generation: int, error: AvatarError) -> None:
        del generation, error
        self.over.set()

    def on_host_closed(self, error: AvatarError) -> None:
        del error
        self.over.set()


def _stop(options: SessionOptions, grant: SessionGrant) -> None:
    name, end = f"rescue-{grant.session_id}", _End()
    host = HostClient("thread")
    try:
        host.attach(name, end)
        host.send(m.OpenSession(name, options, grant=grant))
        host.send(m.StopSession(name))
        if not end.over.wait(WITHIN_S):
            log.warning(
                "The end of a %s session is not confirmed; see ipyavatar.sessions().",
                grant.provider,
            )
    except AvatarError as error:
        log.warning("A %s session could not be stopped: %s", grant.provider, error)
    finally:
        host.close()


async def _clean_up(options: SessionOptions) -> None:
    """Stop what the ledger says that a dead host of this kernel has left."""
    clock = AwakeClock()
    paid = PaidResources(clock)
    if options.service is not None:
        paid.add_credentials(options.service.credentials)
    cleaner, deadline = OrphanCleaner(paid, clock), clock.now() + CLEAN_UP_S
    try:
        while clock.now() < deadline:
            tried = {row.id for row, _ in await cleaner.clean()}
            rows = [row for row in paid.ledger.open_rows() if row.kernel == paid.kernel]
            if not any(row.owner != paid.owner or row.id in tried for row in rows):
                return
            await clock.sleep_until(clock.now() + LOOK_EVERY_S)
    finally:
        paid.close()
