"""A session as the ledger has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .process_identity import ProcessIdentity

State = Literal["opening", "open", "lost", "stopping", "closed", "refused"]
"""What is known of a session.

`opening`: the create call is being made. `open`: it answered. `lost`: its answer was lost, there
may be a session. `stopping`: a stop was asked for and not confirmed. `closed`: its end is
confirmed. `refused`: it was never opened.
"""

OPEN_STATES: tuple[State, ...] = ("opening", "open", "lost", "stopping")


@dataclass(frozen=True, slots=True)
class Row:
    """One session in the ledger; times in Unix seconds.

    Attributes:
        id: The ledger's own id: there is one before the service gives its own.
        provider: The name of its service.
        session_id: The service's id; None while it is not known.
        base_url: Where the service is: a key must not be sent elsewhere to stop it.
        state: What is known of it.
        host, pid, started: The process that holds it, see `ProcessIdentity`.
        opened_at: When the create call was made.
        alive_at: When it was last seen alive.
        closed_at: When its end was confirmed.
        seconds: How long it was open, once that is settled.
        credits: What it cost, once that is settled.
        credits_per_minute: Its price, where one is known.
        note: Why it ended, or what is wrong.
        kernel_pid, kernel_started: The kernel that process works for, which may hand the session to
            another one; 0 where it is not known.
        idle_limit_s: The service ends it so long after it was last seen alive; 0 where not known.
        max_duration_s: It is ended so long after it was opened; 0 where not known.
        tries: How often it was to be stopped in vain.
        tried_at: When that was tried last.
    """

    id: str
    provider: str
    session_id: str | None
    base_url: str
    state: State
    host: str
    pid: int
    started: str
    opened_at: float
    alive_at: float
    closed_at: float | None = None
    seconds: float | None = None
    credits: float | None = None
    credits_per_minute: float | None = None
    note: str = ""
    kernel_pid: int = 0
    kernel_started: str = ""
    idle_limit_s: float = 0.0
    max_duration_s: float = 0.0
    tries: int = 0
    tried_at: float = 0.0

    @property
    def owner(self) -> ProcessIdentity:
        """The process that holds it."""
        return ProcessIdentity(self.host, self.pid, self.started)

    @property
    def kernel(self) -> ProcessIdentity:
        """The kernel that process works for; itself where that is not known."""
        if not self.kernel_pid:
            return self.owner
        return ProcessIdentity(self.host, self.kernel_pid, self.kernel_started)

    @property
    def is_open(self) -> bool:
        """Whether it may still cost something."""
        return self.state in OPEN_STATES
