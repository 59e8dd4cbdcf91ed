"""Tokens made with the dev server's key, and RoomService as the server SDKs call it.

`livekit-api` sends protobuf, `livekit-server-sdk` of JavaScript JSON; both are Twirp.
"""

import asyncio
import json

import pytest
from livekit.protocol import models as m
from livekit.protocol import room as api
from livekit.protocol import rtc as r
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.support.livekit_token import livekit_token
from tests.support.loopback import http
from tests.support.processes import until
from tests.support.sdk import TwinProcess, twin_process

AGENT = {"metadata": '{"a": 1}', "attributes": {"role": "tutor"}, "name": "Ada", "kind": "agent"}


@pytest.fixture(scope="module")
def server():
    with twin_process("--concurrency", "50") as twin:
        yield twin


@pytest.fixture
def twin(server):
    yield server
    server.stop_all()


@pytest.fixture
def room(twin):
    """The room of a session."""
    return twin.heygen()["session_id"]


class RoomService:
    """The calls in either encoding."""

    def __init__(self, twin: TwinProcess, room: str, kind: str, token: str | None = None) -> None:
        self.room = room
        self._twin = twin
        self._kind = kind
        self._token = livekit_token(room, grants={"roomAdmin": True}) if token is None else token

    def call(self, method, **members):
        """Status and answer: a dictionary or, in protobuf, bytes."""
        kind, request = f"application/{self._kind}", {"room": self.room, **members}
        named = (
            api.RoomParticipantIdentity if "identity" in members else api.ListParticipantsRequest
        )
        binary = self._kind == "protobuf"
        answer = http.post(
            f"{self._twin.url}/twirp/livekit.RoomService/{method}",
            content=named(**request).SerializeToString() if binary else json.dumps(request),
            headers={"Content-Type": kind, "Authorization": f"Bearer {self._token}"},
        )
        if answer.status_code == 200:
            assert answer.headers["content-type"] == kind
        plain = answer.status_code != 200 or not binary
        return answer.status_code, answer.json() if plain else answer.content

    def participants(self):
        status, answer = self.call("ListParticipants")
        assert status == 200, answer
        if self._kind == "json":
            return {one["identity"]: one for one in answer["participants"]}
        found = api.ListParticipantsResponse.FromString(answer).participants
        return {one.identity: one for one in found}


async def join(twin, token, header=False):
    """Join, as JavaScript does it or as Python does; the socket, and who is there."""
    url = twin.url.replace("http", "ws") + "/rtc"
    if header:
        socket = await connect(url, additional_headers={"Authorization": f"Bearer {token}"})
    else:
        socket = await connect(f"{url}?access_token={token}")
    return socket, r.SignalResponse.FromString(await asyncio.wait_for(socket.recv(), 20)).join


async def leave_of(socket):
    while True:
        response = r.SignalResponse.FromString(await asyncio.wait_for(socket.recv(), 20))
        if response.WhichOneof("message") == "leave":
            return response.leave.reason


@pytest.mark.parametrize("header", [True, False], ids=["header", "query"])
def test_a_token_made_with_the_dev_key_opens_a_room(twin, room, header):
    async def go():
        socket, joined = await join(twin, livekit_token(room, "agent-1", **AGENT), header)
        await socket.close()
        return joined

    joined = asyncio.run(go())
    me = joined.participant
    assert (me.identity, me.name, me.metadata) == ("agent-1", "Ada", AGENT["metadata"])
    assert dict(me.attributes) == AGENT["attributes"]
    assert me.kind == m.ParticipantInfo.AGENT
    assert [one.identity for one in joined.other_participants] == ["heygen"]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"secret": "secre"}, b"invalid token"),
        ({"key": "other"}, b"invalid token"),
        ({"life_s": -60}, b"token is expired"),
        ({"grants": {"roomAdmin": True}}, b"permissions denied"),
        ({"grants": {"roomJoin": False}}, b"permissions denied"),
        ({"video": "all"}, b"invalid token"),
        ({"attributes": {"a": 1}}, b"invalid token"),
        ({"exp": "never"}, b"invalid token"),
        ({"attributes": {str(n): "" for n in range(65)}}, b"token is too large"),
        ({"video": {"room": "", "roomJoin": True}}, b"requested room does not exist"),
    ],
)
def test_a_token_that_grants_nothing_is_refused_with_the_reason(twin, room, more, reason):
    async def go():
        with pytest.raises(InvalidStatus) as refused:
            await join(twin, livekit_token(room, "x", **more), header=True)
        return refused.value.response

    response = asyncio.run(go())
    assert (response.status_code, response.body) == (401, reason)


@pytest.mark.parametrize("kind", ["json", "protobuf"])
def test_participants_are_listed_and_removed(twin, room, kind):
    service = RoomService(twin, room, kind)

    async def go():
        socket, _ = await join(twin, livekit_token(room, "agent-1", **AGENT))
        found = await asyncio.to_thread(service.participants)
        status, _ = await asyncio.to_thread(service.call, "RemoveParticipant", identity="agent-1")
        assert status == 200
        reason = await leave_of(socket)
        await socket.close()
        return found, reason

    found, reason = asyncio.run(go())
    assert set(found) == {"heygen", "agent-1"}
    agent, avatar = found["agent-1"], found["heygen"]
    get = dict.get if kind == "json" else getattr
    assert (get(agent, "name"), get(agent, "metadata")) == ("Ada", AGENT["metadata"])
    assert dict(get(agent, "attributes")) == AGENT["attributes"]
    assert get(agent, "kind") == ("AGENT" if kind == "json" else m.ParticipantInfo.AGENT)
    assert len(get(avatar, "tracks")) == 2
    assert reason == m.PARTICIPANT_REMOVED
    until(lambda: set(service.participants()) == {"heygen"}, 10, "it has gone")
    status, error = service.call("RemoveParticipant", identity="agent-1")
    assert (status, error["code"]) == (404, "not_found")
    assert service.call("GetParticipant", identity="heygen")[0] == 200


def test_a_room_without_its_avatar_is_over(twin, room):
    """Plugins end an avatar by that call."""
    service = RoomService(twin, room, "protobuf")
    assert service.call("RemoveParticipant", identity="heygen")[0] == 200
    (session,) = [s for s in twin.state()["sessions"] if s["id"] == room]
    assert (session["state"], session["end_reason"]) == ("closed", "gone")


@pytest.mark.parametrize(
    ("token", "method", "kind", "status", "code"),
    [
        ({"grants": {"roomJoin": True}}, "ListParticipants", "json", 401, "unauthenticated"),
        ({"secret": "other"}, "ListParticipants", "json", 401, "unauthenticated"),
        ({}, "CreateIngress", "json", 501, "unimplemented"),
        ({}, "ListParticipants", "xml", 404, "bad_route"),
    ],
)
def test_a_call_that_is_refused_says_why(twin, room, token, method, kind, status, code):
    made = livekit_token(room, **{"grants": {"roomAdmin": True}, **token})
    found, error = RoomService(twin, room, kind, made).call(method)
    assert (found, error["code"]) == (status, code)
    assert error["msg"]


@pytest.mark.parametrize("body", [b"\xff\xff", b"{", b"[]", b'{"room": 5}'])
@pytest.mark.parametrize("kind", ["json", "protobuf"])
def test_a_request_that_cannot_be_read_is_refused(twin, room, kind, body):
    answer = http.post(
        f"{twin.url}/twirp/livekit.RoomService/ListParticipants",
        content=body,
        headers={
            "Content-Type": f"application/{kind}",
            "Authorization": f"Bearer {livekit_token(room, grants={'roomAdmin': True})}",
        },
    )
    assert answer.status_code in (400, 401)
    assert answer.json()["code"] in ("malformed", "unauthenticated")


def test_a_token_does_for_its_own_room_alone(twin, room):
    other = twin.heygen()["session_id"]
    service = RoomService(twin, other, "json", livekit_token(room, grants={"roomAdmin": True}))
    assert service.call("ListParticipants")[0] == 401


@pytest.mark.parametrize(
    ("may", "attributes", "reason"),
    [
        (True, {"mood": "fine"}, r.RequestResponse.OK),
        (False, {"mood": "fine"}, r.RequestResponse.NOT_ALLOWED),
        (True, {"mood": "x" * 70_000}, r.RequestResponse.LIMIT_EXCEEDED),
    ],
)
def test_a_change_of_what_one_says_of_oneself_is_answered(twin, room, may, attributes, reason):
    """Its answer names the request; what is refused changes nothing."""
    grants = {"roomJoin": True, "canUpdateOwnMetadata": may}

    async def go():
        socket, _ = await join(twin, livekit_token(room, "me", grants=grants))
        wish = r.UpdateParticipantMetadata(attributes=attributes, request_id=7)
        await socket.send(r.SignalRequest(update_metadata=wish).SerializeToString())
        while True:
            response = r.SignalResponse.FromString(await asyncio.wait_for(socket.recv(), 20))
            if response.WhichOneof("message") == "request_response":
                break
        found = await asyncio.to_thread(RoomService(twin, room, "protobuf").participants)
        await socket.close()
        return response.request_response, dict(found["me"].attributes)

    response, now = asyncio.run(go())
    assert (response.request_id, response.reason) == (7, reason)
    assert now == (attributes if reason == r.RequestResponse.OK else {})


def test_a_track_that_does_not_exist_cannot_be_subscribed_to(twin, room):
    async def go():
        socket, _ = await join(twin, livekit_token(room, "me"))
        wish = r.UpdateSubscription(track_sids=["TR_none"], subscribe=True)
        await socket.send(r.SignalRequest(subscription=wish).SerializeToString())
        while True:
            response = r.SignalResponse.FromString(await asyncio.wait_for(socket.recv(), 20))
            if response.WhichOneof("message") == "subscription_response":
                await socket.close()
                return response.subscription_response

    found = asyncio.run(go())
    assert (found.track_sid, found.err) == ("TR_none", m.SE_TRACK_NOTFOUND)
