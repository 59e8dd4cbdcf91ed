"""A session as the page router sees it, which keeps what it is asked for."""

from __future__ import annotations


class FakeRoutedSession:
    """Implements `RoutedSession`."""

    def __init__(self, provider=None):
        self.id = "s"
        self.provider = provider
        self.spoken = []
        self.rejected = []
        self.interrupted = []
        self.introduced = []

    def speak(self, utterance, *, interrupt=False):
        self.spoken.append((utterance, interrupt))

    def reject(self, utterance, reason):
        self.rejected.append((utterance, reason))

    def interrupt(self, speech=""):
        self.interrupted.append(speech)

    def announce_to(self, page):
        self.introduced.append(page)
