"""`fallback="embedded"` against the twin: each cause, each service; what was open is stopped."""

import asyncio

import httpx
import pytest

from ipyavatar import AvatarSession
from ipyavatar.client import host_client
from ipyavatar.core.speech import Utterance
from ipyavatar.errors import InvalidArgument, UnknownName
from ipyavatar.protocol import host as m
from ipyavatar.protocol import page as p
from ipyavatar.providers.fallback.provider import FallbackProvider
from ipyavatar.session.session import Session
from ipyavatar.twin import TwinSettings
from ipyavatar.twin.faults import Fault
from tests.support.fakes.fake_provider import FakeProvider
from tests.support.fakes.recording_avatar import RecordingAvatar
from tests.support.faults import create_app
from tests.support.paid import World
from tests.support.processes import until
from tests.support.services import KEY, one_server
from tests.support.virtual_time import run_virtual

SERVICES = ("heygen", "liveavatar", "kaltura")
KEYS = ("HEYGEN_API_KEY", "LIVEAVATAR_API_KEY", "KALTURA_KS")
OPENS = {"heygen": "new", "liveavatar": "token", "kaltura": "create"}


class Blocked(httpx.AsyncBaseTransport):
    """No call gets out."""

    async def handle_async_request(self, request):
        raise httpx.ConnectError("[Errno 111] Connection refused", request=request)


def world_session(world, service, seconds):
    """Two speeches at once and one later, with a second provider in memory; `seconds` of it."""
    second = FakeProvider()
    alone = world.session(service)
    provider = FallbackProvider(
        alone._make_provider(),
        lambda: second,
        world.clock,
        title="The other one",
        check=lambda it: None,
    )
    session = Session("x", lambda: provider, world.events.append, world.clock)

    async def go():
        session.start()
        for name in "ab":
            session.speak(Utterance(name, name))
        await asyncio.sleep(seconds)
        session.speak(Utterance("c", "c"))
        await asyncio.sleep(60)
        await session.close()

    return second, go


def run_world(tmp_path, service, *, seconds=200.0, act=None, **options):
    async def go():
        world = World(tmp_path, **options)
        try:
            second, play = world_session(world, service, seconds)
            playing = asyncio.create_task(play())
            if act is not None:
                await act(world)
            await playing
            rows = [row.state for row in world.ledger.rows()]
            return world, second, rows, world.open_at_twin()
        finally:
            world.ledger.close()

    return run_virtual(go())


@pytest.mark.parametrize("kind", ["401", "402", "429", "503", "html", "half", "blocked"])
@pytest.mark.parametrize("service", SERVICES)
def test_a_service_that_cannot_be_opened_is_replaced(tmp_path, service, kind):
    """No key that is good, no credit, too many sessions, an outage, a proxy's page, a firewall."""
    options = {"wrap": lambda _: Blocked()} if kind == "blocked" else {}

    async def act(world):
        lost = service == "liveavatar" and kind == "half"  # a token that got lost opens nothing
        if kind != "blocked":
            world.fault(kind, service, "start" if lost else OPENS[service])

    world, second, rows, still_open = run_world(tmp_path, service, act=act, **options)
    assert second.said == ["a", "b", "c"]
    assert [one.kind for one in world.of(m.Noticed)].count("fallback") == 1
    assert len(world.of(m.FellBack)) == 1
    assert world.statuses()[:2] == ["starting", "live"]
    assert not still_open
    # What may have been opened by a lost answer is looked up, or stays listed.
    assert set(rows) <= {"refused", "closed", "lost"}


@pytest.mark.parametrize("kind", ["401", "gone", "503"])
@pytest.mark.parametrize("service", ["heygen", "kaltura"])
def test_a_service_that_breaks_for_good_is_replaced(tmp_path, service, kind):
    """Its key is taken back, it ends the session, it is out until its own deadline is over."""

    async def act(world):
        await asyncio.sleep(30)
        world.fault(kind, service, "keep_alive", times=1 if kind == "gone" else None)

    world, second, rows, still_open = run_world(
        tmp_path, service, seconds=1200.0, act=act, idle_timeout_s=None
    )
    assert second.said == ["c"]
    assert world.states("a")[-1] == world.states("b")[-1] == "said"
    assert [one.kind for one in world.of(m.Noticed)].count("fallback") == 1
    assert rows == ["closed"]
    assert not still_open


# ---- the kernel's half, with the real avatar -----------------------------------------------------


@pytest.fixture(scope="module")
def server():
    with one_server() as running:
        yield running
    host_client.close_all()


@pytest.fixture
def twin(server, monkeypatch, tmp_path):
    """A twin at the address in the environment, with no key in it; gives the app's faults."""
    monkeypatch.setenv("IPYAVATAR_STATE_DIR", str(tmp_path))
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)
    for name in SERVICES:
        monkeypatch.setenv(f"IPYAVATAR_{name.upper()}_URL", server.url)
    server.app = create_app(TwinSettings(api_key=KEY))
    return server.app.state.twin


def test_without_a_key_the_embedded_avatar_speaks_and_one_line_says_so(twin):
    """The example of the documentation; nothing is asked of the service."""
    for name in SERVICES:
        avatar = RecordingAvatar(name, fallback="embedded", host="thread", quality="low")
        avatar.start().wait(60)
        assert name != "heygen" or avatar.speak("Hello.").wait(60).state == "said"
        assert (avatar.provider, avatar.stream) == ("embedded", "host")
        (line,) = avatar.notices
        assert "The embedded avatar speaks instead." in line
        avatar.close()
    assert not twin.state()["calls"]


def test_the_widget_shows_the_other_one_and_begins_anew_with_the_service(twin):
    """Traits and character follow; after `stop()` the service is tried again."""
    twin.faults.add(Fault("402", "heygen", "new", times=1))
    avatar = RecordingAvatar(
        "heygen", api_key=KEY, fallback="embedded", character="leo", quality="low", host="thread"
    )
    assert (avatar.provider, avatar.stream) == ("heygen", "livekit")
    speeches = [avatar.speak(text) for text in ("One.", "Two.")]
    assert [one.wait(60).state for one in speeches] == ["said", "said"]
    assert (avatar.provider, avatar.character, avatar.stream) == ("embedded", "Leo", "host")
    (line,) = avatar.notices
    assert "no credits" in line
    assert avatar.status_text == line
    avatar.stop().wait(30)
    assert (avatar.provider, avatar.stream) == ("heygen", "livekit")
    avatar.start().wait(30)
    assert (avatar.provider, avatar.status_text) == ("heygen", "Ready")
    avatar.stop().wait(30)
    avatar.close()
    assert not twin.services["heygen"].sessions.open(twin.now())


def test_a_session_that_the_service_ends_goes_on_in_the_same_object(twin):
    """A speech that waits for it is said, and so is the next."""
    with AvatarSession("heygen", api_key=KEY, fallback="embedded", quality="low") as session:
        session.start().wait(30)
        twin.faults.add(Fault("gone", "heygen", "keep_alive", times=1))
        with pytest.raises(InvalidArgument):
            session.speak("Hm?", mode="question")
        session.keep_alive()
        until(lambda: session.provider == "embedded", 30, "it has taken over")
        assert session.speak("I am still here.").wait(60).state == "said"
        assert session.grant is None


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: AvatarSession("heygen", fallback="nobody"), UnknownName),
        (lambda: AvatarSession("heygen", fallback="kaltura"), InvalidArgument),
        (lambda: AvatarSession("heygen", fallback=5), InvalidArgument),
        (lambda: AvatarSession("embedded", fallback="embedded"), InvalidArgument),
        (lambda: AvatarSession("heygen", character="leo"), InvalidArgument),
        (lambda: AvatarSession("heygen", fallback="embedded", character="nobody"), UnknownName),
        (lambda: AvatarSession("heygen", fallback="embedded", idle_timeout_s=5), InvalidArgument),
        (lambda: AvatarSession("heygen", fallback="embedded", caracter="leo"), UnknownName),
        (lambda: AvatarSession("heygen", fallback="embedded", api_key="a b"), InvalidArgument),
    ],
)
def test_a_fallback_hides_no_mistake(twin, make, error):
    """What is not given may be replaced; what is given and cannot work is an error."""
    with pytest.raises(error):
        make()


def test_what_a_page_is_told_of_statuses_never_shows_a_failure(twin):
    """It goes from `starting` to `live`."""
    twin.faults.add(Fault("503", "heygen", "new", times=None))
    told = []
    session = AvatarSession("heygen", api_key=KEY, fallback="embedded", quality="low")
    session.observe(told.append)
    assert session.speak("Hello.").wait(60).state == "said"
    session.close().wait(30)
    until(lambda: told and isinstance(told[-1], p.Status), 10, "observers have heard")
    statuses = [one.status for one in told if isinstance(one, p.Status)]
    assert "failed" not in statuses
    assert statuses[0] == "starting"
