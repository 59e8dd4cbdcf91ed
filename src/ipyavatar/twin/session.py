"""The life of one session at a service. No I/O, and no clock of its own: time is an argument.

    new ──start──► connecting ──join──► connected
     │                 │                   │
     └────────┬────────┴─────────┬─────────┘
            stop              a limit runs out
              ▼                  ▼
           closing ──────────► closed

Time passes only in `advance(now)`, which lets everything happen that is due until then, in order
and at its own moment, so that a jump of the clock gives the same history as waiting. Every verb
advances first. A verb in a phase that does not know it raises `WrongPhase`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

KEEP_EVENTS = 1000
KEEP_SPEECHES = 100


class TwinPhase(str, Enum):
    """Where a session is in its life, by HeyGen's names (the other services use them too)."""

    NEW = "new"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    CLOSING = "closing"
    CLOSED = "closed"


LEGAL: dict[TwinPhase, frozenset[TwinPhase]] = {
    TwinPhase.NEW: frozenset({TwinPhase.CONNECTING, TwinPhase.CLOSING, TwinPhase.CLOSED}),
    TwinPhase.CONNECTING: frozenset({TwinPhase.CONNECTED, TwinPhase.CLOSING, TwinPhase.CLOSED}),
    TwinPhase.CONNECTED: frozenset({TwinPhase.CLOSING, TwinPhase.CLOSED}),
    TwinPhase.CLOSING: frozenset({TwinPhase.CLOSED}),
    TwinPhase.CLOSED: frozenset(),
}

EndReason = Literal["stopped", "idle", "max_duration", "gone"]
SpeechState = Literal["queued", "speaking", "said", "interrupted"]
EventName = Literal["phase", "speech_started", "speech_ended", "speech_interrupted"]


class WrongPhase(Exception):
    """This verb is not possible in the phase the session is in."""

    def __init__(self, verb: str, phase: TwinPhase) -> None:
        super().__init__(f"{verb} while {phase.value}")
        self.verb = verb
        self.phase = phase


@dataclass(frozen=True)
class Rules:
    """The limits a service sets for one session, in seconds."""

    idle_s: float
    max_s: float
    join_delay_s: float = 0.0
    stop_latency_s: float = 0.0
    speech_delay_s: float = 0.0
    interrupt_clears_queue: bool = True


@dataclass
class TwinSpeech:
    """One thing to say.

    `open` means that more audio may come for it: it ends only after `close_speech`. `performed`
    means that a face says it: it begins and ends when the face says so (`sounds`, `said`), and its
    times are an estimate until then. `sound` is its audio as it came; only a face keeps it.
    """

    id: str
    text: str
    kind: Literal["repeat", "talk", "audio"]
    starts_at: float
    ends_at: float
    open: bool = False
    state: SpeechState = "queued"
    performed: bool = False
    sound: list[bytes] = field(default_factory=list, repr=False)

    @property
    def seconds(self) -> float:
        """Length, as far as it is known now."""
        return self.ends_at - self.starts_at


@dataclass(frozen=True)
class TwinEvent:
    """Something that happened at `at`; `seq` counts from 1 without gaps."""

    seq: int
    at: float
    name: EventName
    phase: TwinPhase
    speech_id: str = ""


@dataclass(eq=False)
class TwinSession:
    """One session. Change it only through its verbs.

    `info` holds what the service was told at creation and shows again in its lists.
    `listeners` are called after every event, and when there is more audio for a speech that is
    performed; they must return at once and must not raise. `performed` is set while a face says
    what comes.
    """

    id: str
    service: str
    mode: str
    rules: Rules
    created_at: float
    info: dict[str, Any] = field(default_factory=dict)
    phase: TwinPhase = TwinPhase.NEW
    started_at: float | None = None
    connected_at: float | None = None
    ended_at: float | None = None
    end_reason: EndReason | None = None
    last_activity: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)
    listeners: set[Callable[[], None]] = field(default_factory=set, repr=False)
    performed: bool = False

    def __post_init__(self) -> None:
        self.last_activity = self.created_at
        self.now = self.created_at
        self.speeches: deque[TwinSpeech] = deque(maxlen=KEEP_SPEECHES)
        self.events: deque[TwinEvent] = deque(maxlen=KEEP_EVENTS)
        self._waiting: deque[TwinSpeech] = deque()
        self._stop_at: float | None = None
        self._seq = 0

    # ---- time ---------------------------------------------------------------------------------

    def advance(self, now: float) -> None:
        """Let everything happen that is due until `now`. A clock that goes back is ignored."""
        while (due := self._next()) is not None and due[0] <= now:
            at, happen = due
            self.now = max(self.now, at)
            happen()
        self.now = max(self.now, now)

    def next_at(self) -> float | None:
        """When something happens next if nobody does anything, or None when it is all over."""
        due = self._next()
        return None if due is None else due[0]

    def _next(self) -> tuple[float, Callable[[], None]] | None:
        if self.phase is TwinPhase.CLOSED:
            return None
        if self.phase is TwinPhase.CLOSING:
            assert self._stop_at is not None  # noqa: S101 (set together with the phase)
            return self._stop_at, self._close
        due: list[tuple[float, Callable[[], None]]] = []
        if self._waiting:
            head = self._waiting[0]
            if head.performed:
                pass  # the face says when
            elif head.state == "queued":
                due.append((head.starts_at, self._speech_starts))
            elif not head.open:
                due.append((head.ends_at, self._speech_ends))
        if self.phase is TwinPhase.CONNECTING and self.started_at is not None:
            due.append((self.started_at + self.rules.join_delay_s, self._join))
        due.append((self.last_activity + self.rules.idle_s, lambda: self._end("idle")))
        if self.started_at is not None:
            due.append((self.started_at + self.rules.max_s, lambda: self._end("max_duration")))
        # `min` keeps the first of equals: what is said ends before the session does.
        return min(due, key=lambda item: item[0])

    # ---- verbs --------------------------------------------------------------------------------

    def start(self, now: float) -> None:
        """The client asks the avatar to come."""
        self._verb("start", now, TwinPhase.NEW)
        self.started_at = now
        self._touch()
        self._to(TwinPhase.CONNECTING)
        self.advance(now)

    def keep_alive(self, now: float) -> None:
        """The client says that it is still there."""
        self._verb("keep_alive", now, TwinPhase.NEW, TwinPhase.CONNECTING, TwinPhase.CONNECTED)
        self._touch()

    def listen(self, now: float, verb: str) -> None:
        """The client starts or stops listening: counts as activity."""
        self._verb(verb, now, TwinPhase.CONNECTED)
        self._touch()

    def speak(
        self,
        now: float,
        speech_id: str,
        seconds: float,
        *,
        text: str = "",
        kind: Literal["repeat", "talk", "audio"] = "repeat",
        still_open: bool = False,
        sound: bytes = b"",
    ) -> TwinSpeech:
        """Queue something that takes `seconds` to say.

        A speech that is still open is closed first: audio never goes back to an earlier speech.
        """
        self._verb("speak", now, TwinPhase.CONNECTED)
        self._touch()
        self._close_open()
        start = self.now + self.rules.speech_delay_s
        if self._waiting:
            start = max(start, self._waiting[-1].ends_at)
        speech = TwinSpeech(speech_id, text, kind, start, start + seconds, still_open)
        if self.performed:
            speech.performed = True
            speech.sound += [sound] if sound else []
        self.speeches.append(speech)
        self._waiting.append(speech)
        self.advance(now)
        self._tell_face(speech)
        return speech

    def feed(self, now: float, speech_id: str, seconds: float, sound: bytes = b"") -> None:
        """More audio for the open speech `speech_id`; opens it when there is none."""
        self._verb("speak", now, TwinPhase.CONNECTED)
        tail = self._waiting[-1] if self._waiting else None
        if tail is None or not tail.open or tail.id != speech_id:
            self.speak(now, speech_id, seconds, kind="audio", still_open=True, sound=sound)
            return
        self._touch()
        # When the buffer ran dry in between, the new audio plays from now on.
        begin = max(tail.ends_at, self.now) if tail.state == "speaking" else tail.ends_at
        tail.ends_at = begin + seconds
        if tail.performed:
            tail.sound.append(sound)
            self._tell_face(tail)

    def close_speech(self, now: float, speech_id: str) -> bool:
        """No more audio comes for `speech_id`. False when there is no such open speech."""
        self._verb("speak", now, TwinPhase.CONNECTED)
        self._touch()
        if not (self._waiting and self._waiting[-1].open and self._waiting[-1].id == speech_id):
            return False
        tail = self._waiting[-1]
        self._close_open()
        self.advance(now)
        self._tell_face(tail)
        return True

    def interrupt(self, now: float) -> int:
        """Cut what is being said; returns how many speeches that ended."""
        self._verb("interrupt", now, TwinPhase.CONNECTED)
        self._touch()
        return self._cut(everything=self.rules.interrupt_clears_queue)

    def stop(self, now: float, reason: EndReason = "stopped") -> None:
        """End it, by the client or (`gone`) by the service."""
        self._verb("stop", now, TwinPhase.NEW, TwinPhase.CONNECTING, TwinPhase.CONNECTED)
        self._end(reason)
        self.advance(now)

    # ---- what a face tells ----------------------------------------------------------------------

    @property
    def head(self) -> TwinSpeech | None:
        """What is being said, or comes next."""
        return self._waiting[0] if self._waiting else None

    def sounds(self, now: float, speech: TwinSpeech) -> None:
        """The first sound of a performed speech is heard."""
        self.advance(now)
        if self.head is speech and speech.state == "queued":
            speech.starts_at, speech.ends_at = now, now + speech.seconds
            self._speech_starts()

    def said(self, now: float, speech: TwinSpeech) -> None:
        """The last sound of a performed speech has been heard."""
        self.sounds(now, speech)
        if self.head is speech:
            speech.ends_at = now
            speech.open = False
            speech.sound.clear()
            self._speech_ends()

    def _tell_face(self, speech: TwinSpeech) -> None:
        if speech.performed:
            for listener in tuple(self.listeners):
                listener()

    # ---- what it costs and how it looks -------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether it still exists for its service."""
        return self.phase is not TwinPhase.CLOSED

    def seconds(self, now: float) -> float:
        """How long it has been running, which is what is paid for."""
        if self.started_at is None:
            return 0.0
        return (now if self.ended_at is None else self.ended_at) - self.started_at

    def events_after(self, seq: int) -> list[TwinEvent]:
        """The events after number `seq`, as far as they are remembered."""
        return [event for event in self.events if event.seq > seq]

    # ---- how it moves -------------------------------------------------------------------------

    def _verb(self, verb: str, now: float, *phases: TwinPhase) -> None:
        self.advance(now)
        if self.phase not in phases:
            raise WrongPhase(verb, self.phase)
        self.counts[verb] = self.counts.get(verb, 0) + 1

    def _touch(self) -> None:
        self.last_activity = self.now

    def _to(self, phase: TwinPhase) -> None:
        if phase not in LEGAL[self.phase]:
            raise AssertionError(f"{self.phase.value} -> {phase.value} is not in the table")
        self.phase = phase
        self._emit("phase")

    def _emit(self, name: EventName, speech_id: str = "") -> None:
        self._seq += 1
        self.events.append(TwinEvent(self._seq, self.now, name, self.phase, speech_id))
        for listener in tuple(self.listeners):
            listener()

    def _join(self) -> None:
        self.connected_at = self.now
        self._to(TwinPhase.CONNECTED)

    def _end(self, reason: EndReason) -> None:
        self.end_reason = reason
        self._cut(everything=True)
        if reason == "stopped" and self.rules.stop_latency_s > 0:
            self._stop_at = self.now + self.rules.stop_latency_s
            self._to(TwinPhase.CLOSING)
        else:
            self._close()

    def _close(self) -> None:
        self.ended_at = self.now
        self._to(TwinPhase.CLOSED)

    def _speech_starts(self) -> None:
        self._waiting[0].state = "speaking"
        self._emit("speech_started", self._waiting[0].id)

    def _speech_ends(self) -> None:
        speech = self._waiting.popleft()
        speech.state = "said"
        self._emit("speech_ended", speech.id)

    def _close_open(self) -> None:
        if self._waiting and self._waiting[-1].open:
            tail = self._waiting[-1]
            tail.open = False
            if tail.state == "speaking":
                tail.ends_at = max(tail.ends_at, self.now)

    def _cut(self, *, everything: bool) -> int:
        cut = 0
        while self._waiting and (everything or self._waiting[0].state == "speaking"):
            speech = self._waiting.popleft()
            speech.open = False
            speech.ends_at = min(speech.ends_at, max(speech.starts_at, self.now))
            speech.state = "interrupted"
            speech.sound.clear()
            cut += 1
            self._emit("speech_interrupted", speech.id)
        self._move_up()
        return cut

    def _move_up(self) -> None:
        """What waits behind a cut speech begins at once."""
        start = self.now
        for speech in self._waiting:
            seconds = speech.seconds
            speech.starts_at, speech.ends_at = start, start + seconds
            start = speech.ends_at
