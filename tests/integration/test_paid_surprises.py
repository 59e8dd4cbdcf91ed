"""Whatever an answer holds and a call raises, a paid session comes to a certain end."""

import asyncio
import logging

import httpx
import pytest

from ipyavatar.core.clock import AwakeClock
from ipyavatar.host.orphan_cleaner import GRACE_S
from ipyavatar.paid.orphans import FIRST_PAUSE_S
from ipyavatar.protocol import page as p
from tests.support.paid import World
from tests.support.virtual_time import run_virtual

NEW = "/v1/streaming.new"


class Meddler(httpx.AsyncBaseTransport):
    """Carries calls to the twin, and does something to the answers of one path."""

    def __init__(self, inner, path, meddle, counted):
        self.inner = inner
        self.path = path
        self.meddle = meddle
        self.counted = counted

    async def handle_async_request(self, request):
        answer = await self.inner.handle_async_request(request)
        if request.url.path != self.path:
            return answer
        await answer.aread()
        self.counted.append(request.url.path)
        return self.meddle(answer)


def scene(tmp_path, play, meddle=None, path=NEW, **options):
    """Run `play(world)` on virtual time, with answers of `path` meddled with."""
    counted = []

    async def go():
        world = World(
            tmp_path,
            wrap=lambda inner: Meddler(inner, path, meddle, counted) if meddle else inner,
            **options,
        )
        world.counted = counted
        try:
            return await play(world)
        finally:
            world.ledger.close()

    return run_virtual(go())


def with_headers(*headers):
    return lambda answer: httpx.Response(200, headers=list(headers), content=answer.content)


def with_member(name, value):
    def meddle(answer):
        body = answer.json()
        body["data"][name] = value
        return httpx.Response(200, json=body)

    return meddle


def with_body(content):
    return lambda answer: httpx.Response(200, content=content)


def raising(error):
    def meddle(answer):
        raise error

    return meddle


ANSWERS = {
    **{
        f"Retry-After {value}": with_headers((b"Retry-After", value.encode()))
        for value in (
            "²",
            "-1",
            "9" * 400,
            "Wed, 21 Oct 2015 07:28:00 GMT",
            "inf",
            "nan",
            "",
            "1e9",
        )
    },
    "odd headers": with_headers((b"X-Request-Id", b"\xff\xfe"), (b"Content-Type", b"\xff;;=")),
    "no token": with_member("access_token", None),
    "a number for a token": with_member("access_token", 5),
    "a list for an address": with_member("url", ["x"]),
    "no id": with_member("session_id", None),
    "an empty id": with_member("session_id", ""),
    "a list": with_body(b"[]"),
    "a text": with_body(b'"fine"'),
    "nothing": with_body(b""),
    "a deep list": with_body(b"[" * 100_000),
    "no text": with_body(b"\xff\xfe\x00"),
    "RuntimeError": raising(RuntimeError("odd")),
    "KeyError": raising(KeyError("odd")),
    "RecursionError": raising(RecursionError("odd")),
    "UnicodeDecodeError": raising(UnicodeDecodeError("utf-8", b"x", 0, 1, "odd")),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_session_that_was_opened_is_never_thrown_away(tmp_path, name, caplog):
    """Its answer to `new` cannot be used: it is stopped by its id, or looked up, or goes on."""

    async def play(world):
        session = world.session("heygen")
        session.start()
        await asyncio.sleep(60)
        known = {row.session_id for row in world.ledger.open_rows()}
        if session.status == "live":
            assert world.open_at_twin() == known
        else:
            assert session.status == "failed"
            assert not world.open_at_twin()
        await session.stop()
        assert not world.open_at_twin()
        assert not world.ledger.open_rows()
        return session.status

    with caplog.at_level(logging.CRITICAL):
        scene(tmp_path, play, ANSWERS[name])


@pytest.mark.parametrize("error", [RuntimeError("odd"), KeyError("odd")], ids=["one", "another"])
def test_a_keep_alive_that_raises_is_trouble_and_no_more(tmp_path, error, caplog):
    """The session is kept alive by the next one."""
    meddles = [True, True, True]

    def meddle(answer):
        if meddles and meddles.pop():
            raise error
        return answer

    async def play(world):
        session = world.session("heygen")
        session.start()
        await asyncio.sleep(300)
        assert len(world.counted) > 5
        assert not meddles
        assert world.statuses() == ["starting", "live", "reconnecting", "live"]
        await session.stop()
        assert not world.open_at_twin()

    with caplog.at_level(logging.CRITICAL):
        scene(tmp_path, play, meddle, "/v1/streaming.keep_alive")


def test_a_stop_that_raises_ends_the_session_here_and_is_tried_again(tmp_path, caplog):
    broken = [True]

    def meddle(answer):
        if broken:
            raise KeyError("odd")
        return answer

    async def play(world):
        world.fault("503", "heygen", "stop", times=40)
        session = world.session("heygen")
        session.start()
        await asyncio.sleep(2)
        await session.stop()
        assert world.counted
        assert session.status == "ended"
        assert "not confirmed" in world.of(p.Status)[-1].text
        (row,) = world.ledger.open_rows()
        assert (row.state, row.tries) == ("stopping", 1)
        broken.clear()
        world.twin.faults.remove()
        await asyncio.sleep(FIRST_PAUSE_S)
        await world.cleaner.clean()
        assert not world.open_at_twin()
        assert not world.ledger.open_rows()

    with caplog.at_level(logging.CRITICAL):
        scene(tmp_path, play, meddle, "/v1/streaming.stop")


class Suspended:
    """The machine's time, which goes on while it sleeps."""

    def __init__(self):
        self.asleep_s = 0.0

    def clock(self):
        return AwakeClock(lambda: asyncio.get_running_loop().time() + self.asleep_s)


def test_a_sleep_of_the_machine_counts_as_time_nobody_used_the_session(tmp_path):
    """It is over within seconds of the wake, not as many minutes later as the sleep was long."""
    machine = Suspended()

    async def play(world):
        session = world.session("heygen", max_idle_s=600, idle_timeout_s=3000)
        session.start()
        await asyncio.sleep(100)
        machine.asleep_s += 550
        await asyncio.sleep(3)
        assert session.status == "ended"
        assert "nobody used it" in world.of(p.Status)[-1].text
        assert not world.open_at_twin()

    scene(tmp_path, play, paid_clock=machine.clock(), max_duration_s=36_000.0)


def test_a_session_that_its_service_ended_in_a_sleep_is_found_out_at_once(tmp_path):
    machine = Suspended()

    async def play(world):
        session = world.session("heygen", max_idle_s=7200, max_duration_s=9000)
        session.start()
        await asyncio.sleep(100)
        machine.asleep_s += 1000
        world.twin.advance_clock(1000)
        await asyncio.sleep(3)
        assert session.status == "ended"
        (row,) = world.ledger.rows()
        assert row.note == "the service ended it"
        assert row.seconds < 200

    scene(tmp_path, play, paid_clock=machine.clock(), max_duration_s=36_000.0)


def test_of_several_orphans_one_that_raises_is_no_reason_to_leave_the_others(tmp_path, caplog):
    """Also in a round of cleaning."""
    first = []

    def meddle(answer):
        if not first:
            first.append(answer)
            raise KeyError("odd")
        return answer

    async def play(world):
        for name in ("a", "b", "c"):
            world.session("heygen", name).start()
        await asyncio.sleep(2)
        assert len(world.open_at_twin()) == 3
        world.new_process()
        await world.cleaner.clean()
        await asyncio.sleep(GRACE_S)
        world.fault("503", "heygen", "stop", times=4)
        outcomes = sorted(outcome for _, outcome in await world.cleaner.clean())
        assert outcomes.count("stopped") + outcomes.count("had ended") >= 1
        world.twin.faults.remove()
        await asyncio.sleep(FIRST_PAUSE_S)
        await world.cleaner.clean()
        assert not world.open_at_twin()
        assert first
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()  # the dead process's

    with caplog.at_level(logging.CRITICAL):
        scene(tmp_path, play, meddle, "/v1/streaming.stop", concurrency=5)


NOT_SANDBOX = {"heygen": {}, "liveavatar": {"sandbox": False, "avatar_id": "face"}}
GONE = {
    "heygen": ("/v1/streaming.keep_alive", "/v1/streaming.stop"),
    "liveavatar": ("/v1/sessions/keep-alive", "/v1/sessions/stop"),
}


@pytest.mark.parametrize("service", GONE)
def test_a_session_is_not_taken_for_gone_while_it_can_be_stopped(service, tmp_path):
    """Keep-alives are answered 404 for ever, as where that call has moved: it ends at once."""

    async def play(world):
        session = world.session(service, **NOT_SANDBOX[service])
        session.start()
        await asyncio.sleep(1)
        assert world.open_at_twin()
        await asyncio.sleep(70)
        assert world.counted
        assert session.status == "ended"
        assert not world.open_at_twin()
        assert [row.state for row in world.ledger.rows()] == ["closed"]

    path = GONE[service][0]
    scene(tmp_path, play, lambda _: httpx.Response(404, json={"message": "Not Found"}), path)


@pytest.mark.parametrize("service", GONE)
def test_a_stop_is_not_taken_for_made_where_one_machine_knows_no_such_session(service, tmp_path):
    """The first 404 comes before the call has taken effect."""
    refused = []

    class OneRefusal(httpx.AsyncBaseTransport):
        def __init__(self, inner):
            self.inner = inner

        async def handle_async_request(self, request):
            if request.url.path == GONE[service][1] and not refused:
                refused.append(request.url.path)
                return httpx.Response(404, json={"message": "Not Found"})
            return await self.inner.handle_async_request(request)

    async def go():
        world = World(tmp_path, wrap=OneRefusal)
        try:
            session = world.session(service, **NOT_SANDBOX[service])
            session.start()
            await asyncio.sleep(1)
            await session.stop()
            assert refused
            assert not world.open_at_twin()
            assert [row.state for row in world.ledger.rows()] == ["closed"]
        finally:
            world.ledger.close()

    run_virtual(go())
