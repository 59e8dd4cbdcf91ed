"""The life of a session in the kernel: every cell of both tables."""

import itertools

import pytest

from ipyavatar.client import phases
from ipyavatar.client.phases import IllegalPhase, Phase, after_report, check

STEPS = {
    "new": "opening stopped closed",
    "opening": "live lost stopping ended failed closing",
    "live": "reconnecting lost stopping ended failed closing",
    "reconnecting": "live lost stopping ended failed closing",
    "lost": "opening stopping stopped failed closing closed",
    "stopping": "restarting stopped failed closing",
    "restarting": "opening stopping failed closing",
    "stopped": "opening closed",
    "ended": "opening stopped closed",
    "failed": "opening stopped closed",
    "closing": "closed",
    "closed": "",
}
"""Written down a second time, so that a change of the table is meant."""

REPORTS = {
    ("opening", "live"): "live",
    ("opening", "ended"): "ended",
    ("opening", "failed"): "failed",
    ("live", "reconnecting"): "reconnecting",
    ("live", "ended"): "ended",
    ("live", "failed"): "failed",
    ("reconnecting", "live"): "live",
    ("reconnecting", "ended"): "ended",
    ("reconnecting", "failed"): "failed",
    ("stopping", "ended"): "stopped",
    ("restarting", "ended"): "opening",
    ("closing", "ended"): "closed",
}
"""What a report of the host leads to; every other one changes nothing."""

STATUSES = ("idle", "starting", "live", "reconnecting", "stopping", "ended", "failed")


@pytest.mark.parametrize("before", Phase, ids=lambda phase: phase.value)
def test_every_step_is_legal_or_raises(before):
    """144 cells: what is in the table passes, all else is named in an error."""
    legal = set(STEPS[before.value].split())
    for after in Phase:
        if after.value in legal:
            check(before, after)
        else:
            with pytest.raises(IllegalPhase, match=f"from {before.value} to {after.value}"):
                check(before, after)


@pytest.mark.parametrize("phase", Phase, ids=lambda phase: phase.value)
@pytest.mark.parametrize("status", STATUSES)
def test_every_report_of_the_host_means_one_thing_in_each_phase(phase, status):
    """84 cells: where it leads, or that it is old news."""
    expected = REPORTS.get((phase.value, status))
    after = after_report(phase, status)
    assert (None if after is None else after.value) == expected
    if after is not None:
        check(phase, after)


def test_the_table_has_every_phase():
    """None is forgotten, in the steps or in what users are told."""
    assert set(phases.TRANSITIONS) == set(Phase) == set(phases.STATUS)
    assert set(phases.STATUS.values()) == set(STATUSES)


def test_every_phase_can_be_reached_and_only_the_last_is_a_dead_end():
    """From `NEW`; and from everywhere there is a way to `CLOSED`."""

    def reachable(start):
        seen, todo = set(), [start]
        while todo:
            for after in phases.TRANSITIONS[todo.pop()] - seen:
                seen.add(after)
                todo.append(after)
        return seen

    assert reachable(Phase.NEW) == set(Phase) - {Phase.NEW}
    for phase in set(Phase) - {Phase.CLOSED}:
        assert Phase.CLOSED in reachable(phase)
    assert not phases.TRANSITIONS[Phase.CLOSED]


def test_no_phase_is_open_and_over():
    """The groups that decide do not overlap, and each phase is in one, but for two."""
    groups = (phases.OPEN, phases.STOPPING, phases.OVER)
    for one, other in itertools.combinations(groups, 2):
        assert not one & other
    assert set(Phase) - frozenset().union(*groups) == {Phase.NEW, Phase.LOST}


def test_only_the_users_wish_leads_from_an_end_to_an_opening():
    """No report of the host opens what is over."""
    for phase, status in itertools.product(phases.OVER | {Phase.NEW, Phase.LOST}, STATUSES):
        assert after_report(phase, status) is None
