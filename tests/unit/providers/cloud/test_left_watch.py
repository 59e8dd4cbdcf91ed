"""A paid session whose pages were there and are gone."""

import asyncio

import pytest

from ipyavatar.protocol.page import Media
from ipyavatar.providers.cloud.left_watch import LEFT_S, LeftWatch
from ipyavatar.providers.cloud.viewers import Viewers
from tests.support.virtual_time import VirtualClock, run_virtual


def ended_at(story, used=lambda: False):
    """When the session is ended; None where that is not within ten times as long."""

    async def go():
        clock, viewers, ends = VirtualClock(), Viewers(), []
        begun = clock.now()
        watch = LeftWatch(clock, viewers, used, lambda why: ends.append(clock.now() - begun))
        running = asyncio.ensure_future(watch.run())
        await story(viewers, watch)
        await clock.sleep_until(begun + 10 * LEFT_S)
        running.cancel()
        return round(ends[0], 3) if ends else None

    return run_virtual(go())


def hung_up(viewers):
    viewers.remove("p.1")


def cleared(viewers):
    viewers.on_media(Media("p", "paused", silent=True), 0.0)


@pytest.mark.parametrize("leave", [hung_up, cleared])
def test_it_ends_a_minute_after_its_last_page(leave):
    """One that was closed, or shows no view any more."""

    async def story(viewers, watch):
        viewers.add("p", "p.1")
        await asyncio.sleep(LEFT_S * 2.5)
        leave(viewers)
        watch.touch()

    assert ended_at(story) == LEFT_S * 3.5


def test_it_goes_on_where_a_page_plays_it_or_none_ever_was():
    """Of two one is enough; one that is out of sight plays its sound."""

    async def shown(viewers, watch):
        viewers.add("p", "p.1")
        viewers.add("q", "q.1")
        viewers.on_media(Media("q", "paused"), 0.0)
        hung_up(viewers)

    async def script(viewers, watch):
        pass

    assert ended_at(shown) is None
    assert ended_at(script) is None


def test_a_page_that_comes_back_in_time_finds_it():
    async def story(viewers, watch):
        viewers.add("p", "p.1")
        hung_up(viewers)
        watch.touch()
        await asyncio.sleep(LEFT_S / 2)
        viewers.add("p", "p.2")

    assert ended_at(story) is None


def test_what_uses_it_counts_as_a_page():
    """Something that is said, or recorded in Python; a verb begins the minute anew."""

    async def left(viewers, watch):
        viewers.add("p", "p.1")
        hung_up(viewers)
        watch.touch()

    async def spoken_to(viewers, watch):
        await left(viewers, watch)
        await asyncio.sleep(LEFT_S - 1)
        watch.touch()

    assert ended_at(left, used=lambda: True) is None
    assert ended_at(spoken_to) == 2 * LEFT_S - 1


def test_a_page_that_nobody_sees_and_hangs_up_does_not_use_it():
    """It does so after a minute, as the session would end."""

    async def story(viewers, watch):
        viewers.add("p", "p.1")
        watch.on_pages()
        await asyncio.sleep(LEFT_S)
        cleared(viewers)
        watch.on_pages()
        await asyncio.sleep(LEFT_S - 1)
        hung_up(viewers)
        watch.on_pages()

    assert ended_at(story) == LEFT_S * 2


def test_a_page_that_comes_back_in_time_begins_it_anew():
    async def story(viewers, watch):
        viewers.add("p", "p.1")
        watch.on_pages()
        for _ in range(3):
            cleared(viewers)
            watch.on_pages()
            await asyncio.sleep(LEFT_S - 1)
            viewers.on_media(Media("p", "playing"), 0.0)
            watch.on_pages()
            await asyncio.sleep(1)
        hung_up(viewers)
        watch.on_pages()

    assert ended_at(story) == LEFT_S * 4
