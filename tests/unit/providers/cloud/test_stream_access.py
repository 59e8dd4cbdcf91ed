"""The room of a service's stream: the gate speeches wait at, and the way commands go."""

import asyncio

import pytest

from ipyavatar.core.secret import Secret
from ipyavatar.errors import MissingPart, NoAnswer, SpeechFailed
from ipyavatar.protocol.grants import StreamGrant
from ipyavatar.protocol.page import Media
from ipyavatar.providers.cloud.stream_access import JOIN_AGAIN_S, PAGE_SHARE, StreamAccess
from ipyavatar.providers.cloud.viewers import PICTURE_WAIT_S, Viewers
from tests.support.fakes.room_connection import FakeRoomConnection
from tests.support.virtual_time import VirtualClock, run_virtual

LIVEKIT = StreamGrant("livekit", Secret("wss://x"), Secret("t"))
WHEP = StreamGrant("whep", Secret("https://x"))


class Access:
    def __init__(self, join=LIVEKIT, margin_s=0.0, missing=False, refusals=0):
        self.to_page, self.entered, self.lost = [], [], 0
        self.missing = missing
        self.refusals = refusals
        self.failures = []
        self.room = StreamAccess(
            VirtualClock(),
            Viewers(margin_s),
            stream_grant=lambda: join,
            to_page=lambda *command: self.to_page.append(command),
            on_event=lambda event: None,
            on_lost=self._lost,
            connect=self._connect,
        )

    def _lost(self, broken):
        self.lost += 1

    async def _connect(self, join, heard):
        if self.missing:
            raise MissingPart("No livekit.", 'pip install "ipyavatar[livekit]"')
        await asyncio.sleep(0.5)
        if self.refusals:
            self.refusals -= 1
            raise NoAnswer("The room cannot be joined.", sent=True, service="x", call="room")
        self.entered.append(FakeRoomConnection(join, heard))
        return self.entered[-1]


def play(scenario, **options):
    async def go():
        await scenario(Access(**options))

    run_virtual(go())


def now():
    return asyncio.get_running_loop().time()


def test_nobody_is_waited_for_without_a_page():
    """And in vain only once."""

    async def scenario(scene):
        assert await scene.room.wait_shown()
        assert now() == 0
        scene.room.add_viewer("a", "a.1")
        assert not await scene.room.wait_shown()
        assert now() == PICTURE_WAIT_S
        assert await scene.room.wait_shown()
        assert now() == PICTURE_WAIT_S

    play(scenario)


def test_a_speech_waits_for_the_picture_and_the_margin():
    """Asked at 1 s, in the room at 2 s, playing at 3 s."""

    async def scenario(scene):
        scene.room.expect(10)
        shown = asyncio.create_task(scene.room.wait_shown())
        await asyncio.sleep(1)
        scene.room.add_viewer("a", "a.1")
        await asyncio.sleep(1)
        scene.room.on_media(Media("a", "waiting"))
        await asyncio.sleep(1)
        scene.room.on_media(Media("a", "playing"))
        assert await shown
        assert now() == pytest.approx(3.3)

    play(scenario, margin_s=0.3)


@pytest.mark.parametrize("end", ["left", "paused", "nobody came"])
def test_the_wait_ends_when_there_is_nothing_to_wait_for(end):
    """The page hangs up, shows no view, or never comes."""

    async def scenario(scene):
        if end == "nobody came":
            scene.room.expect(2)
        else:
            scene.room.add_viewer("a", "a.1")
        shown = asyncio.create_task(scene.room.wait_shown())
        await asyncio.sleep(2)
        if end == "left":
            scene.room.remove_viewer("a.1")
        elif end == "paused":
            scene.room.on_media(Media("a", "paused"))
        assert await shown
        assert now() == pytest.approx(2)

    play(scenario)


def test_a_picture_that_comes_at_the_last_moment_is_no_reason_to_complain():
    """The margin is cut short, the picture plays."""

    async def scenario(scene):
        scene.room.add_viewer("a", "a.1")
        shown = asyncio.create_task(scene.room.wait_shown())
        await asyncio.sleep(PICTURE_WAIT_S - 0.1)
        scene.room.on_media(Media("a", "playing"))
        assert await shown
        assert now() == PICTURE_WAIT_S

    play(scenario, margin_s=0.3)


def test_commands_go_through_the_page_that_is_in_the_room():
    """Also what is sent while it is on its way."""

    async def scenario(scene):
        scene.room.add_viewer("a", "a.1")
        sending = asyncio.create_task(scene.room.send("agent-control", b"{}"))
        await asyncio.sleep(1)
        assert not scene.room.hears
        assert scene.to_page == []
        assert scene.room.on_packet("a")
        await sending
        assert scene.to_page == [("a", "agent-control", "{}")]
        assert scene.room.hears
        assert scene.entered == []

    play(scenario)


def test_without_a_page_python_enters_once_and_leaves_to_a_page():
    """Two commands, one entrance."""

    async def scenario(scene):
        await asyncio.gather(scene.room.send("t", b"1"), scene.room.send("t", b"2"))
        (python,) = scene.entered
        assert python.sent == [("t", b"1"), ("t", b"2")]
        assert scene.room.hears
        await scene.room.leave_room()
        assert python.gone.done()
        await asyncio.sleep(0)
        assert not scene.room.hears
        assert scene.lost == 0

    play(scenario)


@pytest.mark.parametrize("page", [True, False])
def test_to_hear_the_room_python_enters_where_no_page_is(page):
    """Nor one is on its way."""

    async def scenario(scene):
        if page:
            scene.room.add_viewer("a", "a.1")
        hearing = asyncio.create_task(scene.room.hear())
        await asyncio.sleep(1)
        assert scene.room.hears != page
        if page:
            scene.room.on_packet("a")
        await hearing
        assert scene.room.hears
        assert len(scene.entered) == (0 if page else 1)

    play(scenario)


def test_when_python_is_thrown_out_that_is_told_and_the_next_command_enters_again():
    """It may be the end of the session."""

    async def scenario(scene):
        await scene.room.send("t", b"1")
        scene.entered[0].gone.set_result("the service has closed the room")
        await asyncio.sleep(0)
        assert (scene.lost, scene.room.hears) == (1, False)
        await scene.room.send("t", b"2")
        assert len(scene.entered) == 2

    play(scenario)


def test_a_page_that_is_expected_and_never_comes_leaves_it_to_python():
    """After its time is over."""

    async def scenario(scene):
        scene.room.expect(2.5)
        await scene.room.send("t", b"1")
        assert now() == pytest.approx(3.0)
        assert scene.entered[0].sent == [("t", b"1")]

    play(scenario)


def test_without_the_package_the_error_says_what_to_install():
    """And where there is no room at all, that."""

    async def scenario(scene):
        with pytest.raises(MissingPart, match=r"ipyavatar\[livekit\]"):
            await scene.room.send("t", b"1")

    play(scenario, missing=True)

    async def no_room(scene):
        with pytest.raises(SpeechFailed, match="no room"):
            await scene.room.send("t", b"1")

    play(no_room, join=WHEP)


# ---- a room that somebody has to join ------------------------------------------------------------

LIMIT_S = 300.0


def test_a_room_that_somebody_has_to_join_is_joined_from_here_at_once_in_a_script():
    async def scenario(scene):
        await scene.room.join_in_time(LIMIT_S, scene.failures.append)
        assert (len(scene.entered), now(), scene.failures) == (1, 0.5, [])

    play(scenario)


@pytest.mark.parametrize("how", ["expected", "asked and left"])
def test_where_a_page_may_come_the_room_is_left_to_it_for_half_of_the_time(how):
    async def scenario(scene):
        scene.room.expect(2.5)
        if how == "asked and left":
            scene.room.add_viewer("a", "a.1")
            scene.room.remove_viewer("a.1")
        await scene.room.join_in_time(LIMIT_S, scene.failures.append)
        assert (len(scene.entered), now()) == (1, LIMIT_S * PAGE_SHARE + 0.5)

    play(scenario)


def test_a_page_in_the_room_is_enough():
    async def scenario(scene):
        scene.room.expect(2.5)
        joining = asyncio.create_task(scene.room.join_in_time(LIMIT_S, scene.failures.append))
        await asyncio.sleep(10)
        scene.room.add_viewer("a", "a.1")
        scene.room.on_media(Media("a", "playing"))
        await joining
        assert (scene.entered, now()) == ([], 10)

    play(scenario)


def test_a_room_that_cannot_be_joined_is_told_once_and_tried_again():
    async def scenario(scene):
        await scene.room.join_in_time(LIMIT_S, scene.failures.append)
        assert (len(scene.failures), len(scene.entered)) == (1, 1)
        assert now() == 2 * (JOIN_AGAIN_S + 0.5) + 0.5

    play(scenario, refusals=2)


def test_a_room_that_never_lets_us_in_is_given_up_when_the_time_is_over():
    async def scenario(scene):
        await scene.room.join_in_time(LIMIT_S, scene.failures.append)
        assert (len(scene.failures), scene.entered) == (1, [])
        assert LIMIT_S <= now() < LIMIT_S + JOIN_AGAIN_S

    play(scenario, refusals=1000)


def test_without_the_package_the_session_begins_with_what_to_install():
    async def scenario(scene):
        await scene.room.join_in_time(LIMIT_S, scene.failures.append)
        (told,) = scene.failures
        assert "ipyavatar[livekit]" in str(told)
        assert now() == 0

    play(scenario, missing=True)
