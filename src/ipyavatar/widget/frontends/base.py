"""What differs from one front end to the next."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Callable
from typing import Any, Protocol

from ...protocol.page import Sync

SOON_S = 2.5
"""A speech asked for in a notebook before anything is shown waits this long for a page."""

SHOWN_S = 10.0
"""A speech asked for after the widget was shown waits this long for its page to connect."""

AT_REST = frozenset({"idle", "ended", "failed"})
"""Statuses of an avatar that has no session, nor is about to have one."""

KEPT_S = 180.0
"""Where the page cannot come before the code has run, a speech is kept for it so long."""


class Resting(Protocol):
    """A session."""

    def rest(self) -> object:
        """End until somebody comes back; what is paid for is stopped."""


class Shown(Protocol):
    """A widget."""

    comm: Any
    status: str
    session: Resting

    def send_to_pages(self, message: Sync) -> object:
        """Send this to its pages."""

    def close(self) -> None:
        """End it."""


class FrontEnd:
    """One that is not known, or none at all; the others differ from it.

    Attributes:
        name: For users.
        has_pages: Whether what is said is for a page: nobody else hears it.
        shows_widgets: Whether anything but a text can be shown.
        unshown_wait_s: A speech waits so long for a page where the widget was not shown yet.
        shown_wait_s: And where it was.
        holds_up_page: Whether a page cannot come, or be heard, before the code has run that makes
            the avatar: to wait for it there would be in vain.
    """

    name = "this program"
    has_pages = False
    shows_widgets = True
    unshown_wait_s = 0.0
    shown_wait_s = SHOWN_S
    holds_up_page = False

    def adopt(self, widget: Shown) -> None:
        """`widget` was made here: it is closed when what it belongs to ends."""

    def deliver(self, send: Callable[[], object]) -> None:
        """Send a message to the page where that may be done, in the order of the calls."""
        send()

    def hear(self, *, leaving: bool = False) -> None:
        """A page has said something: that it hangs up, where it is `leaving`."""

    def describe_keeping(self) -> str:
        """What becomes of speeches where the page holds them up."""
        return (
            f"What is said here is kept for the page, {KEPT_S:.0f} s at most: in {self.name} it"
            " comes when this code has run, so wait() does not wait."
        )

    def runs_code(self) -> bool:
        """Whether this thread runs code that was sent from a page, and is no inspector's own."""
        return threading.current_thread() is threading.main_thread()

    def call(self, function: Callable[..., object], *arguments: object) -> None:
        """Call what uses other widgets, on a thread of ours."""
        function(*arguments)


def closer(widget: Shown) -> Callable[[], None]:
    """What closes `widget` at the end of what it belongs to, and does not keep it until then."""
    return _weakly(widget, lambda living: living.close())


def stopper(widget: Shown) -> Callable[[], None]:
    """What ends the session of `widget`, likewise, until somebody uses it again."""
    return _weakly(widget, lambda living: living.status in AT_REST or living.session.rest())


def asker(widget: Shown) -> Callable[[], None]:
    """What has its pages say something, likewise; at rest there is nothing to lose."""
    return _weakly(widget, lambda living: living.status in AT_REST or living.send_to_pages(Sync()))


def _weakly(widget: Shown, use: Callable[[Shown], object]) -> Callable[[], None]:
    found = weakref.ref(widget)

    def call() -> None:
        living = found()
        if living is not None:
            with contextlib.suppress(Exception):  # its page is gone: nobody can be told
                use(living)

    return call
