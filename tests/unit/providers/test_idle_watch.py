"""How long nobody has used a session."""

import asyncio

from ipyavatar.providers.idle_watch import IdleWatch
from tests.support.virtual_time import VirtualClock, run_virtual


def idle_at(story):
    """When the watch says that it is idle, after 10 s without use."""

    async def go():
        clock = VirtualClock()
        begun = clock.now()
        watch = IdleWatch(clock, 10.0)
        telling = asyncio.ensure_future(story(watch))
        await watch.wait()
        await telling
        return round(clock.now() - begun, 3)

    return run_virtual(go())


def test_it_counts_from_the_last_use():
    """The first use is its making."""

    async def nothing(watch):
        pass

    async def touched(watch):
        await asyncio.sleep(4)
        watch.touch()
        await asyncio.sleep(3)
        watch.touch()

    assert idle_at(nothing) == 10.0
    assert idle_at(touched) == 17.0


def test_what_goes_on_is_use_and_its_end_is_the_last():
    """Also where it takes longer than the time."""

    async def long(watch):
        await asyncio.sleep(4)
        with watch.using():
            await asyncio.sleep(33)

    async def overlapping(watch):
        with watch.using(), watch.using():
            await asyncio.sleep(3)

    assert idle_at(long) == 47.0
    assert idle_at(overlapping) == 13.0
