"""The faults: which call they hit, and how they are read."""

import json

import pytest

from ipyavatar.errors import InvalidArgument, UnknownName
from ipyavatar.twin.faults import Fault, FaultPlan, read_faults

KNOWN = {"heygen": ["new", "task"], "kaltura": ["create"]}


def test_a_fault_hits_only_its_call_skips_and_runs_out() -> None:
    plan = FaultPlan([Fault("503", service="heygen", call="task", times=2, skip=1)])
    assert plan.take("heygen", "new") is None
    assert plan.take("kaltura", "task") is None
    hits = [plan.take("heygen", "task") for _ in range(4)]
    assert [hit.kind if hit else None for hit in hits] == [None, "503", "503", None]
    assert plan.to_json() == []


def test_faults_happen_in_order_and_can_be_removed() -> None:
    plan = FaultPlan()
    first, second = plan.add(Fault("500")), plan.add(Fault("429", times=1))
    assert plan.take("heygen", "new") == Fault("500")
    assert plan.remove(first) == 1
    assert plan.remove(first) == 0
    assert [row["id"] for row in plan.to_json()] == [second]
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
        (b'{"kind": "explode"}', "kind of fault 'explode'. Choose one of: 401, "),
        (b'{"kind": "504"}', "Did you mean '50"),
        (b'{"kind": null}', "not a fault.*Give one like"),
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


def test_a_fault_that_never_happened_is_remembered() -> None:
    """Also when it was removed: whoever asked for it can see that it did nothing."""
    plan = FaultPlan([Fault("500", call="new"), Fault("429", call="task"), Fault("503", times=1)])
    assert plan.take("heygen", "new") == Fault("500", call="new")
    assert plan.unused() == [Fault("429", call="task"), Fault("503", times=1)]
    plan.remove()
    assert plan.unused() == [Fault("429", call="task"), Fault("503", times=1)]
    assert plan.take("heygen", "task") is None


@pytest.mark.parametrize(
    "number", [{"times": 0}, {"times": 10**9}, {"skip": -1}, {"skip": 10**9}, {"seconds": -1}]
)
def test_numbers_out_of_range_are_refused(number: dict[str, int]) -> None:
    """A number that nobody can mean is an error, and not a fault that never happens."""
    with pytest.raises(InvalidArgument, match="out of range"):
        read_faults(json.dumps({"kind": "slow", **number}).encode(), KNOWN)


def test_faults_are_bounded() -> None:
    """More than a thousand are refused, and none of them is added."""
    plan = FaultPlan([Fault("500")])
    with pytest.raises(InvalidArgument, match="More than 1000"):
        plan.add_all([Fault("429")] * 1000)
    assert len(plan.to_json()) == 1
