"""A paid service as a provider: what it is sent of a text."""

import contextlib

import pytest

from ipyavatar.core.secret import Secret
from ipyavatar.core.speech import Utterance
from ipyavatar.errors import MissingPart
from ipyavatar.protocol.grants import SessionGrant, StreamGrant
from ipyavatar.protocol.page import Media, RoomData, StreamOver
from ipyavatar.providers.cloud.left_watch import LEFT, LEFT_S
from ipyavatar.providers.cloud.provider import CloudProvider
from ipyavatar.providers.cloud.service_events import ServiceEvent
from ipyavatar.providers.heygen.profile import PROFILE
from ipyavatar.providers.liveavatar.profile import PROFILE as LIVEAVATAR
from tests.support.fakes.room_connection import FakeRoomConnection
from tests.support.virtual_time import VirtualClock, run_virtual


class SayingDriver:
    """Notes what it is to say."""

    def __init__(self, profile=PROFILE):
        self.profile = profile
        self.said = []

    def grant(self):
        room = StreamGrant("livekit", Secret("wss://x"), Secret("t"))
        return SessionGrant(self.profile.name, "session", stream=room)

    def set_room(self, room):
        pass

    def on_event(self, event):
        pass

    async def say(self, utterance, listener):
        self.said.append(utterance.text)
        return []


class OpenLease:
    """A session that is open."""

    async def open(self, grant=None):
        pass

    def speaking(self):
        return contextlib.nullcontext()

    async def close(self, note):
        return True


class Listener:
    """Notes what is noticed."""

    def __init__(self):
        self.notices = []

    def on_notice(self, kind, text):
        self.notices.append((kind, text))

    def on_caption(self, speech, text, words):
        pass

    def on_over(self, text):
        self.notices.append(("over", text))


def sent(*texts, mode="repeat"):
    async def go():
        driver = SayingDriver()
        provider = CloudProvider(driver, lambda driver, listener: OpenLease(), VirtualClock())
        await provider.open(Listener())
        for text in texts:
            assert await provider.say(Utterance("s", text, mode)) == []
        return driver.said

    return run_virtual(go())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("**Bold** and `code`", "Bold and code"),
        ("<b>Bold</b> &amp; plain", "Bold & plain"),
        ("<think>Hm.</think>Yes.", "Yes."),
        ("<|im_start|>assistant\nHello<|im_end|>", "Hello"),
        ("# Title\n\n- one\n- two", "Title\n\none\n\ntwo"),
        ("[docs](https://a.b)", "docs"),
        ("100%|████| 3/3 [00:01<00:00, 3it/s]", "100%, 3 of 3"),
        ("It costs $3.50, or 1,000 ¥.", "It costs $3.50, or 1,000 ¥."),
        ("Привет, 日本!", "Привет, 日本!"),
        ("Hi 😀!", "Hi!"),
    ],
)
def test_a_service_is_sent_no_markup_and_reads_numbers_itself(text, expected):
    assert sent(text) == [expected]


def test_a_question_to_its_language_model_is_sent_as_it_is():
    text = "What does **this** <b>mean</b>?"
    assert sent(text, mode="talk") == [text]


def test_what_is_silent_is_not_sent_and_is_said():
    """It costs no call, and no error."""
    assert sent("", ",", "…", "---", "😀", "<think>only this</think>", "***") == []


# ---- a service that ends what nobody joins -------------------------------------------------------


def without_a_page(profile, *, missing=False):
    """A minute of a session that no page shows: who joined its room, and what the user is told."""

    async def go():
        joined = []

        async def connect(grant, on_event, **more):
            if missing:
                raise MissingPart("livekit is missing.", 'pip install "ipyavatar[livekit]"')
            joined.append(FakeRoomConnection(grant, on_event))
            return joined[-1]

        clock, listener = VirtualClock(), Listener()
        provider = CloudProvider(
            SayingDriver(profile), lambda driver, listener: OpenLease(), clock, connect=connect
        )
        await provider.open(listener)
        await clock.sleep_until(60.0)
        open_then = [connection.gone.done() for connection in joined]
        await provider.close("")
        return open_then, [connection.gone.done() for connection in joined], listener.notices

    return run_virtual(go())


def test_without_a_page_we_are_in_a_room_that_somebody_has_to_join():
    """Before anything is said, and until the end."""
    assert without_a_page(LIVEAVATAR) == ([False], [True], [])
    assert without_a_page(PROFILE) == ([], [], [])


def test_without_the_package_for_it_the_user_is_told_at_the_start():
    _, _, notices = without_a_page(LIVEAVATAR, missing=True)
    ((kind, text),) = notices
    assert kind == "service"
    assert "within 5 minutes" in text
    assert "ipyavatar[livekit]" in text


def test_a_session_is_over_when_the_rooms_are_left_that_were_not_joined():
    """What leaves them is nobody's else, and is destroyed with the loop."""

    async def go():
        left, clock = [], VirtualClock()

        async def leave():
            await clock.sleep_until(clock.now() + 2.0)
            left.append(clock.now())

        async def connect(grant, on_event, *, abandoned, **more):
            abandoned.start(leave())
            raise MissingPart("livekit is missing.", 'pip install "ipyavatar[livekit]"')

        provider = CloudProvider(
            SayingDriver(LIVEAVATAR), lambda driver, listener: OpenLease(), clock, connect=connect
        )
        await provider.open(Listener())
        await clock.sleep_until(1.0)
        assert left == []
        await provider.close("")
        assert left == [2.0]

    run_virtual(go())


# ---- what the service says of its session --------------------------------------------------------


@pytest.mark.parametrize(("named", "ends"), [(None, True), ("session", True), ("another", False)])
def test_the_end_of_another_session_ends_no_speech(named, ends):
    """A page may be in the room of the one before. The service is asked in any case."""

    async def go():
        driver, lease = SayingDriver(LIVEAVATAR), OpenLease()
        rooms, told, checked = [], [], []
        driver.on_event = told.append

        async def check():
            checked.append(named)

        async def connect(grant, on_event, **more):
            rooms.append(on_event)
            return FakeRoomConnection(grant, on_event)

        lease.check = check
        clock = VirtualClock()
        provider = CloudProvider(driver, lambda driver, listener: lease, clock, connect=connect)
        await provider.open(Listener())
        await clock.sleep_until(60.0)
        (tell,) = rooms
        tell(ServiceEvent("session_ended", "session.stopped", session_id=named))
        await clock.sleep_until(61.0)
        await provider.close("")
        return [event.kind for event in told], checked

    assert run_virtual(go()) == (["session_ended"] if ends else [], [named])


# ---- a session whose pages have left -------------------------------------------------------------


def left_after(*reports):
    """What the user is told where a page plays it and then says this; without, it hangs up."""

    async def go():
        clock, listener = VirtualClock(), Listener()
        provider = CloudProvider(SayingDriver(), lambda driver, listener: OpenLease(), clock)
        await provider.open(listener)
        await provider.grant_stream("p", "p.1")
        provider.on_page_report(Media("p", "playing"))
        await clock.sleep_until(100.0)
        for report in reports:
            provider.on_page_report(report)
        if not reports:
            await provider.hang_up("p.1")
        await clock.sleep_until(100.0 + LEFT_S - 1)
        before = list(listener.notices)
        await clock.sleep_until(600.0)
        await provider.close("")
        return before, listener.notices

    return run_virtual(go())


def test_a_session_ends_once_no_page_plays_it_any_more():
    """A minute after one was closed, or its output cleared; one that is out of sight plays on."""
    assert left_after() == ([], [("over", LEFT)])
    assert left_after(Media("p", "paused", silent=True)) == ([], [("over", LEFT)])
    assert left_after(Media("p", "paused")) == ([], [])


def out_of_the_room(how):
    """What the driver is told while a page watches, and as it is gone."""

    async def go():
        driver, told = SayingDriver(), []
        driver.on_event = lambda event: told.append(event.kind)
        provider = CloudProvider(driver, lambda driver, listener: OpenLease(), VirtualClock())
        await provider.open(Listener())
        await provider.grant_stream("page", "peer")
        provider.on_page_report(Media("page", "playing"))
        packet = '{"type": "avatar_start_talking"}'
        provider.on_page_report(RoomData("page", topic="", payload=packet))
        if how == "hang up":
            await provider.hang_up("peer")
        elif how == "interrupted":
            provider.on_page_report(Media("page", how))
        else:
            provider.on_page_report(StreamOver("page", "peer", reason=how))
        await provider.close("")
        return told

    return run_virtual(go())


@pytest.mark.parametrize("how", ["hang up", "lost", "interrupted"])
def test_with_the_page_that_heard_the_service_goes_what_it_tells(how):
    """As while a page is reloaded: the end of a speech may be told to nobody."""
    assert out_of_the_room(how) == ["avatar_started", "line_lost"]
