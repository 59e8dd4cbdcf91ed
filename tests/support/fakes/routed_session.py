"""A session as the page router sees it, which keeps what it is asked for."""

from __future__ import annotations

from ipyavatar.protocol import page as p
from ipyavatar.session.audience import Audience


class FakeMicrophones:
    """Keeps what pages say of theirs."""

    def __init__(self):
        self.told = []

    def handle(self, message, buffers=()):
        self.told.append((message, tuple(buffers)))


class FakeRoutedSession:
    """Implements `RoutedSession`."""

    def __init__(self, provider=None):
        self.id = "s"
        self.provider = provider
        self.audience = Audience(lambda: 0.0)
        self.responds = False
        self.spoken = []
        self.rejected = []
        self.interrupted = []
        self.microphones = FakeMicrophones()
        self.recognition = FakeMicrophones()

    def speak(self, utterance, *, interrupt=False):
        self.spoken.append((utterance, interrupt))

    def reject(self, utterance, reason):
        self.rejected.append((utterance, reason))

    def interrupt(self, speech=""):
        self.interrupted.append(speech)

    def facts(self):
        return [p.Status("live", "Ready", 1.0), p.UnderWay([], "", 1.0)]
