"""Bodies are bounded one by one and all together."""

import asyncio
from typing import ClassVar

import pytest

from ipyavatar.twin.request_body import BodyEncoded, BodyReader, BodyTooLarge, TooManyBodies


class Request:
    headers: ClassVar[dict[str, str]] = {}

    def __init__(self, *chunks: bytes, until: asyncio.Event | None = None) -> None:
        self.chunks, self.until = chunks, until

    async def stream(self):
        for chunk in self.chunks:
            yield chunk
        if self.until is not None:
            await self.until.wait()


def test_a_body_is_read_up_to_its_limit():
    """One byte more is refused, and what was read is given back."""

    async def go():
        reader = BodyReader(max_total_bytes=10)
        for _ in range(3):
            assert await reader.read(Request(b"12345", b"67890"), 10) == b"1234567890"
            with pytest.raises(BodyTooLarge):
                await reader.read(Request(b"12345", b"678901"), 10)

    asyncio.run(go())


def test_bodies_that_come_slowly_share_one_bound():
    """Many half bodies do not fill memory; when one is read, there is room again."""

    async def go():
        reader, end = BodyReader(max_total_bytes=10), asyncio.Event()
        slow = asyncio.ensure_future(reader.read(Request(b"12345678", until=end), 10))
        await asyncio.sleep(0)
        with pytest.raises(TooManyBodies):
            await reader.read(Request(b"123"), 10)
        assert await reader.read(Request(b"12"), 10) == b"12"
        end.set()
        assert await slow == b"12345678"
        assert await reader.read(Request(b"1234567890"), 10) == b"1234567890"

    asyncio.run(go())


def test_a_compressed_body_is_read_and_not_kept():
    """Its client may look for the refusal only then; it takes nothing of the others' room."""

    class Compressed(Request):
        headers: ClassVar = {"content-encoding": "gzip"}
        read = 0

        async def stream(self):
            async for chunk in super().stream():
                self.read += len(chunk)
                yield chunk

    async def go():
        request = Compressed(b"12345", b"67890")
        with pytest.raises(BodyEncoded, match="gzip"):
            await BodyReader(max_total_bytes=1).read(request, 10)
        assert request.read == 10
        assert await BodyReader().read(Compressed()) == b""

    asyncio.run(go())
