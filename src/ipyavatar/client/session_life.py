"""A session's life in the kernel: its phases, and what its host reports."""

from __future__ import annotations

import weakref
from collections.abc import Callable

import msgspec

from ..core.handle import Handle
from ..core.speech import Speech, SpeechState
from ..core.uninterrupted import locked
from ..errors import AvatarError, HostError, SessionClosed
from ..protocol import host as m
from ..protocol import media as mm
from ..protocol import page as p
from ..protocol.errors import Failure
from ..protocol.listening import Listen, ListeningUpdate, SoundHeard, TextHeard
from . import phases
from .options import ResolvedOptions
from .pending import PendingHandles
from .phases import Phase
from .rescue import stop_without_host
from .session_listening import SessionListening
from .session_media import SessionMedia
from .session_sounds import SessionSounds
from .session_view import SessionView
from .unheld import end_if_unheld

STOPPED = "The avatar was stopped."
CLOSED = "The avatar was closed."

_being_ended: set[SessionLife] = set()


class SessionLife(SessionView):
    """Changes the phase, and does what follows from it: under the session's lock."""

    _clock: Callable[[], float]
    _page_wait_s: float
    _for_page: bool  # somebody is meant to hear it there
    _generation: int  # of the host that has the session, or had it last
    _asked_at: float  # what the host reported before we asked it for a change is old news
    _reported_at: float  # the newest of its reports
    _said_in_page: list[p.Say]  # until there is a host that takes them
    _pending: PendingHandles
    _sounds: SessionSounds
    _last_act: weakref.finalize | None = None  # type: ignore[type-arg]  # while an end is due
    _media: SessionMedia
    _listening: SessionListening

    # ---- what the host reports (`HostListener`) ---------------------------------------------

    @locked
    def on_event(self, event: m.SessionEvent) -> None:
        """Something happened in the session."""
        match event:
            case m.Announced():
                self._take_announced(event)
            case m.ToPage(message=message, buffers=buffers):
                self._facts.reports.listener.send_to_pages(message, buffers)
            case m.FromPage():
                self._facts.reports.listener.on_page_message(event.message)
            case m.TextTaken():
                self._facts.speeches.acknowledge(event.speech, event.characters)
            case m.StatsMeasured() | m.UsageCounted():
                self._facts.take_numbers(event)
            case m.AnswerTold() | m.HeardUntil():
                self._facts.take_words(event)
            case m.Noticed():
                self._facts.reports.notice(event)
            case m.SessionGranted() | m.FellBack():
                self._note_provider(event)
            case m.SoundWanted() | m.SoundTaken() | m.SoundDropped():
                self._sounds.on_event(event, self._facts.speeches.find)
            case mm.MediaRead() | mm.RecordingChanged():
                self._media.take(event)
            case SoundHeard() | TextHeard():
                self._listening.take(event)
            case m.KeptAlive():
                error = None if event.failure is None else event.failure.error()
                self._pending.answer_keep_alive(event.request, error)

    @locked
    def on_disconnect(self, generation: int, what: str) -> None:
        """The host died: what it was saying is lost; what it had not begun is asked for again."""
        if generation == self._generation:
            self._lose_host(what)

    @locked
    def on_reconnect(self, generation: int) -> None:
        """A new host is there: open the session again, and ask again for what was queued."""
        if generation <= self._generation:
            return  # asked for after the new one was there: it has the session already
        self._facts.reports.listener.on_new_host()
        self._lose_host("The companion process ended.")  # if that was not heard of before
        if self._phase in (Phase.LOST, Phase.RESTARTING) and not self._must_stop_first():
            self._become(Phase.OPENING, "Getting ready")
        elif self._phase in phases.STOPPING:
            self._open()
            self._ask_for_end()

    @locked
    def on_failure(self, generation: int, error: HostError) -> None:
        """There will be no new host: say so, and answer everything that waits."""
        if self._generation > generation or self._phase in phases.OVER | {Phase.NEW}:
            return
        grant, self._grant = self._grant, None
        fix = "Start it again; if that does not help, restart the kernel."
        told = HostError(error.what, error.fix or fix)
        after = Phase.CLOSED if self._phase is Phase.CLOSING else Phase.FAILED
        self._become(after, told.what, Failure.of(told))
        if self._options.paid:
            stop_without_host(self._options.wire, grant)

    @locked
    def on_host_closed(self, error: HostError) -> None:
        """Nothing more will be heard: answer everything that waits."""
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
        self._set_last_act()
        begins_anew = before is Phase.RESTARTING and phase is Phase.OPENING
        if begins_anew:
            self._use_options(self._asked)
        if phase in phases.OVER or begins_anew:
            self._grant = None  # its tokens are of no more use
        if phase in phases.OVER:
            self._end_all(phase, text or STOPPED, error)
        if report is not None:
            error = report.error
            self._facts.take_status(report)
        else:
            self._facts.make_status(phases.STATUS[phase], text, error)
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
        if phase in (Phase.STOPPED, Phase.FAILED):
            self._use_options(self._asked)  # the next one begins with who was asked for
        if phase is Phase.CLOSED:
            self._host.detach(self.id)
            self._facts.reports.close()

    def _end_all(self, phase: Phase, text: str, error: Failure | None) -> None:
        """The session is over, and with it what goes on in it."""
        self._sounds.drop_all()
        self._media.end()
        self._said_in_page.clear()
        ended: SpeechState = "failed" if phase is Phase.FAILED else "interrupted"
        self._facts.end_speeches(ended, text)
        self._pending.fail_keep_alives(SessionClosed(text, "Call start() first."))
        if phase is Phase.ENDED:  # which begins again when somebody comes back
            self._listening.rest(SessionClosed(text, "Call listen() again: it opens it anew."))
        else:
            self._listening.end(None if error is None else error.error())

    def _set_last_act(self) -> None:
        """What is open, and thrown away, is ended; what is being ended is held until it is."""
        if self._phase in (Phase.STOPPING, Phase.CLOSING):
            _being_ended.add(self)
        else:
            _being_ended.discard(self)
        over = self._phase in phases.OVER
        if over and self._last_act is not None:
            self._last_act.detach()
            self._last_act = None
        elif not over and self._last_act is None:
            self._last_act = end_if_unheld(self, self._host, self.id)

    def _start(self) -> Handle[None]:
        # What a class of the user's makes of `start` is not called under the lock: it may wait.
        self._refuse_if_gone()
        if self._phase in (Phase.LIVE, Phase.RECONNECTING):
            return Handle.finished(None)
        if self._phase in phases.OVER or self._phase is Phase.NEW:
            self._host.revive()
        handle = self._pending.add_start(self)
        if self._phase in phases.OVER or self._phase is Phase.NEW:
            self._become(Phase.OPENING, "Getting ready")
        elif self._phase is Phase.STOPPING:
            self._become(Phase.RESTARTING, "Stopping; it starts again after that")
        return handle

    def _stop(self) -> Handle[None]:
        if self._phase in (Phase.STOPPED, Phase.CLOSED):
            return Handle.finished(None)
        handle = self._pending.add_end(self)
        if self._phase not in (Phase.STOPPING, Phase.CLOSING):
            self._end(Phase.STOPPING, Phase.STOPPED)
        return handle

    @locked
    def _rest(self) -> None:
        if self._phase in phases.OPEN and not self._options.paid:
            self._host.send(m.StopSession(self.id, rests=True))
        else:
            self._stop()

    def _refuse_if_gone(self) -> None:
        if self._phase in phases.GONE:
            raise SessionClosed(CLOSED, "Make another one.")

    def _refuse_if_ended(self) -> None:
        """For every verb that opens the session by itself: what the user has stopped stays so."""
        self._refuse_if_gone()
        if self._phase in (Phase.STOPPING, Phase.STOPPED):
            raise SessionClosed(STOPPED, "Call start() to open it again.")

    def _lose_host(self, what: str) -> None:
        """What the host had is lost, but for a paid session that is still open at its service."""
        self._sounds.drop_all()
        for speech in self._facts.speeches.under_way():
            if speech.state == "speaking":
                self._facts.end_speech(speech, "failed", what)
        self._media.lose(HostError(what, "Ask again; another one is being started."))
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
        command = m.OpenSession(self.id, self._options.wire, wait_s, self._grant, self._for_page)
        before, self._generation = self._generation, self._host.send(command)
        if self._generation != before:
            self._reported_at = 0.0  # each host counts its reports anew
        if self._phase is not Phase.OPENING:
            return
        if self._options.stands_in:
            self._facts.reports.notice(m.Noticed(self.id, "fallback", self._options.stands_in))
        if self._grant is None and self._options.sizes:
            self._facts.count({"quality": self._options.quality})
        for speech in self._facts.speeches.under_way():
            self._ask_for(speech)
        self._media.begin()
        self._listening.open()
        said, self._said_in_page = self._said_in_page, []
        for say in said:
            self._host.send(m.FromPage(self.id, say))

    def _ask_for(self, speech: Speech, *, interrupt: bool = False) -> None:
        """Have the host say it, with what has come of its text."""
        streamed = self._facts.speeches.streamed(speech.id)
        utterance = speech.utterance
        if streamed is not None:
            utterance = msgspec.structs.replace(utterance, text="", mode="repeat")
        self._send_if_open(m.Speak(self.id, utterance, interrupt))
        for more in [] if streamed is None else streamed.resend():
            self._send_if_open(more)

    def _note_provider(self, event: m.SessionGranted | m.FellBack) -> None:
        """What another host would open again: a service's session, or the avatar in its place."""
        if isinstance(event, m.SessionGranted):
            self._grant = event.grant
        elif (fallback := self._options.fallback) is not None:
            self._grant = None  # that session is being stopped
            self._use_options(fallback)
            if self._listening.fall_back():
                self._send_if_open(Listen(self.id, "off"))

    def _use_options(self, options: ResolvedOptions) -> None:
        if options is not self._options:
            self._options = options
            self._facts.reports.listener.on_options()

    def _send_if_open(self, command: m.Command) -> None:
        if self._phase in phases.OPEN:
            self._host.send(command)

    # ---- inside: facts ----------------------------------------------------------------------

    def _take_announced(self, event: m.Announced) -> None:
        if self._take_fact(event.message) and event.forward:
            self._facts.reports.listener.send_to_pages(event.message)

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
            case ListeningUpdate():
                self._listening.note(fact)
                self._facts.take_listening(fact)
                return True

    def _take_status(self, status: p.Status) -> bool:
        if status.at < self._asked_at or status.at <= self._reported_at:
            return False
        self._reported_at = status.at
        after = phases.after_report(self._phase, status.status)
        if after is None:
            # Another line for the user, and nothing else.
            told = phases.STATUS[self._phase] == status.status and status.at > self._facts.status.at
            if told:
                self._facts.take_status(status)
            return told
        # Pages would take a report for old news that is older than what we told them since.
        told = phases.STATUS[after] == status.status and status.at > self._facts.status.at
        text = "Getting ready" if after is Phase.OPENING else status.text
        error = status.error if after is Phase.FAILED else None
        self._become(after, text, error, report=status if told else None)
        return told
