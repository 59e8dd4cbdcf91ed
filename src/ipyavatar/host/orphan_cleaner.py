"""Stops paid sessions that nobody holds any more: dead processes', and our own in doubt."""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..core.clock import Clock
from .paid_resources import PaidResources

if TYPE_CHECKING:
    from ..paid.ledger import Row
    from ..paid.orphans import Outcome
    from ..paid.process_identity import ProcessIdentity

log = logging.getLogger(__name__)

FIRST_AFTER_S = 3.0
"""A new host leaves a dead one's sessions alone for so long: their kernel may take them over."""

EVERY_S = 60.0


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
        self._unconfirmed: set[str] = set()  # ids of rows whose end was asked for in vain

    async def run(self, on_report: Callable[[str], None]) -> None:
        """Clean soon, and again while this host lives; ends by being cancelled.

        Args:
            on_report: Told what could not be stopped after each round; empty when nothing is left.
        """
        wait_s = FIRST_AFTER_S
        while True:
            await self._clock.sleep_until(self._clock.now() + wait_s)
            wait_s = EVERY_S
            if not await self._is_needed():
                continue
            try:
                on_report(report_orphans(await self.clean()))
            except Exception:
                # One bad round must not be the last one: money may be running.
                log.exception("Cleaning up failed; it is tried again in %.0f s", EVERY_S)

    async def clean(self) -> list[tuple[Row, Outcome]]:
        """Stop what dead processes left open, and what we could not stop before."""
        from ..paid.orphans import find_orphans, settle_orphan
        from ..paid.process_identity import is_gone

        paid = self._paid
        ledger, me = paid.ledger, paid.owner
        unconfirmed = self._unconfirmed | paid.unconfirmed_rows()
        rows = find_orphans(ledger.open_rows(), self._is_gone or is_gone)
        rows += tuple(r for r in ledger.open_rows() if r.owner == me and r.id in unconfirmed)
        note = "stopped: its process was gone"
        outcomes = await asyncio.gather(
            *(
                settle_orphan(row, paid.credentials, ledger, paid.clients, me=me, note=note)
                for row in rows
            )
        )
        settled = list(zip(rows, outcomes, strict=True))
        self._unconfirmed = {row.id for row, outcome in settled if outcome == "not confirmed"}
        return settled

    async def _is_needed(self) -> bool:
        """Whether there ever was a paid session; else there is nothing to import for."""
        if self._paid.in_use:
            return True
        from ..paid.ledger import default_path

        if not default_path().exists():
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
        f"Sessions that an ended process left open: {names}. See `ipyavatar sessions`; with their "
        "keys set, `ipyavatar sessions --stop-all` stops them."
    )
