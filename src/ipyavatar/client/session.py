"""`AvatarSession`: one avatar, without a widget. The kernel's half of a session."""

from __future__ import annotations

import logging
import math
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ..core.handle import Handle
from ..core.own_process import OwnLock
from ..core.quality import CHOICES
from ..core.secret import hide_unless_word
from ..core.speech import Mode, Speech, SpeechState
from ..core.text import clean_text, is_silent, well_formed
from ..core.validate import number_of, require_known
from ..errors import AvatarError, HostError, InvalidArgument, SessionClosed
from ..protocol import host as m
from ..protocol import page as p
from ..protocol.errors import Failure
from ..protocol.grants import SessionGrant
from ..providers.options import hide_secrets, refusal
from . import phases
from .facts import Facts
from .host_client import HostKind, HostLink, find_host
from .numbers import Numbers
from .options import make_options
from .paid_sessions import remember
from .pending import PendingHandles
from .phases import Phase
from .reports import Observer, SessionListener
from .rescue import stop_without_host
from .session_view import SessionView
from .unreadable import warn_of_unreadable

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ..providers.registry import SessionKeywords

log = logging.getLogger(__name__)

PAGE_COMES_S = 10.0
"""A speech asked for after the widget was shown waits this long for the page to connect."""

STOPPED = "The avatar was stopped."
CLOSED = "The avatar was closed."


class AvatarSession(SessionView):
    """A live, talking avatar, for scripts: all verbs of `Avatar`, and no widget.

        with AvatarSession() as avatar:
            avatar.speak("Hello!").wait()

    Every verb returns at once with a handle that can be awaited on any loop and waited for with
    `.wait()` on any thread. Safe to use from several threads.

    Args:
        provider: Who is behind it, as for `Avatar`.
        host: Where the session runs: `"thread"` (this process), `"process"` (the companion
            process), or a `HostLink`, as tests have one.
        page_wait_s: The first speech waits this long for a page that shows the avatar, in seconds.
        clock: Monotonic seconds, on the clock of the host.
        other_keywords: What else the caller takes: named when a keyword is not known.
        **options: As for `Avatar`: `character=`, `voice=`, `quality=`, and those of services.

    Raises:
        UnknownName: There is no such provider, character, voice, quality or keyword.
        InvalidArgument: A value cannot work, or the key of a paid service is missing.
        HostError: The host could not be started.
    """

    def __init__(
        self,
        provider: str = "embedded",
        *,
        host: HostKind | HostLink = "thread",
        page_wait_s: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        other_keywords: Sequence[str] = ("host",),
        **options: Unpack[SessionKeywords],
    ) -> None:
        given = options = hide_secrets(options)  # type: ignore[assignment]  # at once, see there
        provider = hide_unless_word(provider)
        self._options = make_options(provider, given, other_keywords)
        self.id = uuid.uuid4().hex[:12]
        wait_s = number_of(page_wait_s)
        if wait_s is None or not 0 <= wait_s < math.inf:
            fix = "Give seconds, 0 or more."
            raise InvalidArgument(f"page_wait_s={page_wait_s!r:.80} cannot work.", fix)
        self._host = find_host(host)
        self._clock = clock
        self._page_wait_s = wait_s
        self._lock = OwnLock()
        self._phase = Phase.NEW
        self._generation = 0  # of the host that has the session, or had it last
        self._asked_at = 0.0  # what the host reported before we asked it for a change is old news
        self._reported_at = 0.0  # the newest of its reports
        self._said_in_page: list[p.Say] = []  # until there is a host that takes them
        self._pending = PendingHandles()
        self._grant: SessionGrant | None = None
        numbers = Numbers(str(given.get("quality", "")), self._options.quality)
        self._facts = Facts(self.id, numbers, self.interrupt, clock)
        self._host.attach(self.id, self)
        if self._options.speaks_here:
            self._host.send(m.Prepare())
        if self._options.paid:
            remember(self)

    def __repr__(self) -> str:
        if "_facts" not in self.__dict__:  # its making has failed: a verbose traceback shows it
            return "<AvatarSession, not made>"
        return f"<AvatarSession {self.id} ({self.provider}): {self.status}>"

    # ---- verbs ------------------------------------------------------------------------------

    def start(self) -> Handle[None]:
        """Open the session; done when it is live. Speaking does it by itself.

        While it is being stopped, it is opened again after that.

        Raises:
            SessionClosed: It was closed.
            HostError: The host had been given up, and could not be started anew.
        """
        with self._lock:
            self._refuse_if_gone()
            if self._phase in (Phase.LIVE, Phase.RECONNECTING):
                return Handle.finished(None)
            if self._phase in phases.OVER or self._phase is Phase.NEW:
                self._host.revive()
            handle = self._pending.add_start()
            if self._phase in phases.OVER or self._phase is Phase.NEW:
                self._become(Phase.OPENING, "Getting ready")
            elif self._phase is Phase.STOPPING:
                self._become(Phase.RESTARTING, "Stopping; it starts again after that")
            return handle

    def speak(self, text: str, *, mode: str = "repeat", interrupt: bool = False) -> Speech:
        """Say `text` after everything that was asked for before; opens the session where needed.

        Args:
            text: What to say; numbers, dates and simple markup are read as people expect.
            mode: `"repeat"` says the words; `"talk"` has the service's language model answer.
            interrupt: Drop what is being said and queued, and say this at once.

        Raises:
            InvalidArgument: It is not text, or is too long.
            SessionClosed: The avatar was stopped, or closed. (One that ended by itself is opened.)
        """
        asked_at = self._clock()
        clean = clean_text(text)
        how = self._options.check_mode(mode)
        if self._options.speaks_here:
            warn_of_unreadable(clean)
        with self._lock:
            self._refuse_if_gone()
            if self._phase in (Phase.STOPPING, Phase.STOPPED):
                raise SessionClosed(STOPPED, "Call start() to open it again.")
            if interrupt:
                self._drop_unsent()
            if is_silent(clean, how):
                return self._say_nothing(clean, how, asked_at, interrupt=interrupt)
            if self._phase not in phases.GOING_ON:
                self.start()
            speech = self._facts.add_speech(clean, how, asked_at)
            self._send_if_open(m.Speak(self.id, speech.utterance, bool(interrupt)))
        return speech

    def interrupt(self, speech: Speech | str = "") -> None:
        """Silence, now, and what is queued is dropped; or with a speech, or its id, that one."""
        name: object = speech.id if isinstance(speech, Speech) else speech
        if not isinstance(name, str):
            fix = "Give a speech, its id, or nothing for all of them."
            raise InvalidArgument(f"interrupt() takes no {type(name).__name__}.", fix)
        with self._lock:
            self._drop_unsent(name)
            self._send_if_open(m.FromPage(self.id, p.Interrupt(well_formed(name))))

    def keep_alive(self) -> Handle[None]:
        """Keep the session alive now; done when the service has confirmed it.

        It is kept alive by itself while it is in use; this counts as use.
        """
        with self._lock:
            if self._phase in phases.OPEN:
                request, handle = self._pending.add_keep_alive()
                self._host.send(m.KeepAlive(self.id, request))
                return handle
            what = "There is no open session to keep alive."
            return Handle.failed(SessionClosed(what, "Call start() first."))

    def stop(self) -> Handle[None]:
        """End the session; done when it has ended. Twice is harmless; `start()` opens it again."""
        with self._lock:
            if self._phase in (Phase.STOPPED, Phase.CLOSED):
                return Handle.finished(None)
            handle = self._pending.add_end()
            if self._phase not in (Phase.STOPPING, Phase.CLOSING):
                self._end(Phase.STOPPING, Phase.STOPPED)
            return handle

    def close(self) -> Handle[None]:
        """Stop it for good and forget it, here and in the host; done when it has ended."""
        with self._lock:
            if self._phase is Phase.CLOSED:
                return Handle.finished(None)
            handle = self._pending.add_end()
            if self._phase is not Phase.CLOSING:
                self._end(Phase.CLOSING, Phase.CLOSED)
            return handle

    def __enter__(self) -> AvatarSession:
        return self

    def __exit__(self, *_error: object) -> None:
        if not self.inherited:  # a forked child that ends does not end its parent's session
            self.close().wait()

    async def __aenter__(self) -> AvatarSession:
        return self

    async def __aexit__(self, *_error: object) -> None:
        if not self.inherited:
            await self.close()

    def change_quality(self, quality: str) -> None:
        """Another picture size from now on, or where that cannot be, from the next opening on.

        Args:
            quality: `"low"`, `"medium"` or `"high"`; or `"auto"`, from the size that is there.

        Raises:
            UnknownName: There is no such size.
            InvalidArgument: Its picture comes in one size.
        """
        require_known("quality", quality, CHOICES)
        if not self._options.sizes:
            raise refusal(self._options.spec, "quality")
        with self._lock:
            if not self._facts.numbers.choose(quality, self._options.quality):
                self._use_quality(quality)

    def observe(self, callback: Observer) -> Callable[[], None]:
        """Have `callback` called with every report; returns what ends that.

        It runs on a thread of its own, one call after the other: it may wait, and may raise.

        Args:
            callback: Called with `Status`, `SpeechUpdate` and `Caption` of `protocol.page`, and
                with `Noticed` and `UsageCounted` of `protocol.host`.
        """
        with self._lock:
            return self._facts.reports.observe(callback)

    # ---- the front end ----------------------------------------------------------------------

    def attach(self, listener: SessionListener) -> None:
        """Have `listener` show this session."""
        with self._lock:
            self._facts.reports.listener = listener

    def expect_page(self) -> None:
        """The widget was displayed: speeches wait for its page."""
        with self._lock:
            self._page_wait_s = PAGE_COMES_S
            self._send_if_open(m.ExpectPage(self.id, PAGE_COMES_S))

    def facts(self) -> list[p.Fact]:
        """The messages that tell a new page where the session is."""
        with self._lock:
            return self._facts.all()

    def forward(self, message: p.FromPage) -> None:
        """Pass on what a page said by widget message."""
        with self._lock:
            self._send_if_open(m.FromPage(self.id, message))

    def say_for_page(self, say: p.Say) -> None:
        """Say what the user typed; opens the session where needed.

        Raises:
            InvalidArgument: It is not open, and the text is too long.
            SessionClosed: It was closed.
            HostError: There is no host to open it.
        """
        with self._lock:
            self._refuse_if_gone()
            waiting = (one.speech for one in self._said_in_page)
            if say.speech and (say.speech in self.transcript or say.speech in waiting):
                return  # sent again, since the page has not heard of it
            if self._phase in phases.OPEN:
                self.forward(say)
                return
            if is_silent(clean_text(say.text)):
                return  # nothing is opened for what has nothing to say
            self._said_in_page.append(say)
            try:
                self.start()
            except AvatarError:
                self._said_in_page.remove(say)
                raise

    def take_page_stats(self, page: p.Stats, numbers: Mapping[str, object]) -> None:
        """Take what a page measured; with `quality="auto"` the size follows it."""
        with self._lock:
            self._facts.count(numbers)
            quality = self._facts.numbers.fitting_quality(page, self._clock())
            if quality is not None:
                self._use_quality(quality)

    # ---- what the host reports (`HostListener`) ---------------------------------------------

    def on_event(self, event: m.SessionEvent) -> None:
        """Something happened in the session."""
        with self._lock:
            match event:
                case m.Announced(message=message, forward=forward):
                    if self._take_fact(message) and forward:
                        self._facts.reports.listener.send_to_pages(message)
                case m.ToPage():
                    self._facts.reports.listener.send_to_pages(event.message)
                case m.FromPage():
                    self._facts.reports.listener.on_page_message(event.message)
                case m.StatsMeasured():
                    self._facts.count(event.stats)
                case m.UsageCounted():
                    self._facts.reports.usage(event, self._facts.numbers.count_usage(event))
                case m.Noticed():
                    self._facts.reports.notice(event)
                case m.SessionGranted():
                    self._grant = event.grant
                case m.KeptAlive():
                    error = None if event.failure is None else event.failure.error()
                    self._pending.answer_keep_alive(event.request, error)

    def on_disconnect(self, generation: int, what: str) -> None:
        """The host died: what it was saying is lost; what it had not begun is asked for again."""
        with self._lock:
            if generation == self._generation:
                self._lose_host(what)

    def on_reconnect(self, generation: int) -> None:
        """A new host is there: open the session again, and ask again for what was queued."""
        with self._lock:
            if generation <= self._generation:
                return  # asked for after the new one was there: it has the session already
            self._facts.reports.listener.on_new_host()
            self._lose_host("The companion process ended.")  # if that was not heard of before
            if self._phase in (Phase.LOST, Phase.RESTARTING) and not self._must_stop_first():
                self._become(Phase.OPENING, "Getting ready")
            elif self._phase in phases.STOPPING:
                self._open()
                self._ask_for_end()

    def on_failure(self, generation: int, error: HostError) -> None:
        """There will be no new host: say so, and answer everything that waits."""
        with self._lock:
            if self._generation > generation or self._phase in phases.OVER | {Phase.NEW}:
                return
            grant, self._grant = self._grant, None
            fix = "Start it again; if that does not help, restart the kernel."
            told = HostError(error.what, error.fix or fix)
            after = Phase.CLOSED if self._phase is Phase.CLOSING else Phase.FAILED
            self._become(after, told.what, Failure.of(told))
        if self._options.paid:
            stop_without_host(self._options.wire, grant)

    def on_host_closed(self, error: HostError) -> None:
        """Nothing more will be heard: answer everything that waits."""
        with self._lock:
            if self._phase in phases.OVER | {Phase.NEW}:
                return
            # No rescue: that host is at it, or its process has left it to the ledger.
            after = Phase.CLOSED if self._phase is Phase.CLOSING else Phase.FAILED
            self._become(after, error.what, Failure.of(error))

    # ---- inside: the phase ------------------------------------------------------------------

    def _become(
        self,
        phase: Phase,
        text: str,
        error: Failure | None = None,
        *,
        report: p.Status | None = None,
    ) -> None:
        """The one place where the phase changes: what follows from it, happens here.

        Args:
            phase: The new one.
            text: One line for the user.
            error: Why, where it is `FAILED`.
            report: The host's own report, where it is the reason: pages are told of it unchanged.
        """
        phases.check(self._phase, phase)
        before, self._phase = self._phase, phase
        begins_anew = before is Phase.RESTARTING and phase is Phase.OPENING
        if phase in phases.OVER or begins_anew:
            self._grant = None  # its tokens are of no more use
        if phase in phases.OVER:
            self._said_in_page.clear()
            ended: SpeechState = "failed" if phase is Phase.FAILED else "interrupted"
            self._facts.end_speeches(ended, text or STOPPED)
            self._pending.fail_keep_alives(SessionClosed(text or STOPPED, "Call start() first."))
        if report is not None:
            error = report.error
            self._facts.take_status(report)
        else:
            self._facts.make_status(self.status, text, error)
        if phase is Phase.OPENING:
            self._open()
        elif phase is Phase.LIVE:
            self._pending.answer_starts(None)
        elif phase is Phase.FAILED:
            self._pending.answer_starts(AvatarError(text) if error is None else error.error())
        elif phase in phases.OVER:
            self._pending.answer_starts(SessionClosed(CLOSED if phase is Phase.CLOSED else STOPPED))
        if phase in phases.OVER or begins_anew:
            self._pending.answer_ends()
        if phase is Phase.CLOSED:
            self._host.detach(self.id)
            self._facts.reports.close()

    def _lose_host(self, what: str) -> None:
        """What the host had is lost, but for a paid session that is still open at its service."""
        for speech in self._facts.speeches.under_way():
            if speech.state == "speaking":
                self._facts.end_speech(speech, "failed", what)
        self._pending.fail_keep_alives(
            HostError(what, "A new companion process is being started; try again.")
        )
        if self._phase in phases.OPEN:
            self._become(Phase.LOST, "The companion process ended; starting another")
        elif self._grant is None and self._phase is Phase.STOPPING:
            self._become(Phase.STOPPED, "Stopped")
        elif self._grant is None and self._phase is Phase.CLOSING:
            self._become(Phase.CLOSED, "Stopped")

    def _must_stop_first(self) -> bool:
        """Whether an open session of before has to be ended before another one is opened."""
        return self._phase is Phase.RESTARTING and self._grant is not None

    def _end(self, going: Phase, gone: Phase) -> None:
        """Ask for the end, or be at it where there is nothing to ask."""
        if self._phase in phases.OPEN or self._phase in phases.STOPPING:
            asked = self._phase in phases.STOPPING and going is Phase.STOPPING
            self._pending.answer_starts(SessionClosed(STOPPED))
            self._become(going, "Stopping")
            if not asked:
                self._ask_for_end()
        elif self._phase is Phase.LOST and self._grant is not None:
            self._become(going, "Stopping")  # the next host takes it over, and stops it
        else:
            self._become(gone, "Stopped")
        if gone is Phase.CLOSED and self._phase is Phase.CLOSED:
            self._host.send(m.StopSession(self.id, forget=True))

    def _ask_for_end(self) -> None:
        gone = self._phase is Phase.CLOSING
        self._asked_at = self._clock()
        self._host.send(m.StopSession(self.id, self._asked_at, forget=gone))

    def _open(self) -> None:
        """Have the host open it, and ask for all that has not been said."""
        self._asked_at = self._clock()
        wait_s = self._page_wait_s
        command = m.OpenSession(self.id, self._options.wire, wait_s, self._grant)
        self._generation = self._host.send(command)
        if self._phase is not Phase.OPENING:
            return
        if self._grant is None and self._options.sizes:
            self._facts.count({"quality": self._options.quality})
        for speech in self._facts.speeches.under_way():
            self._host.send(m.Speak(self.id, speech.utterance))
        said, self._said_in_page = self._said_in_page, []
        for say in said:
            self._host.send(m.FromPage(self.id, say))

    def _refuse_if_gone(self) -> None:
        if self._phase in phases.GONE:
            raise SessionClosed(CLOSED, "Make another one.")

    def _send_if_open(self, command: m.Command) -> None:
        if self._phase in phases.OPEN:
            self._host.send(command)

    def _say_nothing(self, text: str, mode: Mode, asked_at: float, *, interrupt: bool) -> Speech:
        """A speech with nothing to say is said; what it interrupts is silenced all the same."""
        if interrupt:
            self.interrupt()
        speech = self._facts.add_speech(text, mode, asked_at)
        self._facts.end_speech(speech, "said", "")
        return speech

    # ---- inside: facts ----------------------------------------------------------------------

    def _take_fact(self, fact: p.Announcement) -> bool:
        """Take in what the host announces; False where it is old news."""
        match fact:
            case p.Status():
                return self._take_status(fact)
            case p.SpeechUpdate():
                return self._facts.take_speech(fact)
            case p.Caption():
                self._facts.take_caption(fact)
                return True

    def _take_status(self, status: p.Status) -> bool:
        if status.at < self._asked_at or status.at <= self._reported_at:
            return False
        self._reported_at = status.at
        after = phases.after_report(self._phase, status.status)
        if after is None:
            # Another line for the user, and nothing else.
            told = self.status == status.status and status.at > self._facts.status.at
            if told:
                self._facts.take_status(status)
            return told
        # Pages would take a report for old news that is older than what we told them since.
        told = phases.STATUS[after] == status.status and status.at > self._facts.status.at
        text = "Getting ready" if after is Phase.OPENING else status.text
        error = status.error if after is Phase.FAILED else None
        self._become(after, text, error, report=status if told else None)
        return told

    def _drop_unsent(self, speech: str = "") -> None:
        """Interrupt what no host has been asked for yet."""
        if self._phase in (Phase.LOST, Phase.RESTARTING):
            for one in self._facts.speeches.under_way():
                if speech in ("", one.id):
                    self._facts.end_speech(
                        one, "interrupted", "It was interrupted before it began."
                    )
            if not speech:
                self._said_in_page.clear()

    def _use_quality(self, quality: str) -> None:
        self._options = self._options.with_quality(quality)
        self._send_if_open(m.ChangeQuality(self.id, quality))
        if not self._options.paid:
            self._facts.count({"quality": quality})
