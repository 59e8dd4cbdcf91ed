"""Pages and a paid session's stream: who joins, what waits, where commands go; virtual time."""

import asyncio
import json

import pytest

from ipyavatar.core.speech import Utterance
from ipyavatar.errors import AvatarError, MediaError, SessionClosed
from ipyavatar.protocol import host as m
from ipyavatar.protocol import page as p
from ipyavatar.providers.cloud.service_events import COMMAND_TOPIC, EVENT_TOPIC
from ipyavatar.providers.cloud.viewers import PICTURE_WAIT_S
from tests.support.paid import World
from tests.support.virtual_time import run_virtual

SERVICES = ("heygen", "liveavatar", "kaltura")


def scene(tmp_path, play, **twin):
    async def go():
        world = World(tmp_path, **twin)
        try:
            return await play(world)
        finally:
            world.ledger.close()

    return run_virtual(go())


def opened(world, service="heygen", session_id="x", **options):
    """A session that is being opened."""
    if service == "liveavatar":
        options.setdefault("lite", False)  # LITE needs a real websocket
    session = world.session(service, session_id, **options)
    session.start()
    return session


def spoken(world, speech):
    """When the speech was first heard."""
    return next(
        (e.at for e in world.of(p.SpeechUpdate)
         if e.speech == speech and e.state == "speaking"),
        None,
    )  # fmt: skip


def pictures(world):
    return [e.text for e in world.of(m.Noticed) if e.kind == "picture"]


@pytest.mark.parametrize("service", SERVICES)
def test_a_page_gets_the_stream_as_soon_as_the_session_is_open(tmp_path, service):
    """It may ask before; nothing is said of a later version any more."""

    async def play(world):
        session = opened(world, service)
        join = await session.provider.grant_stream("page", "page.1")
        assert session.status in ("starting", "live")
        await asyncio.sleep(1)
        assert session.status == "live"
        assert world.of(p.Status)[-1].text == "Ready"
        assert pictures(world) == []
        assert join == world.of(m.SessionGranted)[-1].grant.stream
        assert join.kind == ("whep" if service == "kaltura" else "livekit")
        assert bool(join.token) == (service != "kaltura")
        await session.stop()

    scene(tmp_path, play)


def test_a_session_that_cannot_be_opened_is_the_answer_to_those_who_wait_for_it(tmp_path):
    """In its own words; and the same when it is stopped meanwhile."""

    async def play(world):
        world.fault("401", "heygen", "new")
        session = opened(world)
        with pytest.raises(AvatarError, match="key"):
            await session.provider.grant_stream("page", "page.1")
        await asyncio.sleep(1)
        world.twin.faults.remove()
        world.fault("slow", "heygen", "new", seconds=5)
        session.start()
        joining = asyncio.create_task(session.provider.grant_stream("page", "page.2"))
        await asyncio.sleep(1)
        await session.stop()
        with pytest.raises(SessionClosed):
            await joining

    scene(tmp_path, play)


def test_a_page_that_hangs_up_while_it_waits_is_not_let_in(tmp_path):
    """Its token would be of no use, and the next page's speech would wait for it."""

    async def play(world):
        session = opened(world)
        joining = asyncio.create_task(session.provider.grant_stream("page", "page.1"))
        await asyncio.sleep(0)
        await session.provider.hang_up("page.1")
        with pytest.raises(MediaError):
            await joining
        session.speak(Utterance("a", "Hello."))
        await asyncio.sleep(2)
        assert spoken(world, "a") is not None
        await session.stop()

    scene(tmp_path, play)


@pytest.mark.parametrize("service", SERVICES)
def test_first_words_wait_for_the_picture(tmp_path, service):
    """And for what the service needs after it; later words do not wait."""

    async def play(world):
        session = opened(world, service)
        session.provider.expect_page(10)
        session.speak(Utterance("a", "Hello."))
        await session.provider.grant_stream("page", "page.1")
        await asyncio.sleep(2)
        begun = [call for call in world.twin.state()["calls"] if call["call"] in SAYING]
        assert begun == []
        session.provider.on_page_report(p.Media("page", "playing"))
        played_at = world.clock.now()
        await asyncio.sleep(10)
        margin = 0.3 if service == "kaltura" else 0.0
        assert spoken(world, "a") == pytest.approx(played_at + margin, abs=1.1)
        assert spoken(world, "a") >= played_at + margin
        assert pictures(world) == []
        await session.stop()

    scene(tmp_path, play)


SAYING = ("task", "say_text", "say_audio")


def test_first_words_do_not_wait_for_ever(tmp_path):
    """It is said so, once; the next speech does not wait again."""

    async def play(world):
        session = opened(world)
        await session.provider.grant_stream("page", "page.1")
        began = world.clock.now()
        session.speak(Utterance("a", "Hello."))
        session.speak(Utterance("b", "Hello again."))
        await asyncio.sleep(PICTURE_WAIT_S - 0.5)
        assert spoken(world, "a") is None
        await asyncio.sleep(8)
        assert spoken(world, "a") == pytest.approx(began + PICTURE_WAIT_S, abs=1.2)
        assert spoken(world, "b") < began + PICTURE_WAIT_S + 8
        (told,) = pictures(world)
        assert "6 s" in told
        await session.stop()

    scene(tmp_path, play)


def test_an_interrupt_in_the_wait_says_nothing_and_calls_nothing(tmp_path):
    """The speech had not begun."""

    async def play(world):
        session = opened(world)
        await session.provider.grant_stream("page", "page.1")
        session.speak(Utterance("a", "Hello."))
        await asyncio.sleep(1)
        session.interrupt("")
        await asyncio.sleep(1)
        assert world.states("a") == ["queued", "interrupted"]
        assert world.calls("task") == world.calls("interrupt") == []
        await session.stop()

    scene(tmp_path, play)


def test_full_is_told_what_to_say_through_the_page_and_tells_through_it(tmp_path):
    """Python does not enter; a stranger's tale is not believed."""

    async def play(world):
        session = opened(world, "liveavatar")
        await session.provider.grant_stream("page", "page.1")
        session.provider.on_page_report(p.Media("page", "playing"))
        session.speak(Utterance("a", "Hello."))
        await asyncio.sleep(0.5)
        (command,) = world.of(p.RoomData)
        assert (command.page, command.topic) == ("page", COMMAND_TOPIC)
        told = json.loads(command.payload)
        assert told["text"] == "Hello."
        assert world.rooms == []

        def tell(page, name):
            text = json.dumps({"event_type": name, "source_event_id": told["event_id"]})
            session.provider.on_page_report(p.RoomData(page, EVENT_TOPIC, text))

        tell("stranger", "avatar.speak_ended")
        await asyncio.sleep(0.1)
        assert world.states("a") == ["queued"]
        tell("page", "avatar.speak_started")
        await asyncio.sleep(0.1)
        assert world.states("a") == ["queued", "speaking"]
        tell("page", "avatar.speak_ended")
        await asyncio.sleep(0.1)
        assert world.states("a") == ["queued", "speaking", "said"]
        await session.stop()

    scene(tmp_path, play)


def test_full_speaks_without_a_page_and_python_leaves_the_room_to_one(tmp_path):
    """With the same token in both one of the two would be thrown out."""

    async def play(world):
        session = opened(world, "liveavatar")
        session.speak(Utterance("a", "Hello."))
        await asyncio.sleep(20)
        (python,) = world.rooms
        assert [topic for topic, _ in python.sent] == [COMMAND_TOPIC]
        assert world.states("a")[-1] == "said"
        await session.provider.grant_stream("page", "page.1")
        assert python.gone.done()
        session.provider.on_page_report(p.Media("page", "playing"))
        session.speak(Utterance("b", "And again."))
        await asyncio.sleep(1)
        assert len(world.of(p.RoomData)) == 1
        assert len(world.rooms) == 1
        await session.stop()

    scene(tmp_path, play)


def test_when_the_service_says_in_the_room_that_it_is_over_it_is_asked(tmp_path):
    """Once it was true, once not."""

    async def play(world):
        session = opened(world)
        await session.provider.grant_stream("page", "page.1")
        session.provider.on_page_report(p.StreamOver("page", "page.1", "ended"))
        await asyncio.sleep(0.5)
        assert session.status == "live"
        assert len(world.calls("keep_alive")) == 1
        await session.provider.grant_stream("page", "page.2")
        world.fault("gone", "heygen", "keep_alive")
        session.provider.on_page_report(p.StreamOver("page", "page.2", "ended"))
        await asyncio.sleep(0.5)
        assert session.status == "ended"

    scene(tmp_path, play)


@pytest.mark.parametrize(
    ("reason", "said"), [("refused", "refused"), ("taken", "another page"), ("lost", "lost")]
)
def test_a_stream_that_fails_is_told_once_and_holds_nothing_up(tmp_path, reason, said):
    """Until it plays again: pages try on."""

    async def play(world):
        session = opened(world)
        for attempt in range(3):
            await session.provider.grant_stream("page", f"page.{attempt}")
            over = p.StreamOver("page", f"page.{attempt}", reason, "its own words")
            session.provider.on_page_report(over)
        (told,) = pictures(world)
        assert said in told
        assert "its own words" in told
        session.speak(Utterance("a", "Hello."))
        await asyncio.sleep(6)
        assert spoken(world, "a") is not None
        await session.provider.grant_stream("page", "page.9")
        session.provider.on_page_report(p.Media("page", "playing"))
        session.provider.on_page_report(p.StreamOver("page", "page.9", reason, "its own words"))
        assert len(pictures(world)) == 2
        assert session.status == "live"
        await session.stop()

    scene(tmp_path, play)


def test_what_pages_do_by_themselves_does_not_keep_a_session_open(tmp_path):
    """Joining and reporting all night is no use of it; a user who speaks with it is."""

    async def play(world):
        session = opened(world, max_idle_s=100)
        await session.provider.grant_stream("page", "page.1")
        for _ in range(9):
            await asyncio.sleep(10)
            session.provider.on_page_report(p.Media("page", "playing"))
        heard = p.RoomData("page", "", json.dumps({"type": "user_start"}))
        session.provider.on_page_report(heard)
        await asyncio.sleep(20)
        assert session.status == "live"
        await asyncio.sleep(85)
        assert session.status == "ended"

    scene(tmp_path, play)


def test_another_quality_is_for_the_next_session_and_that_is_said_once(tmp_path):
    """Kaltura has no sizes: nothing to say."""

    async def play(world):
        for service, said in (("heygen", 1), ("kaltura", 0)):
            session = opened(world, service, service)
            await asyncio.sleep(1)
            session.provider.change_quality("low")
            session.provider.change_quality("medium")
            told = [e for e in world.of(m.Noticed) if e.session == service]
            assert len(told) == said
            await session.stop()

    scene(tmp_path, play, concurrency=2)


def test_a_session_taken_over_has_its_stream(tmp_path):
    """The host died; pages join anew with the same token."""

    async def play(world):
        first = opened(world)
        join = await first.provider.grant_stream("page", "page.1")
        grant = world.of(m.SessionGranted)[-1].grant
        dead = world.paid
        world.new_process()
        second = world.session("heygen", "y", grant)
        second.start()
        assert await second.provider.grant_stream("page", "page.2") == join
        await second.stop()
        first._running.cancel()
        first.provider._lease._keeper.cancel()
        await first.provider._tasks.close()
        dead.ledger.close()

    scene(tmp_path, play)
