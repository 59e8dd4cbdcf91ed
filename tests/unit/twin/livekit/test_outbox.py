"""What waits for a client of a room is bounded."""

import asyncio

import pytest

from ipyavatar.twin.livekit.outbox import MAX_BYTES, MAX_MESSAGES, Outbox, OutboxFull


def test_messages_come_in_order_and_then_the_end():
    async def go():
        outbox = Outbox()
        reading = asyncio.ensure_future(outbox.get())
        await asyncio.sleep(0)
        outbox.put(b"first")
        outbox.put(b"second")
        outbox.close()
        outbox.put(b"too late")
        return await reading, await outbox.get(), await outbox.get(), await outbox.get()

    assert asyncio.run(go()) == (b"first", b"second", None, None)


@pytest.mark.parametrize(
    ("size", "taken"), [(1, MAX_MESSAGES), (MAX_BYTES // 4, 4), (MAX_BYTES + 1, 1)]
)
def test_so_many_messages_and_so_many_bytes_wait_and_no_more(size, taken):
    outbox = Outbox()
    for _ in range(taken):
        outbox.put(b"x" * size)
    with pytest.raises(OutboxFull):
        outbox.put(b"x" * size)
    assert len(outbox) == taken


def test_what_is_read_makes_room():
    async def go():
        outbox = Outbox()
        for _ in range(100):
            outbox.put(b"x" * (MAX_BYTES // 2))
            assert len(await outbox.get()) == MAX_BYTES // 2
        return len(outbox)

    assert asyncio.run(go()) == 0


def test_one_who_waits_is_told_of_the_end():
    async def go():
        outbox = Outbox()
        reading = asyncio.ensure_future(outbox.get())
        await asyncio.sleep(0)
        outbox.close()
        return await reading

    assert asyncio.run(go()) is None
