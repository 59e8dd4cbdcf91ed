"""One paid session from its opening to its end: what it does, tells and notes, on virtual time."""

import asyncio

import pytest

from ipyavatar.core.speech import Utterance
from ipyavatar.errors import SessionClosed
from ipyavatar.paid.lease import TROUBLE
from ipyavatar.protocol import host as m
from ipyavatar.protocol import page as p
from ipyavatar.providers.kaltura.spec import SPEC as KALTURA
from tests.support.paid import World, wall
from tests.support.virtual_time import run_virtual

SERVICES = ("heygen", "kaltura")


def scene(tmp_path, play, **twin):
    """Run `play(world)` on virtual time, and close the ledger after it."""

    async def go():
        world = World(tmp_path, **twin)
        try:
            return await play(world)
        finally:
            world.ledger.close()

    return run_virtual(go())


def failure(world):
    return next(e.error for e in reversed(world.of(p.Status)) if e.error)


@pytest.mark.parametrize("service", SERVICES)
def test_the_row_is_there_before_the_create_call(tmp_path, service):
    """And says open, then closed, with seconds."""

    async def play(world):
        world.fault("slow", service, "new" if service == "heygen" else "create", seconds=3)
        session = world.session(service)
        session.start()
        await asyncio.sleep(1)
        early = world.ledger.open_rows()
        await asyncio.sleep(9)
        live = world.ledger.open_rows()
        await session.stop()
        assert [(r.state, r.session_id) for r in early] == [("opening", None)]
        closed = world.twin.services[service].sessions.closed(wall())
        assert {r.session_id for r in live} == {s.id for s in closed}
        (row,) = world.ledger.rows()
        assert row.state == "closed"
        assert row.seconds == pytest.approx(10, abs=0.5)

    scene(tmp_path, play)


def test_an_unused_session_is_announced_and_ended(tmp_path):
    """30 s before, by an event and the status text; then stopped at the service."""

    async def play(world):
        session = world.session("heygen", max_idle_s=200)
        session.start()
        await asyncio.sleep(169)
        assert not [e for e in world.of(m.Noticed) if e.kind == "ending"]
        await asyncio.sleep(2)
        (told,) = [e for e in world.of(m.Noticed) if e.kind == "ending"]
        assert "30 s" in told.text
        assert world.of(p.Status)[-1].text == told.text
        await asyncio.sleep(30)
        assert world.statuses() == ["starting", "live", "stopping", "ended"]
        assert "nobody used it" in world.of(p.Status)[-1].text
        assert not world.open_at_twin()

    scene(tmp_path, play)


def test_use_takes_the_announcement_back(tmp_path):
    """A speech in the last seconds: the session goes on, and the status text says so."""

    async def play(world):
        session = world.session("heygen", max_idle_s=100)
        session.start()
        await asyncio.sleep(80)
        session.touch()
        session.speak(Utterance("a", "I am still here."))
        assert world.of(p.Status)[-1].text.startswith("Ready")
        await asyncio.sleep(60)
        assert session.status == "live"
        await session.stop()

    scene(tmp_path, play)


def test_a_long_speech_is_use_and_max_duration_ends_it_all_the_same(tmp_path):
    """Ten minutes of speech outlive `max_idle_s`; `max_duration_s` cuts them off."""

    async def play(world):
        session = world.session("heygen", max_idle_s=60, max_duration_s=400)
        session.start()
        session.speak(Utterance("a", "Some words to say. " * 500))
        await asyncio.sleep(390)
        assert session.status == "live"
        await asyncio.sleep(20)
        assert world.states("a")[-1] == "interrupted"
        assert session.status == "ended"
        assert not world.open_at_twin()

    scene(tmp_path, play)


@pytest.mark.parametrize("service", SERVICES)
def test_trouble_is_shown_and_survived(tmp_path, service):
    """503 for a while: reconnecting, live again, the same session."""

    async def play(world):
        session = world.session(service)
        session.start()
        await asyncio.sleep(1)
        before = world.open_at_twin()
        world.fault("503", service, "keep_alive", times=4)
        await asyncio.sleep(110)
        assert world.statuses() == ["starting", "live", "reconnecting", "live"]
        assert world.open_at_twin() == before
        await session.stop()

    scene(tmp_path, play)


@pytest.mark.parametrize("service", SERVICES)
def test_a_session_the_service_has_ended_is_ended(tmp_path, service):
    """No stop call, no failure: status ended, and the ledger is settled."""

    async def play(world):
        session = world.session(service)
        session.start()
        await asyncio.sleep(1)
        world.fault("gone", service, "keep_alive")
        await asyncio.sleep(60)
        assert world.statuses()[-1] == "ended"
        assert [r.state for r in world.ledger.rows()] == ["closed"]
        session.start()  # and it can be opened again
        await asyncio.sleep(1)
        assert session.status == "live"
        await session.stop()

    scene(tmp_path, play)


def test_a_key_that_is_taken_back_fails_the_session_and_leaves_the_row(tmp_path):
    """401 is dead; the end is not confirmed, so the ledger keeps it, until cleaning confirms it."""

    async def play(world):
        session = world.session("heygen")
        session.start()
        await asyncio.sleep(1)
        world.fault("401", "heygen", "*")
        await asyncio.sleep(60)
        assert world.statuses()[-1] == "failed"
        assert failure(world).name == "AuthenticationError"
        (row,) = world.ledger.open_rows()
        assert row.state == "stopping"
        world.twin.faults.remove()
        assert [outcome for _, outcome in await world.clean()] == ["stopped"]
        assert not world.open_at_twin()

    scene(tmp_path, play)


def test_a_lost_answer_to_new_is_looked_up_before_the_second_try(tmp_path):
    """One session is left in the end, and it is the one in the ledger."""

    async def play(world):
        world.fault("reset", "heygen", "new", effect=True, times=1)
        session = world.session("heygen")
        session.start()
        await asyncio.sleep(20)
        assert session.status == "live"
        assert len(world.calls("new")) == 2
        assert len(world.calls("list")) >= 2
        (row,) = world.ledger.open_rows()
        assert world.open_at_twin() == {row.session_id}
        await session.stop()

    scene(tmp_path, play)


@pytest.mark.parametrize("service", ["heygen", "liveavatar"])
def test_a_service_that_does_not_answer_is_no_silent_start(tmp_path, service):
    """What is waited for is told before it is tried again; and it is not waited for without end."""

    async def play(world):
        create = "new" if service == "heygen" else "start"
        world.fault("hang", service, create, effect=True, times=2, seconds=600)
        if service == "heygen":  # LiveAvatar's token names the session that is to be stopped
            world.fault("hang", service, "list", times=1, seconds=600)
        session = world.session(service)
        session.start()
        await asyncio.sleep(27)
        assert (session.status, world.of(p.Status)[-1].text) == ("starting", TROUBLE)
        await asyncio.sleep(93)
        assert session.status in ("live", "failed")
        assert len(world.calls(create)) >= 2
        await session.stop()
        world.twin.faults.remove()
        await world.clean()
        assert not world.open_at_twin()

    scene(tmp_path, play)


def test_kaltura_has_no_list_so_a_lost_answer_stays_noted(tmp_path):
    """Not tried again; the row says lost, and is settled once it must have run out."""

    async def play(world):
        world.fault("reset", "kaltura", "create", effect=True)
        session = world.session("kaltura")
        session.start()
        await asyncio.sleep(20)
        assert session.status == "failed"
        assert len(world.calls("create")) == 1
        (row,) = world.ledger.open_rows()
        assert row.state == "lost"
        await session.stop()
        await asyncio.sleep(KALTURA.run_out_s)
        world.new_process()
        await world.clean()
        assert not world.ledger.open_rows()

    scene(tmp_path, play)


@pytest.mark.parametrize("service", SERVICES)
def test_at_the_limit_the_error_lists_what_is_open(tmp_path, service):
    """From the service where it lists, from the ledger where it does not."""

    async def play(world):
        first, second = world.session(service, "first"), world.session(service, "second")
        first.start()
        await asyncio.sleep(1)
        second.start()
        await asyncio.sleep(20)
        error = failure(world).error()
        assert type(error).__name__ == "ConcurrencyLimitError"
        assert set(error.open_sessions) == world.open_at_twin()
        assert "stop_all" in str(error)
        await asyncio.gather(first.stop(), second.stop())

    scene(tmp_path, play, concurrency=1)


def test_stopped_while_it_opens_nothing_is_left(tmp_path):
    """The create call runs to its end, then the session is stopped."""

    async def play(world):
        world.fault("slow", "heygen", "new", seconds=5)
        session = world.session("heygen")
        session.start()
        await asyncio.sleep(1)
        await session.stop()
        assert world.statuses()[-1] == "ended"
        assert len(world.calls("new")) == 1
        assert not world.open_at_twin()
        assert not world.ledger.open_rows()

    scene(tmp_path, play)


def test_when_say_text_fails_our_voice_speaks_and_that_is_told_once(tmp_path):
    """Both speeches are said; one notice."""

    async def play(world):
        session = world.session("kaltura")
        session.start()
        session.speak(Utterance("a", "First of all. And then."))
        session.speak(Utterance("b", "Second."))
        await asyncio.sleep(15)
        assert world.states("a") == world.states("b") == ["queued", "speaking", "said"]
        assert len([e for e in world.of(m.Noticed) if e.kind == "voice"]) == 1
        assert len(world.calls("say_audio")) == 3
        assert len(world.calls("say_text")) == 1
        await session.stop()

    scene(tmp_path, play, say_text="503")


@pytest.mark.parametrize("service", SERVICES)
def test_an_interrupt_is_exact(tmp_path, service):
    """Silence at the service, nothing queued there, and the next speech is heard whole."""

    async def play(world):
        session = world.session(service)
        session.start()
        session.speak(Utterance("a", "A sentence of some length to be cut off. " * 60))
        await asyncio.sleep(5)
        session.interrupt("")
        session.speak(Utterance("b", "Then this."))
        await asyncio.sleep(5)
        assert world.states("a")[-1] == "interrupted"
        assert world.states("b")[-1] == "said"
        (twin,) = world.twin.services[service].sessions.open(wall())
        assert [s.state for s in twin.speeches] == ["interrupted", "said"]
        await session.stop()

    scene(tmp_path, play)


def test_long_text_is_handed_over_in_pieces_in_order(tmp_path):
    """Nothing is lost, no piece is over the limit."""
    text = " ".join(f"This is sentence number {i} of a long story." for i in range(60))

    async def play(world):
        session = world.session("heygen", max_idle_s=2000)
        session.start()
        session.speak(Utterance("a", text))
        await asyncio.sleep(400)
        assert world.states("a")[-1] == "said"
        (twin,) = world.twin.services["heygen"].sessions.open(wall())
        pieces = [speech.text for speech in twin.speeches]
        assert len(pieces) == 3
        assert " ".join(pieces) == text
        await session.stop()

    scene(tmp_path, play)


def test_usage_counts_seconds_and_credits(tmp_path):
    """By the price that was given; in events and in the ledger."""

    async def play(world):
        session = world.session("kaltura", credits_per_minute=3.0)
        session.start()
        await asyncio.sleep(120)
        await session.stop()
        last = world.of(m.UsageCounted)[-1]
        assert last.seconds == pytest.approx(120, abs=0.1)
        assert last.credits == pytest.approx(6, abs=0.1)
        assert world.ledger.rows()[0].credits == pytest.approx(6, abs=0.1)

    scene(tmp_path, play)


def test_a_ledger_that_cannot_be_written_is_told_and_does_no_harm(tmp_path):
    """The session works; a notice says what is not recorded."""

    async def play(world):
        session = world.session("heygen")
        session.start()
        await asyncio.sleep(1)
        assert session.status == "live"
        (told,) = [e for e in world.of(m.Noticed) if e.kind == "ledger"]
        assert "ledger" in told.text
        await session.stop()
        assert not world.open_at_twin()

    (tmp_path / "sessions.db").mkdir()
    scene(tmp_path, play)


def test_keep_alive_by_hand(tmp_path):
    """It reaches the service; without a session it says what to do."""

    async def play(world):
        session = world.session("heygen")
        with pytest.raises(SessionClosed, match="start"):
            await session.keep_alive()
        session.start()
        await session.keep_alive()  # waits for the opening
        assert len(world.calls("keep_alive")) == 1
        await session.stop()

    scene(tmp_path, play)


def test_an_end_that_is_not_confirmed_is_said_and_tried_again(tmp_path):
    """The status text says so, the row stays, and the next cleaning ends it."""

    async def play(world):
        session = world.session("liveavatar", lite=False)
        session.start()
        await asyncio.sleep(1)
        world.fault("503", "liveavatar", "stop")
        await session.stop()
        assert "not confirmed" in world.of(p.Status)[-1].text
        assert len(world.open_at_twin()) == len(world.ledger.open_rows()) == 1
        world.twin.faults.remove()
        await world.clean()
        assert not world.open_at_twin()
        assert not world.ledger.open_rows()

    scene(tmp_path, play)
