"""What a client may make the twin keep for its media."""

import asyncio
import json

import pytest
from livekit.protocol import rtc as r

from ipyavatar.twin.livekit.connections import MAX_CANDIDATES, ParticipantMedia
from ipyavatar.twin.livekit.subscriptions import Subscriptions


class Connection:
    """A peer connection that takes candidates."""

    remoteDescription = object()

    def __init__(self):
        self.taken = 0

    async def addIceCandidate(self, _):
        self.taken += 1


def make_media():
    return ParticipantMedia(
        v1=False,
        subscriptions=Subscriptions(auto=True, allowed=True),
        channels=None,
        signal=None,
        on_sections=None,
        on_audio=None,
        on_failure=None,
    )


async def trickle(media, target, count, first_port=1):
    for port in range(first_port, first_port + count):
        init = {"candidate": f"candidate:1 1 udp 2130706431 127.0.0.1 {port} typ host"}
        request = r.TrickleRequest(candidateInit=json.dumps(init), target=target)
        await media.add_candidate(request)


@pytest.mark.parametrize("early", [0, 30, 3 * MAX_CANDIDATES])
def test_a_client_has_so_many_candidates_in_its_whole_life(early):
    """Before the description they belong to and after it, in one count; each side has its own."""

    async def go():
        media, connection = make_media(), Connection()
        await trickle(media, r.PUBLISHER, early)
        media._publisher = connection
        await trickle(media, r.PUBLISHER, 3 * MAX_CANDIDATES, 1000)
        await media._use_candidates(r.PUBLISHER)
        assert connection.taken == MAX_CANDIDATES
        media._subscriber = other = Connection()
        await trickle(media, r.SUBSCRIBER, 1)
        assert other.taken == 1

    asyncio.run(go())


@pytest.mark.parametrize("target", [-1, 2, 99])
def test_a_candidate_for_no_connection_of_ours_is_passed_over(target):
    async def go():
        media = make_media()
        media._publisher = media._subscriber = connection = Connection()
        await trickle(media, target, 3)
        return connection.taken

    assert asyncio.run(go()) == 0
