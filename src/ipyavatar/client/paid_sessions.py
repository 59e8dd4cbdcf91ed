"""The sessions of paid services in this process, for those who list and stop them."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from ..protocol.options import Credentials, ServiceOptions
from . import phases
from .phases import Phase

if TYPE_CHECKING:
    from .session_view import SessionView

_sessions: weakref.WeakSet[SessionView] = weakref.WeakSet()


def remember(session: SessionView) -> None:
    """It is listed for as long as anybody holds it."""
    _sessions.add(session)


def open_paid_sessions() -> list[SessionView]:
    """Those that are open, or may be."""
    over = phases.OVER | {Phase.NEW}
    return [one for one in _own_sessions() if one.phase not in over and one.options.paid]


def used_credentials() -> list[Credentials]:
    """Who they are at their services."""
    kept = [session for session in _own_sessions() if session.phase is not Phase.CLOSED]
    services = [session.asked_options.wire.service for session in kept]
    return [service.credentials for service in services if isinstance(service, ServiceOptions)]


def _own_sessions() -> list[SessionView]:
    """Those of this process: what a forked child has of its parent's is not open here."""
    return [session for session in list(_sessions) if not session.inherited]
