"""Runs checks one by one, each on a thread of its own and for so long at most."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable, Iterator

from ...core.system_time import SystemTime
from ...core.threads import GuardedThread
from ...errors import AvatarError
from .context import Context
from .progress import Progress
from .redaction import Redaction
from .registry import Check
from .report import Finding, Row

SLICE_S = 0.02
"""Ctrl-C is seen within this; meanwhile messages of the page are let in."""

ERROR_MOST = 300
"""Characters of an error that nobody foresaw."""


def run_checks(
    checks: Iterable[Check],
    context: Context,
    redaction: Redaction,
    progress: Progress,
    clock: Callable[[], float] = SystemTime.monotonic,
) -> Iterator[Row]:
    """The row of each check, in order, with nothing secret in it.

    Raises:
        KeyboardInterrupt: The user has had enough; what is under way is left alone.
    """
    for check in checks:
        progress.show(f"{check.group}: {check.name}")
        began = clock()
        finding = _bounded(check, context, redaction)
        yield Row(
            check.group,
            check.name,
            finding.state,
            redaction.clean(finding.what),
            redaction.clean(finding.fix),
            clock() - began,
            redaction.clean_facts(finding.facts),
        )


def _bounded(check: Check, context: Context, redaction: Redaction) -> Finding:
    """What it finds; one that raises, or takes too long, has failed."""
    found: queue.SimpleQueue[Finding] = queue.SimpleQueue()
    thread = GuardedThread(
        target=lambda: found.put(_run(check, context, redaction)),
        name=f"doctor-{check.name}",
        daemon=True,
    )
    thread.start()
    deadline = SystemTime.monotonic() + check.within_s
    while (left := deadline - SystemTime.monotonic()) > 0:
        try:
            return found.get(timeout=min(SLICE_S, left))
        except queue.Empty:
            context.let_messages_in()
    return Finding(
        "failed",
        f"This check has not answered within {check.within_s:.0f} s.",
        "Run it again on a quiet machine; if it stays, report it.",
    )


def _run(check: Check, context: Context, redaction: Redaction) -> Finding:
    try:
        return check.run(context)
    except AvatarError as error:
        return Finding("failed", error.what, error.fix)
    except BaseException as error:
        shown = redaction.clean(repr(error))[:ERROR_MOST]  # a secret cut in half is not found
        return Finding("failed", f"This check failed itself: {shown}", "Please report it.")
