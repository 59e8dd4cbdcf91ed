"""Faults, call log, host check, forms and settings of the twin, each alone."""

import base64
import contextlib
import itertools
import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ipyavatar.errors import InvalidArgument, UnknownName
from ipyavatar.twin import TwinSettings
from ipyavatar.twin.contract import BadRequest, ServiceRequest, TokenFactory, key_fits
from ipyavatar.twin.faults import Fault, FaultPlan, read_faults
from ipyavatar.twin.kaltura.forms import multipart_form, url_form
from ipyavatar.twin.middleware import host_fits
from ipyavatar.twin.request_log import HIDDEN, RequestLog, redact

KNOWN = {"heygen": ["new", "task"], "kaltura": ["create"]}


def request(body: bytes, content_type: str = "", **query: str) -> ServiceRequest:
    return ServiceRequest(0.0, "http://x", {"content-type": content_type}, query, {}, body)


# ---- faults -------------------------------------------------------------------------------------


def test_a_fault_hits_only_its_call_skips_and_runs_out() -> None:
    plan = FaultPlan([Fault("503", service="heygen", call="task", times=2, skip=1)])
    assert plan.take("heygen", "new") is None
    assert plan.take("kaltura", "task") is None
    hits = [plan.take("heygen", "task") for _ in range(4)]
    assert [hit.kind if hit else None for hit in hits] == [None, "503", "503", None]
    assert plan.listed() == []


def test_faults_happen_in_order_and_can_be_removed() -> None:
    plan = FaultPlan()
    first, second = plan.add(Fault("500")), plan.add(Fault("429", times=1))
    assert plan.take("heygen", "new") == Fault("500")
    assert plan.remove(first) == 1
    assert plan.remove(first) == 0
    assert [row["id"] for row in plan.listed()] == [second]
    assert plan.remove() == 1


def test_faults_are_read_from_json_one_or_many() -> None:
    assert read_faults(b'{"kind": 503}', KNOWN) == [Fault("503")]
    many = b'[{"kind": "slow", "seconds": 0.5}, {"kind": "reset", "effect": true}]'
    slow, reset = read_faults(many, KNOWN)
    assert (slow.wait_s, slow.takes_effect, reset.takes_effect) == (0.5, True, True)
    assert not Fault("reset").takes_effect


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"{", "not JSON"),
        (b"3", "not a fault"),
        (b'{"kind": "explode"}', "not a fault"),
        (b'{"kind": "500", "time": 1}', "time"),
        (b'{"kind": "500", "times": 0}', "out of range"),
        (b'{"kind": "500", "skip": -1}', "out of range"),
        (b'{"kind": "500", "service": "heygem"}', "Did you mean 'heygen'"),
        (b'{"kind": "500", "service": "heygen", "call": "create"}', "no call 'create'"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused_with_its_reason(raw: bytes, error: str) -> None:
    with pytest.raises(InvalidArgument, match=error):
        read_faults(raw, KNOWN)


def test_a_call_of_any_service_fits_a_fault_for_each() -> None:
    assert read_faults(b'{"kind": "500", "call": "create"}', KNOWN)[0].call == "create"
    with pytest.raises(UnknownName):
        read_faults(b'{"kind": "500", "call": "creat"}', KNOWN)


# ---- secrets ------------------------------------------------------------------------------------


def test_what_sounds_secret_is_hidden_and_known_secrets_everywhere() -> None:
    value = {
        "text": "my key is hunter2 indeed",
        "livekit_config": {"livekit_client_token": "abc", "livekit_url": "wss://x"},
        "secret": 1,
        "list": ["hunter2", 3, None],
        "hunter2": True,
    }
    shown = json.dumps(redact(value, frozenset({"hunter2"})))
    assert "hunter2" not in shown
    assert "abc" not in shown
    assert "wss://x" in shown
    assert shown.count(HIDDEN) == 5


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_nothing_escapes_redaction(value: object) -> None:
    def plant(item: object) -> object:
        if isinstance(item, str):
            return f"{item}s3cr3t{item}"
        if isinstance(item, list):
            return [plant(one) for one in item]
        if isinstance(item, dict):
            return {plant(name): plant(one) for name, one in item.items()}
        return item

    assert "s3cr3t" not in json.dumps(redact(plant(value), frozenset({"s3cr3t"})))


def test_the_call_log_keeps_the_last_calls_and_counts_all() -> None:
    log = RequestLog(keep=2)
    for number in range(3):
        log.begin(float(number), "heygen", "new", method="POST", path="/k3y", secrets={"k3y"})
    assert log.total == 3
    assert [(call["seq"], call["path"]) for call in log.listed(9)] == [
        (2, f"/{HIDDEN}"),
        (3, f"/{HIDDEN}"),
    ]


def test_settings_do_not_show_the_key() -> None:
    assert "hunter2" not in repr(TwinSettings(api_key="hunter2"))
    assert "hunter2" not in repr(
        ServiceRequest(0, "", {"x-api-key": "hunter2"}, {}, {}, b"hunter2")
    )


# ---- who may come in ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8765", "localhost:1", "a.localhost", "[::1]:80", "10.0.0.7", "TWIN:1"],
)
def test_hosts_that_fit(host: str) -> None:
    assert host_fits(host, ["twin"])


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example",
     "127.0.0.1@evil.example", "[::1", "notlocalhost", "evil.example#localhost", "a b"],
)  # fmt: skip
def test_hosts_that_do_not_fit(host: str) -> None:
    assert not host_fits(host, ["twin"])


def test_keys() -> None:
    assert key_fits(TwinSettings(), "anything")
    assert not key_fits(TwinSettings(), "")
    assert key_fits(TwinSettings(api_key="k"), "k")
    assert not key_fits(TwinSettings(api_key="k"), "ключ")


@pytest.mark.parametrize(
    ("named", "error"),
    [
        ({"api_key": ""}, "key is empty"),
        ({"concurrency": 0}, "concurrency is 0"),
        ({"idle_timeout_s": 0}, "idle_timeout_s is 0"),
        ({"max_duration_s": float("nan")}, "max_duration_s is nan"),
        ({"join_delay_s": -1}, "join_delay_s is -1"),
    ],
)
def test_settings_that_cannot_work_are_refused(named: dict[str, object], error: str) -> None:
    with pytest.raises(InvalidArgument, match=error):
        TwinSettings(**named)


# ---- bodies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", [b"{", b"[1]", b'"x"', b"\xff", b"[" * 100_000, b'{"a": NaN}'])
def test_bodies_that_are_no_json_object(body: bytes) -> None:
    with pytest.raises(BadRequest):
        request(body).json()


def test_an_empty_body_is_an_empty_object() -> None:
    assert request(b" \n").json() == {}


@pytest.mark.parametrize(
    ("text", "value"), [("7", 7), ("0", 1), ("-1", 5), ("²", 5), ("9" * 5000, 5), ("", 5)]
)
def test_numbers_of_the_query(text: str, value: int) -> None:
    assert request(b"", page=text).whole("page", 5) == value


def test_a_multipart_form_is_read_whole() -> None:
    sound = b"\r\n--b\xff\x00\r\n-" * 10
    head = 'Content-Disposition: form-data; name="{}"{}\r\n\r\n'
    parts = [
        (head.format("turnId", "").encode(), "türn".encode()),
        (head.format("audio", '; filename="a.wav"').encode(), sound),
    ]
    body = b"".join(b"--edge\r\n" + h + data + b"\r\n" for h, data in parts) + b"--edge--\r\n"
    form = multipart_form(request(body, "multipart/form-data; boundary=edge"))
    assert form["turnId"].data == "türn".encode()
    assert (form["audio"].data, form["audio"].filename) == (sound, "a.wav")


@given(st.binary().filter(lambda data: b"--edge" not in data))
def test_sound_goes_through_a_form_unchanged(sound: bytes) -> None:
    head = b'--edge\r\nContent-Disposition: form-data; name="audio"\r\n'
    body = head + b"Content-Type: audio/wav\r\n\r\n" + sound + b"\r\n--edge--\r\n"
    part = multipart_form(request(body, 'multipart/form-data; boundary="edge"'))["audio"]
    assert (part.data, part.media_type) == (sound, "audio/wav")


CONTENT_TYPES = [
    "",
    "application/json",
    "multipart/form-data",
    "multipart/form-data; boundary=\xff",
]


@given(st.binary(), st.sampled_from([*CONTENT_TYPES, "multipart/form-data; boundary=x"]))
@example(b"--x\r\n\r\n\r\n", "multipart/form-data; boundary=x")
@example(b"--x\r\nContent-Disposition: \xff\r\n\r\n\r\n", "multipart/form-data; boundary=x")
def test_any_bytes_as_a_form_are_read_or_refused(body: bytes, content_type: str) -> None:
    for read in (multipart_form, url_form):
        with contextlib.suppress(BadRequest):
            assert isinstance(read(request(body, content_type)), dict)


def test_tokens_are_web_tokens_that_differ() -> None:
    count = itertools.count()
    dice = TokenFactory(lambda n: next(count).to_bytes(2, "big") * (n // 2))
    token = dice.livekit_token("room", "client", 1000.0)
    head, middle, _ = (part + "=" * (-len(part) % 4) for part in token.split("."))
    assert json.loads(base64.urlsafe_b64decode(head))["alg"] == "HS256"
    inside = json.loads(base64.urlsafe_b64decode(middle))
    assert (inside["sub"], inside["exp"], inside["video"]["roomJoin"]) == ("client", 4600, True)
    assert dice.uuid() != dice.uuid()
