"""Foreign bytes become values here and nowhere else: whatever is wrong with them is one error.

Parsers disagree about how they fail: by errors of their own, `UnicodeDecodeError`, `OverflowError`,
`RecursionError`, and where somebody has raised Python's recursion limit, by the end of the process.
So size and depth are looked at before a parser sees anything, and each of its failures becomes
`MalformedData`.

This is for what comes from outside: a pipe, a page, a service, a client of the twin. Files of our
own are read as they are.
"""

from __future__ import annotations

import codecs
import functools
import itertools
import json
import math
import re
from collections.abc import Callable
from typing import Annotated, Any, Protocol, TypeVar, overload

import msgspec

from ..errors import MalformedData

MAX_BYTES = 16 * 1024 * 1024
"""More than any message or answer of ours or of a service has."""

MAX_DEPTH = 64
"""Containers in containers: ours have 6, those of services 10."""

Number = Annotated[float, msgspec.Meta(ge=-1e15, le=1e15)]
"""A number of a message: neither infinite nor none, which JSON cannot hold and no order knows."""

Count = Annotated[int, msgspec.Meta(ge=-(2**53), le=2**53)]
"""A whole number that a page can hold as well."""

_BOM = codecs.BOM_UTF8
_DIGITS = 18
"""Of the longest whole number that every parser holds."""

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Bytes = bytes | bytearray | memoryview | str
Hook = Callable[[type, Any], Any]
"""Makes a value of a type that the parser does not know; see msgspec's `dec_hook`."""


@overload
def decode_json(data: Bytes, kind: type[T], *, max_bytes: int = ..., lenient: bool = ...) -> T: ...
@overload
def decode_json(
    data: Bytes, kind: Any = ..., *, max_bytes: int = ..., lenient: bool = ...
) -> Any: ...
def decode_json(
    data: Bytes, kind: Any = Any, *, max_bytes: int = MAX_BYTES, lenient: bool = False
) -> Any:
    """`data`, JSON, as a `kind`; without one, as dictionaries and lists.

    Half an emoji, which JavaScript writes and no encoding has, becomes the sign for that.

    Args:
        data: The bytes, or text.
        kind: What is expected.
        max_bytes: More is refused.
        lenient: What some servers write and JSON cannot hold is read, too: numbers that are none
            (`NaN`, `1e999`) are null, letters in another encoding become the sign for that; UTF-16
            and UTF-32, in which JSON was written once, are read, and NULs at the end are left out.
            An answer is not lost by something in it that nobody reads.

    Raises:
        MalformedData: It is something else, or larger or deeper than anything we expect.
    """
    decode = _json_decoder(kind).decode

    def parse(raw: bytes) -> Any:
        # Some servers and editors put a mark before it that tells its encoding.
        raw = raw.removeprefix(_BOM)
        try:
            return decode(raw)
        except Exception:
            text = raw.decode("utf-8", "replace").encode() if lenient else raw
            whole = _ESCAPE.sub(lambda m: rb"\ufffd" if m[1] else m[0], text)
            plain = _plain_numbers(whole) if lenient else whole
            if plain == raw:
                raise
            return decode(plain)

    if lenient and isinstance(data, bytes) and b"\0" in data and len(data) <= max_bytes:
        data = _as_utf8(data)
    return _decode(parse, _json_depth, data, max_bytes)


def _as_utf8(raw: bytes) -> bytes:
    """What has NULs in it is in another encoding, or has them at its end."""
    encoding = json.detect_encoding(raw)
    if encoding.startswith("utf-8"):
        return raw.rstrip(b"\0")
    return raw.decode(encoding, "replace").rstrip("\0").encode("utf-8", "replace")


# A pair of halves is one letter; a half by itself is none. Other escapes are passed over in one.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def _plain_numbers(raw: bytes) -> bytes:
    """`raw` with null for numbers that are none; as it is where it is no JSON for Python either."""

    def finite(text: str) -> float | None:
        return number if math.isfinite(number := float(text)) else None

    try:
        value = json.loads(
            raw,
            parse_constant=lambda _name: None,
            parse_float=finite,
            parse_int=lambda text: int(text) if len(text) <= _DIGITS else None,
        )
        return msgspec.json.encode(value)
    except (ValueError, OverflowError, RecursionError):
        return raw


@overload
def decode_msgpack(
    data: Bytes, kind: type[T], hook: Hook | None = ..., *, max_bytes: int = ...
) -> T: ...
@overload
def decode_msgpack(
    data: Bytes, kind: Any = ..., hook: Hook | None = ..., *, max_bytes: int = ...
) -> Any: ...
def decode_msgpack(
    data: Bytes, kind: Any = Any, hook: Hook | None = None, *, max_bytes: int = MAX_BYTES
) -> Any:
    """`data`, msgpack, as a `kind`; without one, as dictionaries and lists.

    Raises:
        MalformedData: It is something else, or larger or deeper than anything we expect.
    """
    return _decode(_msgpack_decoder(kind, hook).decode, _msgpack_depth, data, max_bytes)


class _Message(Protocol[T_co]):
    """A class that protobuf has generated."""

    def FromString(self, data: bytes, /) -> T_co:  # noqa: N802
        """Parse it."""


def decode_protobuf(data: Bytes, kind: _Message[T], *, max_bytes: int = MAX_BYTES) -> T:
    """`data`, a protobuf message, as a `kind`.

    Raises:
        MalformedData: It is something else, or larger than anything we expect.
    """
    return _decode(kind.FromString, _protobuf_depth, data, max_bytes)


@overload
def convert(value: object, kind: type[T], hook: Hook | None = ..., *, strict: bool = ...) -> T: ...
@overload
def convert(value: object, kind: Any, hook: Hook | None = ..., *, strict: bool = ...) -> Any: ...
def convert(value: object, kind: Any, hook: Hook | None = None, *, strict: bool = True) -> Any:
    """`value`, which somebody else has parsed, as a `kind`.

    Raises:
        MalformedData: It is something else.
    """
    try:
        return msgspec.convert(value, kind, dec_hook=hook, strict=strict)
    except Exception as error:
        raise MalformedData(_words(error)) from error


def _decode(
    parse: Callable[[bytes], T], depth: Callable[[bytes], int], data: Bytes, max_bytes: int
) -> T:
    if len(data) > max_bytes:
        raise MalformedData(f"What came has {len(data):,} bytes; {max_bytes:,} are the most.")
    try:
        raw = data.encode() if isinstance(data, str) else bytes(data)
        if depth(raw) > MAX_DEPTH:
            raise MalformedData(f"What came is nested more than {MAX_DEPTH} deep.")
        return parse(raw)
    except MalformedData:
        raise
    except Exception as error:
        raise MalformedData(f"What came cannot be read: {_words(error)}.") from error


def _words(error: Exception) -> str:
    return str(error)[:200] or type(error).__name__


@functools.lru_cache(maxsize=64)
def _json_decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


@functools.lru_cache(maxsize=64)
def _msgpack_decoder(kind: Any, hook: Hook | None) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind, dec_hook=hook)


# ---- how deep it is, without recursion -----------------------------------------------------------

_OPENING, _CLOSING = b"[{", b"]}"
_NO_BRACKETS = bytes(byte for byte in range(256) if byte not in _OPENING + _CLOSING)
_STEPS = [(byte in _OPENING) - (byte in _CLOSING) for byte in range(256)]


def _json_depth(data: bytes) -> int:
    """How deep brackets stand in each other; of what is not JSON, up to where it stops being so."""
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return 0  # most messages; the rest need not be looked at
    # Without escaped quotes, every second piece between quotes is outside of a string.
    pieces = data.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2]
    brackets = b"".join(pieces).translate(None, _NO_BRACKETS)
    return max(itertools.accumulate(map(_STEPS.__getitem__, brackets)), default=0)


_NO_CONTAINERS = bytes(
    byte for byte in range(256) if not (0x80 <= byte < 0xA0 or 0xDC <= byte < 0xE0)
)
# By its first byte: how many bytes follow; or how many tell how many bytes, or items, follow.
_FIXED = {0xC0: 0, 0xC2: 0, 0xC3: 0, 0xCA: 4, 0xCB: 8, 0xCC: 1, 0xCD: 2, 0xCE: 4, 0xCF: 8}
_FIXED |= {0xD0: 1, 0xD1: 2, 0xD2: 4, 0xD3: 8, 0xD4: 2, 0xD5: 3, 0xD6: 5, 0xD7: 9, 0xD8: 17}
_FIXED |= dict.fromkeys((*range(0x80), *range(0xE0, 0x100)), 0)
_FIXED |= {head: head & 0x1F for head in range(0xA0, 0xC0)}
_SIZED = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xC7: 1, 0xC8: 2, 0xC9: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}
_EXTENSIONS = (0xC7, 0xC8, 0xC9)  # these have a type besides
_ARRAYS = {0xDC: 2, 0xDD: 4}
_MAPS = {0xDE: 2, 0xDF: 4}


def _msgpack_depth(data: bytes) -> int:
    """How deep containers stand in each other, up to the first that is too deep."""
    if len(data.translate(None, _NO_CONTAINERS)) <= MAX_DEPTH:
        return 0  # most messages; the rest need not be looked at
    missing: list[int] = []  # items that each open container still lacks
    at = 0
    while at < len(data) and len(missing) <= MAX_DEPTH:
        at, items = _msgpack_item(data, at)
        while missing and missing[-1] == 0:
            missing.pop()
        if missing:
            missing[-1] -= 1
        if items:
            missing.append(items)
    return len(missing)


def _msgpack_item(data: bytes, at: int) -> tuple[int, int]:
    """Where the item at `at` ends, or its first item begins; and how many items are in it."""
    head, at = data[at], at + 1
    if head in _FIXED:
        return at + _FIXED[head], 0
    if head < 0xA0:
        return at, (head & 0x0F) * (2 if head < 0x90 else 1)
    count = _SIZED.get(head) or _ARRAYS.get(head) or _MAPS.get(head, 0)
    number, at = int.from_bytes(data[at : at + count], "big"), at + count
    if head in _SIZED:
        return at + number + (head in _EXTENSIONS), 0
    return at, number * (2 if head in _MAPS else 1)


def _protobuf_depth(_data: bytes) -> int:
    return 0  # its own parser counts, to 100, and not on Python's stack
