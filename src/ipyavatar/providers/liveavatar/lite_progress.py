"""How far a speech through the websocket of LITE is, by what the service tells and the time. Pure.

Real sessions tell it in two ways, each often alone: `agent.speak_started` and `agent.speak_ended`,
or the avatar's state, `talking` and then `idle` or `listening`. The first word counts, whichever
it is. Ids of speeches may be missing.
"""

from __future__ import annotations

from collections.abc import Container

from ..cloud.service_events import ServiceEvent

BEGIN_S = 3.0
"""With nothing told, a speech is taken as begun this long after its first sound was sent."""

EXPECTED_S = 10.0
"""The same where the speech before it was told of: no service that tells takes longer to begin."""

LATE_S = 5.0
"""The service's word that a speech is over may come this much after its sound must be over."""

EARLY_S = 0.3
"""The end may be told this much before our reckoning of the sound's length says so."""


class LiteProgress:
    """One speech. Seconds are of one clock, which is an argument.

    Args:
        speech: Its id.
        others: Ids of speeches before it, whose late events are not its own.
        expects_events: Whether the speech before it was told of.

    Attributes:
        seconds: Length of the sound that was sent so far.
        interrupted: Whether somebody else has cut it off: who does it here follows it no more.
        error: What the service said is wrong, if it has not begun since.
    """

    def __init__(
        self, speech: str, others: Container[str] = (), *, expects_events: bool = False
    ) -> None:
        self.seconds = 0.0
        self.interrupted = False
        self.error = ""
        self._speech = speech
        self._others = others
        self._expects_events = expects_events
        self._first_sent_at: float | None = None
        self._all_sent_at: float | None = None
        self._begun_at: float | None = None
        self._silent_at: float | None = None
        self._soonest_end = 0.0
        self._refused_at: float | None = None

    def on_sent(self, seconds: float, at: float) -> None:
        """So much more of its sound was sent."""
        self.seconds += seconds
        if self._first_sent_at is None:
            self._first_sent_at = at
        self._soonest_end = max(self._soonest_end, at) + seconds

    def on_all_sent(self, at: float) -> None:
        """All of its sound was sent."""
        if self._all_sent_at is None:
            self._all_sent_at = at

    def on_event(self, event: ServiceEvent, at: float) -> None:
        """The service told this."""
        if event.task_id != self._speech and event.task_id in self._others:
            return
        if event.kind == "error":
            self._on_error(event, at)
        elif event.kind == "avatar_started":
            self._on_started(at)
        elif event.kind == "avatar_stopped":
            self._on_stopped(at, ours=event.task_id == self._speech)
        elif self._begun_at is None and event.task_id != self._speech:
            return  # the late end of the speech before
        elif event.kind == "avatar_interrupted":
            self.interrupted = True

    @property
    def failure(self) -> str:
        """Why it was not said to its end; empty if it was."""
        if self.interrupted:
            return f"LiveAvatar cut it off: {self.error or 'it did not say why'}."
        if self._refused_at is not None:
            return f"LiveAvatar did not say it: {self.error}."
        return ""

    @property
    def told(self) -> bool:
        """Whether the service has told that it began."""
        return self._begun_at is not None

    def begun(self, now: float) -> bool:
        """Whether it is heard, as far as can be known."""
        return now >= self._begin_at

    def over(self, now: float) -> bool:
        """Whether it has been heard to its end, as far as can be known."""
        if self.interrupted:
            return True
        return now >= self._end_at

    def time_of(self, second: float) -> float:
        """When this second of its sound is heard."""
        return self._begin_at + second

    def next_at(self, now: float) -> float:
        """When it goes on by itself, with nothing told."""
        return min((at for at in (self._begin_at, self._end_at) if at > now), default=now)

    @property
    def _begin_at(self) -> float:
        if self._begun_at is not None:
            return self._begun_at
        if self._first_sent_at is None or self.error:
            return _NEVER
        return self._first_sent_at + (EXPECTED_S if self._expects_events else BEGIN_S)

    @property
    def _end_at(self) -> float:
        if self._refused_at is not None:
            return self._refused_at
        if self._all_sent_at is None:
            return _NEVER
        end = self._begin_at + self.seconds
        if self._silent_at is None:
            return end + LATE_S
        if self._silent_at >= min(end, self._soonest_end) - EARLY_S:
            # Its begin may have been told late, or not at all; then it is assumed first.
            return max(self._silent_at, self._begin_at)
        # Told in the middle, it was a pause in which the service waited for more sound.
        return end

    def _on_error(self, event: ServiceEvent, at: float) -> None:
        self.error = event.text or event.name
        if self._begun_at is None:
            # One that names no speech may be about something else.
            self._refused_at = at if event.task_id == self._speech else at + BEGIN_S

    def _on_stopped(self, at: float, *, ours: bool) -> None:
        """It is silent now. With no begin told that may be the late end of the speech before."""
        if self._begun_at is None:
            early = at < self._soonest_end - EARLY_S
            if early and not ours:
                return
            if ours or self._expects_events:  # then the end before was told, too
                self._on_started(at if early else min(at - self.seconds, self._begin_at))
        self._silent_at = at

    def _on_started(self, at: float) -> None:
        if self._begun_at is None:
            # What was taken for its end before its begin was the end of another.
            self._begun_at, self.error, self._refused_at = at, "", None
            self._silent_at = None
        elif self._silent_at is not None:
            self._begun_at += at - self._silent_at  # it was silent so long
            self._silent_at = None


_NEVER = float("inf")
