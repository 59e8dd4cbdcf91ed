"""Messages that nobody should send, for every input there is.

`hostile_json` and `hostile_bytes` give as many as are asked for, always the same ones for a seed:
random bytes, deep nesting, wrong types, what no number is, huge ones, and valid messages with one
thing changed. `valid` are messages of that input, as plain values.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec

COUNT = 2_000
"""How many each input has to take."""

HUGE = 100_000
"""Characters of a huge text: 2,000 of them would be 200 MB, so few are."""

NUMBERS = [0, -1, 2**31, 2**53, 2**63, -(2**63), 2**64 - 1, 1e308, -1e308, 1e-320, 0.1, -0.0]
TEXTS = [
    "",
    " ",
    "\x00",
    "\x00" * 50,
    "я" * 50,
    "😀",
    "[",
    '"',
    "\\",
    "../..",
    "%s%n",
    "null",
    "NaN",
]
OTHERS = [None, True, False, [], {}, [[]], {"a": {}}, [None] * 50, {"type": 1}, {"type": None}]

RAW = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"1e999",
    b"1" * 10_000,
    b'{"type":"stop","type":"start"}',
    b'{"type":' + b"9" * 5_000 + b"}",
    b"\xff\xfe\x00",
    b'"\xed\xa0\x80"',
    b'{"type":"say","text":"\\ud800"}',
    b"[" * 1_000,
    b"[" * 100_000,
    b'{"a":' * 1_000,
    b'{"type":"say","x":' + b"[" * 1_000 + b"]" * 1_000 + b"}",
    b"\x91" * 1_000,
    b"\x81\xa1a" * 1_000,
    b"\xdd\xff\xff\xff\xff",
    b"\xdf\xff\xff\xff\xff",
    b"\xc6\xff\xff\xff\xff",
    b"\xdb\xff\xff\xff\xff",
    b"\xca\x7f\xc0\x00\x00",
    b"\x0a\xff\xff\xff\xff\x0f",
]
"""Bytes with a history, of JSON, msgpack and protobuf."""


def odd_value(rng: random.Random) -> Any:
    """A value that is seldom expected."""
    return rng.choice([*NUMBERS, *TEXTS, *OTHERS, "x" * HUGE if rng.random() < 0.02 else "x"])


def deep(depth: int) -> Any:
    """Containers in containers, made without recursion."""
    value: Any = None
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


def mutated(value: Any, rng: random.Random) -> Any:
    """`value` with one thing changed: a member of another type, missing, new, or renamed."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        name = rng.choice(list(value))
        changed = dict(value)
        match rng.randrange(5):
            case 0:
                del changed[name]
            case 1:
                changed[name] = odd_value(rng)
            case 2:
                changed[rng.choice(TEXTS)] = odd_value(rng)
            case 3:
                changed[name] = deep(rng.choice([5, 70, 400]))
            case _:
                changed[name] = mutated(value[name], rng)
        return changed
    if isinstance(value, list) and value and rng.random() < 0.7:
        at = rng.randrange(len(value))
        return [*value[:at], mutated(value[at], rng), *value[at + rng.randrange(2) :]]
    if isinstance(value, str) and value and rng.random() < 0.5:
        at = rng.randrange(len(value))
        return value[:at] + rng.choice(TEXTS) + value[at + 1 :]
    return odd_value(rng)


def hostile_values(valid: Sequence[Any], count: int = COUNT, seed: int = 1) -> Iterator[Any]:
    """Values that another parser has let through: of any shape, also deep and not finite."""
    rng = random.Random(seed)
    for _ in range(count):
        match rng.randrange(10):
            case 0:
                yield odd_value(rng)
            case 1:
                yield {"type": odd_value(rng), **{rng.choice(TEXTS): odd_value(rng)}}
            case 2:
                yield deep(rng.choice([10, 100, 500]))
            case 3:
                yield mutated([rng.choice(valid), float(rng.choice(["nan", "inf"]))], rng)
            case 4:
                yield mutated(mutated(rng.choice(valid), rng), rng)
            case _:
                yield mutated(rng.choice(valid), rng)


def hostile_bytes(
    valid: Sequence[Any],
    encode: Callable[[Any], bytes] = msgspec.json.encode,
    count: int = COUNT,
    seed: int = 1,
) -> Iterator[bytes]:
    """Bytes for an input that parses them itself."""
    rng = random.Random(seed)
    yield from RAW
    for value in hostile_values(valid, count - len(RAW), seed):
        try:
            whole = encode(value)
        except (TypeError, ValueError, OverflowError, RecursionError):
            whole = json.dumps(None).encode()
        match rng.randrange(6):
            case 0:
                yield rng.randbytes(rng.randrange(200))
            case 1:
                yield whole[: rng.randrange(len(whole) + 1)]
            case 2 if whole:
                at = rng.randrange(len(whole))
                yield whole[:at] + rng.randbytes(rng.randrange(1, 4)) + whole[at + 1 :]
            case 3:
                yield whole + rng.choice(RAW)
            case _:
                yield whole
