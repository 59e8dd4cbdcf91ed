"""A driver whose service offers one peer connection, in memory."""

from __future__ import annotations

import asyncio

from ipyavatar.core.secret import Secret
from ipyavatar.protocol.grants import SessionGrant, StreamGrant
from ipyavatar.providers.heygen.profile import PROFILE


class FakeOfferingDriver:
    """Keeps answers and candidates; says nothing by itself.

    Attributes:
        answers: SDP of the answers that came.
        candidates: Candidates that came.
        refuses: Raised at the next calls.
        offer_answered: Whether an answer was taken.
    """

    profile = PROFILE

    def __init__(self, answered: bool = False) -> None:
        self.answers = []
        self.candidates = []
        self.refuses = None
        self.offer_answered = answered

    async def accept_offer(self, sdp):
        self.answers.append(sdp)
        await asyncio.sleep(0)
        if self.refuses is not None:
            raise self.refuses
        self.offer_answered = True

    async def add_candidate(self, candidate):
        self.candidates.append(candidate)
        if self.refuses is not None:
            raise self.refuses

    def grant(self):
        stream = StreamGrant("webrtc", offer=Secret("v=0"))
        return SessionGrant(PROFILE.name, "session", stream=stream)

    def set_room(self, room):
        pass

    def on_event(self, event):
        pass

    async def create(self, on_id):
        on_id("session")

    def adopt(self, grant):
        self.offer_answered = True

    async def say(self, utterance, listener):
        return []

    async def interrupt(self):
        pass

    async def keep_alive(self, timeout_s):
        pass

    async def stop(self):
        return True

    async def stop_lost(self, known, asked_at):
        return True

    async def close(self):
        pass
