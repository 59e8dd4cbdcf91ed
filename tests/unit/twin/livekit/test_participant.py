"""One client's signalling, on virtual time."""

import asyncio

from livekit.protocol import rtc as r
from starlette.websockets import WebSocketState

from ipyavatar.twin.livekit.grants import RoomGrant, VideoGrant
from ipyavatar.twin.livekit.participant import ROUND_TRIP_S, Participant
from ipyavatar.twin.livekit.room import TwinRoom
from tests.support.virtual_time import run_virtual


class Socket:
    """A websocket: a client's requests, and when it was sent what."""

    application_state = WebSocketState.DISCONNECTED

    def __init__(self, *requests):
        self.requests = list(requests)
        self.sent = []

    async def receive(self):
        if self.requests:
            data = self.requests.pop(0).SerializeToString()
            return {"type": "websocket.receive", "bytes": data}
        await asyncio.sleep(1)
        return {"type": "websocket.disconnect"}

    async def send_bytes(self, data):
        now = asyncio.get_running_loop().time()
        self.sent.append((now, r.SignalResponse.FromString(data)))


async def converse(may_change, *requests):
    """What comes to a client that sends these requests at once."""
    room = TwinRoom("r", new_token=str, log_event=lambda *_: None, on_empty=lambda: None)
    grant = RoomGrant("me", video=VideoGrant(canUpdateOwnMetadata=may_change))
    socket = Socket(*requests)
    client = Participant(room, grant, socket, v1=True)
    room.participants[client.sid] = client
    await client.serve(socket)
    await room.close()
    return socket.sent


def change(number):
    wish = r.UpdateParticipantMetadata(name=f"name {number}", request_id=number)
    return r.SignalRequest(update_metadata=wish)


def test_the_answers_to_numbered_requests_come_in_order_and_not_before_a_round_trip():
    """At once, LiveKit's SDKs would miss them: they begin to wait when the request is sent."""
    for may_change in (True, False):
        sent = run_virtual(converse(may_change, *map(change, (3, 5, 4))))
        answers = [(at, m) for at, m in sent if m.WhichOneof("message") == "request_response"]
        assert [m.request_response.request_id for _, m in answers] == [3, 5, 4]
        assert {at for at, _ in answers} == {ROUND_TRIP_S}


def test_what_has_no_number_is_answered_at_once():
    ping = r.SignalRequest(ping_req=r.Ping(timestamp=7))
    ((at, answer), *_) = run_virtual(converse(False, ping))
    assert (at, answer.pong_resp.last_ping_timestamp) == (0.0, 7)
