"""Between a session and its pages: which way a message goes."""

import asyncio

import pytest

from ipyavatar.core.secret import Secret
from ipyavatar.core.speech import Utterance
from ipyavatar.errors import SessionClosed
from ipyavatar.host.host import Host
from ipyavatar.protocol import host as m
from ipyavatar.protocol import page as p
from ipyavatar.protocol.frames import Subscribe
from ipyavatar.protocol.grants import StreamGrant
from ipyavatar.protocol.options import SessionOptions
from ipyavatar.session.audience import NOBODY
from ipyavatar.session.page_router import PageRouter
from ipyavatar.session.session import Session
from tests.support.fakes.fake_provider import FakeProvider
from tests.support.fakes.routed_session import FakeRoutedSession
from tests.support.virtual_time import VirtualClock, run_virtual

EPOCH_MS = 1_700_000_000_000.0
"""The page's wall clock when the machine's monotonic clock is 0."""


def wall_ms(at):
    """The page's clock at `at` seconds of the machine's."""
    return EPOCH_MS + at * 1000


# ---- speeches of a page -------------------------------------------------------------------------


class Recorded:
    """A whole session on a provider in memory: what goes in by either way, and what comes out."""

    def __init__(self):
        self.events = []
        self.provider = FakeProvider()
        self.session = Session("s", lambda: self.provider, self.events.append, VirtualClock())

    def announced(self, kind):
        facts = [e for e in self.events if isinstance(e, m.Announced)]
        return [fact.message for fact in facts if isinstance(fact.message, kind)]

    def requested(self):
        return [e.message for e in self.events if isinstance(e, m.FromPage)]

    def by_widget_message(self, message):
        self.session.pages.handle(message, direct=False)

    def over_the_channel(self, message):
        self.session.on_page_message("page", message)


WAYS = [Recorded.by_widget_message, Recorded.over_the_channel]


@pytest.mark.parametrize("way", WAYS)
def test_the_latency_of_what_is_typed_counts_from_the_click(way):
    """The message waits 5 s for a busy kernel: 5,150 ms or so, and not -4,850 ms."""

    async def go():
        recorded = Recorded()
        recorded.session.start()
        await asyncio.sleep(1)
        way(recorded, p.Hello("page", p.PROTOCOL, wall_ms(1.0)))
        await asyncio.sleep(5)  # the click was at 1 s, and we hear of it at 6 s
        way(recorded, p.Say("word", False, "page", wall_ms(1.0)))
        await asyncio.sleep(2)
        await recorded.session.close()
        return recorded.announced(p.SpeechUpdate)

    updates = run_virtual(go())
    speaking = next(update for update in updates if update.state == "speaking")
    assert speaking.latency_ms == pytest.approx(5100)
    assert [update.asked_at for update in updates] == pytest.approx([1.0] * len(updates))


@pytest.mark.parametrize("way", WAYS)
def test_a_say_goes_one_way_however_it_came(way):
    """The same validation, the same speech, the same reports."""

    async def go():
        recorded = Recorded()
        recorded.session.start()
        way(recorded, p.Say("some words"))
        way(recorded, p.Say(" \x00 "))
        way(recorded, p.Say("x" * 20_000_000))
        await asyncio.sleep(3)
        way(recorded, p.Say("a long one"))
        way(recorded, p.Say("now", True))
        await asyncio.sleep(3)
        await recorded.session.close()
        return recorded

    recorded = run_virtual(go())
    ends = [
        (update.state, update.text[:20])
        for update in recorded.announced(p.SpeechUpdate)
        if update.state in ("said", "failed", "interrupted")
    ]
    assert ends == [
        ("said", " " * 3),
        ("failed", "x" * 20),
        ("said", "some words"),
        ("interrupted", "a long one"),
        ("said", "now"),
    ]
    failed = [u for u in recorded.announced(p.SpeechUpdate) if u.state == "failed"]
    assert len(failed[0].text) <= 200
    assert len({u.speech for u in recorded.announced(p.SpeechUpdate)}) == 5
    assert recorded.requested() == []


@pytest.mark.parametrize("way", WAYS)
def test_an_interrupt_goes_one_way_however_it_came(way):
    """One speech by its id, or all."""
    session = FakeRoutedSession()
    router = PageRouter(session, [].append, VirtualClock())
    direct = way is Recorded.over_the_channel
    router.handle(p.Interrupt("s1"), direct=direct)
    router.handle(p.Interrupt(), direct=direct)
    assert session.interrupted == ["s1", ""]


# ---- which way a fact goes ----------------------------------------------------------------------


class Routed:
    """A router, with pages that have a data channel or none."""

    def __init__(self, *, provider=True):
        self.events = []
        self.provider = FakeProvider() if provider else None
        self.session = FakeRoutedSession(self.provider)
        self.router = PageRouter(self.session, self.events.append, VirtualClock())

    def announce(self):
        fact = p.Status("live", "Ready", 1.0)
        self.router.announce(fact)
        announced = self.events[-1]
        assert announced == m.Announced("s", fact, announced.forward)
        return announced.forward


def run_router(scenario, **options):
    """Run it on virtual time, and end the router."""

    async def go():
        routed = Routed(**options)
        try:
            return await scenario(routed)
        finally:
            await routed.router.close()

    return run_virtual(go())


def test_facts_are_forwarded_only_where_a_page_has_no_channel():
    """With a channel to every page the kernel need not pass anything on."""

    async def scenario(routed):
        forwards = [routed.announce()]  # nobody is known: the kernel may know of one
        routed.router.handle(p.Hello("one", p.PROTOCOL), direct=False)
        forwards.append(routed.announce())
        routed.provider.channels.add("one")
        routed.router.open("one")
        forwards.append(routed.announce())
        routed.router.handle(p.Hello("other", p.PROTOCOL), direct=False)
        forwards.append(routed.announce())
        routed.router.handle(p.Hangup("other", "other.1"), direct=False)
        forwards.append(routed.announce())
        assert [(page, type(message)) for page, message in routed.provider.sent] == [
            ("one", p.Status),
            ("one", p.UnderWay),
            *[("one", p.Status)] * 3,
        ]
        return forwards

    assert run_router(scenario) == [True, True, False, True, False]


def test_a_page_leaves_with_its_last_way_and_not_with_one_of_two():
    """WebRTC takes over from messages, whose hang-up comes late by a busy kernel."""

    async def scenario(routed):
        audience = routed.session.audience
        audience.expected = True
        routed.router.handle(Subscribe("one", "one.1"), direct=False)
        routed.router.handle(p.Offer("one", "one.2", "sdp"), direct=False)
        routed.provider.channels.add("one")
        routed.router.open("one")
        routed.router.handle(p.Media("one", "playing"), direct=True)
        routed.router.handle(p.Hangup("one", "one.1"), direct=False)
        assert (audience.judge(), routed.announce()) == ("", False)
        assert routed.session.recognition.told == []
        audience.begin()
        routed.router.handle(p.Hangup("one", "one.2"), direct=False)
        assert (audience.judge(), routed.announce()) == (NOBODY, True)
        assert routed.session.recognition.told == [(p.Hangup("one", "one.2"), ())]

    run_router(scenario)


@pytest.mark.parametrize("end", ["refused", "over", "lost"])
def test_a_way_that_has_ended_without_a_hang_up_keeps_no_page(end):
    async def scenario(routed):
        sdp = "garbage" if end == "refused" else "sdp"
        routed.router.handle(p.Offer("one", "one.1", sdp), direct=False)
        await asyncio.sleep(0.1)
        if end == "over":
            routed.router.handle(p.StreamOver("one", "one.1", "refused"), direct=False)
        elif end == "lost":
            routed.router.lose("one")
        routed.router.handle(p.Offer("one", "one.2", "sdp"), direct=False)
        await asyncio.sleep(0.1)
        routed.router.handle(p.Hangup("one", "one.2"), direct=False)
        assert routed.session.recognition.told == [(p.Hangup("one", "one.2"), ())]

    run_router(scenario)


def test_without_a_provider_every_fact_goes_by_widget_message():
    """There are no channels after the end."""

    async def scenario(routed):
        routed.router.open("one")
        return routed.announce()

    assert run_router(scenario, provider=False) is True


@pytest.mark.parametrize(
    "message",
    [
        p.Start(),
        p.Stop(),
        p.SetSound(True, 0.5),
        p.Stats("page", 1280, 720, 25.0, 900.0, 0, 0, 0),
        p.Media("page", "playing"),
    ],
    ids=lambda message: type(message).__name__,
)
def test_the_kernel_hears_what_concerns_it_once(message):
    """From here if it came over the channel; by widget message it has heard it itself."""

    async def scenario(routed):
        routed.router.handle(message, direct=True)
        routed.router.handle(message, direct=False)
        return routed.events

    assert run_router(scenario) == [m.FromPage("s", message)]


def test_an_older_state_of_a_page_changes_nothing():
    """It waited for a busy kernel, or the kernel passes on what came over the channel."""
    paused, playing = p.Media("page", "paused", number=1), p.Media("page", "playing", number=2)

    async def scenario(routed):
        routed.router.handle(playing, direct=True)
        for late in (paused, playing):
            routed.router.handle(late, direct=False)
        return routed.provider.reports

    assert run_router(scenario) == [playing]


def test_reports_of_a_stream_reach_the_provider():
    """What a page tells of it; without a provider it is too late."""
    reports = [
        p.RoomData("page", "topic", "{}"),
        p.StreamOver("page", "peer", "lost"),
        p.Media("page", "paused"),
    ]

    async def scenario(routed):
        for report in reports:
            routed.router.handle(report, direct=False)
        routed.session.provider = None
        for report in reports:
            routed.router.handle(report, direct=False)
        return routed.provider.reports

    assert run_router(scenario) == reports


# ---- a page that wants the stream ---------------------------------------------------------------


def ask(*requests, provider=True, **attributes):
    """What each of them is answered."""

    async def scenario(routed):
        for name, value in attributes.items():
            setattr(routed.provider, name, value)
        for request in requests:
            routed.router.handle(request, direct=False)
        await asyncio.sleep(1)
        return [event.message for event in routed.events]

    return run_router(scenario, provider=provider)


def test_an_offer_is_answered_to_the_page_and_peer_that_made_it():
    """Other pages ignore it."""
    answers = ask(p.Offer("one", "one.1", "v=0"), p.Offer("other", "other.1", "v=0"))
    assert answers == [p.Answer("one", "one.1", "answer"), p.Answer("other", "other.1", "answer")]


def test_what_cannot_be_answered_is_refused_with_what_and_fix():
    """An error of ours in its own words, one that nobody foresaw with a way out."""
    foreseen, unforeseen = ask(p.Join("page", "page.1"), p.Offer("page", "page.2", "garbage"))
    assert foreseen == p.Refused("page", "page.1", "No stream.", "Make an offer.")
    assert (unforeseen.page, unforeseen.peer) == ("page", "page.2")
    assert "no SDP" in unforeseen.what
    assert unforeseen.fix


def test_the_answer_to_a_services_offer_is_passed_on_and_only_a_refusal_is_told():
    """That somebody else is watching is told as such: the page does not ask again by itself."""
    taken, accepted = p.AcceptOffer("q", "q.1", "taken"), p.AcceptOffer("p", "p.1", "v=0")
    (refused,) = ask(accepted, taken)
    assert refused == p.Refused(
        "q", "q.1", "Somebody else is watching.", "Close the other one.", taken=True
    )


def test_a_page_that_comes_when_nothing_is_open_is_refused():
    """Both kinds of it."""
    answers = ask(p.Offer("page", "page.1", "v=0"), p.Join("page", "page.2"), provider=False)
    assert [(one.peer, one.fix) for one in answers] == [
        ("page.1", "Press play, or call start()."),
        ("page.2", "Press play, or call start()."),
    ]


def test_a_join_is_answered_with_what_the_stream_takes():
    """The room and its token, or the address and its relays: as the provider grants it."""
    grant = StreamGrant("whep", Secret("https://x"), Secret(""), ("turn:a",), "me", Secret("c"))

    async def grant_stream(page, peer):
        return grant

    answers = ask(p.Join("page", "peer"), grant_stream=grant_stream)
    assert answers == [p.StreamGranted("page", "peer", grant)]


def test_a_page_that_subscribes_is_answered_by_its_frames_alone():
    """The provider gets the request, and nothing else is told; without one the page is refused."""
    request = Subscribe("page", "peer")

    async def scenario(routed):
        routed.router.handle(request, direct=False)
        await asyncio.sleep(1)
        return routed.provider.subscribed, routed.events

    assert run_router(scenario) == ([request], [])
    (refused,) = ask(request, provider=False)
    assert (refused.page, refused.peer) == ("page", "peer")


def test_a_page_whose_way_past_the_kernel_broke_is_told_again_what_was_said_over_it():
    """Once, by the kernel: a caption that got lost stands there while its sound is played."""

    async def scenario(routed):
        routed.provider.channels.add("page")
        routed.router.open("page")
        routed.announce()
        routed.provider.channels.clear()
        routed.events.clear()
        told = []
        for _ in range(2):
            routed.router.handle(Subscribe("page", "page.2"), direct=False)
            await asyncio.sleep(0.1)
            told.append([event.message for event in routed.events if isinstance(event, m.ToPage)])
            routed.events.clear()
        return told, routed.session.facts()

    told, facts = run_router(scenario)
    assert told == [facts, []]


def test_closing_ends_what_is_under_way_for_pages():
    """A page that waits for an answer keeps nothing alive; virtual time would say so."""

    async def scenario(routed):
        async def never(page, peer):
            await asyncio.Event().wait()

        routed.provider.grant_stream = never
        routed.router.handle(p.Join("page", "peer"), direct=False)
        await asyncio.sleep(0.1)
        return routed.events

    assert run_router(scenario) == []


# ---- a session that is not known ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "answered"),
    [
        (m.FromPage("s", p.Offer("page", "peer", "v=0")), p.Refused),
        (m.FromPage("s", p.Join("page", "peer")), p.Refused),
        (m.FromPage("s", Subscribe("page", "peer")), p.Refused),
        (m.Speak("s", Utterance("s1", "Hello.")), p.SpeechUpdate),
        (m.StopSession("s"), p.Status),
        (m.StopSession("s", forget=True), p.Status),
        (m.KeepAlive("s", 7), None),
    ],
    ids=lambda value: type(getattr(value, "message", value)).__name__,
)
def test_a_session_that_is_not_known_is_refused_in_words(command, answered):
    """Whoever waits for an answer gets one."""

    async def go():
        events = []
        host = Host(events.append, VirtualClock())
        host.handle(command)
        await host.close("done", wait=False)
        return events

    (event,) = run_virtual(go())
    if answered is None:
        assert event.request == 7
        assert isinstance(event.failure.error(), SessionClosed)
        return
    assert isinstance(event.message, answered)
    if answered is p.Refused:
        assert (event.message.page, event.message.peer) == ("page", "peer")
        assert event.message.what
        assert event.message.fix
    elif answered is p.SpeechUpdate:
        assert (event.message.speech, event.message.state) == ("s1", "failed")
    else:
        assert event.message.status == "ended"


def test_a_command_that_fails_ends_nothing_but_itself():
    """The host goes on with the next one."""

    async def go():
        events = []
        host = Host(events.append, VirtualClock())
        host.handle(m.OpenSession("s", SessionOptions(provider="nonsense", service=object())))
        host.handle(m.KeepAlive("nobody", 1))
        await host.close("done", wait=False)
        return events

    assert any(isinstance(event, m.KeptAlive) for event in run_virtual(go()))
