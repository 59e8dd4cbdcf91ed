"""One paid session's lease: noted before its create call, kept alive, brought to a certain end.

The only place that opens and closes paid sessions. All waiting goes through the clock.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace

import msgspec

from ..core.clock import Clock
from ..core.guard import guard
from ..core.log import get_logger
from ..errors import (
    AuthenticationError,
    AvatarError,
    ConcurrencyLimitError,
    NoAnswer,
    ServiceError,
    SessionGone,
)
from ..protocol.grants import SessionGrant
from ..providers.base import ProviderListener
from ..providers.cloud.driver import Driver
from .keepalive import (
    EndCause,
    LeaseTerms,
    announcement,
    plan_keep_alive,
    remaining_time,
)
from .ledger import Ledger, LedgerWarning, Row
from .process_identity import ProcessIdentity
from .usage import cost

log = get_logger(__name__)

RECORD_EVERY_S = 30.0
"""How often the ledger is told that a session lives."""

AGAIN_S = 1.0
"""The loop that keeps a session alive goes on so long after an error that nobody foresaw."""

ENDED: dict[EndCause, str] = {
    "idle": "Ended to save credits: nobody used it",
    "duration": "Ended to save credits: max_duration_s is over",
    "service": "Ended: the service lets no session last longer",
}

TROUBLE = "The service does not answer; trying again"


class Lease:
    """Holds one session. Used on one loop.

    Args:
        driver: Makes the calls.
        terms: The rules.
        ledger: Where it is noted.
        owner: The process that is to be found gone when the session is abandoned.
        clock: Time, which goes on while the machine sleeps: the service's does.
        listener: Told of trouble, ends and usage.
        random: Gives numbers in 0 to 1, for jitter.
        kernel: The kernel that process works for; itself when None.
    """

    def __init__(
        self,
        driver: Driver,
        terms: LeaseTerms,
        ledger: Ledger,
        owner: ProcessIdentity,
        clock: Clock,
        *,
        listener: ProviderListener,
        random: Callable[[], float],
        kernel: ProcessIdentity | None = None,
    ) -> None:
        self._driver = driver
        self._terms = terms
        self._ledger = ledger
        self._owner = owner
        self._kernel = kernel or owner
        self._clock = clock
        self._listener = listener
        self._random = random
        self._row: Row | None = None
        self._limits = terms.limits
        self._opening: asyncio.Task[None] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._opened: float | None = None
        self._last_activity = 0.0
        self._speeches = 0
        self._announced = False
        self._last_alive = 0.0
        self._failures = 0
        self._failed_at: float | None = None
        self._recorded_at = float("-inf")
        self._closing = self._gone = False
        self._ledger_told: set[str] = set()
        self.done = False
        self.calls = 0
        self.latest_s = 0.0

    @property
    def row(self) -> Row | None:
        """What the ledger has of it."""
        return self._row

    # ---- opening ----------------------------------------------------------------------------

    async def open(self, grant: SessionGrant | None = None) -> None:
        """Open a session, or take over the granted one. Cancelling loses nothing: see `close`.

        Raises:
            ServiceError: It cannot be opened; what it may have left is stopped, or in the ledger.
        """
        # A create call that is cut off in the middle is a lost answer: it always runs to its end.
        self._opening = asyncio.create_task(self._open(grant))
        await asyncio.shield(self._opening)

    async def _open(self, grant: SessionGrant | None) -> None:
        if not (grant is not None and await self._take_over(grant)):
            await self._create()
        limit_s = self._driver.grant().limit_s
        self._limits = replace(self._terms.limits, service_s=limit_s)
        self._keeper = asyncio.create_task(self._keep())
        self._announce()

    async def _create(self) -> None:
        """Create it; once more when a lost answer has left nothing behind."""
        for last in (False, True):
            try:
                await self._create_once()
                return
            except ServiceError as error:
                if error.maybe_done and error.retryable and not last:
                    self._listener.on_trouble(TROUBLE)
                nothing_left = error.maybe_done and await self._clear_lost(error)
                if last or not (nothing_left and error.retryable) or self._closing:
                    raise

    async def _create_once(self) -> None:
        driver, ledger, terms = self._driver, self._ledger, self._terms
        row = self._row = ledger.opening(
            driver.profile.name,
            terms.base_url,
            owner=self._owner,
            kernel=self._kernel,
            credits_per_minute=terms.credits_per_minute,
            idle_limit_s=terms.keep.timeout_s,
            max_duration_s=terms.limits.max_duration_s,
        )
        if not ledger.written:
            # It has to be on disk before the call; whoever holds the file is waited for, elsewhere.
            with contextlib.suppress(RuntimeError):  # at the interpreter's end there is no executor
                await asyncio.get_running_loop().run_in_executor(None, ledger.flush)
        sent_at = self._clock.now()

        def on_id(session_id: str) -> None:
            self._row = ledger.opened(row, session_id)

        try:
            await driver.create(on_id)
        except Exception as error:
            failure = error
            if not isinstance(failure, AvatarError):
                failure = self._as_failure(error, "create")
            await self._settle_failed_create(failure)
            raise self._list_open(failure) from error.__cause__
        self._opened = self._last_activity = self._last_alive = sent_at

    def _as_failure(self, error: Exception, call: str) -> ServiceError:
        """How a call failed; an error nobody foresaw is a lost answer: it may have worked."""
        if isinstance(error, ServiceError):
            return error
        service = self._driver.profile
        log.exception("A call to %s failed in a way nobody foresaw", service.title)
        what = f"{service.title}'s answer to {call} could not be handled ({type(error).__name__})."
        return NoAnswer(what, "Please report this.", sent=True, service=service.name, call=call)

    async def _settle_failed_create(self, error: AvatarError) -> None:
        """Settle the row of a create call that failed."""
        row = self._row
        assert row is not None  # noqa: S101  # written just before the call
        if row.session_id is not None:
            await self._stop(row, f"opening failed: {type(error).__name__}")
        elif isinstance(error, ServiceError) and error.maybe_done:
            self._row = self._ledger.lost(row, f"{type(error).__name__} from {error.call}")
        else:
            self._row = self._ledger.refused(row, type(error).__name__)

    async def _clear_lost(self, error: ServiceError | None = None) -> bool:
        """Look the lost session up. Whether it is certain that none is left open."""
        row = self._row
        assert row is not None  # noqa: S101
        if row.state != "lost":
            return not row.is_open
        why = f"{type(error).__name__} from {error.call}" if error else row.note.partition(";")[0]
        known = {r.session_id for r in self._ledger.rows() if r.session_id is not None}
        try:
            cleared = await self._driver.stop_lost(known, row.opened_at)
        except Exception as second:
            failure = self._as_failure(second, "list")
            log.info("A lost session could not be looked up: %s", failure.what)
            self._row = self._ledger.unstopped(row, f"{why}; not looked up: {_name(second)}")
            return False
        if cleared:
            self._row = self._ledger.closed(row, seconds=0.0, note="looked up: none is open")
        else:
            self._row = self._ledger.unstopped(row, f"{why}; looked up: it may be open")
        return cleared

    def _list_open(self, error: AvatarError) -> AvatarError:
        if not isinstance(error, ConcurrencyLimitError) or error.open_sessions:
            return error
        return error.listing(
            row.session_id or f"(id not known, opened by process {row.pid})"
            for row in self._ledger.open_rows()
            if row.provider == self._driver.profile.name
        )

    async def _take_over(self, grant: SessionGrant) -> bool:
        """Go on with the granted session, if it lives and nobody was faster."""
        ledger, driver = self._ledger, self._driver
        row = next((r for r in ledger.open_rows() if r.id == grant.row), None)
        if row is None or (taken := ledger.take_over(row, self._owner, self._kernel)) is None:
            return False
        self._row = taken
        driver.adopt(grant)
        now = self._clock.now()
        try:
            await self._ask()
        except SessionGone:
            self._row = ledger.closed(taken, note="it had ended when it was to be taken over")
            return False
        except AuthenticationError:
            raise
        except Exception:
            # In trouble, not over: the loop tries on, and knows that it is late.
            now -= self._terms.keep.every_s
            self._failures, self._failed_at = 1, self._clock.now()
        self._last_alive = now
        self._last_activity = self._clock.now()
        self._opened = self._clock.now() - max(0.0, ledger.now() - taken.opened_at)
        return True

    def _announce(self) -> None:
        row = self._row
        assert row is not None  # noqa: S101
        self._listener.on_grant(
            msgspec.structs.replace(self._driver.grant(), row=row.id, opened_at=row.opened_at)
        )
        self._send_usage()
        for warning in self._ledger.warnings:
            self.notice_ledger(warning)

    def notice_ledger(self, warning: LedgerWarning) -> None:
        """Tell the user what is wrong with the ledger, once."""
        if warning.kind not in self._ledger_told and not self.done:
            self._ledger_told.add(warning.kind)
            self._listener.on_notice("ledger", warning.text)

    # ---- while it lives ---------------------------------------------------------------------

    def touch(self) -> None:
        """The user did something."""
        self._last_activity = self._clock.now()
        if self._announced:
            self._announced = False
            self._listener.on_notice("going on", "Ready")

    @contextlib.contextmanager
    def speaking(self) -> Iterator[None]:
        """While a speech lasts, the session is in use."""
        self._speeches += 1
        self.touch()
        try:
            yield
        finally:
            self._speeches -= 1
            self._last_activity = self._clock.now()

    async def keep_alive(self) -> None:
        """Keep it alive now, because the user asked.

        Raises:
            ServiceError: It failed; the plan tries on.
        """
        self.touch()
        if self._opening is not None:
            await asyncio.shield(self._opening)  # before it is open there is nothing to keep
        error = await self._call()
        if error is not None:
            self._is_end(error)
            raise error

    async def check(self) -> None:
        """Something said that the session is gone: ask the service itself."""
        self._is_end(await self._call())

    async def _keep(self) -> None:
        """Keep it alive and end it, whatever goes wrong in between."""
        while True:
            try:
                await self._keep_until_end()
                return
            except Exception:
                log.exception("Keeping a session alive failed in a way nobody foresaw; it goes on")
            await self._clock.sleep_until(self._clock.now() + AGAIN_S)

    async def _keep_until_end(self) -> None:
        terms, clock = self._terms, self._clock
        chance = self._random()
        while True:
            now = clock.now()
            if self._speeches:
                self._last_activity = now
            end = remaining_time(
                self._limits, now=now, opened=self._opened or 0.0, last_activity=self._last_activity
            )
            if end.phase == "over":
                self._listener.on_over(f"{ENDED[end.cause]}. Start it again any time.")
                return
            if end.phase == "announced" and not self._announced:
                self._announced = True
                self._listener.on_notice("ending", announcement(end, now))
            keep = plan_keep_alive(
                terms.keep,
                now=now,
                last_alive=self._last_alive,
                failures=self._failures,
                failed_at=self._failed_at,
                random=chance,
            )
            if keep.give_up:
                self._on_lost()
                return
            if keep.next_at <= now:
                self.latest_s = max(self.latest_s, now - keep.next_at)
                chance = self._random()
                if self._is_end(await self._call()):
                    return
            else:
                await clock.sleep_until(min(keep.next_at, end.next_at()))

    async def _call(self) -> ServiceError | None:
        """One keep-alive call; returns how it failed."""
        sent_at = self._clock.now()
        self.calls += 1
        try:
            await self._ask()
        except Exception as raised:
            self._failures += 1
            self._failed_at = self._clock.now()
            error = self._as_failure(raised, "keep_alive")
            if not isinstance(error, (SessionGone, AuthenticationError)):
                self._listener.on_trouble(TROUBLE)
            return error
        self._last_alive = max(self._last_alive, sent_at)
        if self._failures:
            self._failures, self._failed_at = 0, None
            self._listener.on_recovered()
        if self._row is not None and sent_at - self._recorded_at >= RECORD_EVERY_S:
            self._recorded_at = sent_at
            self._row = self._ledger.alive(self._row)
        self._send_usage()
        return None

    async def _ask(self) -> None:
        """Keep it alive. That it is over, or not ours, counts when it is told twice.

        Of a service's machines one may not know what the others do, and what is taken for over goes
        on costing.
        """
        try:
            await self._driver.keep_alive(self._terms.keep.call_s)
        except (SessionGone, AuthenticationError):
            await self._driver.keep_alive(self._terms.keep.call_s)

    def _is_end(self, error: ServiceError | None) -> bool:
        """Whether a failed keep-alive is the end of the session; tells so if it is."""
        if isinstance(error, SessionGone):
            self._on_gone(error)
            return True
        if isinstance(error, AuthenticationError):
            self._listener.on_over(error.what, error)
            return True
        return False

    def _on_gone(self, error: SessionGone) -> None:
        """The service says that it is over. Who is told so closes us, and that confirms it."""
        self._gone = True
        self._send_usage(final=True)
        self._listener.on_over(f"{error.what} {error.fix}".strip(), unasked=error)

    def _on_lost(self) -> None:
        """No call got through until the service's own deadline."""
        profile = self._driver.profile
        error = ServiceError(
            f"{profile.title} could not be reached for {self._terms.keep.timeout_s:.0f} s; it has "
            "ended the session by its own rule.",
            "Check the network, then start it again.",
            service=profile.name,
            call="keep_alive",
        )
        self._listener.on_over(error.what, error)

    def _alive_seconds(self) -> float:
        return 0.0 if self._opened is None else max(0.0, self._last_alive - self._opened)

    def _open_seconds(self) -> float | None:
        return None if self._opened is None else max(0.0, self._clock.now() - self._opened)

    def _send_usage(self, *, final: bool = False) -> None:
        seconds = self._alive_seconds() if final else self._open_seconds() or 0.0
        price = self._terms.credits_per_minute
        self._listener.on_usage(seconds, cost(seconds, price), price)

    # ---- closing ----------------------------------------------------------------------------

    async def close(self, note: str) -> bool:
        """End the session. Whether its end is confirmed; if not it stays in the ledger."""
        self._closing = True
        try:
            return await self._close(note)
        finally:
            self.done = True  # also where somebody has lost patience: others try on

    async def _close(self, note: str) -> bool:
        opening, self._opening = self._opening, None
        if opening is not None:
            # Whatever became of it, it must not be left running.
            await asyncio.wait({opening})
            if not opening.cancelled():
                opening.exception()
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait({self._keeper})
            self._keeper = None
        row = self._row
        confirmed = True
        if row is not None and row.state in ("open", "stopping"):
            confirmed = await self._stop(row, "the service ended it" if self._gone else note)
            self._send_usage(final=self._gone)
        elif row is not None:
            confirmed = not row.is_open
        await self._close_driver()
        return confirmed

    @property
    def unsettled(self) -> bool:
        """Whether it is done with, its end is not certain, and trying again may help."""
        row = self._row
        if not self.done or row is None or not row.is_open:
            return False
        return row.session_id is not None or self._driver.profile.lists_sessions

    async def settle(self) -> bool:
        """Try again to bring it to a certain end, after `close`. Whether it is there."""
        row = self._row
        if row is None or not row.is_open:
            return True
        if row.session_id is None:
            settled = await self._clear_lost()
        else:
            settled = await self._stop(row, row.note.partition(";")[0])
        await self._close_driver()
        return settled

    async def _close_driver(self) -> None:
        with guard("The closing of a session's connections"):
            await self._driver.close()

    async def _stop(self, row: Row, note: str) -> bool:
        if row.state != "stopping":
            row = self._row = self._ledger.stopping(row, note)
        seconds = self._alive_seconds() if self._gone else self._open_seconds()
        try:
            await self._driver.stop()
        except Exception as error:
            failure = self._as_failure(error, "stop")
            log.info("The end of a session is not confirmed: %s", failure.what)
            self._row = self._ledger.unstopped(row, f"{note}; not confirmed: {_name(error)}")
            return False
        self._row = self._ledger.closed(row, seconds=seconds, note=note)
        return True


def _name(error: Exception) -> str:
    return type(error).__name__
