"""The life of a session: every status, and every step from one to another that is legal.

    idle ──► starting ──► live ◄──► reconnecting
                │           │            │
                └───────────┴──► stopping ──► ended ──► starting …

What is open may be stopped, end by itself (`ended`), or fail; `stopping` may fail, too. `start()`
leads out of `ended` and `failed`. Who asks for the end of what is `idle` or `failed` gets an
answer: it becomes `ended`, through `stopping` where there is still something to clear away.

These are the host's statuses, and the table is the one truth about them: whatever is not in it
raises. The kernel has phases of its own (`client/phases.py`).
"""

from __future__ import annotations

from ..errors import AvatarError
from ..protocol.page import StatusName

TRANSITIONS: dict[StatusName, frozenset[StatusName]] = {
    "idle": frozenset({"starting", "ended"}),
    "starting": frozenset({"live", "stopping", "ended", "failed"}),
    "live": frozenset({"reconnecting", "stopping", "ended", "failed"}),
    "reconnecting": frozenset({"live", "stopping", "ended", "failed"}),
    "stopping": frozenset({"ended", "failed"}),
    "ended": frozenset({"starting"}),
    "failed": frozenset({"starting", "stopping", "ended"}),
}

OPEN: frozenset[StatusName] = frozenset({"starting", "live", "reconnecting"})
"""Statuses in which a speech is taken (said now, or as soon as the session is live)."""


class IllegalTransition(AvatarError):
    """A step that is not in the table: a bug of ours, never of the user."""


def check(before: StatusName, after: StatusName) -> None:
    """Raise unless the step from `before` to `after` is legal.

    Raises:
        IllegalTransition: It is not in `TRANSITIONS`.
    """
    if after not in TRANSITIONS[before]:
        raise IllegalTransition(f"A session cannot go from {before!r} to {after!r}.")
