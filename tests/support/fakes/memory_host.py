"""A host in memory: commands and events wait in queues until a test moves them on.

It behaves as `ipyavatar.host` does, without media: a session opens, says what it is told in order,
and ends. The test decides when, and may lose it, double what it says, or never bring it back.
"""

from __future__ import annotations

from collections import deque

from ipyavatar.core.secret import Secret
from ipyavatar.protocol import host as m
from ipyavatar.protocol import page as p
from ipyavatar.protocol.errors import Failure
from ipyavatar.protocol.grants import SessionGrant
from tests.support.fakes.host_link import FakeHostLink


class Ticks:
    """Time that moves on by a little whenever somebody looks."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 0.001
        return self.now


class HostedSession:
    """One session in the host."""

    def __init__(self) -> None:
        self.status: p.StatusName = "idle"
        self.told_at = 0.0
        self.queue: deque[m.Utterance] = deque()
        self.sounding: m.Utterance | None = None


class MemoryHost(FakeHostLink):
    """A host whose sessions are as simple as can be.

    Attributes:
        opened: Every `OpenSession` ever sent.
    """

    def __init__(self, clock: Ticks, paid: bool = False) -> None:
        self.clock = clock
        self.paid = paid
        self.sessions: dict[str, HostedSession] = {}
        self.opened: list[m.OpenSession] = []
        super().__init__()

    def send(self, command):
        if isinstance(command, m.OpenSession):
            self.opened.append(command)
        return super().send(command)

    # ---- what a test does -------------------------------------------------------------------

    def carry_out(self) -> None:
        """The next command arrives."""
        if self.commands:
            self._handle(self.commands.popleft())

    def deliver(self, *, twice: bool = False) -> None:
        """The next event arrives."""
        if self.events:
            event = self.events.popleft()
            for _ in range(1 + twice):
                if (listener := self.listeners.get(event.session)) is not None:
                    listener.on_event(event)

    def die(self) -> None:
        self.sessions.clear()
        super().die()

    def settle(self) -> None:
        """Let everything happen that is under way; speeches are said to their end."""
        for _ in range(10_000):
            if self.commands:
                self.carry_out()
            elif self.events:
                self.deliver()
            elif any(s.sounding or s.queue for s in self.sessions.values()):
                for session_id in list(self.sessions):
                    self.go_on(session_id)
            elif any(s.status == "starting" for s in self.sessions.values()):
                for session_id in list(self.sessions):
                    self.become_live(session_id)
            else:
                return
        raise AssertionError("It never comes to rest.")

    def become_live(self, session_id: str) -> None:
        """Opening has worked."""
        session = self.sessions.get(session_id)
        if session is not None and session.status == "starting":
            self._status(session_id, session, "live")
            if self.paid:
                grant = SessionGrant("heygen", "id", token=Secret("token"))
                self.events.append(m.SessionGranted(session_id, grant))

    def end_by_itself(self, session_id: str, *, failed: bool = False) -> None:
        """Idle, its duration, or the service."""
        session = self.sessions.get(session_id)
        if session is not None and session.status in ("starting", "live", "reconnecting"):
            self._drop(session_id, session)
            error = Failure("ServiceError", "It broke.") if failed else None
            self._status(session_id, session, "failed" if failed else "ended", error)

    def trouble(self, session_id: str) -> None:
        """The service does not answer, or answers again."""
        session = self.sessions.get(session_id)
        if session is not None and session.status in ("live", "reconnecting"):
            self._status(
                session_id, session, "live" if session.status == "reconnecting" else "reconnecting"
            )

    def go_on(self, session_id: str) -> None:
        """The next step of speaking."""
        session = self.sessions.get(session_id)
        if session is None:
            return
        if session.status == "starting":
            self.become_live(session_id)
        elif session.sounding is not None:
            item, session.sounding = session.sounding, None
            self._speech(session_id, item, "said")
        elif session.queue and session.status in ("live", "reconnecting"):
            session.sounding = session.queue.popleft()
            self._speech(session_id, session.sounding, "speaking")

    # ---- inside -----------------------------------------------------------------------------

    def _handle(self, command):
        match command:
            case m.OpenSession(session=name):
                session = self.sessions.setdefault(name, HostedSession())
                if session.status in ("idle", "ended", "failed"):
                    self._status(name, session, "starting")
            case m.Speak(session=name, utterance=utterance):
                session = self.sessions.get(name)
                if session is None or session.status not in ("starting", "live", "reconnecting"):
                    self._speech(name, utterance, "failed")
                    return
                if command.interrupt:
                    self._drop(name, session)
                session.queue.append(utterance)
                self._speech(name, utterance, "queued")
            case m.FromPage(session=name, message=p.Interrupt(speech=speech)):
                if (session := self.sessions.get(name)) is not None:
                    self._drop(name, session, speech)
            case m.FromPage(session=name, message=p.Say(text=text)):
                utterance = m.Utterance(f"page-{len(self.opened)}-{self.clock()}", text)
                self._handle(m.Speak(name, utterance))
            case m.KeepAlive(session=name, request=request):
                self.events.append(m.KeptAlive(name, request))
            case m.StopSession(session=name, rests=True):
                self.end_by_itself(name)
            case m.StopSession(session=name, forget=False) if self._has_ended(name):
                # By itself: told again, and as old as can be.
                session = self.sessions[name]
                session.told_at = max(session.told_at, command.asked_at)
                again = p.Status("ended", "ended", session.told_at)
                self.events.append(m.Announced(name, again))
            case m.StopSession(session=name):
                session = self.sessions.setdefault(name, HostedSession())
                self._drop(name, session)
                self._status(name, session, "ended")
                if command.forget:
                    del self.sessions[name]

    def _has_ended(self, name):
        return name in self.sessions and self.sessions[name].status == "ended"

    def _drop(self, name, session, speech=""):
        items = [*([session.sounding] if session.sounding else []), *session.queue]
        session.queue = deque(item for item in session.queue if speech not in ("", item.id))
        if session.sounding is not None and speech in ("", session.sounding.id):
            session.sounding = None
        for item in reversed(items):
            if speech in ("", item.id):
                self._speech(name, item, "interrupted")

    def _status(self, name, session, status, error=None):
        session.status = status
        session.told_at = self.clock()
        self.events.append(m.Announced(name, p.Status(status, status, session.told_at, error)))

    def _speech(self, name, item, state):
        update = p.SpeechUpdate(item.id, state, item.text, self.clock(), asked_at=item.asked_at)
        self.events.append(m.Announced(name, update))
