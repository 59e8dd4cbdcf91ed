"""Misbehaviour on demand: which call it hits, how often, and what it does.

A fault is one JSON object, for example::

    {"kind": "503", "service": "heygen", "call": "task", "times": 2}

| kind | what the client sees |
|---|---|
| `401` `402` `429` `500` `503` | that status, in the service's own envelope |
| `slow` | the right response, `seconds` late (2) |
| `hang` | nothing, for `seconds` (600), then a reset connection |
| `reset` | the connection is reset without a response |
| `half` | half of the response, then the connection ends |
| `half-json` | half of the response, as if complete |
| `html` | a web page with status 502, as a proxy would send |
| `gone` | the session has just ended at the service; then the usual response |
| `ok-error` | status 200 with an error inside |
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

import msgspec

from ..core.decode import convert, decode_json
from ..core.validate import require_known
from ..errors import InvalidArgument, MalformedData, UnknownName

Kind = Literal[
    "401",
    "402",
    "429",
    "500",
    "503",
    "slow",
    "hang",
    "reset",
    "half",
    "half-json",
    "html",
    "gone",
    "ok-error",
]

# Kinds whose call takes effect at the service unless the fault says otherwise.
_TAKES_EFFECT = frozenset({"slow", "half", "half-json", "gone"})

LIKE = '{"kind": "503", "service": "heygen", "call": "task", "times": 2}'

MAX_FAULTS = 1000
KEEP_UNUSED = 100
MAX_COUNT = 1_000_000
MAX_SECONDS = 86_400
_SECONDS: Mapping[str, float] = {"slow": 2.0, "hang": 600.0}


class Fault(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One fault.

    Attributes:
        kind: What goes wrong.
        service: `heygen`, `liveavatar`, `kaltura`, or `*` for each.
        call: The call's name, as on the twin's page, or `*` for each.
        times: How often it happens; None for ever.
        skip: Matching calls that go well before.
        seconds: How long `slow` and `hang` take.
        effect: Whether the call takes effect although its response is not delivered: `reset` with
            `effect` is a lost response. None means what the kind does on its own.
    """

    kind: Kind
    service: str = "*"
    call: str = "*"
    times: int | None = None
    skip: int = 0
    seconds: float | None = None
    effect: bool | None = None

    @property
    def takes_effect(self) -> bool:
        """Whether the call is carried out."""
        return self.kind in _TAKES_EFFECT if self.effect is None else self.effect

    @property
    def wait_s(self) -> float:
        """How long to wait, in seconds."""
        return _SECONDS.get(self.kind, 0.0) if self.seconds is None else self.seconds


def read_faults(raw: bytes, known: Mapping[str, Iterable[str]]) -> list[Fault]:
    """Faults from JSON: one object, or a list of them.

    Args:
        raw: The JSON text.
        known: The names of the calls of each service; a name that is not among them is an error,
            because such a fault would silently never happen.

    Raises:
        InvalidArgument: It is no JSON, or not faults, or a number is out of range.
    """
    try:
        data = decode_json(raw)
    except MalformedData as error:
        what = f"The faults are not JSON: {error}."
        raise InvalidArgument(what, f"Give one like {LIKE}, or a list of them.") from error
    return [_parse_fault(item, known) for item in (data if isinstance(data, list) else [data])]


def _parse_fault(item: Any, known: Mapping[str, Iterable[str]]) -> Fault:
    if isinstance(item, dict) and type(item.get("kind")) is int:
        item = {**item, "kind": str(item["kind"])}
    if isinstance(item, dict) and isinstance(item.get("kind"), str):
        require_known("kind of fault", item["kind"], get_args(Kind))
    try:
        fault = convert(item, Fault)
    except MalformedData as error:
        raise InvalidArgument(f"This is not a fault: {error}.", f"Give one like {LIKE}.") from error
    check_scope(fault, known)
    in_range = (
        (fault.times is None or 1 <= fault.times <= MAX_COUNT)
        and 0 <= fault.skip <= MAX_COUNT
        and 0 <= fault.wait_s <= MAX_SECONDS
    )
    if not in_range:
        raise InvalidArgument(
            f"A fault of kind {fault.kind} has a number out of range.",
            f"times is 1 or more and skip 0 or more, both up to {MAX_COUNT}; seconds is 0 to "
            f"{MAX_SECONDS}.",
        )
    return fault


def check_scope(fault: Fault, known: Mapping[str, Iterable[str]]) -> None:
    """Raise `UnknownName` when the fault names a service or call that is not there."""
    if fault.service != "*" and fault.service not in known:
        raise UnknownName.of("service", fault.service, known)
    services = known if fault.service == "*" else {fault.service: known[fault.service]}
    calls = {call for names in services.values() for call in names}
    if fault.call != "*" and fault.call not in calls:
        raise UnknownName.of("call", fault.call, calls)


@dataclass
class _PlannedFault:
    fault: Fault
    skip: int
    left: int | None
    used: int = 0


class FaultPlan:
    """The planned faults, in order; the first that matches a call is applied to it."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._ids = itertools.count(1)
        self._planned: dict[int, _PlannedFault] = {}
        self._removed_unused: deque[Fault] = deque(maxlen=KEEP_UNUSED)
        for fault in faults:
            self.add(fault)

    def add(self, fault: Fault) -> int:
        """Add a fault; returns the number to remove it by."""
        number = next(self._ids)
        self._planned[number] = _PlannedFault(fault, fault.skip, fault.times)
        return number

    def add_all(self, faults: Sequence[Fault]) -> list[int]:
        """Add faults; returns their numbers.

        Raises:
            InvalidArgument: There would be too many; then none is added.
        """
        if len(self._planned) + len(faults) > MAX_FAULTS:
            raise InvalidArgument(f"More than {MAX_FAULTS} faults.", "Remove some first.")
        return [self.add(fault) for fault in faults]

    def remove(self, number: int | None = None) -> int:
        """Remove one fault, or all; returns how many that were."""
        numbers = list(self._planned) if number is None else [number]
        removed = [self._planned.pop(key) for key in numbers if key in self._planned]
        self._removed_unused += [entry.fault for entry in removed if not entry.used]
        return len(removed)

    def take(self, service: str, call: str) -> Fault | None:
        """The fault to apply to this call, if any; counts it as used."""
        for number, entry in self._planned.items():
            fault = entry.fault
            if fault.service not in ("*", service) or fault.call not in ("*", call):
                continue
            if entry.skip:
                entry.skip -= 1
                continue
            entry.used += 1
            if entry.left is not None:
                entry.left -= 1
                if not entry.left:
                    del self._planned[number]
            return fault
        return None

    def unused(self) -> list[Fault]:
        """The faults that have never hit a call, those removed since among them."""
        waiting = [entry.fault for entry in self._planned.values() if not entry.used]
        return [*self._removed_unused, *waiting]

    def to_json(self) -> list[dict[str, Any]]:
        """The planned faults as JSON values: the fault with its number, `left` and `used`."""
        return [
            {"id": number, **msgspec.to_builtins(e.fault), "left": e.left, "used": e.used}
            for number, e in self._planned.items()
        ]
