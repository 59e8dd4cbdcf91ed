"""A session that nobody holds any more is ended: nobody could stop it, and it may cost money."""

from __future__ import annotations

import contextlib
import weakref
from functools import partial

from ..core.live_object import LiveObject
from ..core.log import warn
from ..core.own_process import OwnProcess
from ..core.uninterrupted import run_later
from ..errors import AvatarError
from ..protocol import host as m
from .host_client import HostLink

WHY = (
    "An AvatarSession that was open, and that nobody held any more, was ended. Keep it in a "
    "variable, or use it in a with block."
)


def end_if_unheld(session: LiveObject, host: HostLink, name: str) -> weakref.finalize:  # type: ignore[type-arg]
    """End `session` at its host when it is thrown away; the way back is `detach()`."""
    run_later(int)  # the thread is there: a finalizer may run where none can be started
    last_act = weakref.finalize(session, _ask_later, OwnProcess(), host, name)
    last_act.atexit = False  # then everything is stopped
    return last_act


def _ask_later(process: OwnProcess, host: HostLink, name: str) -> None:
    """Runs on any thread, under any lock."""
    if not process.left:
        run_later(partial(_end, host, name))


def _end(host: HostLink, name: str) -> None:
    with contextlib.suppress(AvatarError):  # the host was closed
        host.detach(name)
        host.send(m.StopSession(name, forget=True))
    warn(WHY, ResourceWarning)
