import asyncio

from ipyavatar.media.closing import close_connection


class Connection:
    """Closes as aiortc does: the second one to close waits for a future of the first."""

    def __init__(self):
        self.going_on = asyncio.Event()
        self.ended = None

    async def close(self):
        if self.ended is not None:
            await self.ended
            return
        self.ended = asyncio.Future()
        await self.going_on.wait()
        self.ended.set_result(True)


def test_one_who_waits_may_be_cancelled_and_it_is_closed_all_the_same():
    """Else the one who closes fails: the end he reports is cancelled."""

    async def go():
        pc = Connection()
        first = asyncio.ensure_future(pc.close())
        await asyncio.sleep(0)
        second = asyncio.ensure_future(close_connection(pc))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        second.cancel()
        pc.going_on.set()
        await first
        assert pc.ended.result() is True
        assert second.cancelled()

    asyncio.run(go())
