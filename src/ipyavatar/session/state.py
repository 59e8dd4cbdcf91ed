"""The life of a session: every status, and every step from one to another that is legal.

    idle ──► starting ──► live ◄──► reconnecting
                │           │            │
                └───────────┴──► stopping ──► ended ──► starting …
    any of them may end in `failed`; `start()` leads out of `ended` and `failed`.

The table is the one truth: whatever is not in it raises.
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
