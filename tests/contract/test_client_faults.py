"""What goes wrong between a client and a service is told apart, alike on all three backends."""

import asyncio
import contextlib
import time

import httpx
import pytest

from ipyavatar import errors as e
from ipyavatar.core.decode import MAX_BYTES
from ipyavatar.core.retry import RetryPolicy
from ipyavatar.core.secret import Secret
from ipyavatar.providers.cloud.http import HttpClient
from ipyavatar.providers.heygen.client import SUNSET, HeyGenClient, Once
from ipyavatar.providers.heygen.spec import SPEC
from ipyavatar.providers.heygen.unstarted import stop_unstarted
from ipyavatar.twin import TwinSettings
from ipyavatar.twin.faults import Fault
from tests.support.faults import create_app
from tests.support.services import BACKENDS, KEY, SESSION, client_of, one_server

CALLS = {
    "heygen": ("list", lambda c: c.list_sessions()),
    "liveavatar": ("list", lambda c: c.list_sessions()),
    "kaltura": ("catalog", lambda c: c.list_avatars()),
}
# fault -> the error, a mark of it, retryable, maybe_done
MEANINGS = {
    "401": (e.AuthenticationError, None, False, False),
    "402": (e.QuotaExceeded, None, False, False),
    "429": (e.RateLimited, None, True, False),
    "500": (e.ServiceUnavailable, None, True, True),
    "503": (e.ServiceUnavailable, None, True, True),
    "html": (e.BadAnswer, "html", True, True),
    "half": (e.BadAnswer, "half", True, True),
    "half-json": (e.BadAnswer, "half", True, True),
    "reset": (e.NoAnswer, None, True, True),
    "hang": (e.NoAnswer, None, True, True),
}
# What each fault looks like to httpx, for the mock transport.
PAGE = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head></html>"


def mocked(kind, service):
    async def answer(request):
        if kind in ("401", "402", "429", "500", "503"):
            return httpx.Response(int(kind), json={"message": "Oh", "success": False})
        if kind == "html":
            return httpx.Response(502, html=PAGE)
        if kind == "half":
            return httpx.Response(200, stream=Broken())
        if kind == "half-json":
            return httpx.Response(200, content=b'{"code": 100, "da')
        if kind == "hang":
            await asyncio.sleep(60)
        raise httpx.RemoteProtocolError("Server disconnected without sending a response.")

    return httpx.MockTransport(answer)


class Broken(httpx.AsyncByteStream):
    async def __aiter__(self):
        yield b'{"code": 100'
        raise httpx.RemoteProtocolError("peer closed connection without sending complete message")


@pytest.fixture(scope="module")
def server():
    with one_server() as running:
        yield running


def backend_of(backend, server, kind, service, **settings):
    """Base URL and transport of a backend on which every call fails like `kind`."""
    if backend == "mock":
        return "http://127.0.0.1", mocked(kind, service)
    faults = (Fault(kind, seconds=60 if kind == "hang" else None),)
    app = create_app(TwinSettings(api_key=KEY, faults=faults, **settings))
    if backend == "twin":
        return "http://127.0.0.1", httpx.ASGITransport(app)
    server.app = app
    return server.url, None


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize("kind", MEANINGS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_faults_are_told_apart(server, backend, kind, service):
    """Each fault is one error, the same on every backend, with what a caller must know to act."""
    url, transport = backend_of(backend, server, kind, service)
    client = client_of(service, url, transport, timeout_s=0.3 if kind == "hang" else 5.0)
    name, do = CALLS[service]

    async def run():
        try:
            await do(client)
        finally:
            await client.http.close()

    kind_of_error, mark, retryable, maybe_done = MEANINGS[kind]
    if (service, kind) == ("kaltura", "429") and backend != "mock":
        # The twin's only 429 of Kaltura speaks of sessions.
        kind_of_error, retryable = e.ConcurrencyLimitError, False
    with pytest.raises(kind_of_error) as caught:
        asyncio.run(run())
    error = caught.value
    assert (error.service, error.call) == (service, name)
    assert (error.retryable, error.maybe_done) == (retryable, maybe_done)
    assert getattr(error, "kind", None) == mark
    assert error.what.endswith((".", '"'))
    assert error.fix
    if isinstance(error, e.NoAnswer):
        assert error.sent
        assert error.__cause__ is not None


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize("backend", BACKENDS[1:])
def test_success_with_an_error_inside_is_an_error(server, backend, service):
    """Status 200 is not believed when the body tells of a failure."""
    url, transport = backend_of(backend, server, "ok-error", service)
    client = client_of(service, url, transport)

    async def run():
        try:
            await CALLS[service][1](client)
        finally:
            await client.http.close()

    with pytest.raises(e.ServiceError) as caught:
        asyncio.run(run())
    assert caught.value.status == 200
    assert caught.value.code


@pytest.mark.parametrize(
    "body",
    [
        {"code": 123456, "message": "A thing of tomorrow"},
        {"error": {"message": "Something"}},
        {"success": False, "error": "Something"},
    ],
)
def test_unknown_error_inside_a_success_has_a_kind_of_its_own(body):
    client = client_of(
        "heygen", transport=httpx.MockTransport(lambda r: httpx.Response(200, json=body))
    )
    with pytest.raises(e.BadAnswer) as caught:
        asyncio.run(client.list_sessions())
    assert caught.value.kind == "error inside"
    assert not caught.value.retryable


@pytest.mark.parametrize(
    "body", [{"code": 100, "data": {}}, {"code": 100, "data": {"sessions": 3}}]
)
def test_success_without_what_was_promised_is_a_bad_answer(body):
    client = client_of(
        "heygen", transport=httpx.MockTransport(lambda r: httpx.Response(200, json=body))
    )
    with pytest.raises(e.BadAnswer) as caught:
        asyncio.run(client.list_sessions())
    assert caught.value.kind == "shape"


def test_a_list_that_is_null_is_an_empty_one():
    """As Go writes one that was never filled."""
    body = {"code": 100, "data": {"sessions": None}}
    client = client_of(
        "heygen", transport=httpx.MockTransport(lambda _: httpx.Response(200, json=body))
    )
    assert asyncio.run(client.list_sessions()) == ()


def test_redirect_is_not_followed_with_the_key():
    asked = []

    def answer(request):
        asked.append(request.url)
        return httpx.Response(302, headers={"Location": "http://evil.example/"})

    with pytest.raises(e.BadAnswer) as caught:
        asyncio.run(client_of("heygen", transport=httpx.MockTransport(answer)).list_sessions())
    assert caught.value.kind == "redirect"
    assert len(asked) == 1


def test_nothing_listens():
    """A service that cannot be reached has certainly done nothing."""
    client = client_of("heygen", "http://127.0.0.1:9")
    with pytest.raises(e.NoAnswer) as caught:
        asyncio.run(client.new())
    assert not caught.value.sent
    assert caught.value.retryable
    assert not caught.value.maybe_done


def test_an_answer_that_trickles_for_ever_has_an_end():
    class Trickle(httpx.AsyncByteStream):
        async def __aiter__(self):
            while True:
                await asyncio.sleep(0.01)
                yield b" "

    transport = httpx.MockTransport(lambda r: httpx.Response(200, stream=Trickle()))
    client = client_of("heygen", transport=transport, timeout_s=0.1)
    with pytest.raises(e.NoAnswer, match=r"in full within 0\.1 s"):
        asyncio.run(client.list_sessions())


@contextlib.asynccontextmanager
async def retrying_client(service, faults, waits, timeout_s=5.0):
    async def sleep(seconds):
        waits.append(seconds)

    app = create_app(TwinSettings(api_key=KEY, faults=faults))
    client = client_of(
        service,
        transport=httpx.ASGITransport(app),
        retry=RetryPolicy(),
        timeout_s=timeout_s,
        sleep=sleep,
    )
    client.twin = app.state.twin
    yield client
    await client.http.close()


def test_passing_trouble_is_retried():
    """A call that can be repeated gets over a fault that passes, with growing waits."""
    waits = []

    async def run():
        faults = (Fault("503", call="list", times=1), Fault("reset", call="list", times=1))
        async with retrying_client("heygen", faults, waits) as client:
            return await client.list_sessions()

    assert asyncio.run(run()) == ()
    assert waits == [0.375, 0.75]


def test_trouble_that_stays_is_reported_after_the_last_try():
    waits = []

    async def run():
        async with retrying_client("heygen", (Fault("500"),), waits) as client:
            await client.list_sessions()

    with pytest.raises(e.ServiceUnavailable):
        asyncio.run(run())
    assert len(waits) == 3


@pytest.mark.parametrize("kind", ["reset", "500", "half-json", "hang"])
@pytest.mark.parametrize(
    ("service", "call", "do"),
    [
        ("heygen", "new", lambda c: c.new(avatar_id="Ann_Therapist_public")),
        ("kaltura", "create", lambda c: c.create(avatar_id="64b1f0c2a1b2c3d4e5f60718")),
    ],
)
def test_create_is_never_repeated_after_a_lost_answer(kind, service, call, do):
    """One create call, one session at most: the error says that there may be one."""
    waits = []

    async def run():
        faults = (Fault(kind, call=call, effect=True, seconds=30),)
        async with retrying_client(service, faults, waits, timeout_s=0.3) as client:
            with pytest.raises(e.ServiceError) as caught:
                await do(client)
            calls = [c for c in client.twin.request_log.to_json() if c["call"] == call]
            return caught.value, calls

    error, calls = asyncio.run(run())
    assert len(calls) == 1
    assert error.maybe_done
    assert waits == []


def test_create_is_repeated_when_it_was_certainly_not_made():
    """Too many calls a second is a refusal: nothing was opened, so it is tried again."""
    answers = [
        httpx.Response(429, json={"code": 400123, "message": "Rate limit exceeded"}),
        httpx.Response(
            200,
            json={"code": 100, "data": {"session_id": "s", "url": "ws://x", "access_token": "t"}},
        ),
    ]
    waits = []

    async def sleep(seconds):
        waits.append(seconds)

    client = client_of(
        "heygen",
        transport=httpx.MockTransport(lambda r: answers.pop(0)),
        retry=RetryPolicy(),
        sleep=sleep,
    )
    assert asyncio.run(client.new()).session_id == "s"
    assert len(waits) == 1


def test_speech_is_not_repeated_after_a_lost_answer():
    waits = []

    async def run():
        faults = (Fault("reset", call="task", effect=True),)
        async with retrying_client("heygen", faults, waits) as client:
            session = await client.new(avatar_id="Ann_Therapist_public")
            await client.start(session.session_id)
            await client.task(session.session_id, "Once, please.")

    with pytest.raises(e.NoAnswer):
        asyncio.run(run())
    assert waits == []


def test_start_that_is_repeated_after_a_lost_answer_is_fine():
    """The second start is told that the session is connected already; that is what was wanted."""
    waits = []

    async def run():
        faults = (Fault("reset", call="start", times=1, effect=True),)
        async with retrying_client("heygen", faults, waits) as client:
            session = await client.new(avatar_id="Ann_Therapist_public")
            await client.start(session.session_id)
            return await client.list_sessions()

    assert [s.status for s in asyncio.run(run())] == ["connected"]
    assert len(waits) == 1


def test_stop_whose_answer_was_lost_is_confirmed_by_the_repeat():
    waits = []

    async def run():
        faults = (Fault("reset", call="stop", times=1, effect=True),)
        async with retrying_client("heygen", faults, waits) as client:
            session = await client.new(avatar_id="Ann_Therapist_public")
            stopped = await client.stop(session.session_id)
            return stopped, await client.list_sessions()

    assert asyncio.run(run()) == (False, ())


def test_keep_alive_is_left_to_its_policy():
    """A keep-alive is tried once: its policy knows the deadline, the client does not."""
    waits = []

    async def run():
        async with retrying_client("heygen", (Fault("503", call="keep_alive"),), waits) as client:
            session = await client.new(avatar_id="Ann_Therapist_public")
            await client.keep_alive(session.session_id)

    with pytest.raises(e.ServiceUnavailable):
        asyncio.run(run())
    assert waits == []


def test_retry_after_is_not_undercut():
    answers = [
        httpx.Response(429, headers={"Retry-After": "7"}, json={"code": 400123}),
        httpx.Response(200, json={"code": 100, "data": {"sessions": []}}),
    ]
    waits = []

    async def sleep(seconds):
        waits.append(seconds)

    client = client_of(
        "heygen",
        transport=httpx.MockTransport(lambda r: answers.pop(0)),
        retry=RetryPolicy(),
        sleep=sleep,
    )
    assert asyncio.run(client.list_sessions()) == ()
    assert waits == [7.0]


def live(answer, told):
    wire = HttpClient(
        SPEC, SPEC.base_url, transport=httpx.MockTransport(answer), retry=RetryPolicy(1)
    )
    return HeyGenClient(wire, Secret(KEY), sunset_notice=told)


def test_sunset_is_told_once_and_only_of_the_live_service():
    """A live call that fails as a retired API would says so, in one sentence, one time."""
    told = Once()

    def retired(request):
        return httpx.Response(404, json={"message": "Not Found"})

    def texts(client, times):
        found = []
        for _ in range(times):
            with pytest.raises(e.ServiceError) as caught:
                asyncio.run(client.new())
            found.append(str(caught.value))
        return found

    first, second = texts(live(retired, told), 2)
    assert SUNSET in first
    assert SUNSET not in second
    local = client_of("heygen", transport=httpx.MockTransport(retired))
    assert SUNSET not in texts(local, 1)[0]


def test_sunset_is_not_told_of_a_session_that_is_gone():
    told = Once()

    def gone(request):
        return httpx.Response(404, json={"code": 10006, "message": "session not found"})

    with pytest.raises(e.SessionGone) as caught:
        asyncio.run(live(gone, told).task(SESSION, "Hello."))
    assert SUNSET not in str(caught.value)
    assert told.first()


def test_request_id_and_code_are_kept():
    def answer(request):
        return httpx.Response(
            400, headers={"X-Request-Id": "req-7"}, json={"code": 40012, "message": "No"}
        )

    with pytest.raises(e.RequestRefused) as caught:
        asyncio.run(client_of("heygen", transport=httpx.MockTransport(answer)).new())
    error = caught.value
    assert (error.request_id, error.code, error.status) == ("req-7", "40012", 400)


def test_authentication_error_names_the_variable():
    for service, variable in (
        ("heygen", "HEYGEN_API_KEY"),
        ("liveavatar", "LIVEAVATAR_API_KEY"),
        ("kaltura", "KALTURA_KS"),
    ):
        transport = httpx.MockTransport(lambda r: httpx.Response(401, json={"message": "No"}))
        with pytest.raises(e.AuthenticationError, match=variable):
            asyncio.run(CALLS[service][1](client_of(service, transport=transport)))


def test_session_of_a_lost_answer_is_looked_up_and_stopped():
    """HeyGen lists: after a lost answer nothing stays open, and only then is it tried again."""

    async def run():
        faults = (Fault("reset", call="new", times=1, effect=True),)
        async with retrying_client("heygen", faults, []) as client:
            asked_at = time.time()
            with pytest.raises(e.NoAnswer) as caught:
                await client.new(avatar_id="Ann_Therapist_public")
            assert caught.value.maybe_done
            before = await client.list_sessions()
            stopped, left = await stop_unstarted(
                client.list_sessions,
                client.stop,
                known=(),
                asked_at=asked_at,
                now=time.time,
                sleep=client.http.sleep,
            )
            return [s.session_id for s in before], stopped, left, await client.list_sessions()

    before, stopped, left, after = asyncio.run(run())
    assert (tuple(before), left, after) == (stopped, (), ())
    assert len(stopped) == 1


@pytest.mark.parametrize("begin", [b"", b'{"code": 100, "data": "', b"<html>"])
def test_an_answer_without_an_end_is_read_no_further_than_it_can_be_used(begin):
    """Not to the end of the memory, and not until the deadline."""
    sent = []

    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self):
            yield begin
            while True:
                sent.append(65_536)
                yield b"x" * 65_536

    transport = httpx.MockTransport(lambda r: httpx.Response(200, stream=Endless()))
    with pytest.raises(e.BadAnswer) as caught:
        asyncio.run(client_of("heygen", transport=transport).list_sessions())
    assert caught.value.fix
    assert MAX_BYTES <= sum(sent) <= MAX_BYTES + 2 * 65_536


def test_an_answer_that_cannot_be_unpacked_was_an_answer():
    """It says gzip and is none: no silence, and no error of another library."""

    def answer(_request):
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Plain())

    client = client_of("heygen", transport=httpx.MockTransport(answer))
    with pytest.raises(e.BadAnswer, match="broke off") as caught:
        asyncio.run(client.list_sessions())
    assert caught.value.kind == "half"


class Plain(httpx.AsyncByteStream):
    async def __aiter__(self):
        yield b'{"code": 100}'
