"""The request log keeps no secrets."""

import json

from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.core.secret import HIDDEN
from ipyavatar.twin.request_log import RequestLog, redact_json


def test_what_is_named_as_a_secret_is_hidden_and_known_secrets_everywhere() -> None:
    value = {
        "text": "my key is hunter2 indeed",
        "livekit_config": {"livekit_client_token": "abc", "livekit_url": "wss://x"},
        "secret": 1,
        "list": ["hunter2", 3, None],
        "hunter2": True,
    }
    shown = json.dumps(redact_json(value, frozenset({"hunter2"})))
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

    assert "s3cr3t" not in json.dumps(redact_json(plant(value), frozenset({"s3cr3t"})))


def test_of_a_secret_that_holds_another_nothing_is_left() -> None:
    """Whatever order a set has them in."""
    secrets = frozenset({"abc", "abcdef", "cdef", ""})
    assert redact_json(["abcdef", {"a": "xabcdefabc"}], secrets) == [
        HIDDEN,
        {"a": f"x{HIDDEN}{HIDDEN}"},
    ]


def test_the_request_log_keeps_the_last_calls_and_counts_all() -> None:
    log = RequestLog(keep=2)
    for number in range(3):
        log.begin(float(number), "heygen", "new", method="POST", path="/k3y", secrets={"k3y"})
    assert log.total == 3
    assert [(call["seq"], call["path"]) for call in log.to_json(9)] == [
        (2, f"/{HIDDEN}"),
        (3, f"/{HIDDEN}"),
    ]
