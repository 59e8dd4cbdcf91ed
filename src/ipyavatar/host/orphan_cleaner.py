"""Stops paid sessions that nobody holds any more: dead processes', and our own in doubt."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..core.clock import Clock
from ..core.guard import guard
from ..core.paths import exists
from .paid_resources import PaidResources

if TYPE_CHECKING:
    from ..paid.ledger import Row
    from ..paid.orphans import Outcome
    from ..paid.process_identity import ProcessIdentity

FIRST_AFTER_S = 3.0

GRACE_S = 10.0
"""A session is left alone until its process and kernel were seen gone for so long: a kernel whose
host has just died takes it over, and one that has just ended may still be stopping it."""

EVERY_S = 60.0

WATCH_S = 150.0
"""Where nothing is known of a process, its session must have shown no sign of life for so long
while we were awake to see one: after a machine slept, or its clock was put on, all look old."""


class OrphanCleaner:
    """Cleans up, once or for ever. Used on one loop; nothing is imported before it is needed.

    Args:
        paid: Ledger, clients and keys.
        clock: Time.
        is_gone: Whether a process has ended for certain; None when that cannot be told.
    """

    def __init__(
        self,
        paid: PaidResources,
        clock: Clock,
        *,
        is_gone: Callable[[ProcessIdentity], bool | None] | None = None,
    ) -> None:
        self._paid = paid
        self._clock = clock
        self._is_gone = is_gone
        self._gone_since: dict[str, float] = {}  # ids of rows that nobody seems to hold
        self._signs: dict[str, tuple[float, float]] = {}  # ids: last sign of life, seen when
        self._taken: set[str] = set()  # ids of rows that were taken over, to be stopped

    async def run(self, on_report: Callable[[str], None]) -> None:
        """Clean soon, and again while this host lives; ends by being cancelled.

        Args:
            on_report: Told what could not be stopped after each round; empty when nothing is left.
        """
        await self._wait(FIRST_AFTER_S)
        while True:
            wait_s = EVERY_S
            # One bad round must not be the last one: money may be running.
            with guard("The cleaning up of abandoned sessions"):
                if await self._is_needed():
                    on_report(report_orphans(await self.clean()))
                    wait_s = self._next_look()
            await self._wait(wait_s)

    async def clean(self) -> list[tuple[Row, Outcome]]:
        """Stop what dead processes left open, and what we could not stop before.

        Returns:
            Each such session with what became of it; none of those that wait for their time.
        """
        paid = self._paid
        rows = paid.ledger.open_rows()
        rows = (*self._abandoned(rows), *self._own(rows))
        outcomes = await asyncio.gather(*map(self._settle, rows))
        self._taken |= {row.id for row in rows}
        return list(zip(rows, outcomes, strict=True))

    def _abandoned(self, rows: tuple[Row, ...]) -> tuple[Row, ...]:
        """Those of processes that have been gone for a while."""
        from ..paid.orphans import find_orphans
        from ..paid.process_identity import is_gone

        paid, now = self._paid, self._clock.now()
        left, stale = find_orphans(
            rows, now=paid.ledger.now(), gone=self._is_gone or is_gone, kernel=paid.kernel
        )
        self._gone_since = {row.id: self._gone_since.get(row.id, now) for row in left}
        waited = (row for row in left if now - self._gone_since[row.id] >= GRACE_S)
        silent = self._silent_since(rows, now)
        return (*waited, *(row for row in stale if now - silent[row.id] >= WATCH_S))

    def _silent_since(self, rows: tuple[Row, ...], now: float) -> dict[str, float]:
        """Since when each has shown no sign of life, as far as was seen."""
        before, self._signs = self._signs, {}
        for row in rows:
            sign, since = before.get(row.id, (row.alive_at, now))
            self._signs[row.id] = (row.alive_at, since if sign == row.alive_at else now)
        return {row_id: since for row_id, (_, since) in self._signs.items()}

    def _own(self, rows: tuple[Row, ...]) -> tuple[Row, ...]:
        """Ours that are done with, but not ended for certain."""
        self._taken &= {row.id for row in rows}
        done = self._paid.done_rows() | self._taken
        return tuple(row for row in rows if row.owner == self._paid.owner and row.id in done)

    async def _settle(self, row: Row) -> Outcome:
        from ..paid.orphans import is_due, settle_orphan

        paid = self._paid
        first = row.owner != paid.owner  # a new host tries at once, whoever tried before
        if not first and not is_due(row, paid.ledger.now()):
            return "not confirmed"
        lease = next((one for one in paid.unsettled() if one.row and one.row.id == row.id), None)
        if lease is not None:
            return "stopped" if await lease.settle() else "not confirmed"
        note = "stopped: its process was gone"
        me, kernel = paid.owner, paid.kernel
        return await settle_orphan(
            row, paid.credentials, paid.ledger, paid.clients, me=me, kernel=kernel, note=note
        )

    def _next_look(self) -> float:
        """Seconds until somebody has been gone for long enough, or the usual."""
        now = self._clock.now()
        waits = (since + GRACE_S - now for since in self._gone_since.values())
        return min((wait for wait in waits if wait > 0), default=EVERY_S)

    async def _wait(self, seconds: float) -> None:
        until = self._clock.now() + seconds
        await self._clock.sleep_until(until)
        if self._clock.now() > until + EVERY_S:  # we have slept, and whoever is to be seen, too
            self._signs.clear()

    async def _is_needed(self) -> bool:
        """Whether there ever was a paid session; else there is nothing to import for."""
        if self._paid.in_use:
            return True
        from ..paid.ledger import default_path

        if not exists(default_path()):
            return False
        # Not on the loop: sound is due every 20 ms.
        loop = asyncio.get_running_loop()
        for module in ("paid.orphans", "providers.cloud.client_factory"):
            await loop.run_in_executor(None, importlib.import_module, f"ipyavatar.{module}")
        return True


def report_orphans(settled: list[tuple[Row, Outcome]]) -> str:
    """A sentence about what could not be stopped; empty when there is nothing to tell."""
    left = [row for row, outcome in settled if outcome in ("no key", "not confirmed", "runs out")]
    if not left:
        return ""
    names = ", ".join(f"{row.provider} {row.session_id or '(id not known)'}" for row in left)
    return (
        f"Paid sessions that could not be stopped yet: {names}. See `ipyavatar sessions`; with "
        "their keys set, `ipyavatar sessions --stop-all` stops them."
    )
