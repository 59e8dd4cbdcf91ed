"""`listen()` in the kernel: what is heard is told, noted and answered; on a host in memory."""

import asyncio
import threading

import numpy as np
import pytest

from ipyavatar.client.phases import Phase
from ipyavatar.client.session import AvatarSession
from ipyavatar.client.session_setup import SessionSetup
from ipyavatar.errors import AvatarError, HostError, InvalidArgument, SessionClosed
from ipyavatar.protocol import host as m
from ipyavatar.protocol.listening import (
    Heard,
    Listen,
    ListeningUpdate,
    MicrophoneSound,
    SoundHeard,
    TextHeard,
)
from tests.support.fakes.memory_host import MemoryHost, Ticks
from tests.support.fakes.session_listener import RecordingListener
from tests.support.memory_sessions import PAID, bring_to

WAIT_S = 20


class KeepingHost(MemoryHost):
    """Keeps what it is sent."""

    refuses_to_revive = False

    def __init__(self, clock):
        self.sent = []
        super().__init__(clock)

    def revive(self):
        if self.refuses_to_revive:
            raise HostError("No host.")
        super().revive()

    def send(self, command):
        self.sent.append(command)
        return super().send(command)


class Scene:
    """A session, its host and its front end."""

    def __init__(self, phase=Phase.LIVE, for_page=True, **options):
        self.host = KeepingHost(Ticks())
        setup = SessionSetup(clock=self.host.clock, for_page=for_page)
        self.session = AvatarSession(host=self.host, _setup=setup, **options)
        self.front = RecordingListener()
        self.session.attach(self.front)
        bring_to(self.session, self.host, phase)

    @property
    def listens(self):
        return [command.mode for command in self.host.sent if isinstance(command, Listen)]

    def tell(self, event):
        self.session.on_event(event)

    def hear(self, samples=b"\0\1" * 1600, at=100.0):
        self.tell(SoundHeard(self.session.id, "p", samples, at, at + 1))

    def heard(self, count=1):
        """What pages are told was understood, once there is so much of it."""
        for _ in range(WAIT_S * 100):
            found = [one for one in self.front.sent if isinstance(one, Heard)]
            if len(found) >= count:
                return [(one.text, one.reason) for one in found]
            threading.Event().wait(0.01)
        raise AssertionError(f"{found} is all that was heard")


def test_what_is_said_is_in_the_transcript_and_told_to_everybody():
    scene, reports = Scene(), []
    scene.session.observe(reports.append)
    listening = scene.session.listen(lambda samples: " Hello\nthere. ")
    scene.hear()
    assert scene.heard() == [("Hello there.", "")]
    entry = {"speech": "h1", "text": "Hello there.", "state": "heard", "role": "user"}
    assert scene.session.transcript.entries() == [entry]
    (row,) = scene.session.transcript.rows()
    assert row["finished_at"] - row["started_at"] == pytest.approx(1)
    assert scene.session.transcript.to_text() == "user: Hello there.\n\n"
    assert scene.session.transcript.to_vtt() == "WEBVTT\n\n"  # nothing was said by the avatar
    assert listening.texts == ["Hello there."]
    assert scene.listens == ["open"]


def test_a_responder_answers_it():
    """One entry has both; its latency counts from the end of what the user said."""
    scene = Scene(responder=lambda text: f"{text}, too!", recognizer=lambda samples: "Hello")
    scene.session.listen()
    scene.hear(at=50.0)
    scene.heard()
    (utterance,) = [one.utterance for one in scene.host.sent if isinstance(one, m.Speak)]
    assert (utterance.id, utterance.asked_at) == ("h1", 51.0)
    for _ in range(WAIT_S * 100):
        scene.host.settle()
        if scene.session.history:
            break
        threading.Event().wait(0.01)
    assert scene.session.history == [
        {"role": "user", "content": "Hello"},
        {"role": "assistant", "content": "Hello, too!"},
    ]
    (entry,) = scene.session.transcript.entries()
    assert (entry["role"], entry["text"], entry["answer"]) == ("user", "Hello", "Hello, too!")


def test_what_is_not_understood_is_told_with_the_reason():
    """It is no entry, and listening goes on."""
    answers = iter([None, ValueError("No ear."), "Yes."])

    def recognize(_samples):
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    scene = Scene()
    listening = scene.session.listen(recognize)
    for count in (1, 2, 3):
        scene.hear()
        told = scene.heard(count)
    assert told[0] == ("", "Nothing was understood.")
    assert "No ear." in told[1][1]
    assert told[2] == ("Yes.", "")
    assert [entry["text"] for entry in scene.session.transcript] == ["Yes."]
    assert len(scene.front.notices) == 1
    assert listening.problem == ""
    assert not listening.done


def update(mode="open", *, hearing=False, microphones=1):
    return ListeningUpdate(mode, hearing, 1.0, "p" if hearing else "", microphones)


def test_the_handle_tells_how_it_is():
    scene = Scene()
    listening = scene.session.listen(lambda samples: "")
    states = [listening.state]
    for one in (update(), update(hearing=True), update(), update(microphones=0)):
        scene.tell(m.Announced(scene.session.id, one, forward=True))
        states.append(listening.state)
    listening.stop()
    assert [*states, listening.state] == [
        *("waiting", "listening", "hearing", "listening", "waiting"),
        "stopped",
    ]
    assert scene.front.listening[1] == ("open", True)
    assert listening.wait(WAIT_S) is listening
    assert scene.listens == ["open", "off"]
    assert scene.session.facts()[-1] == update(microphones=0)


def test_a_loop_gives_what_was_heard_before_and_after():
    """And ends when it is stopped; an async one likewise."""
    scene = Scene()
    listening = scene.session.listen(lambda samples: f"{len(samples)}")
    scene.hear(b"\0\1")
    scene.heard(1)
    got = []

    def take():
        for text in listening:
            got.append(text)
            if len(got) == 1:
                scene.hear(b"\0\1" * 2)
            else:
                listening.stop()

    thread = threading.Thread(target=take)
    thread.start()
    thread.join(WAIT_S)
    assert got == ["1", "2"]

    async def take_all():
        return [text async for text in listening]

    assert asyncio.run(take_all()) == ["1", "2"]


def test_the_next_listening_takes_the_place_of_the_one_before():
    scene = Scene()
    first = scene.session.listen(lambda samples: "first")
    second = scene.session.listen(lambda samples: "second", push_to_talk=True, half_duplex=True)
    scene.hear()
    scene.heard()
    assert (first.state, first.texts, second.texts) == ("stopped", [], ["second"])
    first.stop()
    assert scene.listens == ["open", "push_to_talk"]
    assert second.command.half_duplex


@pytest.mark.parametrize("phase", [Phase.NEW, Phase.OPENING, Phase.LIVE, Phase.ENDED, Phase.FAILED])
def test_it_opens_the_session_and_listens_once_it_is_open(phase):
    scene = Scene(phase)
    listening = scene.session.listen(lambda samples: "")
    scene.host.settle()
    assert scene.session.phase is Phase.LIVE
    assert scene.listens == ["open"]
    assert not listening.done


@pytest.mark.parametrize("phase", [Phase.STOPPING, Phase.STOPPED, Phase.CLOSING, Phase.CLOSED])
def test_a_session_that_was_stopped_does_not_listen(phase):
    scene = Scene(phase)
    with pytest.raises(SessionClosed):
        scene.session.listen(lambda samples: "")
    assert scene.listens == []


def test_a_new_host_is_told_to_listen_as_well():
    scene = Scene()
    listening = scene.session.listen(lambda samples: "")
    scene.host.die()
    scene.host.come_back()
    scene.host.settle()
    assert scene.listens == ["open", "open"]
    assert not listening.done


def test_an_end_by_itself_is_none_of_listening():
    """Whoever comes back is heard again; a stop, and a failure, end it."""
    scene = Scene()
    listening = scene.session.listen(lambda samples: "")
    scene.host.end_by_itself(scene.session.id)
    scene.host.settle()
    assert not listening.done
    scene.session.start()
    scene.host.settle()
    assert scene.listens == ["open", "open"]
    scene.host.end_by_itself(scene.session.id, failed=True)
    scene.host.settle()
    with pytest.raises(AvatarError, match="It broke"):
        listening.wait(WAIT_S)
    again = scene.session.listen(lambda samples: "")
    scene.session.stop()
    scene.host.settle()
    assert again.wait(WAIT_S).state == "stopped"


def test_nothing_is_heard_after_its_end():
    go = threading.Event()
    scene = Scene()
    listening = scene.session.listen(lambda samples: go.wait(WAIT_S) and "late")
    scene.hear()
    listening.stop()
    go.set()
    other = scene.session.listen(lambda samples: "new")
    scene.hear()
    assert scene.heard() == [("new", "")]
    assert (listening.texts, other.texts) == ([], ["new"])


@pytest.mark.parametrize("end", ["stop", "listen", "fail", "close"])
def test_the_end_of_listening_is_that_of_recognition(end):
    """The call under way is cancelled, and nothing that waits is given to the recognizer."""
    scene, begun, cancelled, asked = Scene(), threading.Event(), threading.Event(), []

    async def recognize(samples):
        asked.append(samples)
        begun.set()
        try:
            await asyncio.sleep(WAIT_S)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    listening = scene.session.listen(recognize)
    recognition = scene.session._listening._current.recognition
    for _ in range(3):
        scene.hear()
    assert begun.wait(WAIT_S)
    match end:
        case "stop":
            listening.stop()
        case "listen":
            scene.session.listen(lambda samples: "")
        case "fail":
            scene.host.end_by_itself(scene.session.id, failed=True)
            scene.host.settle()
        case "close":
            scene.session.close()
            scene.host.settle()
    assert listening.done
    assert cancelled.wait(WAIT_S)
    recognition.submit(SoundHeard("s", "p", b"\0\1", 1.0, 2.0))
    assert len(asked) == 1
    assert not recognition._waiting
    assert listening.texts == []


def test_where_the_session_cannot_be_opened_nobody_listens():
    """Nor does a later start listen, of which nobody has a handle."""
    scene = Scene(Phase.NEW)
    scene.host.refuses_to_revive = True
    with pytest.raises(HostError, match="No host"):
        scene.session.listen(lambda samples: "")
    scene.host.refuses_to_revive = False
    scene.session.start()
    scene.host.settle()
    assert scene.session.phase is Phase.LIVE
    assert scene.listens == []


def test_without_a_recognizer_it_says_what_there_is():
    with pytest.raises(InvalidArgument, match="address of an OpenAI-compatible"):
        Scene().session.listen()


# ---- by a service's own recognition --------------------------------------------------------------

FULL = {"provider": "liveavatar", "api_key": "k", "base_url": PAID["base_url"], "avatar_id": "a"}


def test_what_a_service_understands_is_told_as_what_we_do():
    """In the transcript, to observers, pages and whoever iterates; what it does not, with why."""
    scene, reports = Scene(**PAID), []
    scene.session.observe(reports.append)
    listening = scene.session.listen()
    assert [one for one in scene.host.sent if isinstance(one, Listen)] == [
        Listen(scene.session.id, "open", by_service=True, request=listening.command.request)
    ]
    scene.tell(TextHeard(scene.session.id, "p", " Hello\nthere. ", 100.0, 101.0))
    scene.tell(TextHeard(scene.session.id, "p", "", 102.0, 103.0, "It was not told."))
    scene.tell(TextHeard(scene.session.id, "p", "x" * 2_000_000, 104.0, 105.0))
    texts = scene.heard(3)
    assert texts[:2] == [("Hello there.", ""), ("", "It was not told.")]
    assert texts[2][0] == ""
    assert "characters" in texts[2][1]
    (entry,) = scene.session.transcript.entries()
    assert entry == {"speech": "h1", "text": "Hello there.", "state": "heard", "role": "user"}
    assert (listening.texts, next(iter(listening))) == (["Hello there."], "Hello there.")
    listening.stop()
    scene.tell(TextHeard(scene.session.id, "p", "Late.", 106.0, 107.0))
    assert listening.texts == ["Hello there."]
    assert scene.listens == ["open", "off"]


@pytest.mark.parametrize(
    ("options", "how", "why"),
    [
        (PAID, {"recognizer": lambda samples: ""}, "recognizer= would have no effect"),
        (PAID, {"half_duplex": True}, "half_duplex= would have no effect"),
        (PAID, {"language": "en"}, "finds out by itself"),
        ({**PAID, "responder": lambda text: ""}, {}, "would answer a second time"),
        ({**PAID, "transport": "webrtc"}, {}, "no microphone gets to"),
        (FULL, {}, "LITE has no language model: nobody is heard"),
        ({**FULL, "lite": False}, {}, "has no context: nobody is heard"),
        ({**FULL, "lite": False, "context_id": "c"}, {"push_to_talk": True}, "push_to_talk=True"),
        (
            {**FULL, "lite": False, "context_id": "c"},
            {"language": "en"},
            "when the session is made",
        ),
        ({**FULL, "provider": "kaltura"}, {}, "does not listen"),
    ],
)
def test_what_a_service_cannot_do_is_refused_before_anything_is_sent(options, how, why):
    session = AvatarSession(host=(host := KeepingHost(Ticks())), **options)
    with pytest.raises(InvalidArgument, match=why):
        session.listen(**how)
    assert [one for one in host.sent if isinstance(one, Listen | m.OpenSession)] == []


def test_a_session_with_push_to_talk_listens_that_way():
    scene = Scene(**FULL, lite=False, context_id="c", push_to_talk=True)
    scene.session.listen()
    assert scene.listens == ["push_to_talk"]


def test_who_takes_over_from_a_service_does_not_hear_by_itself():
    """The handle says so, and the lamp goes off; with a recognizer it is heard again."""
    scene = Scene(**PAID, fallback="embedded")
    listening = scene.session.listen()
    scene.tell(m.FellBack(scene.session.id))
    with pytest.raises(InvalidArgument, match=r"Call listen\(recognizer\)"):
        listening.wait(WAIT_S)
    assert scene.listens == ["open", "off"]
    scene.session.listen(lambda samples: "Hello")
    scene.hear()
    assert scene.heard() == [("Hello", "")]


def test_sound_in_messages_goes_down_with_its_buffer():
    scene = Scene()
    piece = np.zeros(960, "<i2").tobytes()
    scene.session.forward(MicrophoneSound("p", 1, 16_000), (piece,))
    assert scene.host.sent[-1] == m.FromPage(
        scene.session.id, MicrophoneSound("p", 1, 16_000), (piece,)
    )


# ---- without a page ------------------------------------------------------------------------------


def test_a_source_is_heard_in_place_of_a_microphone_and_listening_ends_with_it():
    """Once all that was said is understood; a slow recognizer is waited for."""
    scene, go = Scene(), threading.Event()
    listening = scene.session.listen(
        lambda samples: go.wait(WAIT_S) and "Hello", source=iter([np.zeros(160, np.float32)])
    )
    scene.tell(announced(0))
    pages = ["on", "sound", "off"]
    for _ in range(WAIT_S * 100):
        told = [one.message for one in scene.host.sent if isinstance(one, m.FromPage)]
        if len(told) >= len(pages):
            break
        threading.Event().wait(0.01)
    assert [getattr(one, "state", "sound") for one in told] == pages
    scene.hear()
    scene.tell(announced(0))
    assert not listening.done
    go.set()
    assert list(listening) == ["Hello"]
    assert listening.state == "stopped"
    assert scene.listens == ["open", "off"]


def test_a_source_that_raises_is_the_error_of_its_listening():
    def pieces():
        raise ValueError("No ear.")
        yield

    scene = Scene()
    listening = scene.session.listen(lambda samples: "", source=pieces())
    scene.tell(announced(0))
    for _ in range(WAIT_S * 100):
        if any(
            isinstance(one, m.FromPage) and one.message.state == "off" for one in scene.host.sent
        ):
            break
        threading.Event().wait(0.01)
    scene.tell(announced(0))
    with pytest.raises(AvatarError, match="ValueError: No ear"):
        listening.wait(WAIT_S)


@pytest.mark.parametrize("begun", [True, False])
def test_a_session_that_ends_by_itself_ends_the_listening_of_a_source(begun):
    """What was heard until then is still understood; a microphone waits for the next session."""
    scene, go, gone = Scene(), threading.Event(), threading.Event()

    def pieces():
        gone.wait(WAIT_S)
        yield np.zeros(160, np.float32)

    listening = scene.session.listen(
        lambda samples: go.wait(WAIT_S) and "Hello", source=pieces() if begun else iter([])
    )
    if begun:
        scene.tell(announced(0))
        scene.hear()
    bring_to(scene.session, scene.host, Phase.ENDED)
    assert listening.done is not begun
    go.set()
    gone.set()
    with pytest.raises(SessionClosed, match="Call listen"):
        listening.wait(WAIT_S)
    assert listening.texts == (["Hello"] if begun else [])
    waiting = Scene()
    microphone = waiting.session.listen(lambda samples: "")
    bring_to(waiting.session, waiting.host, Phase.ENDED)
    assert not microphone.done


def test_a_service_hears_no_source():
    with pytest.raises(InvalidArgument, match="no source="):
        Scene(**PAID).session.listen(source=np.zeros(160, np.float32))


def announced(microphones, request=0):
    update = ListeningUpdate("open", False, 1.0, "", microphones, request=request)
    return m.Announced("any", update)


def test_what_is_still_told_of_who_listened_before_is_no_news():
    """A source would take it for its own microphone's; a recognizer would hear another's words."""
    scene, heard = Scene(), []
    before = scene.session.listen(lambda samples: "Before.")
    before.stop()
    listening = scene.session.listen(
        lambda samples: heard.append(samples) or "Hello.", source=iter([])
    )
    old, new = before.command.request, listening.command.request
    for microphones in (1, 0):
        scene.tell(announced(microphones, old))
    samples = b"\0\1" * 1600
    scene.tell(SoundHeard(scene.session.id, "p", samples, 1.0, 2.0, request=old))
    assert (listening.state, heard) == ("waiting", [])
    assert not [one for one in scene.host.sent if "source" in str(one)]
    scene.tell(announced(0, new))  # the source begins
    scene.tell(SoundHeard(scene.session.id, "p", samples, 2.0, 3.0, request=new))
    assert scene.heard() == [("Hello.", "")]
    assert listening.texts == ["Hello."]
    listening.stop()


def test_a_script_that_listens_to_nothing_is_told_what_it_can_listen_to():
    """It has no page, and so no microphone: it would wait for ever, in silence."""
    scene = Scene(for_page=False)
    scene.session.listen(lambda samples: "", source=np.zeros(160, np.float32))
    assert scene.front.notices == []
    scene.session.listen(lambda samples: "")
    (said,) = scene.front.notices
    assert "no microphone" in str(said)
    assert "source=" in str(said)
    scene = Scene()
    scene.session.listen(lambda samples: "")
    assert scene.front.notices == []


def test_a_script_whose_service_hears_users_is_sent_to_a_page():
    """Such a service takes no source."""
    scene = Scene(for_page=False, **PAID)
    scene.session.listen()
    (said,) = scene.front.notices
    assert "notebook" in str(said)
    assert "source=" not in str(said)
