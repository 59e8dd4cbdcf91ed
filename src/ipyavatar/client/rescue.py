"""Stopping a paid session when the companion process is gone for good: by a host in a thread."""

from __future__ import annotations

import logging
import threading

from ..errors import AvatarError
from ..protocol import host as m
from ..protocol import page as p
from ..protocol.grants import SessionGrant
from ..protocol.options import SessionOptions
from .host_client import HostClient

log = logging.getLogger("ipyavatar")

WITHIN_S = 30.0
"""After this long without a confirmation the session is left to the ledger."""


def stop_without_host(options: SessionOptions, grant: SessionGrant) -> threading.Thread:
    """Take the session over in this process and stop it; returns the thread that does so.

    What cannot be confirmed stays in the ledger, and is listed by `ipyavatar.sessions()`.
    """
    thread = threading.Thread(
        target=_stop, args=(options, grant), name="ipyavatar-rescue", daemon=True
    )
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
