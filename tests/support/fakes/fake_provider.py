"""A provider in memory: says one character in 0.1 s of its clock, and keeps what it is told."""

from __future__ import annotations

import asyncio

from ipyavatar.errors import AvatarError, SpeechFailed, StreamTaken
from ipyavatar.protocol.page import Answer
from ipyavatar.providers.text_stream import say_in_turn, split_stream
from tests.support.virtual_time import VirtualClock


class FakeProvider:
    """Implements `Provider`.

    Attributes:
        said: Texts said to their end.
        sent: `(page, message)` of all that went over a data channel.
        channels: Pages whose data channel is open.
        reports: What pages told of the stream.
        offers: `(page, peer, sdp)` of all offers.
        accepted: Answers of pages to a service's offer; one with the SDP "taken" is refused.
        subscribed: Requests of all who want frames by widget message.
        hung_up: Peers whose connection was closed by their page.
        closed: How often it was closed.
        expressed: What its face was asked to do.
        microphones: What it was told of users' microphones: on, and whether held.
        deaf: What it raises when it is.
        touched: How often the user was said to be there.
    """

    name = "fake"

    def __init__(self, fails_to_open: bool = False) -> None:
        self.fails_to_open = fails_to_open
        self.said = []
        self.sent = []
        self.channels = set()
        self.reports = []
        self.offers = []
        self.accepted = []
        self.subscribed = []
        self.hung_up = []
        self.closed = 0
        self.touched = 0
        self.expressed = []
        self.microphones = []
        self.deaf = None
        self.listener = None
        self.clock = VirtualClock()

    async def open(self, audience):
        self.listener = audience
        await asyncio.sleep(0.5)
        if self.fails_to_open:
            raise AvatarError("No such door.", "Try the window.")

    async def say(self, utterance):
        await asyncio.sleep(0.1)
        self.listener.on_first_sound(utterance.id)
        self.listener.on_caption(utterance.id, utterance.text, [])
        if "!" in utterance.text:
            raise SpeechFailed("It has an exclamation mark.")
        await asyncio.sleep(0.1 * len(utterance.text))
        self.said.append(utterance.text)
        return [(utterance.text, 0.0, 0.1)]

    async def say_stream(self, utterance, feed):
        return await say_in_turn(self.say, utterance, split_stream(feed, self.clock))

    def expect_page(self, within_s):
        pass

    async def answer(self, offer):
        self.offers.append((offer.page, offer.peer, offer.sdp))
        if offer.sdp == "garbage":
            raise ValueError("no SDP")
        return Answer(offer.page, offer.peer, "answer")

    def subscribe(self, request):
        self.subscribed.append(request)

    async def hang_up(self, peer):
        self.hung_up.append(peer)

    async def grant_stream(self, page, peer):
        raise AvatarError("No stream.", "Make an offer.")

    async def accept_offer(self, answer):
        if answer.sdp == "taken":
            raise StreamTaken("Somebody else is watching.", "Close the other one.")
        self.accepted.append(answer)

    def on_page_report(self, report, buffers=()):
        self.reports.append(report)

    def change_quality(self, quality):
        pass

    def send_to_page(self, page, message):
        if page in self.channels:
            self.sent.append((page, message))
        return page in self.channels

    async def listen(self, on, *, push_to_talk):
        self.microphones.append((on, push_to_talk))
        if self.deaf is not None:
            raise self.deaf

    def express(self, name):
        self.expressed.append(name)

    def think(self, thinking):
        self.expressed.append("thinks" if thinking else "has thought")

    def stats(self):
        return {}

    def touch(self):
        self.touched += 1

    async def keep_alive(self):
        pass

    async def close(self, goodbye):
        await asyncio.sleep(0.1)
        self.closed += 1
