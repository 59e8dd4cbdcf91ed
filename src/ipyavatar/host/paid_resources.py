"""What the paid sessions of one host share. Importing it is cheap; the parts come when needed."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING

from ..core.clock import Clock
from ..core.log import get_logger
from ..protocol.options import Credentials

if TYPE_CHECKING:
    from ..paid.lease import Lease
    from ..paid.ledger import Ledger, LedgerWarning
    from ..paid.process_identity import ProcessIdentity
    from ..providers.cloud.client_factory import ClientFactory

log = get_logger(__name__)

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 5.0
"""At the host's end the stops that are not confirmed are tried again after pauses that double."""


class PaidResources:
    """Ledger, clients, keys and leases. Used on one loop; `close` writes and closes the ledger.

    Args:
        clock: Time, which goes on while the machine sleeps.
        ledger: Another one than the user's own.
        clients: Makes clients; the usual ones when None.
        owner: Who holds the sessions; this process when None.
    """

    def __init__(
        self,
        clock: Clock,
        ledger: Ledger | None = None,
        clients: ClientFactory | None = None,
        owner: ProcessIdentity | None = None,
    ) -> None:
        self.clock = clock
        self._ledger = ledger
        self._clients = clients
        self._owner = owner
        self._kernel_pid: int | None = None
        self._credentials: dict[tuple[str, str], Credentials] = {}
        self._leases: list[Lease] = []

    @property
    def in_use(self) -> bool:
        """Whether there is, or was, a paid session of this host."""
        return self._ledger is not None

    @property
    def ledger(self) -> Ledger:
        """The ledger, opened at the first need."""
        if self._ledger is None:
            from ..paid.ledger import Ledger

            loop = asyncio.get_running_loop()

            def on_warning(warning: LedgerWarning) -> None:  # on the thread that finds it out
                log.warning(warning.text)
                if not loop.is_closed():
                    loop.call_soon_threadsafe(self._notice, warning)

            self._ledger = Ledger(on_warning=on_warning)
        return self._ledger

    @functools.cached_property
    def clients(self) -> ClientFactory:
        """Makes clients of services."""
        if self._clients is None:
            from ..providers.cloud.client_factory import ClientFactory

            return ClientFactory(self.clock)
        return self._clients

    @functools.cached_property
    def owner(self) -> ProcessIdentity:
        """Who holds the sessions."""
        if self._owner is None:
            from ..paid.process_identity import ProcessIdentity

            return ProcessIdentity.me()
        return self._owner

    @functools.cached_property
    def kernel(self) -> ProcessIdentity:
        """The kernel this host works for; itself while that is not known."""
        if self._kernel_pid is None:
            return self.owner
        from ..paid.process_identity import ProcessIdentity

        return ProcessIdentity.of(self._kernel_pid)

    def work_for(self, kernel_pid: int) -> None:
        """The kernel is this process: it may hand its sessions to another host."""
        self._kernel_pid = kernel_pid

    @property
    def credentials(self) -> tuple[Credentials, ...]:
        """All that are known: what was left open with them can be stopped."""
        return tuple(self._credentials.values())

    def add_credentials(self, credentials: Credentials) -> None:
        """Remember them; newer ones for the same place take the place of older ones."""
        self._credentials[credentials.provider, credentials.base_url] = credentials

    def add_lease(self, lease: Lease) -> None:
        """Remember it, until its session is over for certain."""
        self._leases = [one for one in self._leases if not _is_settled(one)]
        self._leases.append(lease)

    @property
    def has_leases(self) -> bool:
        """Whether a session of this host is open, or was and may still be."""
        return not all(map(_is_settled, self._leases))

    def done_rows(self) -> set[str]:
        """The ledger's ids of sessions whose leases are done; those still open there need help."""
        return {lease.row.id for lease in self._leases if lease.done and lease.row is not None}

    def unsettled(self) -> list[Lease]:
        """Leases that are done, without a certain end."""
        return [lease for lease in self._leases if lease.unsettled]

    async def settle(self, deadline: float) -> bool:
        """Bring each of them to a certain end, until `deadline` of the clock. Whether all are."""
        pause_s = FIRST_PAUSE_S
        while leases := self.unsettled():
            tries = [asyncio.ensure_future(lease.settle()) for lease in leases]
            try:
                await asyncio.wait_for(
                    asyncio.gather(*tries, return_exceptions=True),
                    max(0.0, deadline - self.clock.now()),
                )
            except asyncio.TimeoutError:  # another class before Python 3.11
                break
            if not self.unsettled() or self.clock.now() + pause_s >= deadline:
                break
            await self.clock.sleep_until(self.clock.now() + pause_s)
            pause_s = min(LONGEST_PAUSE_S, pause_s * 2)
        return not self.unsettled()

    def close(self) -> None:
        """Write and close the ledger."""
        if self._ledger is not None:
            self._ledger.close()

    def _notice(self, warning: LedgerWarning) -> None:
        for lease in self._leases:
            lease.notice_ledger(warning)


def _is_settled(lease: Lease) -> bool:
    return lease.done and (lease.row is None or not lease.row.is_open)
