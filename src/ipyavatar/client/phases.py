"""The life of a session in the kernel: every phase, and every step from one to another.

    NEW ──► OPENING ──► LIVE ◄──► RECONNECTING        (the service is troubled)
               ▲  │        │           │
               │  └────────┴───────────┴──► LOST      (the host died; OPENING again with a new one)
               │           │
               │        STOPPING ──► STOPPED           (the user's stop)
               │           │ start()
               └────── RESTARTING

`ENDED` is an end by itself (idle, duration, the service), `FAILED` one with an error; `start()` and
`speak()` lead out of both, `start()` out of `STOPPED`. `close()` leads through `CLOSING` to
`CLOSED`, from where nothing leads anywhere. The table is the one truth about the kernel's phases:
whatever is not in it raises, and the phase has one setter. The host's statuses are in
`session/state.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from ..errors import AvatarError
from ..protocol.page import StatusName


class Phase(Enum):
    """Where a session is."""

    NEW = "new"
    """Never opened."""
    OPENING = "opening"
    """Asked for; the host opens it."""
    LIVE = "live"
    """Open."""
    RECONNECTING = "reconnecting"
    """Open, and the line to the service is troubled."""
    LOST = "lost"
    """The host died; another one is being started, and opens it again."""
    STOPPING = "stopping"
    """The user has asked for its end."""
    RESTARTING = "restarting"
    """As `STOPPING`, and it is to be opened again after that."""
    STOPPED = "stopped"
    """Ended because the user said so."""
    ENDED = "ended"
    """Ended by itself."""
    FAILED = "failed"
    """Ended with an error."""
    CLOSING = "closing"
    """As `STOPPING`, for good."""
    CLOSED = "closed"
    """Over for good."""


P = Phase

TRANSITIONS: Mapping[Phase, frozenset[Phase]] = MappingProxyType(
    {
        P.NEW: frozenset({P.OPENING, P.STOPPED, P.CLOSED}),
        P.OPENING: frozenset({P.LIVE, P.LOST, P.STOPPING, P.ENDED, P.FAILED, P.CLOSING}),
        P.LIVE: frozenset({P.RECONNECTING, P.LOST, P.STOPPING, P.ENDED, P.FAILED, P.CLOSING}),
        P.RECONNECTING: frozenset({P.LIVE, P.LOST, P.STOPPING, P.ENDED, P.FAILED, P.CLOSING}),
        P.LOST: frozenset({P.OPENING, P.STOPPING, P.STOPPED, P.FAILED, P.CLOSING, P.CLOSED}),
        P.STOPPING: frozenset({P.RESTARTING, P.STOPPED, P.FAILED, P.CLOSING}),
        P.RESTARTING: frozenset({P.OPENING, P.STOPPING, P.FAILED, P.CLOSING}),
        P.STOPPED: frozenset({P.OPENING, P.CLOSED}),
        P.ENDED: frozenset({P.OPENING, P.STOPPED, P.CLOSED}),
        P.FAILED: frozenset({P.OPENING, P.STOPPED, P.CLOSED}),
        P.CLOSING: frozenset({P.CLOSED}),
        P.CLOSED: frozenset(),
    }
)

STATUS: Mapping[Phase, StatusName] = MappingProxyType(
    {
        P.NEW: "idle",
        P.OPENING: "starting",
        P.LIVE: "live",
        P.RECONNECTING: "reconnecting",
        P.LOST: "reconnecting",
        P.STOPPING: "stopping",
        P.RESTARTING: "starting",
        P.STOPPED: "ended",
        P.ENDED: "ended",
        P.FAILED: "failed",
        P.CLOSING: "stopping",
        P.CLOSED: "ended",
    }
)
"""What users and pages are told of each phase."""

OPEN = frozenset({P.OPENING, P.LIVE, P.RECONNECTING})
"""The host has the session: commands go there."""

GOING_ON = OPEN | {P.LOST, P.RESTARTING}
"""Open, or about to be: a speech is taken, and said in its turn."""

STOPPING = frozenset({P.STOPPING, P.RESTARTING, P.CLOSING})
"""The host has been asked for the session's end."""

OVER = frozenset({P.STOPPED, P.ENDED, P.FAILED, P.CLOSED})
"""Nothing is open, and nobody waits for anything."""

GONE = frozenset({P.CLOSING, P.CLOSED})
"""Never to be opened again."""


class IllegalPhase(AvatarError):
    """A step that is not in the table: a bug of ours, never of the user."""


def check(before: Phase, after: Phase) -> None:
    """Raise unless the step from `before` to `after` is legal.

    Raises:
        IllegalPhase: It is not in `TRANSITIONS`.
    """
    if after not in TRANSITIONS[before]:
        raise IllegalPhase(f"A session cannot go from {before.value} to {after.value}.")


def after_report(phase: Phase, status: StatusName) -> Phase | None:
    """The phase after the host reports `status`; None where that changes nothing.

    An end means something else to one who has asked for it than to one who has not. A failure is
    no answer to who has asked for the end: what has failed may still be cleared away, and the host
    tells the end after that.
    """
    match status:
        case "live" | "reconnecting" if phase in OPEN:
            after = P.LIVE if status == "live" else P.RECONNECTING
        case "ended" if phase is P.STOPPING:
            after = P.STOPPED
        case "ended" if phase is P.RESTARTING:
            after = P.OPENING
        case "ended" if phase is P.CLOSING:
            after = P.CLOSED
        case "ended" | "failed" if phase in OPEN:
            after = P.ENDED if status == "ended" else P.FAILED
        case _:
            return None
    return after if after in TRANSITIONS[phase] else None
