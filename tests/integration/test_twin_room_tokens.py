"""A room's token that runs out during a session ends nothing; it opens nothing any more either."""

import asyncio

import pytest
from livekit.protocol import rtc as r
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.integration.test_twin_limits import let_pass
from tests.integration.test_twin_process import KEY, twin
from tests.support.loopback import http

HOURS = ("--max-duration", "36000", "--idle-timeout", "36000")
TOKEN_LIFE_S = 3600


def new_room(url: str) -> tuple[str, str]:
    """Address and token of a room that has begun."""
    new = http.post(f"{url}/v1/streaming.new", json={"version": "v2"}, headers=KEY)
    data = new.json()["data"]
    named = {"session_id": data["session_id"]}
    http.post(f"{url}/v1/streaming.start", json=named, headers=KEY).raise_for_status()
    return data["url"], data["access_token"]


async def until(line, name: str) -> r.SignalResponse:
    """The next message of this kind."""
    while True:
        data = await asyncio.wait_for(line.recv(), 20)
        message = r.SignalResponse.FromString(data)
        if message.WhichOneof("message") == name:
            return message


async def refusal(address: str) -> tuple[int, str]:
    with pytest.raises(InvalidStatus) as refused:
        await connect(address, proxy=None)
    answer = refused.value.response
    return answer.status_code, answer.body.decode()


def explanation(url: str, token: str) -> tuple[int, str]:
    """What a browser's client asks for, which is not told why a websocket was refused."""
    asked = http.get(url, params={"access_token": token})
    return asked.status_code, asked.text


@pytest.mark.parametrize("version", ["/rtc", "/rtc/v1"])
def test_who_is_in_a_room_stays_there_and_comes_back_by_the_token_it_was_sent(version):
    """By the first one it does not: that is said at the door, and to who asks afterwards."""

    async def go(url: str) -> None:
        address, first = new_room(url)
        let_pass(url, TOKEN_LIFE_S / 2)
        path = f"{address}/rtc?auto_subscribe=0&access_token="
        async with connect(f"{path}{first}", proxy=None) as line:
            sid = (await until(line, "join")).join.participant.sid
            second = (await until(line, "refresh_token")).refresh_token
            let_pass(url, TOKEN_LIFE_S * 0.6)
            await line.send(r.SignalRequest(ping=1).SerializeToString())
            await until(line, "pong")
        expired = (401, "token is expired")
        assert await refusal(f"{path}{first}&reconnect=1&sid={sid}") == expired
        assert await refusal(f"{address}{version}?access_token={first}") == expired
        assert explanation(f"{url}{version}/validate", first) == expired
        async with connect(f"{path}{second}&reconnect=1&sid={sid}", proxy=None) as line:
            await until(line, "reconnect")

    with twin(*HOURS) as (url, _):
        asyncio.run(go(url))
