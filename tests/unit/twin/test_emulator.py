"""Requests to the emulators."""

import pytest

from ipyavatar.twin import TwinSettings
from ipyavatar.twin.emulator import BadRequest, ServiceRequest, whole_number


def request(body: bytes, content_type: str = "", **query: str) -> ServiceRequest:
    return ServiceRequest(0.0, "http://x", {"content-type": content_type}, query, {}, body)


def test_settings_do_not_show_the_key() -> None:
    assert "hunter2" not in repr(TwinSettings(api_key="hunter2"))
    assert "hunter2" not in repr(
        ServiceRequest(0, "", {"x-api-key": "hunter2"}, {}, {}, b"hunter2")
    )


@pytest.mark.parametrize("body", [b"{", b"[1]", b'"x"', b"\xff", b"[" * 100_000, b'{"a": NaN}'])
def test_bodies_that_are_no_json_object(body: bytes) -> None:
    with pytest.raises(BadRequest):
        request(body).json()


def test_an_empty_body_is_an_empty_object() -> None:
    assert request(b" \n").json() == {}


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "Multipart/Form-Data; b=1"])
def test_a_form_in_place_of_json_is_named(kind: str) -> None:
    sent = ServiceRequest(0.0, "http://x", {"content-type": kind}, {}, {}, b"text=a")
    with pytest.raises(BadRequest, match="it is a form"):
        sent.json()


@pytest.mark.parametrize(
    ("text", "value"), [("7", 7), ("0", 1), ("-1", 5), ("²", 5), ("9" * 5000, 5), ("", 5)]
)
def test_numbers_of_the_query(text: str, value: int) -> None:
    assert request(b"", page=text).query_number("page", 5) == value


@pytest.mark.parametrize(
    ("value", "strict", "lax"),
    [
        (30, 30, 30),
        (30.0, None, 30),
        *((value, None, None) for value in (30.5, True, "30", None, [30], 1e400, float("nan"))),
    ],
)
def test_whole_numbers_of_a_body(value: object, strict: int | None, lax: int | None) -> None:
    """A fraction is none, nor is what only looks like a number."""
    assert whole_number(value) == strict
    assert whole_number(value, lax=True) == lax
