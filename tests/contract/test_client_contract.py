"""Every call of every client: the fixtures, the twin in process and the twin over HTTP agree."""

import asyncio

import pytest

from ipyavatar import errors as e
from ipyavatar.core.secret import Secret
from ipyavatar.providers.kaltura.client import KalturaClient, KalturaSession
from ipyavatar.providers.liveavatar.client import (
    SANDBOX_AVATAR_ID,
    LiveAvatarToken,
    check_started,
)
from tests.support.services import (
    BACKENDS,
    UNKNOWN,
    client_of,
    exchanges,
    multipart_fields,
    one_server,
    same_request,
    stage,
)

ANN = "Ann_Therapist_public"
ANA = "64b1f0c2a1b2c3d4e5f60718"


@pytest.fixture(scope="module")
def server():
    with one_server() as running:
        yield running


def new(c, s, avatar=ANN):
    return c.new(avatar_id=avatar, voice_id="voice-1", idle_timeout_s=120)


def full_token(c, s):
    return c.create_token(
        avatar_id=SANDBOX_AVATAR_ID,
        voice_id="c2527536-6d1f-4412-a643-53a3497dada9",
        max_duration_s=600,
    )


def create(c, s):
    return c.create(avatar_id=ANA, voice_id="64b1f0c2a1b2c3d4e5f60719")


def strange_kaltura(s):
    return KalturaSession(session_id=UNKNOWN, token=s.token)


# name of the fixture -> what to call, what to expect: an error, or a check of the result
HEYGEN = {
    "new": (new, lambda r: r.session_id and r.url and r.access_token and r.session_duration_limit),
    "new, too many sessions": (new, e.ConcurrencyLimitError),
    "new, avatar not found": (lambda c, s: new(c, s, "no_such_avatar"), e.RequestRefused),
    "new, wrong key": (new, e.AuthenticationError),
    "start": (lambda c, s: c.start(s), lambda r: r is None),
    "start, twice": (lambda c, s: c.start(s), lambda r: r is None),
    "task, repeat": (
        lambda c, s: c.task(s, "Hello there."),
        lambda r: r.task_id and r.duration_s > 0,
    ),
    "task, talk async": (
        lambda c, s: c.task(s, "Hello there.", task_type="talk", task_mode="async"),
        lambda r: r.task_id and r.duration_s > 0,
    ),
    "task, before the avatar has joined": (
        lambda c, s: c.task(s, "Hello there."),
        e.SessionNotReady,
    ),
    "task, session closed": (lambda c, s: c.task(s, "Hello there."), e.SessionGone),
    "task, session unknown": (lambda c, s: c.task(UNKNOWN, "Hello there."), e.SessionGone),
    "interrupt": (lambda c, s: c.interrupt(s), lambda r: r is None),
    "start_listening": (lambda c, s: c.start_listening(s), lambda r: r is None),
    "stop_listening": (lambda c, s: c.stop_listening(s), lambda r: r is None),
    "keep_alive": (lambda c, s: c.keep_alive(s), lambda r: r is None),
    "keep_alive, session closed": (lambda c, s: c.keep_alive(s), e.SessionGone),
    "stop": (lambda c, s: c.stop(s), lambda r: r is True),
    "stop, already closed": (lambda c, s: c.stop(s), lambda r: r is False),
    "stop, session unknown": (lambda c, s: c.stop(UNKNOWN), lambda r: r is False),
    "list": (
        lambda c, s: c.list_sessions(),
        lambda r: [x.status for x in r] == ["connected"] and r[0].created_at > 1e9,
    ),
    "list, nothing open": (lambda c, s: c.list_sessions(), lambda r: r == ()),
    "avatars": (lambda c, s: c.list_avatars(), lambda r: ANN in [a.id for a in r]),
    "voices": (lambda c, s: c.list_voices(), lambda r: r[0].id and r[0].language == "English"),
    "newer error surface": (lambda c, s: c.list_sessions(), e.AuthenticationError),
    "code as text": (lambda c, s: c.task(s, "Hello there."), e.SessionGone),
    "retired": (new, e.NotOffered),
}
LIVEAVATAR = {
    "token, FULL": (full_token, lambda r: r.session_id and r.session_token),
    "token, LITE in the sandbox": (
        lambda c, s: c.create_token(mode="LITE", sandbox=True, quality="low"),
        lambda r: r.session_id and r.session_token,
    ),
    "token, wrong key": (full_token, e.AuthenticationError),
    "token, too many requests": (full_token, e.RateLimited),
    "start, FULL": (
        lambda c, s: c.start(s),
        lambda r: check_started(r, "FULL") and r.ws_url is None,
    ),
    "start, LITE": (lambda c, s: c.start(s), lambda r: check_started(r, "LITE")),
    "start, too many sessions": (lambda c, s: c.start(s), e.ConcurrencyLimitError),
    "keep-alive, by key": (lambda c, s: c.keep_alive(s.session_id), lambda r: r is None),
    "keep-alive, session closed": (lambda c, s: c.keep_alive(s.session_id), e.SessionGone),
    "stop, by key": (lambda c, s: c.stop(s.session_id), lambda r: r is True),
    "stop, already closed": (lambda c, s: c.stop(s.session_id), lambda r: r is False),
    "stop, session unknown": (lambda c, s: c.stop(UNKNOWN), lambda r: r is False),
    "list active": (
        lambda c, s: c.list_sessions(),
        lambda r: len(r) == 1 and r[0].created_at > 1e9 and r[0].credits is not None,
    ),
    "list active, nothing open": (lambda c, s: c.list_sessions(), lambda r: r == ()),
    "avatars": (
        lambda c, s: c.list_avatars(),
        lambda r: SANDBOX_AVATAR_ID in [a.id for a in r],
    ),
    "voices": (lambda c, s: c.list_voices(), lambda r: r[0].id and r[0].language == "en"),
    "own avatars": (lambda c, s: c.list_avatars(own=True), lambda r: r == ()),
    "token, with the code of the OpenAPI schema": (full_token, lambda r: r.session_token),
}
KALTURA = {
    "create": (create, lambda r: r.session_id and r.token),
    "create, wrong KS": (create, e.AuthenticationError),
    "create, not an admin KS": (create, e.AuthenticationError),
    "create, too many sessions": (create, e.ConcurrencyLimitError),
    "create, 200 with an exception": (create, e.AuthenticationError),
    "init-client": (
        lambda c, s: c.init_client(s),
        lambda r: r.whep_url.startswith("http") and len(r.turn.ice_urls) in (1, 4),
    ),
    "init-client, wrong token": (
        lambda c, s: c.init_client(KalturaSession(s.session_id, Secret("wrong"))),
        e.AuthenticationError,
    ),
    "init-client, session unknown": (lambda c, s: c.init_client(strange_kaltura(s)), e.SessionGone),
    "init-client, session ended": (lambda c, s: c.init_client(s), e.SessionGone),
    "say-text": (lambda c, s: c.say_text(s, "Hello there.", turn_id="turn-1"), lambda r: r is None),
    "say-text, out of service": (
        lambda c, s: c.say_text(s, "Hello there.", turn_id="turn-1"),
        e.ServiceUnavailable,
    ),
    "say-audio": (
        lambda c, s: c.say_audio(s, b"RIFF" * 6000, turn_id="turn-1", duration_s=0.5),
        lambda r: r is None,
    ),
    "interrupt": (lambda c, s: c.interrupt(s), lambda r: r is None),
    "keep-alive": (lambda c, s: c.keep_alive(s), lambda r: r is None),
    "keep-alive, session ended": (lambda c, s: c.keep_alive(s), e.SessionGone),
    "end": (lambda c, s: c.end(s), lambda r: r is True),
    "end, already ended": (lambda c, s: c.end(s), lambda r: r is False),
    "end, already ended, as documented": (lambda c, s: c.end(s), lambda r: r is False),
    "catalogue, visuals": (
        lambda c, s: c.list_avatars(),
        lambda r: r[0].name == "Ana" or len(r) > 0,
    ),
    "catalogue, voices": (lambda c, s: c.list_voices(), lambda r: r[0].language),
}
CASES = {"heygen": HEYGEN, "liveavatar": LIVEAVATAR, "kaltura": KALTURA}

# What no client of ours sends; the fixtures are for SDKs of others and for the twin.
NOT_SENT = {
    "heygen": {
        "new, as the JS SDK sends it",
        "new, idle timeout out of range",  # refused before it is sent
        "task, without type and mode",
        "task, empty text",  # refused before it is sent
        "list, history",
        "create_token",
        "create_token, wrong key",
        "create_token, too many requests",
        "quota",
        "ice",
        "knowledge bases",
        "new knowledge base",
        "change of a knowledge base",
        "deleted knowledge base",
    },
    "liveavatar": {
        "stop by DELETE",
        "avatars, without a key",
        "one avatar",
        "one avatar, unknown",
        "contexts",
        "one context",
        "one context, unknown",
        "new context",
        "change of a context",
        "copy of a context",
        "deleted context",
        "one voice",
        "secrets",
        "new secret",
        "deleted secret",
        "models of the service",
        "language models",
        "new language model",
        "one language model",
        "change of a language model",
        "deleted language model",
        "voice of another service",
        "preview of a voice",
        "memories",
        "new memory",
        "one memory",
        "deleted memory",
        "deleted events of a session",
        "languages",
        "voice agents",
        "one voice agent, unknown",
        "change of an avatar of others",
        "deleted avatar of others",
        "new embed",
        "new embed, older call",
        "new embed, without an avatar",
        "token, invalid body",
        "start, with the key in place of the token",
        "keep-alive, by token",
        "stop, by token",
        "one session",
        "list historic",
        "transcript",
        "credits",
        "one session, unknown",
    },
    "kaltura": {
        "session start, a KS",  # has a test of its own
        "session start, wrong secret",
        "create, bare path",
        "create, key avatarId",
        "create, no visual",
        "say-text, text only",
        "say-text, no text",
        "say-audio, no duration",
        "status does not exist",
    },
}
PARAMS = [
    pytest.param(backend, service, name, id=f"{backend}: {service}: {name}")
    for backend in BACKENDS
    for service, cases in CASES.items()
    for name in cases
    if backend == "mock" or exchanges(service)[name]["given"] != "never"
]


@pytest.mark.parametrize("service", CASES)
def test_every_fixture_is_a_case_or_is_not_ours(service):
    assert set(exchanges(service)) == set(CASES[service]) | NOT_SENT[service]


@pytest.mark.parametrize(("backend", "service", "name"), PARAMS)
def test_call(server, backend, service, name):
    """A call does what its fixture says: the same request, the same meaning of the answer."""
    row = exchanges(service)[name]
    do, expected = CASES[service][name]
    key = "wrong" if "wrong key" in name or "wrong KS" in name else "fixture-key"
    if row["given"] == "user-ks" and backend != "mock":
        key = asyncio.run(user_ks(backend, server, row))

    async def run():
        async with stage(backend, server, service, row, key=key) as at:
            try:
                result = await do(at.client, at.session)
            finally:
                if backend == "mock":
                    same_request(row, at.transport.requests[0])
            return result

    if isinstance(expected, type):
        with pytest.raises(expected) as caught:
            asyncio.run(run())
        error = caught.value
        assert type(error) is expected
        assert error.service == service
        assert error.fix
        assert error.status == row["status"] or backend != "mock"
    else:
        assert expected(asyncio.run(run()))


async def user_ks(backend, server, row):
    """A KS that is not an admin's."""
    import httpx

    async with stage(backend, server, "kaltura", {**row, "given": "nothing"}) as at:
        client = at.client.http
        form = {"format": "1", "partnerId": "123", "secret": "fixture-key", "type": "0"}
        async with httpx.AsyncClient(transport=at.transport) as raw:
            url = f"{client.base_url}/api_v3/service/session/action/start"
            return (await raw.post(url, data=form)).json()


def test_concurrency_error_lists_the_open_sessions(server):
    """Over the limit one is told which sessions are open, and how to stop them."""

    async def run(service, name):
        row = exchanges(service)[name]
        async with stage("twin", server, service, row) as at:
            with pytest.raises(e.ConcurrencyLimitError) as caught:
                await CASES[service][name][0](at.client, at.session)
            return caught.value, await at.client.list_sessions()

    for service, name in (
        ("heygen", "new, too many sessions"),
        ("liveavatar", "start, too many sessions"),
    ):
        error, listed = asyncio.run(run(service, name))
        assert error.open_sessions == tuple(s.session_id for s in listed) != ()
        assert error.open_sessions[0] in str(error)
        assert "stop_all()" in str(error)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_ks_is_minted_once_from_the_admin_secret(server, backend):
    """Partner id and admin secret are enough; a wrong secret is an error about the key."""
    row = exchanges("kaltura")["session start, a KS"]

    async def mint(secret, used):
        async with stage(backend, server, "kaltura", used) as at:
            client = KalturaClient(at.client.http, None, admin=("123", Secret(secret)))
            return await client.mint_ks()

    assert asyncio.run(mint("fixture-key", row)).reveal().startswith("djJ8")
    wrong = exchanges("kaltura")["session start, wrong secret"]
    with pytest.raises(e.AuthenticationError, match="KALTURA_ADMIN_SECRET") as caught:
        asyncio.run(mint("wrong-secret", wrong))
    assert "wrong-secret" not in repr(caught.value) + str(caught.value)


def test_say_audio_sends_turn_duration_and_file():
    row = exchanges("kaltura")["say-audio"]

    async def run():
        async with stage("mock", None, "kaltura", row) as at:
            await at.client.say_audio(at.session, b"RIFF", turn_id="turn-1", duration_s=0.5)
            return at.transport.requests[0]

    fields = multipart_fields(asyncio.run(run()))
    assert fields == {"turnId": "turn-1", "duration": "0.500", "audio": "turn-1.wav"}


def test_kaltura_create_falls_back_to_the_bare_path():
    """One page of the documentation has another path: tried when the usual one is not there."""
    import httpx

    paths = []

    def answer(request):
        paths.append(request.url.path)
        if request.url.path.endswith("/create"):
            return httpx.Response(405, json={"success": False, "error": "Method not allowed"})
        return httpx.Response(200, json={"success": True, "sessionId": "s-1", "token": "t"})

    async def run():
        client = client_of("kaltura", transport=httpx.MockTransport(answer))
        return await client.create(avatar_id=ANA)

    assert asyncio.run(run()).session_id == "s-1"
    assert paths == ["/v1/avatar-session/create", "/v1/avatar-session"]


def test_liveavatar_lists_go_over_all_pages():
    import httpx

    def answer(request):
        page = int(request.url.params["page"])
        results = [{"id": f"s-{page}", "created_at": "2026-01-01T00:00:00Z"}]
        return httpx.Response(
            200,
            json={"code": 1000, "data": {"results": results, "next": "x" if page < 3 else None}},
        )

    async def run():
        client = client_of("liveavatar", transport=httpx.MockTransport(answer))
        return await client.list_sessions()

    assert [s.session_id for s in asyncio.run(run())] == ["s-1", "s-2", "s-3"]


def test_token_of_liveavatar_is_not_shown():
    token = LiveAvatarToken(session_id="s", session_token=Secret("hush"))
    assert "hush" not in repr(token)
