"""The lifecycle of one session at a service. No I/O, and no clock: time is an argument.

    new ──start──► connecting ──join──► connected
     │                 │                   │
     └────────┬────────┴─────────┬─────────┘
            stop              a limit runs out
              ▼                  ▼
           closing ──────────► closed

Time passes only in `advance(now)`, which lets everything happen that is due until then, in order
and at its own moment, so that a clock that is advanced gives the same history as waiting. Every
verb advances first. A verb that the phase does not allow raises `WrongPhase`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from .livekit.grants import RoomGrant
from .speech_queue import SpeechKind, SpeechQueue, TwinSpeech

MAX_EVENTS = 1000
MAX_SPEECHES = 100
MAX_KEPT_TEXT = 200
"""Characters of a text, once it is only remembered; the state shows no more."""


class TwinPhase(str, Enum):
    """The phase of a session, by HeyGen's names (the other services use them too)."""

    NEW = "new"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    CLOSING = "closing"
    CLOSED = "closed"


LEGAL_TRANSITIONS: dict[TwinPhase, frozenset[TwinPhase]] = {
    TwinPhase.NEW: frozenset({TwinPhase.CONNECTING, TwinPhase.CLOSING, TwinPhase.CLOSED}),
    TwinPhase.CONNECTING: frozenset({TwinPhase.CONNECTED, TwinPhase.CLOSING, TwinPhase.CLOSED}),
    TwinPhase.CONNECTED: frozenset({TwinPhase.CLOSING, TwinPhase.CLOSED}),
    TwinPhase.CLOSING: frozenset({TwinPhase.CLOSED}),
    TwinPhase.CLOSED: frozenset(),
}

EndReason = Literal["stopped", "idle", "max_duration", "nobody_joined", "gone"]
EventName = Literal["phase", "speech_started", "speech_ended", "speech_interrupted"]


class WrongPhase(Exception):
    """This verb is not possible in the state the session is in."""

    def __init__(self, verb: str, phase: TwinPhase) -> None:
        super().__init__(f"{verb} while {phase.value}")
        self.verb = verb
        self.phase = phase


class QueueFull(WrongPhase):
    """So much waits to be said that no more is taken."""


@dataclass(frozen=True)
class Rules:
    """The limits a service sets for one session, in seconds.

    Attributes:
        join_by_s: So long after its start somebody must have joined its room; None is for ever.
        silent_end: Whether it says nothing when it has reached `max_s`.
    """

    idle_s: float
    max_s: float
    join_by_s: float | None = None
    silent_end: bool = False
    join_delay_s: float = 0.0
    stop_latency_s: float = 0.0
    speech_delay_s: float = 0.0
    interrupt_clears_queue: bool = True
    strict_ids: bool = False


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

    Attributes:
        info: Parameters of its creation that the service's lists show.
        picture_size: Width and height of its picture, in pixels.
        streams_pcm: Whether its audio comes as 24 kHz PCM; otherwise as files.
        listeners: Called after every event, and when there is more audio for a speech that has
            playout; they must return at once and must not raise.
        has_playout: Set while media plays out what comes: see `TwinSpeech.has_playout`.
        joined: Whether a client has ever joined its room.
        room_grant: As whom its avatar joins which room, if not its own.
    """

    id: str
    service: str
    mode: str
    rules: Rules
    created_at: float
    info: dict[str, Any] = field(default_factory=dict)
    picture_size: tuple[int, int] = (640, 360)
    streams_pcm: bool = True
    phase: TwinPhase = TwinPhase.NEW
    started_at: float | None = None
    connected_at: float | None = None
    ended_at: float | None = None
    end_reason: EndReason | None = None
    last_activity: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)
    listeners: set[Callable[[], None]] = field(default_factory=set, repr=False)
    has_playout: bool = False
    joined: bool = False
    room_grant: RoomGrant | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.last_activity = self.created_at
        self.now = self.created_at
        self.info = {name: _shorten(value) for name, value in self.info.items()}
        self.speeches: deque[TwinSpeech] = deque(maxlen=MAX_SPEECHES)
        self.events: deque[TwinEvent] = deque(maxlen=MAX_EVENTS)
        self._queue = SpeechQueue()
        self._stop_at: float | None = None
        self._seq = 0

    # ---- time ---------------------------------------------------------------------------------

    def advance(self, now: float) -> None:
        """Let everything happen that is due until `now`. A clock that goes back is ignored."""
        while (due := self._next()) is not None and due[0] <= now:
            at, action = due
            self.now = max(self.now, at)
            action()
        self.now = max(self.now, now)

    def next_at(self) -> float | None:
        """When something happens next without a verb, or None when the session is closed."""
        due = self._next()
        return None if due is None else due[0]

    def _next(self) -> tuple[float, Callable[[], None]] | None:
        if self.phase is TwinPhase.CLOSED:
            return None
        if self.phase is TwinPhase.CLOSING:
            assert self._stop_at is not None  # noqa: S101 (set together with the phase)
            return self._stop_at, self._close
        due: list[tuple[float, Callable[[], None]]] = []
        head = self._queue.head
        if head is not None and not head.has_playout:
            if head.state == "queued":
                due.append((head.starts_at, self._start_speech))
            elif not head.open:
                due.append((head.ends_at, self._finish_speech))
        if self.phase is TwinPhase.CONNECTING and self.started_at is not None:
            due.append((self.started_at + self.rules.join_delay_s, self._join))
        due.append((self.last_activity + self.rules.idle_s, lambda: self._end("idle")))
        if self.started_at is not None:
            due.append((self.started_at + self.rules.max_s, lambda: self._end("max_duration")))
            if self.rules.join_by_s is not None and not self.joined:
                join_by = self.started_at + self.rules.join_by_s
                due.append((join_by, lambda: self._end("nobody_joined")))
        # `min` keeps the first of equals: a speech ends before its session does.
        return min(due, key=lambda item: item[0])

    # ---- verbs --------------------------------------------------------------------------------

    def start(self, now: float) -> None:
        """The client starts the session."""
        self._begin("start", now, TwinPhase.NEW)
        self.started_at = now
        self._touch()
        self._set_phase(TwinPhase.CONNECTING)
        self.advance(now)

    def keep_alive(self, now: float) -> None:
        """Activity of the client."""
        self._begin("keep_alive", now, TwinPhase.NEW, TwinPhase.CONNECTING, TwinPhase.CONNECTED)
        self._touch()

    def join(self, now: float) -> None:
        """A client has joined its room, in whatever phase."""
        self.advance(now)
        self.joined = True

    def listen(self, now: float, verb: str) -> None:
        """The client starts or stops listening: counts as activity."""
        self._begin(verb, now, TwinPhase.CONNECTED)
        self._touch()

    def speak(
        self,
        now: float,
        speech_id: str,
        seconds: float,
        *,
        text: str = "",
        kind: SpeechKind = "repeat",
        still_open: bool = False,
        audio: bytes = b"",
    ) -> TwinSpeech:
        """Queue something that takes `seconds` to say.

        A speech that is still open is closed first: audio never goes back to an earlier speech.

        Raises:
            QueueFull: Too much waits to be said.
        """
        self._begin("speak", now, TwinPhase.CONNECTED)
        self._check_queue(audio)
        self._touch()
        self._queue.close_tail(self.now)
        start = self.now + self.rules.speech_delay_s
        if self._queue.tail is not None:
            start = max(start, self._queue.tail.ends_at)
        speech = TwinSpeech(speech_id, text, kind, start, start + seconds, still_open)
        if self.has_playout:
            speech.has_playout = True
            speech.audio += [audio] if audio else []
        self.speeches.append(speech)
        self._queue.append(speech)
        self.advance(now)
        self._notify_playout(speech)
        return speech

    def append_audio(self, now: float, speech_id: str, seconds: float, audio: bytes = b"") -> None:
        """More audio for the open speech; opens `speech_id` when there is none.

        Unless ids are strict, the open speech goes on whatever the id.
        """
        self._begin("speak", now, TwinPhase.CONNECTED)
        tail = self._queue.tail
        if tail is None or not self._is_open(tail, speech_id):
            self.speak(now, speech_id, seconds, kind="audio", still_open=True, audio=audio)
            return
        self._check_queue(audio)
        self._touch()
        self._queue.extend_tail(self.now, seconds)
        if tail.has_playout:
            tail.audio.append(audio)
            self._notify_playout(tail)

    def _check_queue(self, audio: bytes) -> None:
        if self._queue.is_full_for(audio):
            raise QueueFull("speak", self.phase)

    def close_speech(self, now: float, speech_id: str) -> bool:
        """No more audio comes for the open speech. False when there is none."""
        self._begin("speak", now, TwinPhase.CONNECTED)
        self._touch()
        tail = self._queue.tail
        if tail is None or not self._is_open(tail, speech_id):
            return False
        self._queue.close_tail(self.now)
        self.advance(now)
        self._notify_playout(tail)
        return True

    def _is_open(self, speech: TwinSpeech, speech_id: str) -> bool:
        return speech.open and (speech.id == speech_id or not self.rules.strict_ids)

    def interrupt(self, now: float) -> int:
        """Cut what is being spoken; returns how many speeches that ended."""
        self._begin("interrupt", now, TwinPhase.CONNECTED)
        self._touch()
        return self._interrupt(clear=self.rules.interrupt_clears_queue)

    def stop(self, now: float, reason: EndReason = "stopped") -> None:
        """End it, by the client or (`gone`) by the service."""
        self._begin("stop", now, TwinPhase.NEW, TwinPhase.CONNECTING, TwinPhase.CONNECTED)
        self._end(reason)
        self.advance(now)

    # ---- reports of playout -------------------------------------------------------------------

    @property
    def head(self) -> TwinSpeech | None:
        """What is being spoken, or comes next."""
        return self._queue.head

    def on_playout_started(self, now: float, speech: TwinSpeech) -> None:
        """The first sample of a speech has been played out."""
        self.advance(now)
        if self.head is speech and speech.state == "queued":
            speech.starts_at, speech.ends_at = now, now + speech.seconds
            self._start_speech()

    def on_playout_finished(self, now: float, speech: TwinSpeech) -> None:
        """The last sample of a speech has been played out."""
        self.on_playout_started(now, speech)
        if self.head is speech:
            speech.ends_at = now
            speech.open = False
            speech.audio.clear()
            self._finish_speech()

    def _notify_playout(self, speech: TwinSpeech) -> None:
        if speech.has_playout:
            for listener in tuple(self.listeners):
                listener()

    # ---- state --------------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether it still exists for its service."""
        return self.phase is not TwinPhase.CLOSED

    @property
    def is_silent(self) -> bool:
        """Whether it has ended, and nobody is to be told."""
        return self.end_reason == "max_duration" and self.rules.silent_end

    def seconds(self, now: float) -> float:
        """How long it has been running, which is what is charged."""
        if self.started_at is None:
            return 0.0
        return (now if self.ended_at is None else self.ended_at) - self.started_at

    def events_after(self, seq: int) -> list[TwinEvent]:
        """The events after number `seq`, as far as they are remembered."""
        return [event for event in self.events if event.seq > seq]

    # ---- transitions --------------------------------------------------------------------------

    def _begin(self, verb: str, now: float, *phases: TwinPhase) -> None:
        self.advance(now)
        if self.phase not in phases:
            raise WrongPhase(verb, self.phase)
        self.counts[verb] = self.counts.get(verb, 0) + 1

    def _touch(self) -> None:
        self.last_activity = self.now

    def _set_phase(self, phase: TwinPhase) -> None:
        if phase not in LEGAL_TRANSITIONS[self.phase]:
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
        self._set_phase(TwinPhase.CONNECTED)

    def _end(self, reason: EndReason) -> None:
        self.end_reason = reason
        self._interrupt(clear=True)
        if reason == "stopped" and self.rules.stop_latency_s > 0:
            self._stop_at = self.now + self.rules.stop_latency_s
            self._set_phase(TwinPhase.CLOSING)
        else:
            self._close()

    def _close(self) -> None:
        self.ended_at = self.now
        for speech in self.speeches:
            speech.text = _shorten(speech.text)
        self._set_phase(TwinPhase.CLOSED)

    def _start_speech(self) -> None:
        head = self._queue.head
        assert head is not None  # noqa: S101 (it is due, so it is there)
        head.state = "speaking"
        self._emit("speech_started", head.id)

    def _finish_speech(self) -> None:
        self._emit("speech_ended", self._queue.finish_head().id)

    def _interrupt(self, *, clear: bool) -> int:
        cut = self._queue.interrupt(self.now, clear=clear)
        for speech in cut if not self.is_silent else ():
            self._emit("speech_interrupted", speech.id)
        return len(cut)


def _shorten(value: Any) -> Any:
    return value[:MAX_KEPT_TEXT] if isinstance(value, str) else value
