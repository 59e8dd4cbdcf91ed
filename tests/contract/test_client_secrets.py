"""No key and no token in any text we make: known ones are seeded, and everything is searched."""

import asyncio
import io
import logging
import re
import sqlite3
import traceback

import httpx
import pytest

from ipyavatar.core.log import flush as flush_log
from ipyavatar.core.retry import NEVER
from ipyavatar.core.secret import Secret
from ipyavatar.errors import AvatarError
from ipyavatar.paid.ledger import Ledger
from ipyavatar.providers.cloud.http import HttpClient
from ipyavatar.providers.kaltura.client import KalturaClient
from ipyavatar.providers.options import hide_secrets, validate_options
from ipyavatar.twin import TwinSettings
from ipyavatar.twin.faults import Fault
from tests.support.faults import create_app
from tests.support.services import SERVICES, client_of, one_server

KEY = "SEED-key-7f3a9c"
ADMIN = "SEED-admin-51bd02"
SEED = re.compile(r"SEED-\w+-\w+")
FAULTS = [
    "401",
    "402",
    "429",
    "500",
    "503",
    "reset",
    "half",
    "half-json",
    "html",
    "ok-error",
    "hang",
    "gone",
]


@pytest.fixture(scope="module")
def server():
    with one_server() as running:
        yield running


class Search:
    """Collects text and searches it for seeds and for the tokens of sessions."""

    def __init__(self):
        self.texts = []
        self.tokens = {KEY, ADMIN}

    def add(self, *things):
        for thing in things:
            self.texts += [repr(thing), str(thing)]

    def add_error(self, error):
        self.add(error, error.args)
        seen = error
        while seen is not None:
            self.add(seen, vars(seen))
            seen = seen.__cause__ or seen.__context__
        # As IPython's verbose mode would show it: with the local variables of every frame.
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        frames = [f for f in shown.stack if "/tests/" not in f.filename]
        self.texts += [f"{f.filename}:{f.lineno} {f.locals}" for f in frames]
        chain = shown.__cause__
        while chain is not None:
            self.texts += [str(f.locals) for f in chain.stack] + list(chain.format_exception_only())
            chain = chain.__cause__

    def add_token(self, *tokens):
        for token in tokens:
            if token is not None:
                assert isinstance(token, Secret)
                self.tokens.add(token.reveal())

    def found(self):
        assert len(self.texts) > 20
        everything = "\n".join(self.texts)
        return {t for t in self.tokens if t in everything} | set(SEED.findall(everything))


async def go_through(service, client, search):
    """All calls of a service, whatever fails; results and errors are searched."""

    async def tried(call):
        try:
            result = await call
        except AvatarError as error:
            search.add_error(error)
            return None
        search.add(result)
        return result

    search.add(client, vars(client), client.http, vars(client.http))
    if service == "heygen":
        session = await tried(client.new(avatar_id="Ann_Therapist_public"))
        if session:
            search.add_token(session.access_token, session.livekit_agent_token)
            for call in (client.start, client.keep_alive, client.interrupt, client.stop):
                await tried(call(session.session_id))
        await tried(client.list_sessions())
    elif service == "liveavatar":
        token = await tried(client.create_token(sandbox=True, mode="LITE"))
        if token:
            search.add_token(token.session_token)
            session = await tried(client.start(token))
            if session:
                search.add_token(session.livekit_client_token)
            for call in (client.keep_alive, client.stop):
                await tried(call(token.session_id))
        await tried(client.list_sessions())
        await tried(client.list_avatars())
    else:
        search.add_token(await tried(client.mint_ks()))
        session = await tried(client.create(avatar_id="64b1f0c2a1b2c3d4e5f60718"))
        if session:
            search.add_token(session.token)
            stream = await tried(client.init_client(session))
            if stream and stream.turn:
                search.add_token(stream.turn.credential)
            await tried(client.say_text(session, "Hello.", turn_id="t"))
            await tried(client.say_audio(session, b"RIFF", turn_id="t", duration_s=1))
            for call in (client.keep_alive, client.interrupt, client.end):
                await tried(call(session))
        await tried(client.list_avatars())


def kaltura(url, key):
    http = HttpClient(SERVICES["kaltura"], url, timeout_s=0.3, retry=NEVER)
    return KalturaClient(http, Secret(key) if key else None, admin=("123", Secret(ADMIN)))


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("fault", ["none", *FAULTS])
def test_no_secret_in_reprs_errors_tracebacks_or_logs(server, service, fault, caplog):
    """Every call and every fault: results, exceptions with all local variables, DEBUG logs."""
    search = Search()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    client_loggers = [logging.getLogger(n) for n in ("ipyavatar", "httpx", "httpcore")]
    for logger in client_loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.DEBUG)
    # Faults begin after a few calls, so that there are tokens to leak.
    faults = (
        () if fault == "none" else (Fault(fault, skip=2, seconds=30 if fault == "hang" else None),)
    )
    server.app = create_app(TwinSettings(api_key=None, faults=faults))

    async def run():
        if service == "kaltura":
            client = kaltura(server.url, None)
        else:
            client = client_of(service, server.url, key=KEY, timeout_s=0.3)
        await go_through(service, client, search)
        await client.http.close()

    try:
        asyncio.run(run())
        assert flush_log(10)  # what we log is handled on a thread of its own
    finally:
        for logger in client_loggers:
            logger.removeHandler(handler)
            logger.setLevel(logging.NOTSET)
    log = stream.getvalue()
    assert service in log
    search.texts.append(log)
    assert search.found() == set()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_echoes_the_key_is_not_believed(service):
    """What a service says is cleaned before it is shown."""

    def echo(request):
        sent = request.headers.get("x-api-key") or request.headers.get("authorization")
        return httpx.Response(400, json={"message": f"bad key {sent} in {request.content!r}"})

    search = Search()
    asyncio.run(
        go_through(
            service, client_of(service, transport=httpx.MockTransport(echo), key=KEY), search
        )
    )
    assert search.found() == set()


@pytest.mark.parametrize("service", SERVICES)
def test_an_answer_that_lacks_a_part_does_not_show_its_tokens(service):
    """The tokens of half an answer stand in no local variable of the traceback."""
    data = {"access_token": ADMIN, "session_token": ADMIN, "token": [ADMIN], "sessions": ADMIN}

    def some(request):
        return httpx.Response(200, json={"success": True, "code": 100, "data": data, **data})

    search = Search()
    client = client_of(service, transport=httpx.MockTransport(some), key=KEY)
    asyncio.run(go_through(service, client, search))
    assert search.found() == set()


def test_no_secret_in_options_and_their_errors(monkeypatch):
    """Also in the local variables of a verbose traceback, the environment included."""
    search = Search()
    monkeypatch.setenv("HEYGEN_API_KEY", KEY)
    monkeypatch.setenv("KALTURA_ADMIN_SECRET", ADMIN)
    face = {"avatar_id": "x"}
    for wrong in (
        {"base_url": "ftp://x"},
        {"api_key": KEY + "\n\tx"},
        {"max_idle_s": 0},
        {"lite": 1},
    ):
        for keywords in (wrong, {"api_key": KEY, **wrong}):
            with pytest.raises(AvatarError) as caught:
                validate_options("heygen", hide_secrets(keywords))
            search.add_error(caught.value)
    with pytest.raises(AvatarError, match="KALTURA_PARTNER_ID") as caught:
        validate_options("kaltura", face)
    search.add_error(caught.value)
    monkeypatch.setenv("KALTURA_PARTNER_ID", "1")
    search.add(validate_options("heygen", {}), validate_options("heygen", {"api_key": KEY}))
    search.add(
        validate_options("kaltura", face), validate_options("kaltura", {"api_key": KEY, **face})
    )
    assert search.found() == set()


def test_no_secret_in_the_ledger(server, tmp_path):
    """A whole life in the ledger leaves no token in its files."""
    server.app = create_app(TwinSettings())
    ledger = Ledger(tmp_path / "sessions.db")

    async def run():
        client = client_of("heygen", server.url, key=KEY)
        row = ledger.opening("heygen", client.http.base_url)
        session = await client.new(avatar_id="Ann_Therapist_public")
        row = ledger.opened(row, session.session_id)
        await client.stop(session.session_id)
        ledger.closed(row)
        await client.http.close()
        return session.access_token.reveal()

    token = asyncio.run(run())
    raw = b"".join(p.read_bytes() for p in tmp_path.iterdir())
    assert token.encode() not in raw
    assert KEY.encode() not in raw
    ledger.close()
    db = sqlite3.connect(tmp_path / "sessions.db")
    assert db.execute("SELECT count(*) FROM sessions").fetchone() == (1,)
    db.close()


def test_the_search_would_find_a_leak():
    search = Search()
    search.add(*range(20), KEY)
    assert search.found() == {KEY}
