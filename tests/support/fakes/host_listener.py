"""A listener to a host that keeps what it hears."""

from __future__ import annotations

import queue
import threading

from ipyavatar.protocol import host as m


class RecordingHostListener:
    """Implements `HostListener`.

    Attributes:
        events: What happened in the session, in order.
        calls: `("disconnect", generation)` and so on, in order.
        reasons: What was told of each loss.
        failures: Errors it was given up with.
        closed: The error it was closed with.
        reconnected: Set by the first new host.
    """

    def __init__(self):
        self.events = queue.SimpleQueue()
        self.calls = []
        self.reasons = []
        self.failures = []
        self.closed = None
        self.reconnected = threading.Event()

    def on_event(self, event):
        self.events.put(event)

    def on_disconnect(self, generation, what):
        self.calls.append(("disconnect", generation))
        self.reasons.append(what)

    def on_reconnect(self, generation):
        self.calls.append(("reconnect", generation))
        self.reconnected.set()

    def on_failure(self, generation, error):
        self.calls.append(("failure", generation))
        self.failures.append(error)

    def on_host_closed(self, error):
        self.closed = error

    def heard(self):
        """The events so far."""
        found = []
        while not self.events.empty():
            found.append(self.events.get())
        return found

    def next_event(self, kind, **wanted):
        """The next event of that kind with those fields."""
        while True:
            event = self.events.get(timeout=30)
            if isinstance(event, kind) and _fits(event, wanted):
                return event

    def next_fact(self, kind, **wanted):
        """The next announcement of that kind with those fields."""
        while True:
            fact = self.next_event(m.Announced).message
            if isinstance(fact, kind) and _fits(fact, wanted):
                return fact

    def next_answer(self, kind, **wanted):
        """The next message to a page of that kind with those fields."""
        while True:
            answer = self.next_event(m.ToPage).message
            if isinstance(answer, kind) and _fits(answer, wanted):
                return answer


def _fits(thing, wanted):
    return all(getattr(thing, name) == value for name, value in wanted.items())
