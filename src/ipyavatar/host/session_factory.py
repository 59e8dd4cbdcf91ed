"""The host's desk for paid services: the ledger, the leases, and what dead processes left open."""

from __future__ import annotations

import asyncio
import logging
import random as _random
from collections.abc import Callable

from ..core.clock import Clock
from ..paid.keepalive import SessionLimits, rule_for
from ..paid.lease import Lease, Terms
from ..paid.ledger import Ledger, Row
from ..paid.orphans import Outcome, find_orphans, settle_orphan
from ..paid.process_identity import ProcessIdentity, is_gone
from ..paid.usage import price
from ..protocol import host as m
from ..protocol.grants import SessionGrant
from ..providers.base import ProviderListener
from ..providers.cloud.client_factory import Account, ClientFactory, make_driver
from ..providers.cloud.driver import Driver, LocalVoice
from ..providers.cloud.options import ServiceOptions
from ..providers.cloud.provider import CloudProvider
from ..providers.cloud.stream_access import ConnectRoom, connect
from ..providers.cloud.whep_proxy import WhepProxy

log = logging.getLogger(__name__)


class Desk:
    """Makes paid providers, and cleans up. Used on one loop; `close` ends what it has started."""

    def __init__(
        self,
        clock: Clock,
        ledger: Ledger | None = None,
        bench: ClientFactory | None = None,
        *,
        owner: ProcessIdentity | None = None,
        gone: Callable[[ProcessIdentity], bool | None] = is_gone,
        random: Callable[[], float] = _random.random,
        enter: ConnectRoom = connect,
    ) -> None:
        self.ledger = ledger or Ledger(on_warning=lambda warning: log.warning(warning.text))
        self._clock = clock
        self._bench = bench or ClientFactory(clock)
        self._owner = owner or ProcessIdentity.me()
        self._gone = gone
        self._random = random
        self._enter = enter
        self._accounts: dict[tuple[str, str], Account] = {}
        self._leases: list[Lease] = []
        self._unsettled: set[str] = set()  # ids of rows whose end was asked for in vain

    def know(self, key: m.Credentials) -> Account:
        """Remember a key: what was left open with it can be stopped from now on."""
        admin = (key.partner, key.admin) if key.admin is not None else None
        account = Account(key.provider, key.base_url, key.key, admin)
        self._accounts[key.provider, key.base_url] = account
        return account

    def provider(
        self, options: m.Options, voice: LocalVoice, ticket: SessionGrant | None = None
    ) -> CloudProvider:
        """A provider for one session."""
        service = options.service
        assert service is not None  # noqa: S101  # the caller looked
        account = self.know(service.account)
        given = ServiceOptions(
            api_key=account.key,
            base_url=account.base_url,
            avatar_id=service.avatar_id,
            voice_id=service.voice_id,
            quality=options.quality,
            idle_timeout_s=service.idle_timeout_s,
            max_idle_s=service.max_idle_s,
            max_duration_s=service.max_duration_s,
            sandbox=service.sandbox,
            lite=service.lite,
            credits_per_minute=service.credits_per_minute,
            relay=service.relay,
        )
        terms = Terms(
            account.base_url,
            rule_for(account.provider, given.idle_timeout_s),
            SessionLimits(given.max_idle_s, given.max_duration_s),
            price(
                account.provider,
                lite=given.lite,
                sandbox=given.sandbox,
                given=given.credits_per_minute,
            ),
        )

        def lease(driver: Driver, audience: ProviderListener) -> Lease:
            self._leases = [one for one in self._leases if not _settled(one)]
            made = Lease(
                driver,
                terms,
                self.ledger,
                self._owner,
                self._clock,
                audience=audience,
                random=self._random,
            )
            self._leases.append(made)
            return made

        return CloudProvider(
            make_driver(account, given, voice, self._bench),
            lease,
            self._clock,
            ticket,
            relay=WhepProxy(self._bench.transport),
            enter=self._enter,
        )

    async def clean(self) -> list[tuple[Row, Outcome]]:
        """Stop what dead processes left open, and what we could not stop before."""
        unsettled = self._unsettled | {lease.row.id for lease in self._leases
                                       if lease.done and lease.row is not None}  # fmt: skip
        rows = find_orphans(self.ledger.open_rows(), self._gone)
        rows += tuple(
            row
            for row in self.ledger.open_rows()
            if row.owner == self._owner and row.id in unsettled
        )
        accounts = list(self._accounts.values())
        note = "stopped: its process was gone"
        outcomes = await asyncio.gather(
            *(
                settle_orphan(row, accounts, self.ledger, self._bench, me=self._owner, note=note)
                for row in rows
            )
        )
        settled = list(zip(rows, outcomes, strict=True))
        self._unsettled = {row.id for row, outcome in settled if outcome == "not confirmed"}
        return settled

    def close(self) -> None:
        """Write and close the ledger."""
        self.ledger.close()


def report(settled: list[tuple[Row, Outcome]]) -> str:
    """A sentence about what could not be stopped; empty when there is nothing to tell."""
    left = [row for row, outcome in settled if outcome in ("no key", "not confirmed", "runs out")]
    if not left:
        return ""
    names = ", ".join(f"{row.provider} {row.session_id or '(id not known)'}" for row in left)
    return (
        f"Sessions that an ended process left open: {names}. See `ipyavatar sessions`; with their "
        "keys set, `ipyavatar sessions --stop-all` stops them."
    )


def _settled(lease: Lease) -> bool:
    return lease.done and (lease.row is None or not lease.row.is_open)
