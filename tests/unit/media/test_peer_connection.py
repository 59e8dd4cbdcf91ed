import asyncio
import gc

from aiortc import RTCBundlePolicy, RTCConfiguration, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack

from ipyavatar.media.peer import prepare
from ipyavatar.media.peer_connection import PeerConnection


def connection():
    """One with several sections, as ours are."""
    prepare()
    pc = PeerConnection(RTCConfiguration([], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
    for _ in range(2):
        pc.addTrack(AudioStreamTrack())
    pc.createDataChannel("control")
    return pc


NOBODY = "a=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host\r\n"


def copy(description, *, unreachable):
    lines = description.sdp.splitlines(keepends=True)
    if unreachable:
        lines = [NOBODY if line.startswith("a=candidate") else line for line in lines]
    return RTCSessionDescription("".join(lines), description.type)


async def negotiate(one, other, *, unreachable=False):
    await one.setLocalDescription(await one.createOffer())
    await other.setRemoteDescription(copy(one.localDescription, unreachable=unreachable))
    await other.setLocalDescription(await other.createAnswer())
    await one.setRemoteDescription(copy(other.localDescription, unreachable=unreachable))


def test_nothing_goes_on_after_a_close_in_the_middle_of_connecting():
    async def go():
        one, other = connection(), PeerConnection(RTCConfiguration([]))
        await negotiate(one, other, unreachable=True)
        while {one.iceConnectionState, other.iceConnectionState} != {"checking"}:
            await asyncio.sleep(0)
        await one.close()
        await other.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(go())


async def leave_between_ice_and_dtls(steps):
    one, other = connection(), PeerConnection(RTCConfiguration([]))
    await negotiate(one, other)
    while one.iceConnectionState != "completed":
        await asyncio.sleep(0)
    for _ in range(steps):
        await asyncio.sleep(0)
    await one.close()
    await other.close()
    while len(asyncio.all_tasks()) > 1:  # what nobody owns comes to its end
        await asyncio.sleep(0)


def test_leaving_between_ice_and_the_end_of_dtls_leaves_no_exception_behind():
    """Wherever in between: that there is one depends on which step it is."""

    async def go():
        told = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, what: told.append(what))
        for steps in range(8):
            await leave_between_ice_and_dtls(steps)
        gc.collect()
        assert told == []

    asyncio.run(go())


def test_one_who_waits_may_be_cancelled_and_it_is_closed_all_the_same():
    """Else the one who closes fails: the end he reports is cancelled."""

    async def go():
        pc = connection()
        first, second = (asyncio.ensure_future(pc.close()) for _ in range(2))
        await asyncio.sleep(0)
        second.cancel()
        await first
        assert pc.connectionState == "closed"
        assert second.cancelled()

    asyncio.run(go())
