"""When a service wants to be asked again, and what it may not be quoted with."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from ipyavatar.core.retry import NEVER
from ipyavatar.core.secret import Secret
from ipyavatar.errors import NoAnswer, RequestRefused
from ipyavatar.providers.cloud.http import (
    MOST_SECRETS,
    ApiCall,
    HttpClient,
    bearer,
    read_retry_after,
)
from ipyavatar.providers.heygen.profile import PROFILE

NOW = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("0", 0),
        ("Tue, 14 Nov 2023 22:13:50 GMT", 30),
        ("Tue, 14 Nov 2023 22:13:50 +0000", 30),
        ("Tuesday, 14-Nov-23 22:13:50 GMT", 30),
        ("Tue Nov 14 22:13:50 2023", 30),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0),
    ],
)
def test_seconds_and_dates_are_both_understood(text, seconds):
    """A date that has passed is now."""
    assert read_retry_after({"retry-after": text}, NOW) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-1", "1e9", "9" * 30, "\u0663", "nan", "7, 9"])
def test_what_makes_no_sense_is_as_if_nothing_was_said(text):
    assert read_retry_after({"retry-after": text}, NOW) is None
    assert read_retry_after({}, NOW) is None


def test_a_date_counts_by_the_clock_that_wrote_it():
    """Ours may be an hour off."""
    headers = {
        "retry-after": "Tue, 14 Nov 2023 22:13:50 GMT",
        "date": "Tue, 14 Nov 2023 22:13:45 GMT",
    }
    assert read_retry_after(headers, NOW + 3600) == 5
    assert read_retry_after({**headers, "date": "yesterday"}, NOW) == 30


def client_of(answer, wall=lambda: NOW):
    transport = httpx.MockTransport(answer)
    return HttpClient(PROFILE, "http://127.0.0.1", transport=transport, retry=NEVER, wall=wall)


def call(token, name="x"):
    return ApiCall(name=name, path="/x", credential=bearer(Secret(token)))


def test_a_service_is_not_quoted_with_what_another_call_has_sent():
    """It knows the account's key when it refuses a call that brings a session's token."""
    account, said = "account-key-4711", []

    def answer(_):
        return httpx.Response(400, json={"message": f"{account} may not. {said}"})

    async def go():
        client = client_of(answer)
        with pytest.raises(RequestRefused):
            await client.send(call(account))
        with pytest.raises(RequestRefused) as refused:
            await client.send(call("session-token"))
        return str(refused.value), repr(vars(client))

    told, kept = asyncio.run(go())
    assert "may not" in told
    assert account not in told + kept


def test_what_was_sent_long_ago_is_forgotten():
    client = client_of(None)
    for number in range(3 * MOST_SECRETS):
        latest = client.request_of(call(f"token-{number}")).secrets
    assert len(latest) == MOST_SECRETS
    assert latest[-1] == Secret(f"token-{3 * MOST_SECRETS - 1}")
    for number in range(3 * MOST_SECRETS):
        with_another = replace(call("the key"), secrets=(Secret(f"of one call {number}"),))
        again = client.request_of(with_another)
        assert Secret("the key") in again.secrets


def test_a_call_that_opens_a_session_is_waited_for_longer():
    """Answered after 13 s it was given up: what it had opened went on, beside another one."""
    limits = []

    def answer(request):
        limits.append(request.extensions["timeout"]["read"])
        return httpx.Response(200, json={})

    async def go():
        client = client_of(answer)
        await client.send(call("t"))
        await client.send(replace(call("t"), opens=True))

    asyncio.run(go())
    assert limits == [10.0, 25.0]


@pytest.mark.parametrize(
    ("date", "ahead_s"),
    [("Tue, 14 Nov 2023 20:13:20 GMT", -7200.0), ("yesterday", 0.0), ("", 0.0)],
)
def test_how_far_the_clock_of_a_service_is_ahead_is_told_by_its_answers(date, ahead_s):
    client = client_of(lambda _: httpx.Response(200, json={}, headers={"Date": date}))
    asyncio.run(client.send(call("t")))
    assert client.ahead_s == ahead_s


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Server disconnected without sending a response.", "hung up before it answered"),
        ("illegal header line: bytearray(b'Bad Header: x')", "something that is not HTTP"),
    ],
)
def test_who_answers_in_another_language_has_not_hung_up(words, told):
    def answer(request):
        raise httpx.RemoteProtocolError(words, request=request)

    with pytest.raises(NoAnswer, match=told) as failed:
        asyncio.run(client_of(answer).send(call("t")))
    assert failed.value.maybe_done
    assert str(failed.value.__cause__) == words
