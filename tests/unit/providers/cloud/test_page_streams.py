"""What pages get of a service's stream, and what the user is told of it."""

import asyncio

import pytest

from ipyavatar.core.secret import Secret
from ipyavatar.errors import MediaError, SessionClosed, StreamTaken
from ipyavatar.protocol.grants import SessionGrant, StreamGrant
from ipyavatar.protocol.page import AcceptOffer, Candidate, Media, Offer, StreamOver
from ipyavatar.providers.cloud.holder_watch import SILENCES
from ipyavatar.providers.cloud.offered_connection import OfferedConnection, OfferSpent
from ipyavatar.providers.cloud.page_streams import AGAIN_S, GET_ANOTHER, PageStreams
from ipyavatar.providers.cloud.stream_access import StreamAccess
from ipyavatar.providers.cloud.viewers import Viewers
from ipyavatar.providers.cloud.whep_proxy import WhepProxy
from tests.support.fakes.offering_driver import FakeOfferingDriver
from tests.support.virtual_time import VirtualClock, run_virtual


class Streams:
    """The streams of a session whose service offers a connection, and what they tell."""

    def __init__(self, whep=None, make_way=None):
        self.driver = FakeOfferingDriver()
        self.failure = None
        self.notices, self.checks, self.ends = [], 0, []
        self.asked, self.there, self.clock = 0, [], VirtualClock()
        self.room = StreamAccess(
            self.clock,
            Viewers(),
            stream_grant=lambda: self.driver.grant().stream,
            to_page=lambda *_: None,
            on_event=lambda _: None,
            on_lost=lambda _: None,
            connect=None,
        )
        self.pages = PageStreams(
            self.driver,
            self.room,
            whep or WhepProxy(),
            OfferedConnection(self.driver),
            opened=self._opened,
            make_way=make_way or self.room.leave_room,
            notify=self.notices.append,
            check=self._check,
            end=self.ends.append,
            ask=self._ask,
            clock=self.clock,
        )

    async def _opened(self):
        if self.failure is not None:
            raise self.failure

    def _check(self):
        self.checks += 1

    def _ask(self):
        self.asked += 1
        for page in self.there:
            self.pages.hear(page)

    async def shown(self, page):
        """Let `page` have the connection."""
        await self.pages.grant(page, f"{page}.1")
        await self.pages.accept(AcceptOffer(page, f"{page}.1", "v=0"))


def play(scenario):
    async def go():
        await scenario(Streams())

    run_virtual(go())


def test_a_page_is_granted_the_offer_and_its_answer_goes_to_the_service():
    async def scenario(streams):
        grant = await streams.pages.grant("a", "a.1")
        assert (grant.kind, grant.offer.reveal()) == ("webrtc", "v=0")
        await streams.pages.accept(AcceptOffer("a", "a.1", "ours"))
        found = Candidate("a", "a.1", "candidate:1")
        await streams.pages.add_candidate(found)
        assert (streams.driver.answers, streams.driver.candidates) == (["ours"], [found])
        assert streams.room.viewers.watches("a.1")

    play(scenario)


def test_a_page_that_comes_second_does_not_count_as_a_viewer_and_ends_nothing():
    async def scenario(streams):
        await streams.shown("a")
        with pytest.raises(StreamTaken):
            await streams.pages.grant("b", "b.1")
        assert [streams.room.viewers.watches(peer) for peer in ("a.1", "b.1")] == [True, False]
        assert streams.ends == []
        await streams.pages.close()

    play(scenario)


@pytest.mark.parametrize(
    ("there", "ends"),
    [
        pytest.param(["b"], True, id="it has vanished"),
        pytest.param(["a", "b"], False, id="it is there"),
        pytest.param([], False, id="the kernel passes nothing on"),
    ],
)
def test_who_comes_second_has_the_page_that_has_the_connection_asked_whether_it_is_there(
    there, ends
):
    async def scenario(streams):
        await streams.shown("a")
        streams.there = there
        await streams.clock.sleep_until(streams.clock.now() + 100)
        assert streams.asked == 0  # nobody wants it
        with pytest.raises(StreamTaken):
            await streams.pages.grant("b", "b.1")
        await streams.clock.sleep_until(streams.clock.now() + 600)
        assert streams.asked >= SILENCES
        assert bool(streams.ends) is ends
        assert all("is gone" in told for told in streams.ends)
        await streams.pages.close()

    play(scenario)


def test_who_vanishes_while_another_page_waits_is_found_out_and_who_hangs_up_is_asked_no_more():
    async def scenario(streams):
        await streams.shown("a")
        streams.there = ["a", "b"]
        with pytest.raises(StreamTaken):
            await streams.pages.grant("b", "b.1")
        await streams.clock.sleep_until(streams.clock.now() + 300)
        streams.there = ["b"]
        await streams.clock.sleep_until(streams.clock.now() + 60)
        assert len(streams.ends) == 1
        streams = Streams()
        await streams.shown("a")
        with pytest.raises(StreamTaken):
            await streams.pages.grant("b", "b.1")
        await streams.pages.hang_up("a.1")
        await streams.clock.sleep_until(streams.clock.now() + 300)
        assert streams.asked <= 1

    play(scenario)


@pytest.mark.parametrize("how", ["hung up", "lost"])
def test_a_session_whose_one_connection_has_gone_is_ended_when_a_page_wants_to_watch(how):
    """Not before: without a page it can still be heard of, and speak."""

    async def scenario(streams):
        await streams.shown("a")
        if how == "hung up":
            await streams.pages.hang_up("a.1")
        else:
            streams.pages.on_stream_over(StreamOver("a", "a.1", "lost", "ICE failed"))
        assert streams.ends == []
        with pytest.raises(OfferSpent):
            await streams.pages.grant("b", "b.1")
        (told,) = streams.ends
        assert "used up" in told
        assert not streams.room.viewers.watches("b.1")

    play(scenario)


def test_who_asks_for_what_will_not_be_opened_is_no_viewer():
    async def scenario(streams):
        streams.failure = SessionClosed("Stopped.", "Press play.")
        with pytest.raises(SessionClosed):
            await streams.pages.grant("a", "a.1")
        assert not streams.room.viewers.watches("a.1")

    play(scenario)


def test_an_offer_of_a_page_is_for_whep_alone():
    async def scenario(streams):
        with pytest.raises(MediaError, match="takes no offers"):
            await streams.pages.answer(Offer("a", "a.1", "v=0"))

    play(scenario)


def test_a_reader_makes_way_for_each_offer_of_a_page():
    """Also for one without a new grant: two calls at once would put one of them out."""
    calls = []

    class Whep(WhepProxy):
        async def offer(self, url, peer, sdp):
            assert (url.reveal(), sdp) == ("https://stream", "v=0")
            calls.append(peer)
            return "v=0 answer"

    async def make_way():
        calls.append("makes way")

    async def scenario():
        streams = Streams(Whep(), make_way)
        whep = StreamGrant("whep", Secret("https://stream"))
        streams.driver.grant = lambda: SessionGrant("heygen", "session", stream=whep)
        await streams.pages.grant("a", "a.1")
        for peer in ("a.1", "a.2"):  # the second is the same page's, after a loss
            assert (await streams.pages.answer(Offer("a", peer, "v=0"))).sdp == "v=0 answer"

    run_virtual(scenario())
    assert calls == ["makes way", "makes way", "a.1", "makes way", "a.2"]


def test_trouble_with_the_picture_is_told_once_until_it_plays_again():
    async def scenario(streams):
        failed = Media("a", "failed", "It froze.", "Press Retry.")
        for media in (failed, failed, Media("a", "playing"), failed):
            streams.pages.on_media(media)
        assert streams.notices == ["It froze. Press Retry."] * 2

    play(scenario)


@pytest.mark.parametrize(
    ("reason", "told", "checks"),
    [
        ("ended", None, 1),
        ("refused", "refused to show its picture (why)", 0),
        ("taken", "shown in another page (why)", 0),
        ("lost", "was lost (why)", 0),
    ],
)
def test_each_end_of_a_stream_is_told_or_looked_into(reason, told, checks):
    """After a loss the page is expected back for a while."""

    async def scenario(streams):
        streams.pages.on_stream_over(StreamOver("a", "a.1", reason, "why"))
        assert streams.checks == checks
        assert [told in notice for notice in streams.notices] == [True] * (told is not None)
        now = asyncio.get_running_loop().time()
        expected = streams.room.viewers.waits_until(now)
        assert expected == (now + AGAIN_S if reason == "lost" else None)

    play(scenario)


def test_where_its_token_has_run_out_it_is_told_what_to_do():
    """Retry would bring the same one again."""

    async def scenario(streams):
        expired = StreamOver("a", "a.1", "refused", "token is expired")
        streams.pages.on_stream_over(expired)
        assert streams.notices[-1].endswith("(token is expired). " + GET_ANOTHER)

    play(scenario)
