"""The messages between kernel and host, and their frames."""

import io

import msgspec
import pytest

from ipyavatar.core.secret import Secret
from ipyavatar.core.speech import Utterance
from ipyavatar.core.subtitles import Cue
from ipyavatar.errors import (
    BadAnswer,
    ConcurrencyLimitError,
    MalformedData,
    NoAnswer,
    SessionClosed,
)
from ipyavatar.protocol import host as m
from ipyavatar.protocol import host_codec, page_codec
from ipyavatar.protocol import media as mm
from ipyavatar.protocol import page as p
from ipyavatar.protocol.errors import Failure
from ipyavatar.protocol.frames import (
    Acknowledge,
    Frames,
    MediaFrame,
    Missed,
    OpenSocket,
    SocketGranted,
    Subscribe,
)
from ipyavatar.protocol.framing import read_frame
from ipyavatar.protocol.grants import SessionGrant, StreamGrant
from ipyavatar.protocol.listening import (
    Heard,
    Listen,
    ListeningUpdate,
    Microphone,
    MicrophoneSound,
    MicrophoneTaken,
    SoundHeard,
    TextHeard,
)
from ipyavatar.protocol.options import (
    AddressVoice,
    Credentials,
    EspeakVoice,
    FunctionVoice,
    IceServer,
    PiperVoice,
    SessionOptions,
    VoiceOptions,
)
from ipyavatar.protocol.page_media import (
    MediaOver,
    MediaPiece,
    MediaTaken,
    SendMedia,
    StopMedia,
)
from ipyavatar.providers.kaltura.options import KalturaOptions
from ipyavatar.providers.liveavatar.options import LiveAvatarOptions
from ipyavatar.providers.registry import options_type

STREAM = StreamGrant(
    "whep",
    Secret("https://x"),
    Secret("t"),
    Secret("v=0"),
    (IceServer(("turn:a", "turn:b"), Secret("me"), Secret("c")), IceServer(("stun:a",))),
)
GRANT = SessionGrant("kaltura", "id", "row", 1.5, Secret("token"), None, STREAM)
KALTURA = Credentials("kaltura", "https://x", None, "12", Secret("admin"))
KALTURA_OPTIONS = KalturaOptions(credentials=KALTURA, relay=True)
LIVEAVATAR_OPTIONS = LiveAvatarOptions(
    credentials=Credentials("liveavatar", "https://x", Secret("k")), lite=False, max_idle_s=90.0
)
RELAY = IceServer(("turn:a",), Secret("relay-user"), Secret("c"))
BUSY = ConcurrencyLimitError(
    "Full.", open_sessions=("a", "b"), service="heygen", call="new", status=429
)
SAID_BY_PAGES = [
    p.Hello("page", p.PROTOCOL, 1_700_000_000_000.5),
    p.Offer("page", "peer", "v=0\r\n", True),
    p.Join("page", "peer"),
    p.NeedBundle("microphone"),
    p.NeedTranscript("page", "vtt"),
    p.AcceptOffer("page", "peer", "v=0"),
    p.Candidate("page", "peer", "candidate:1", "0", 0),
    Subscribe("page", "peer"),
    OpenSocket("page", "peer", "a-token"),
    Acknowledge("page", "peer", 7, True),
    Missed("page", 2_600),
    p.Hangup("page", "peer"),
    p.Say("Grüße", True, "page", 1_700_000_000_000.5),
    p.Interrupt("s1"),
    p.Start(True),
    p.Active("page"),
    p.Stop(),
    p.SetSound(True, 0.5),
    p.Synced("page"),
    p.RoomData("page", "agent-response", '{"event_type": "x"}'),
    p.StreamOver("page", "peer", "taken", "Full."),
    p.Media("page", "failed", "No.", "Yes."),
    Microphone("page", "failed", "messages", "It was refused.", "Allow it."),
    MicrophoneSound("page", 1, 16_000),
    MediaPiece("page", "sending", 1, "video/webm", 250.0, 4_000),
    MediaOver("page", "sending", "No picture.", "Reload."),
    p.Stats("page", 1280, 720, 25.0, 900.0, 0, 0, 0, round_trip_ms=1.5),
]
FRAMES = Frames("page", "peer", (MediaFrame("picture", 1, 40.0, True),), 40.0, 2, True)
TOLD_TO_PAGES = [
    p.Welcome(p.PROTOCOL, "epoch"),
    p.Answer("page", "peer", "v=0", (RELAY,)),
    p.StreamGranted("page", "peer", STREAM),
    p.Bundle("livekit"),
    SocketGranted("page", "peer", 40_000, Secret("a-token")),
    p.SavedTranscript("page", "txt", "Grüße"),
    p.RoomData("page", "agent-control", '{"event_type": "x"}'),
    FRAMES,
    p.Refused("page", "peer", "what", "fix"),
    p.Status("failed", "No", 1.5, Failure.of(BUSY)),
    p.SpeechUpdate("s1", "speaking", "hi", 1.5, 1.0, "", 99.0),
    p.Caption("s1", "hi", 1.5, [("hi", 0.0, 0.2)]),
    ListeningUpdate("push_to_talk", True, 1.5, "page"),
    MicrophoneTaken("page", 7),
    Heard("", 1.5, "Nothing was understood.", "page"),
    SendMedia("page", "sending"),
    MediaTaken("page", "sending", 7),
    StopMedia("page", "sending"),
    p.Status("ended", "Nobody used it.", 1.5, None, True),
    p.UnderWay(["s2"], "s1", 1.5),
    p.Sync(),
    p.Part(0, True, '{"type": "sync"}'),
    p.Goodbye("what", "fix"),
]
COMMANDS = [
    mm.OpenReader("s", "m1", "frames", 4),
    mm.AskForMedia("s", "m1", 2),
    mm.CloseReader("s", "m1"),
    mm.StartRecording("s", "m2", "/a.webm", "vp9", "track"),
    mm.EndRecording("s", "m2"),
    m.HostHello(m.PROTOCOL, 42),
    m.Prepare(),
    m.OpenSession("s", SessionOptions("embedded", "ava", "june", "low"), 2.5),
    m.ExpectPage("s", 10.0),
    m.ChangeEnvironment(
        {"HTTPS_PROXY": Secret("k")}, ("NO_PROXY",), (Credentials("heygen", "u", Secret("k")),)
    ),
    m.HostHello(m.PROTOCOL, 42, (Credentials("heygen", "https://x", Secret("k")),)),
    m.OpenSession("s", SessionOptions("kaltura", service=KALTURA_OPTIONS), 0.0, GRANT),
    m.OpenSession("s", SessionOptions("liveavatar", service=LIVEAVATAR_OPTIONS)),
    m.OpenSession("s", SessionOptions(ice_servers=(RELAY,))),
    *(
        m.OpenSession("s", SessionOptions(speech=VoiceOptions(other, 1.5, 0.8, "de", 3.0)))
        for other in (
            FunctionVoice("mine"),
            AddressVoice("http://x/v1/audio/speech", "m", "v", Secret("k"), 16_000),
            PiperVoice("/a.onnx"),
            EspeakVoice("de"),
        )
    ),
    m.Speak("s", Utterance("s1", "Grüße, 世界", asked_at=1.5), True),
    m.Speak("s", Utterance("s2", "Why?", "talk"), False),
    m.Speak("s", Utterance("s3", "", streamed=True)),
    m.AddText("s", "s3", "Grüße, "),
    m.AddText("s", "s3", end=True, failure="It broke off."),
    m.Express("s", "nod"),
    m.KeepAlive("s", 3),
    m.ChangeQuality("s", "high"),
    m.StopSession("s"),
    m.StopSession("s", forget=True),
    m.StopSession("s", rests=True),
    *(m.FromPage("s", message) for message in SAID_BY_PAGES),
    m.FromPage("s", MicrophoneSound("page", 2, 16_000), (bytes(range(256)),)),
    Listen("s", "push_to_talk", True),
    m.SoundPiece("s", "a1", 24_000, b"\0\1"),
    m.SoundEnd("s", "a1", Failure("SpeechFailed", "No.")),
    m.Bye(),
]
EVENTS = [
    mm.MediaRead("s", "m1", [mm.MediaItem(0.5, b"xyz", 2, 1)], 3, True, Failure.of(BUSY)),
    mm.RecordingChanged("s", "m2", 1.5, 1000, 2, True, Failure.of(BUSY)),
    mm.RecordingChanged("s", "m2", cues=(Cue(0.5, 1.5, "Hi.", (("Hi.", 0.5, 1.0),)),)),
    m.HostHello(m.PROTOCOL, 7),
    m.Announced("s", p.Status("failed", "No", 1.5, Failure.of(BUSY)), True),
    m.Announced("s", p.SpeechUpdate("s1", "said", "hi", 1.5, 1.0, "", 99.0, [("hi", 0.0, 0.2)])),
    m.Announced("s", p.Caption("s1", "hi", 1.5, [("hi", 0.0, 0.2)])),
    *(m.ToPage("s", message) for message in TOLD_TO_PAGES),
    m.ToPage("s", FRAMES, (bytes(range(256)),)),
    m.FromPage("s", p.Stop()),
    m.TextTaken("s", "s3", 7),
    m.StatsMeasured("s", {"pages": 1.0}),
    m.Heartbeat(),
    m.Logged("ipyavatar.host", 30, "It is tried again."),
    m.Noticed("s", "ending", "Ends in 30 s."),
    m.FellBack("s"),
    m.UsageCounted("s", 61.5, 2.05, 2.0),
    m.AnswerTold("s", "s3", "Since it"),
    m.HeardUntil("s", "s3", 12.5),
    m.HeardUntil("s", "s3", 12.5, 30.0),
    m.SessionGranted("s", GRANT),
    m.SoundWanted("s", "a1", "s1", "Hello."),
    m.SoundTaken("s", "a1", 1),
    m.SoundDropped("s", "a1"),
    m.KeptAlive("s", 3, Failure("SessionClosed", "Over.")),
    SoundHeard("s", "page", b"\0\1", 1.5, 2.5, True),
    TextHeard("s", "page", "Hello.", 1.5, 2.5, "why"),
]


def bodies(stream: bytes) -> list[bytes]:
    source, out = io.BytesIO(stream), []
    while (body := read_frame(source)) is not None:
        out.append(body)
    return out


def test_every_command_and_event_survives_the_pipe():
    """What is encoded is decoded to the same value, several in a row."""
    down = b"".join(host_codec.encode(command) for command in COMMANDS)
    assert [host_codec.decode_command(body, options_type) for body in bodies(down)] == COMMANDS
    up = b"".join(host_codec.encode(event) for event in EVENTS)
    assert [host_codec.decode_event(body) for body in bodies(up)] == EVENTS


def test_the_lists_above_are_complete():
    """A new message must be added to them."""
    assert {type(c) for c in COMMANDS} == set(m.Command.__args__)
    assert {type(e) for e in EVENTS} == set(m.Event.__args__)
    assert {type(said) for said in SAID_BY_PAGES} == set(p.FromPage.__args__)
    assert {type(told) for told in TOLD_TO_PAGES} == set(p.ToPage.__args__)


SECRETS = (
    "'k'",
    "relay-user",
    "'token'",
    "'admin'",
    "'t'",
    "'c'",
    "room-token",
    "credential'",
    "wss://x",
)


WITH_SECRETS = p.StreamGranted | SocketGranted | p.Answer


@pytest.mark.parametrize(
    "message",
    [
        message
        for message in (*COMMANDS, *EVENTS)
        if isinstance(message, m.SessionGranted | m.ChangeEnvironment)
        or (isinstance(message, m.HostHello) and message.credentials)
        or (isinstance(message, m.OpenSession) and (message.grant or message.options.ice_servers))
        or isinstance(getattr(message, "message", None), p.StreamGranted | SocketGranted | p.Answer)
    ],
    ids=lambda message: type(getattr(message, "message", message)).__name__,
)
def test_a_message_with_secrets_does_not_show_them(message):
    """Not as text, in a log or a traceback; and on the other side they are hidden again."""
    body = host_codec.encode(message)[4:]
    if isinstance(message, m.Command):
        received = host_codec.decode_command(body, options_type)
    else:
        received = host_codec.decode_event(body)
    for shown in (message, received):
        text = f"{shown} {shown!r} {[shown]}"
        assert "Secret" not in text
        assert "<secret>" in text
        assert not [secret for secret in SECRETS if secret in text]


def test_a_page_gets_the_token_it_needs_in_the_open():
    """By widget message; this is where it leaves Python."""
    grant = StreamGrant(
        "whep",
        Secret("https://x"),
        Secret("t-o-k-e-n"),
        ice_servers=(IceServer(("turn:x",), credential=Secret("c-r-e-d")),),
    )
    message = p.StreamGranted("page", "peer", grant)
    plain = page_codec.builtins(message)["grant"]
    (relay,) = plain["iceServers"]
    assert (plain["token"], relay["credential"]) == ("t-o-k-e-n", "c-r-e-d")
    assert "t-o-k-e-n" in page_codec.text(message)
    assert "t-o-k-e-n" not in f"{message} {message!r} {[message]}"
    assert "c-r-e-d" not in f"{message} {message!r} {[message]}"


@pytest.mark.parametrize(
    "error",
    [
        BUSY,
        SessionClosed("Over.", "Start it."),
        NoAnswer("Silence.", "Wait.", sent=True, service="kaltura", call="create"),
        BadAnswer("A page.", kind="html", service="heygen", call="new", status=502),
    ],
)
def test_errors_cross_the_pipe_as_what_they_are(error):
    """The same class, text and attributes."""
    again = Failure.of(error).error()
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


@pytest.mark.parametrize("cut", [0, 3, 4, 10])
def test_a_pipe_that_ends_inside_a_frame_is_an_end(cut):
    """Half a frame is not a message."""
    assert bodies(host_codec.encode(COMMANDS[1])[:cut]) == []


def test_an_impossible_length_is_refused():
    """Garbage on the pipe must not make us wait for gigabytes."""
    with pytest.raises(ValueError, match="longer than any message"):
        read_frame(io.BytesIO(b"\xff\xff\xff\xff...."))


def test_a_foreign_body_is_refused():
    """Neither another type nor garbage is taken for a message."""
    with pytest.raises(MalformedData):
        host_codec.decode_command(msgspec.msgpack.encode({"type": "Nonsense"}), options_type)
    with pytest.raises(MalformedData):
        host_codec.decode_event(b"\xc1")


def test_options_of_a_service_nobody_knows_are_refused():
    """A later version's, or garbage: an error of decoding, like any other."""
    strange = KalturaOptions(credentials=Credentials("of later", "https://x"))
    frame = host_codec.encode(m.OpenSession("s", SessionOptions("of later", service=strange), 0.0))
    with pytest.raises(MalformedData, match="of later"):
        host_codec.decode_command(bodies(frame)[0], options_type)


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "[]",
        '"stop"',
        '{"type": "unknown"}',
        '{"type": "say"}',
        '{"type": "say", "text": 7}',
        '{"type": "set-sound", "muted": true, "volume": "loud"}',
        '{"text": "hi"}',
    ],
)
def test_what_is_not_of_the_page_table_is_refused(data):
    """A page of another version, or garbage, raises one kind of error."""
    with pytest.raises(MalformedData):
        page_codec.parse(data)


def test_page_messages_are_the_same_over_both_ways():
    """Widget messages and the data channel carry the same thing, in camelCase."""
    message = p.Stats("p", 1280, 720, 25.0, 900.0, 0, 0, 0, round_trip_ms=1.5)
    as_text = msgspec.json.encode(message).decode()
    assert '"roundTripMs":1.5' in as_text
    assert page_codec.parse(as_text) == message
    assert page_codec.convert(msgspec.json.decode(as_text)) == message
    told = p.Caption("s1", "hi", 1.0, [("hi", 0.0, 0.2)])
    assert msgspec.json.decode(page_codec.text(told)) == page_codec.builtins(told) | {
        "words": [["hi", 0.0, 0.2]]
    }


def joined(texts):
    """What a page makes of texts that came over its data channel."""
    whole = ""
    for text in texts:
        content = msgspec.json.decode(text)
        if content["type"] != "part":
            return content
        assert (content["index"] == 0) == (whole == "")
        whole += content["text"]
        if content["last"]:
            return msgspec.json.decode(whole)
    raise AssertionError("the last part is missing")


@pytest.mark.parametrize("limit", [1024, 65_536, 262_144])
@pytest.mark.parametrize(
    "text", ["hi", "я" * 140_000, "a\n" * 100_000, "😀" * 200_000, '"\\' * 100_000, "\x01" * 50_000]
)
def test_no_text_is_longer_than_a_page_takes_and_nothing_of_it_is_lost(text, limit):
    """In bytes, after encoding: a longer message is cut into parts."""
    update = p.SpeechUpdate("s1", "speaking", text, 1.5)
    texts = list(page_codec.parts(page_codec.text(update), limit))
    assert all(len(one.encode()) <= limit for one in texts)
    assert joined(texts) == page_codec.builtins(update)
    assert joined(texts)["text"] == text


def test_a_page_is_told_the_text_once_and_no_words():
    """With the beginning of the speech; queued, said or interrupted it goes by its id."""
    words = [("long", 0.0, 0.2)] * 50_000
    for state in ("queued", "speaking", "said", "interrupted", "failed"):
        told = page_codec.builtins(p.SpeechUpdate("s1", state, "x" * 100_000, 1.5, words=words))
        assert told["text"] == ("x" * 100_000 if state == "speaking" else "")
        assert told["words"] == []


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 1e300, True, "1"])
def test_what_is_no_number_of_ours_is_refused_whichever_way_it_comes(number):
    """A fact from the end of time would be the newest for ever."""
    with pytest.raises(MalformedData):
        page_codec.convert({"type": "set-sound", "muted": False, "volume": number})
    event = {"type": "Announced", "session": "s", "message": {"type": "status", "status": "live"}}
    event["message"] |= {"text": "", "at": number}
    with pytest.raises(MalformedData):
        host_codec.decode_event(msgspec.msgpack.encode(event))
