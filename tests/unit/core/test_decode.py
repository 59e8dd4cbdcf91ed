"""Foreign bytes: whatever they are, a value or one error."""

from __future__ import annotations

import contextlib
import json
import random
import sys
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from livekit.protocol import rtc

from ipyavatar.core.decode import (
    MAX_BYTES,
    MAX_DEPTH,
    convert,
    decode_json,
    decode_msgpack,
    decode_protobuf,
)
from ipyavatar.errors import AvatarError, MalformedData

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(alphabet='a[]{}"\\é😀,:'),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text('a"[\\'), inner, max_size=4)
    ),
    max_leaves=30,
)


@given(JSON)
def test_what_is_well_formed_is_read(value: Any) -> None:
    """Any value within the limits comes out as it was, by JSON and by msgpack."""
    assert decode_json(json.dumps(value)) == value
    assert decode_json(json.dumps(value, ensure_ascii=False).encode()) == value
    assert decode_msgpack(msgspec.msgpack.encode(value)) == value


@given(st.binary() | st.binary(max_size=40).map(lambda data: data * 400))
def test_any_bytes_give_a_value_or_the_one_error(data: bytes) -> None:
    """Nothing but `MalformedData` is ever raised."""
    for decode in (
        decode_json,
        decode_msgpack,
        lambda raw: decode_protobuf(raw, rtc.SignalRequest),
    ):
        with contextlib.suppress(MalformedData):
            decode(data)


def nested(depth: int, rng: random.Random) -> Any:
    value: Any = "[" if rng.random() < 0.5 else None
    for _ in range(depth):
        extra = [rng.random(), "x" * 40, 2**40, -3, b"", True, "[[[", 'quo"te\\'][rng.randrange(8)]
        if isinstance(extra, bytes):
            extra = ""
        value = {"a": value, "[" * 3: extra} if rng.random() < 0.5 else [extra, value, extra]
    return value


@pytest.mark.parametrize("depth", [MAX_DEPTH - 1, MAX_DEPTH, MAX_DEPTH + 1, 300])
def test_depth_is_counted_exactly(depth: int) -> None:
    """One level more than the limit is refused, whatever stands beside it; the limit is not."""
    for seed in range(50):
        value = nested(depth, random.Random(seed))
        for decode, data in (
            (decode_json, json.dumps(value)),
            (decode_msgpack, msgspec.msgpack.encode(value)),
        ):
            if depth > MAX_DEPTH:
                with pytest.raises(MalformedData, match=f"more than {MAX_DEPTH} deep"):
                    decode(data)
            else:
                assert decode(data) == value


@pytest.fixture
def high_recursion_limit() -> Any:
    """As users set it who recurse much; parsers that trust it end the process."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(10**8)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.usefixtures("high_recursion_limit")
@pytest.mark.parametrize("count", [1_000, 1_000_000])
def test_deep_nesting_ends_nothing_whatever_the_recursion_limit_is(count: int) -> None:
    """A million brackets are refused before a parser recurses into them."""
    for data in (b"[" * count, b"[" * count + b"]" * count, b'{"a":' * count, b'["[",' * count):
        with pytest.raises(MalformedData, match="deep"):
            decode_json(data)
    for data in (b"\x91" * count, b"\x81\xa1a" * count, b"\xdd\x00\x00\x00\x01" * count):
        with pytest.raises(MalformedData, match="deep"):
            decode_msgpack(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff" + b"\xa1a" * 100,
        b"\xc6\xff\xff\xff\xff",
        b"\xc9\xff\xff\xff\xff\x01",
    ],
)
def test_a_claim_of_four_gigabytes_is_refused_at_once(data: bytes) -> None:
    """What is claimed and not there costs no memory."""
    with pytest.raises(MalformedData):
        decode_msgpack(data)


@pytest.mark.parametrize(
    "text",
    [
        "NaN",
        "Infinity",
        "1e999",
        "1" * 10_000,
        '"\ud800"',
        b'"\xff"',
        "",
        "{",
        '{"a" 1}',
        "[1,]",
        "\x00",
        "tru",
        "nul",
    ],
)
def test_what_json_cannot_hold_is_refused(text: str | bytes) -> None:
    """No number, text or punctuation outside of JSON gets through."""
    with pytest.raises(MalformedData):
        decode_json(text)


def test_what_is_too_large_is_not_even_looked_at() -> None:
    """The limit holds before parsing, and is the caller's to choose."""
    with pytest.raises(MalformedData, match="most"):
        decode_json(b" " * (MAX_BYTES + 1))
    with pytest.raises(MalformedData, match="most"):
        decode_json('"abc"', max_bytes=4)


def test_the_error_is_of_our_tree_and_a_value_error() -> None:
    """Who expects a `ValueError` gets one."""
    assert issubclass(MalformedData, ValueError)
    assert issubclass(MalformedData, AvatarError)


def test_null_is_a_value() -> None:
    """JSON's null is read, and is no failure."""
    assert decode_json("null") is None


@given(st.from_type(type) | st.integers() | st.recursive(st.none(), st.lists))
def test_what_others_have_parsed_is_converted_or_refused(value: object) -> None:
    """`convert` has the same one error."""

    class Point(msgspec.Struct):
        x: float

    with pytest.raises(MalformedData):
        convert(value, Point)
    assert convert({"x": 1}, Point).x == 1.0


def test_a_mark_of_encoding_before_json_is_left_out() -> None:
    """Bytes and text; of anything else it is a part."""
    assert decode_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
    assert decode_json("\ufeff[]") == []
    with pytest.raises(MalformedData):
        decode_json(b"\xef\xbb\xbf\xef\xbb\xbf{}")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (rb'{"a": "\ud83d"}', "\ufffd"),
        (rb'{"a": "\ude00 \ud83d\ude00 \ud83d\ud83d\ude00"}', "\ufffd 😀 \ufffd😀"),
        (rb'{"a": "\\ud83d \ud83d"}', "\\ud83d \ufffd"),
    ],
)
def test_a_message_is_not_lost_by_a_letter_that_is_none(data: bytes | str, text: str) -> None:
    """Half an emoji, as JavaScript writes it."""
    assert decode_json(data) == {"a": text}
    assert decode_json(data, dict[str, str]) == {"a": text}


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999", "1" + "0" * 5000, "9" * 30])
def test_numbers_that_are_none_are_null_where_that_is_asked_for(number: str) -> None:
    """Elsewhere, as in a page's message, they are refused: no order knows them."""
    data = f'{{"a": {number}, "b": "kept"}}'
    found = decode_json(data, lenient=True)
    assert found["b"] == "kept"
    assert found["a"] is None or found["a"] == int(number)
    if number[0] != "9":
        with pytest.raises(MalformedData):
            decode_json(data)


def test_letters_in_another_encoding_are_read_where_that_is_asked_for() -> None:
    data = b'{"message": "acc\xe8s", "id": "s"}'
    assert decode_json(data, lenient=True) == {"message": "acc\ufffds", "id": "s"}
    with pytest.raises(MalformedData):
        decode_json(data)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
def test_what_is_in_another_encoding_of_unicode_is_read_where_that_is_asked_for(
    encoding: str,
) -> None:
    """Letters and depth are those of the text, whatever its bytes look like."""
    value = {"message": "accès \u5b5b\u7b7b" * 40, "id": "s"}
    data = json.dumps(value, ensure_ascii=False).encode(encoding)
    assert decode_json(data, lenient=True) == value
    with pytest.raises(MalformedData):
        decode_json(data)


def test_nuls_at_the_end_are_left_out_where_that_is_asked_for() -> None:
    assert decode_json(b'{"id": "s"}\0\0', lenient=True) == {"id": "s"}
    with pytest.raises(MalformedData):
        decode_json(b'{"id": "s"}\0')


@given(st.binary(max_size=60) | st.text(alphabet='{}[]":,\\uDd8e0aN1-.', max_size=40))
def test_whatever_is_mended_gives_a_value_or_the_one_error(data: bytes | str) -> None:
    with contextlib.suppress(MalformedData):
        decode_json(data, lenient=True)
