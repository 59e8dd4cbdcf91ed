"""What a page tells becomes rows; a hostile page breaks none."""

import pytest

from ipyavatar.api.doctor.checks import browser, carriers
from ipyavatar.api.doctor.context import Context
from ipyavatar.providers.cloud.environment import Environment

ALL = {
    "browser": "Chrome 140",
    "secure": True,
    "webrtc": True,
    "candidates": ["host"],
    "webcodecs": True,
    "autoplay": True,
    "microphone": "prompt",
}
FACTS = {
    browser.check_secure: "secure",
    browser.check_webrtc: "webrtc",
    browser.check_webcodecs: "webcodecs",
}


class Probe:
    """A page that answers so many pings, and counts what it likes."""

    def __init__(self, pings=100, counted=None, waits_for_cell=False):
        self.pings = pings
        self.counted = counted
        self.waits_for_cell = waits_for_cell

    def ping(self, within_s):
        self.pings -= 1
        return 0.004 if self.pings >= 0 else None

    def send_burst(self, frames, size, over_s, within_s):
        return self.counted


def context_of(facts, probe=None, *, notebook=True):
    context = Context(Environment({}), notebook=notebook)
    context.__dict__["browser"] = facts
    context._probe = probe
    return context


@pytest.mark.parametrize("check", FACTS)
def test_what_a_browser_has_not_is_a_limit_with_something_to_do(check):
    assert check(context_of(ALL)).state == "ok"
    finding = check(context_of({**ALL, FACTS[check]: False}))
    assert finding.state == "warning"
    assert finding.fix


@pytest.mark.parametrize(("waits", "state"), [(False, "ok"), (True, "warning")])
def test_a_kernel_that_has_the_page_wait_for_the_cell_is_a_limit(waits, state):
    finding = browser.check_page(context_of(ALL, Probe(waits_for_cell=waits)))
    assert finding.state == state
    assert ("ipykernel 7" in finding.fix) == waits


@pytest.mark.parametrize("notebook", [True, False])
def test_without_a_page_nothing_is_asked_and_nothing_fails(notebook):
    context = context_of(None, notebook=notebook)
    rest = [browser.check_messages, browser.check_rates, *FACTS, browser.check_autoplay]
    states = {check(context).state for check in (*rest, browser.check_microphone)}
    assert states == {"not asked"}
    assert carriers.check_carrier("messages", context).state == "not asked"
    assert browser.check_page(context).state == ("warning" if notebook else "not asked")


@pytest.mark.parametrize(
    ("counted", "state"),
    [
        ({"frames": browser.FRAMES}, "ok"),
        ({"frames": 3}, "warning"),
        (None, "warning"),
        ({"frames": "many"}, "warning"),
        ({"frames": float("nan")}, "warning"),
        ({"frames": -5}, "warning"),
        ({}, "warning"),
    ],
)
def test_what_a_server_drops_is_seen(counted, state):
    finding = browser.check_rates(context_of(ALL, Probe(counted=counted)))
    assert finding.state == state


@pytest.mark.parametrize(("pings", "state"), [(100, "ok"), (3, "warning"), (0, "failed")])
def test_a_page_that_stops_answering_is_seen(pings, state):
    assert browser.check_messages(context_of(ALL, Probe(pings))).state == state


@pytest.mark.parametrize(
    "value", [None, [], {}, "x" * 10_000, 5, float("inf"), ["a" * 1000] * 1000]
)
def test_whatever_a_page_says_rows_stay_short(value):
    context = context_of(dict.fromkeys(ALL, value), Probe())
    checks = (browser.check_page, *FACTS, browser.check_autoplay, browser.check_microphone)
    for check in checks:
        finding = check(context)
        assert len(finding.what) < 300
