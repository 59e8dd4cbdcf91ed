"""What the paid sessions of one host share. Importing it is cheap; the parts come when needed."""

from __future__ import annotations

import functools
import logging
from typing import TYPE_CHECKING

from ..core.clock import Clock
from ..protocol.options import Credentials

if TYPE_CHECKING:
    from ..paid.lease import Lease
    from ..paid.ledger import Ledger
    from ..paid.process_identity import ProcessIdentity
    from ..providers.cloud.client_factory import ClientFactory

log = logging.getLogger(__name__)


class PaidResources:
    """Ledger, clients, keys and leases. Used on one loop; `close` writes and closes the ledger.

    Args:
        clock: Time.
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
        self._clock = clock
        self._ledger = ledger
        self._clients = clients
        self._owner = owner
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

            self._ledger = Ledger(on_warning=lambda warning: log.warning(warning.text))
        return self._ledger

    @functools.cached_property
    def clients(self) -> ClientFactory:
        """Makes clients of services."""
        if self._clients is None:
            from ..providers.cloud.client_factory import ClientFactory

            return ClientFactory(self._clock)
        return self._clients

    @functools.cached_property
    def owner(self) -> ProcessIdentity:
        """Who holds the sessions."""
        if self._owner is None:
            from ..paid.process_identity import ProcessIdentity

            return ProcessIdentity.me()
        return self._owner

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

    def unconfirmed_rows(self) -> set[str]:
        """The ledger's ids of sessions whose leases are done; those still open there need help."""
        return {lease.row.id for lease in self._leases if lease.done and lease.row is not None}

    def close(self) -> None:
        """Write and close the ledger."""
        if self._ledger is not None:
            self._ledger.close()


def _is_settled(lease: Lease) -> bool:
    return lease.done and (lease.row is None or not lease.row.is_open)
