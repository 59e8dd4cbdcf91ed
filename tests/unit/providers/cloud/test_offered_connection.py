"""The one peer connection that a service offers: which page has it, and when it is used up."""

import asyncio

import pytest

from ipyavatar.errors import MediaError, ServiceUnavailable, StreamTaken
from ipyavatar.protocol.page import AcceptOffer, Candidate
from ipyavatar.providers.cloud.offered_connection import OfferedConnection, OfferSpent
from ipyavatar.providers.heygen.profile import PROFILE
from tests.support.fakes.offering_driver import FakeOfferingDriver


class NoOffers:
    """A driver of a service that offers nothing."""

    profile = PROFILE


def answer(page, peer=""):
    return AcceptOffer(page, peer or f"{page}.1", f"sdp of {page}")


def play(scenario, **options):
    driver = FakeOfferingDriver(**options)
    asyncio.run(scenario(driver, OfferedConnection(driver)))


def test_an_answer_is_passed_on_once_however_often_it_comes():
    """Also while the service still thinks about it."""

    async def scenario(driver, offered):
        offered.check("a")
        await asyncio.gather(*(offered.accept(answer("a")) for _ in range(3)))
        await offered.accept(answer("a"))
        assert driver.answers == ["sdp of a"]

    play(scenario)


def test_of_two_pages_that_have_the_offer_the_first_answer_counts():
    async def scenario(driver, offered):
        offered.check("a")
        offered.check("b")
        first, second = await asyncio.gather(
            offered.accept(answer("a")), offered.accept(answer("b")), return_exceptions=True
        )
        assert (first, type(second)) == (None, StreamTaken)
        assert driver.answers == ["sdp of a"]

    play(scenario)


def test_a_page_that_comes_second_is_told_so_and_takes_it_over_when_it_asks_again():
    """Its user has pressed Retry; or the first page vanished without a word, as in a reload."""

    async def scenario(driver, offered):
        await offered.accept(answer("a"))
        with pytest.raises(StreamTaken):
            offered.check("b")
        with pytest.raises(OfferSpent):
            offered.check("b")

    play(scenario)


@pytest.mark.parametrize("page", ["a", "b"])
def test_once_the_page_has_gone_there_is_no_connection_left(page):
    """For itself as for others: the service makes one offer in a session."""

    async def scenario(driver, offered):
        await offered.accept(answer("a"))
        offered.release("another.1")
        with pytest.raises((StreamTaken, OfferSpent)):
            offered.check("b")
        offered.release("a.1")
        with pytest.raises(OfferSpent):
            offered.check(page)
        with pytest.raises(OfferSpent):
            await offered.accept(answer(page, f"{page}.2"))

    play(scenario)


def test_a_session_that_was_taken_over_has_no_offer_left():
    async def scenario(driver, offered):
        with pytest.raises(OfferSpent):
            offered.check("a")

    play(scenario, answered=True)


def test_an_answer_that_the_service_refuses_leaves_the_offer_to_others():
    async def scenario(driver, offered):
        driver.refuses = ServiceUnavailable("No.", service="heygen", call="start")
        with pytest.raises(ServiceUnavailable):
            await offered.accept(answer("a"))
        driver.refuses = None
        offered.check("b")
        await offered.accept(answer("b"))
        assert driver.answers == ["sdp of a", "sdp of b"]

    play(scenario)


def test_candidates_of_the_page_that_has_it_are_passed_on_and_of_no_other():
    """A candidate that the service refuses is no reason to give up."""

    async def scenario(driver, offered):
        early, mine, other = (
            Candidate(page, peer, "candidate:1", "0", 0)
            for page, peer in (("a", "a.1"), ("a", "a.1"), ("b", "b.1"))
        )
        await offered.add_candidate(early)
        await offered.accept(answer("a"))
        await offered.add_candidate(mine)
        await offered.add_candidate(other)
        driver.refuses = ServiceUnavailable("No.", service="heygen", call="ice")
        await offered.add_candidate(mine)
        assert driver.candidates == [mine, mine]

    play(scenario)


def test_a_service_that_offers_nothing_takes_no_answer():
    async def go():
        offered = OfferedConnection(NoOffers())
        with pytest.raises(MediaError, match="no offer"):
            await offered.accept(answer("a"))
        await offered.add_candidate(Candidate("a", "a.1", "candidate:1"))

    asyncio.run(go())
