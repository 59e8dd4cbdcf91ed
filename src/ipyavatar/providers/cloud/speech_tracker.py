"""One speech that a service says in its room, followed by what it tells there, in bounded time.

A page may pass it on, and a page can be closed, or kept waiting by the cell that runs. So what is
told can be early, late, doubled, about another speech, or missing: it makes a wait exact, and
nothing waits for it beyond bounds that are known beforehand.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from ...core.clock import Clock
from ...core.scripts import estimate_seconds
from ...core.speech import Mode
from ...core.tasks import wait_until
from ...core.text import split_text
from ...errors import SessionGone
from .caption_timeline import CaptionTimeline, ToldText
from .driver import CAPTION_CHARACTERS, SpeechListener
from .profile import ServiceProfile
from .service_events import ServiceEvent

BEGIN_S = {"repeat": 1.0, "talk": 3.0}
"""With nothing told, a speech is taken as begun this long after it was asked for."""

EVENTS_S = 4.0
"""Where the last speech was told of, this much more may pass before the next one is: more than a
service takes to begin."""

ANSWER_S = 10.0
"""An LLM may take this long to begin its answer, and to go on with it."""

MOST_LAG_S = 10.0
"""No speech begins later than this: a message that says so is itself late."""

LATE_S = 5.0
"""The end may be told this much after it must have come; as in LITE."""

SLACK = 1.5
"""Voices may be this much slower than the usual pace: for lengths that are estimated."""

ANSWER_LENGTH_S = 30.0
"""An answer of which no text is told may be this long."""

SWAPPED_S = 1.0
"""An end that is told before its begin, too soon to be one, waits for the begin for so long."""

RECENT = 64
"""Events kept until it is known which speech they are about."""


@dataclass(frozen=True)
class SpeechPlan:
    """What is known of a speech before anything is told of it; seconds count from its order.

    Attributes:
        speech: The id under which it is told of; None where there is none.
        lines: What is shown from its begin on.
        seconds: Its length, as well as it is known.
        shows_told: Whether told text is shown: what an LLM answers is known no other way.
        begin_s: With nothing told, it is taken as begun after this time.
        silent_s: With nothing told, it is taken as said after this time.
        heard_s: With its begin told, it is taken as said this long after that.
        least_s: It cannot be over sooner; None where its length is not known.
    """

    speech: str | None
    lines: tuple[str, ...]
    seconds: float
    shows_told: bool
    begin_s: float
    silent_s: float
    heard_s: float
    least_s: float | None


def plan_speech(
    text: str,
    mode: Mode,
    speech: str | None,
    seconds: float | None,
    *,
    hears: bool,
    expects_events: bool,
) -> SpeechPlan:
    """How long to wait for what.

    Args:
        text: What was asked for.
        mode: Whether it is said or answered.
        speech: Its id.
        seconds: Its length where the service has told it. Of an answer it tells nothing: it may be
            known before the answer is.
        hears: Whether what is told gets here.
        expects_events: Whether the last speech's did.
    """
    talk = mode == "talk"
    length = estimate_seconds(text) if seconds is None else seconds
    slack = SLACK if seconds is None else 1.0
    least_s = None if talk else length / slack
    lines = ("…",) if talk else split_text(text, CAPTION_CHARACTERS)
    heard_s = (max(length * slack, ANSWER_LENGTH_S) if talk else length * slack) + LATE_S
    if not hears:
        silent_s = max(length, ANSWER_LENGTH_S) if talk else length
        return SpeechPlan(speech, lines, length, talk, 0.0, silent_s, heard_s, least_s)
    begin_s = BEGIN_S[mode]
    silent_s = length * slack + (max(EVENTS_S, begin_s) if expects_events else begin_s)
    if talk and expects_events:
        silent_s = max(silent_s, ANSWER_S)
    return SpeechPlan(speech, lines, length, talk, begin_s, silent_s, heard_s, least_s)


class SpeechProgress:
    """How far a speech is, by what was told and the time. Pure: time is an argument."""

    def __init__(self, plan: SpeechPlan, asked: float) -> None:
        self._plan = plan
        self._asked = asked
        self._assumed = asked + plan.begin_s
        self._begun_at: float | None = None
        self._ended = False
        self._late_s = LATE_S
        self._swapped_until: float | None = None
        self._told: list[str] = []
        self._told_until = asked
        self._answer = ToldText()
        self._more_answer = ""
        self._all_told_at: float | None = None
        # Where text is told, what is shown before it gives way at once.
        self._captions = CaptionTimeline(plan.lines, 0.0 if plan.shows_told else plan.seconds)
        self.heard = False
        """Whether anything was told of this speech."""
        self.cut = ""
        """Why the session has ended meanwhile."""

    def on_event(self, event: ServiceEvent, at: float) -> None:
        """The service told this, at this time."""
        if event.kind == "line_lost" and self._begun_at is not None:
            self._late_s = 0.0  # its end may be told meanwhile: only its length is waited for
        if event.kind == "session_ended":
            self.cut = event.text or event.name
        if not self._ours(event, at):
            return
        self.heard = True
        match event.kind:
            case "avatar_started" if self._begun_at is None:
                self._begun_at = min(at, self._asked + MOST_LAG_S)
                self._swapped_until = None
                self._captions.begin(self._begun_at)
            case "avatar_text":
                self._tell(event.text, at)
            case "avatar_text_ended":
                if not self._told:
                    self._tell(event.text, at)
                self._all_told_at = at
            case "avatar_stopped" if not (self._under_way or at >= self._soonest_end):
                self._swapped_until = at + SWAPPED_S
            case "avatar_stopped" | "avatar_interrupted":
                self._ended = True
            case _:
                pass

    def begun(self, now: float) -> bool:
        """Whether it is heard, as far as can be known."""
        return self._begun_at is not None or self._ended or now >= self._assumed

    def take_answer(self) -> str:
        """What was told of an answer since this was asked last."""
        more, self._more_answer = self._more_answer, ""
        return more

    def line(self, now: float) -> str | None:
        """What to show from now on, when that changes."""
        if now >= self._assumed and not self._captions.begun:
            self._captions.begin(self._assumed)
        return self._captions.show(now)

    def over(self, now: float) -> bool:
        """Whether it has been said, as far as can be known."""
        return self._ended or bool(self.cut) or now >= self._until

    def next_at(self, now: float) -> float:
        """When it goes on by itself, with nothing told; in the future unless it is over."""
        times = (self._until, self._assumed, self._captions.next_at())
        return min((t for t in times if t is not None and t > now), default=now)

    @property
    def _under_way(self) -> bool:
        """Whether anything was told of it that comes before its end."""
        return self._begun_at is not None or bool(self._told)

    @property
    def _soonest_end(self) -> float:
        least_s = self._plan.least_s
        return self._assumed if least_s is None else self._asked + least_s

    @property
    def _until(self) -> float:
        if self._swapped_until is not None:
            return self._swapped_until
        if self._begun_at is None:
            return max(self._asked + self._plan.silent_s, self._told_until)
        text = "".join(self._told)
        told_until = self._begun_at + (SLACK * estimate_seconds(text) if text else 0.0)
        if text and self._plan.shows_told and self._all_told_at is not None:
            # All is known: it need not be waited for as an answer of any length.
            return max(self._all_told_at, told_until) + self._late_s
        heard_until = self._begun_at + self._plan.heard_s - LATE_S
        return max(max(heard_until, told_until) + self._late_s, self._told_until)

    def _ours(self, event: ServiceEvent, at: float) -> bool:
        if event.task_id is not None and self._plan.speech is not None:
            return event.task_id == self._plan.speech
        # Nobody knows of which: of this one, unless it is the late end of one before.
        if event.kind == "avatar_started" or self._begun_at is not None:
            return True
        known = self._plan.least_s is not None
        return event.kind == "avatar_stopped" and known and at >= self._soonest_end

    def _tell(self, text: str, at: float) -> None:
        if not text.strip() or (self._told and self._told[-1] == text and " " in text.strip()):
            return  # several words told twice in a row are one message that came twice
        self._told.append(text)
        if self._plan.shows_told:
            self._captions.add(text, at)
            self._more_answer += self._answer.add(text)
        # Text may be told ahead of its sound, so it is no begin; but somebody is about to speak.
        pause_s = ANSWER_S if self._plan.shows_told else LATE_S
        self._told_until = max(self._told_until, at + SLACK * estimate_seconds(text) + pause_s)


class SpeechTracker:
    """Follows one speech. Made before it is asked for, so that nothing told early is lost."""

    def __init__(self, profile: ServiceProfile, clock: Clock, listener: SpeechListener) -> None:
        self._profile = profile
        self._clock = clock
        self._listener = listener
        self._events: deque[tuple[float, ServiceEvent]] = deque(maxlen=RECENT)
        self._moved = asyncio.Event()

    def on_event(self, event: ServiceEvent) -> None:
        """The service told something."""
        self._events.append((self._clock.now(), event))
        self._moved.set()

    async def follow(self, plan: SpeechPlan) -> bool:
        """Follow it to its end, from now on; returns whether anything was told of it.

        Raises:
            SessionGone: The service told that the session has ended.
        """
        progress = SpeechProgress(plan, self._clock.now())
        begun = False
        while True:
            self._moved.clear()
            while self._events:
                at, event = self._events.popleft()
                progress.on_event(event, at)
            if answer := progress.take_answer():
                self._listener.on_answer(answer)
            if progress.cut:
                raise SessionGone(
                    f"The speech was cut off: the session is over ({progress.cut}).",
                    "Start a new one.",
                    service=self._profile.name,
                    call="room",
                )
            now = self._clock.now()
            if not begun and progress.begun(now):
                begun = True
                self._listener.on_first_sound()
            if progress.over(now):
                return progress.heard
            line = progress.line(now)
            if line is not None:
                self._listener.on_caption(line, [])
            await wait_until(self._clock, progress.next_at(now), self._moved)
