"""The pure parts of the clients: options, times, events, LITE messages, lost sessions."""

import asyncio
import base64
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.core.secret import Secret
from ipyavatar.errors import InvalidArgument, ServiceUnavailable, UnknownName
from ipyavatar.providers.cloud.http import HttpClient
from ipyavatar.providers.cloud.models import ListedSession, unix_time
from ipyavatar.providers.cloud.options import (
    ServiceOptions,
    check_disable_idle_timeout,
    check_idle_timeout,
    check_url,
    resolve,
)
from ipyavatar.providers.cloud.service_events import (
    interrupt,
    read_event,
    speak_response,
    speak_text,
)
from ipyavatar.providers.cloud.spec import HEYGEN, KALTURA, SERVICES
from ipyavatar.providers.heygen.client import HeyGenClient
from ipyavatar.providers.heygen.orphans import SETTLE_S, stop_orphans
from ipyavatar.providers.kaltura.client import KalturaClient, Turn
from ipyavatar.providers.liveavatar import lite_messages
from ipyavatar.providers.liveavatar.client import LiveAvatarClient

KEYS = {"HEYGEN_API_KEY": "k-hey", "LIVEAVATAR_API_KEY": "k-live", "KALTURA_KS": "djJ8ks"}


@pytest.mark.parametrize("provider", SERVICES)
def test_key_and_url_come_from_argument_then_environment_then_default(provider):
    facts = SERVICES[provider]
    found = resolve(provider, ServiceOptions(), KEYS)
    assert found.api_key == Secret(KEYS[facts.key_variables[0]])
    assert found.base_url == facts.base_url
    env = {**KEYS, f"IPYAVATAR_{provider.upper()}_URL": "http://localhost:99/"}
    assert resolve(provider, ServiceOptions(), env).base_url == "http://localhost:99"
    given = ServiceOptions(api_key="mine", base_url="https://other/v1/")
    found = resolve(provider, given, env)
    assert (found.api_key, found.base_url) == (Secret("mine"), "https://other")


@pytest.mark.parametrize("provider", SERVICES)
@pytest.mark.parametrize("value", ["", "  "])
def test_missing_key_names_its_variable(provider, value):
    variable = SERVICES[provider].key_variables[0]
    with pytest.raises(InvalidArgument, match=variable):
        resolve(provider, ServiceOptions(), {variable: value})


def test_key_with_odd_characters_is_refused_without_showing_it():
    for key in ("ab\ncd-hush", "“hush”", "a b-hush"):
        with pytest.raises(InvalidArgument, match="HEYGEN_API_KEY") as caught:
            resolve("heygen", ServiceOptions(api_key=key), {})
        assert "hush" not in str(caught.value)


def test_kaltura_takes_partner_and_admin_secret_and_names_what_is_missing():
    both = {"KALTURA_PARTNER_ID": "12", "KALTURA_ADMIN_SECRET": "s"}
    assert resolve("kaltura", ServiceOptions(), both).api_key is None
    for missing in both:
        with pytest.raises(InvalidArgument, match=f"{missing} is not set"):
            resolve("kaltura", ServiceOptions(), {k: v for k, v in both.items() if k != missing})


def test_unknown_service_is_told_with_those_there_are():
    with pytest.raises(UnknownName, match="heygen, kaltura, liveavatar"):
        resolve("heigen", ServiceOptions(), {})


@pytest.mark.parametrize(
    "url",
    ["ftp://x", "localhost:8765", "file:///etc", "http://", "https://x?y=1", "https://x#y", "//x",
     "http://[::1", "http://x:99999", "javascript:alert(1)"],
)  # fmt: skip
def test_url_that_cannot_work_is_refused(url):
    with pytest.raises(InvalidArgument, match="IPYAVATAR_HEYGEN_URL"):
        check_url(url, HEYGEN.url_variable)


def test_url_with_a_password_is_refused_without_showing_it():
    with pytest.raises(InvalidArgument) as caught:
        check_url("https://me:hush@x", HEYGEN.url_variable)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("good", [30, 120, 3599, 60.0])
def test_idle_timeout_in_range(good):
    assert check_idle_timeout(good) == good


@pytest.mark.parametrize("bad", [29, 3600, 0, -1, 30.5, True, float("nan"), float("inf"), "60"])
def test_idle_timeout_out_of_range_names_value_and_limits(bad):
    with pytest.raises(InvalidArgument, match="30 to 3599"):
        ServiceOptions(idle_timeout_s=bad)


@pytest.mark.parametrize("name", ["max_idle_s", "max_duration_s"])
@pytest.mark.parametrize("bad", [0, -1, float("inf"), float("nan"), None, True])
def test_there_is_no_session_for_ever(name, bad):
    with pytest.raises(InvalidArgument, match=name):
        ServiceOptions(**{name: bad})


def test_unknown_quality_is_told():
    with pytest.raises(UnknownName, match="medium"):
        ServiceOptions(quality="mediun")


def test_idle_timeout_cannot_be_disabled_and_the_reason_is_given():
    check_disable_idle_timeout(False)
    with pytest.raises(InvalidArgument, match="costing credits after a crash"):
        check_disable_idle_timeout(True)


def test_early_errors_cost_no_call():
    """What cannot work is refused before anything is sent."""
    import httpx

    sent = []
    transport = httpx.MockTransport(sent.append)

    def wire(name):
        return HttpClient(SERVICES[name], "http://127.0.0.1", transport=transport)

    heygen = HeyGenClient(wire("heygen"), Secret("k"))
    live = LiveAvatarClient(wire("liveavatar"), Secret("k"))
    kaltura = KalturaClient(wire("kaltura"), Secret("k"))
    for call in (
        heygen.new(idle_timeout_s=29),
        heygen.new(disable_idle_timeout=True),
        heygen.task("s", "  \n"),
        heygen.task("s", "x" * 901),
        heygen.task("s", "x", task_type="sing"),
        live.create_token(),
        live.create_token(sandbox=True, mode="MEDIUM"),
        live.create_token(sandbox=True, quality="best"),
        live.transcript("../../v1/avatars"),
        kaltura.create(avatar_id=""),
        kaltura.mint_ks(),
    ):
        with pytest.raises(InvalidArgument):
            asyncio.run(call)
    assert sent == []
    with pytest.raises(InvalidArgument, match="KALTURA_KS"):
        KalturaClient(wire("kaltura"), None)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (1_700_000_000, 1_700_000_000.0),
        ("1700000000", 1_700_000_000.0),
        (1_700_000_000_000, 1_700_000_000.0),
        ("2023-11-14T22:13:20Z", 1_700_000_000.0),
        ("2023-11-14T22:13:20", 1_700_000_000.0),
        ("2023-11-15T00:13:20+02:00", 1_700_000_000.0),
        (None, None),
        ("", None),
        ("soon", None),
    ],
)
def test_times_of_services(value, seconds):
    assert unix_time(value) == seconds


def test_bare_turn_host_becomes_four_urls():
    assert Turn("turn.example").ice_urls == (
        "turn:turn.example:80?transport=udp",
        "turn:turn.example:443?transport=udp",
        "turn:turn.example:80?transport=tcp",
        "turns:turn.example:443?transport=tcp",
    )
    assert Turn("turn:host:3478").ice_urls == ("turn:host:3478",)


@pytest.mark.parametrize(
    ("payload", "kind", "text", "task", "seconds"),
    [
        ({"type": "avatar_start_talking", "task_id": "t"}, "avatar_started", "", "t", None),
        ({"type": "avatar_talking_message", "task_id": "t", "message": "Hi"}, "avatar_text", "Hi",
         "t", None),
        ({"type": "avatar_stop_talking", "task_id": "t", "duration_ms": 1500}, "avatar_stopped", "",
         "t", 1.5),
        ({"event_type": "avatar.speak_started", "event_id": "e", "source_event_id": "s"},
         "avatar_started", "", "s", None),
        ({"event_type": "user.transcription", "text": "Hello"}, "user_text_ended", "Hello", None,
         None),
        ({"event_type": "session.stopped", "end_reason": "IDLE"}, "session_ended", "IDLE", None,
         None),
        ({"event_type": "session.stopped", "stop_reason": "IDLE"}, "session_ended", "IDLE", None,
         None),
        ({"type": "session.state_updated", "state": "connected"}, "state_changed", "connected",
         None, None),
        ({"type": "session.state_updated", "state": "closed"}, "session_ended", "closed", None,
         None),
        ({"type": "agent.speak_ended", "event_id": "e", "task": {"id": "t"}}, "avatar_stopped", "",
         "e", None),
        ({"type": "error", "error": {"type": "bad", "message": "too large"}}, "error", "too large",
         None, None),
        ({"type": "new.in.2027"}, "other", "", None, None),
    ],
)  # fmt: skip
def test_events_of_all_services_in_one_vocabulary(payload, kind, text, task, seconds):
    event = read_event(json.dumps(payload))
    assert (event.kind, event.text, event.task_id, event.duration_s) == (kind, text, task, seconds)


@pytest.mark.parametrize(
    "payload", [b"", b"\xff\xfe", b"[1]", b'"hi"', b"{}", b'{"type": 3}', b"nul"]
)
def test_what_is_no_event_is_none(payload):
    assert read_event(payload) is None


@given(st.binary(max_size=80) | st.text(max_size=80))
def test_no_payload_breaks_the_reader(payload):
    read_event(payload)


def test_commands_of_liveavatar_full():
    assert json.loads(speak_text("Hi", "e1")) == {
        "event_id": "e1",
        "event_type": "avatar.speak_text",
        "text": "Hi",
    }
    assert json.loads(speak_response("Hi", "e1"))["event_type"] == "avatar.speak_response"
    assert json.loads(interrupt("e2")) == {"event_id": "e2", "event_type": "avatar.interrupt"}


@given(st.lists(st.binary(max_size=60_000), max_size=8))
def test_pieces_keep_order_whole_samples_and_the_limit(parts):
    pieces = lite_messages.Pieces()
    out = [p for part in parts for p in pieces.feed(part)] + list(pieces.flush())
    joined = b"".join(parts)
    assert b"".join(out) == joined[: len(joined) // 2 * 2]
    assert all(p and len(p) % 2 == 0 for p in out)
    assert all(len(lite_messages.speak(p, "e")) < 1_000_000 for p in out)
    assert len(out[0]) <= lite_messages.FIRST_PIECE_BYTES if out else True


def test_lite_messages():
    message = json.loads(lite_messages.speak(b"\1\0", "e1"))
    assert base64.b64decode(message.pop("audio")) == b"\1\0"
    assert message == {"type": "agent.speak", "event_id": "e1"}
    assert json.loads(lite_messages.speak_end("e1")) == {
        "type": "agent.speak_end",
        "event_id": "e1",
    }


def test_pcm_is_clipped_and_little_endian():
    samples = np.array([0.0, 1.0, -1.0, 2.0, -2.0], np.float32)
    assert (
        lite_messages.pcm_of(samples, 24_000)
        == np.array([0, 32767, -32767, 32767, -32767], "<i2").tobytes()
    )
    with pytest.raises(InvalidArgument, match="24000 Hz, not 48000"):
        lite_messages.pcm_of(samples, 48_000)
    with pytest.raises(InvalidArgument, match="mono"):
        lite_messages.pcm_of(samples.reshape(1, 5), 24_000)


def listed(session_id, status="new", created_at=1000.0):
    return ListedSession("heygen", session_id, status, created_at)


def look(lists, known=(), stop_fails=()):
    stopped, waits = [], []

    async def list_open():
        return lists.pop(0)

    async def stop(session_id):
        if session_id in stop_fails:
            raise ServiceUnavailable(".", service="heygen", call="stop")
        stopped.append(session_id)

    async def sleep(seconds):
        waits.append(seconds)

    result = asyncio.run(
        stop_orphans(list_open, stop, known=known, asked_at=1000.0, now=lambda: 1010.0, sleep=sleep)
    )
    assert stopped == list(result[0])
    return result, waits


def test_the_lost_session_is_found_and_stopped():
    assert look([[listed("mine")], [listed("mine")]]) == ((("mine",), ()), [SETTLE_S])


def test_sessions_of_others_are_left_alone():
    """Not stopped; but unstarted ones nobody knows are told: if a clock is wrong they are ours."""
    others = [
        listed("known"),
        listed("older", created_at=900.0),
        listed("running", status="connected"),
        listed("undated", created_at=None),
    ]
    assert look([others], known={"known"}) == (((), ("older", "undated")), [])
    fresh = [listed("theirs")]
    assert look([fresh, [listed("theirs", status="connecting")]]) == (((), ()), [SETTLE_S])
    assert look([fresh, [*fresh, listed("later")]])[0] == (("theirs",), ("later",))


def test_what_could_not_be_stopped_is_told():
    both = [listed("a"), listed("b")]
    assert look([both, both], stop_fails={"b"})[0] == (("a",), ("b",))


def test_facts_name_every_variable():
    assert KALTURA.url_variable == "IPYAVATAR_KALTURA_URL"
    for name in KALTURA.key_variables:
        assert name in KALTURA.key_hint
