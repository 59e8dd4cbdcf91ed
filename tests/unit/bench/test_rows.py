"""Rows are judged against budgets, and none is lost when a measurement fails."""

import json

import pytest

from tests.bench.rows import Part, Reading, Spec, judged, measured, rounded
from tests.bench.table import number, table, verdict

LATENCY = Spec("latency", "ms", 150, "by ear")
RATE = Spec("rate", "fps", 24.5, "by eye", at_least=True)
SIZE = Spec("size", "MB", None, "on a scale")


@pytest.mark.parametrize(
    ("spec", "value", "ok"),
    [
        (LATENCY, 150.0, True),
        (LATENCY, 150.1, False),
        (RATE, 24.5, True),
        (RATE, 24.4, False),
        (SIZE, 1e9, True),
    ],
)
def test_budgets_are_bounds_from_above_or_below(spec, value, ok):
    row = judged(spec, Reading(spec.name, value, 3))
    assert row.ok is ok
    assert row.how.endswith("n = 3")


def test_a_number_that_is_none_is_a_failure():
    row = judged(LATENCY, Reading("latency", float("nan"), 3))
    assert (row.ok, row.value, row.error) == (False, None, "measured nan")


def test_what_was_measured_before_a_failure_stays():
    def measure(_stand):
        yield Reading("size", 2.0, 1)
        raise OSError("the scale broke")

    rows = list(measured(Part("g", (LATENCY, SIZE), measure), None))
    assert [(row.name, row.value, row.ok) for row in rows] == [
        ("size", 2.0, True),
        ("latency", None, False),
    ]
    assert rows[1].error == "OSError: the scale broke"


def test_a_row_nobody_measured_is_told():
    rows = list(measured(Part("g", (LATENCY,), lambda _: []), None))
    assert [row.error for row in rows] == ["not measured"]


def test_json_has_the_six_fields_always():
    row = judged(SIZE, Reading("size", 0.0, 1))
    plain = json.loads(json.dumps(row.plain()))
    assert plain == {
        "name": "size",
        "value": 0.0,
        "unit": "MB",
        "budget": None,
        "ok": True,
        "how": "on a scale; n = 1",
    }


def test_verdicts_say_by_how_much():
    assert verdict(judged(LATENCY, Reading("latency", 180.0, 1))) == "MISSED by 30 ms (20%)"
    assert verdict(judged(RATE, Reading("rate", 19.6, 1))) == "MISSED by 4.9 fps (20%)"
    assert verdict(judged(RATE, Reading("rate", 25.0, 1))) == "ok"
    assert verdict(judged(SIZE, Reading("size", 25.0, 1))) == ""


def test_the_table_explains_misses_and_only_those():
    rows = [
        judged(LATENCY, Reading("latency", 180.0, 1, "all of it in the network")),
        judged(RATE, Reading("rate", 25.0, 1, "as it should")),
        *measured(Part("g", (SIZE,), lambda _: []), None),
    ]
    text = table(rows)
    assert "all of it in the network" in text
    assert "as it should" not in text
    assert text.endswith("1 of 2 budgets met, 1 NOT MEASURED")
    assert all(line == line.rstrip() for line in text.splitlines())


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.45412, "0.454"), (42.0, "42"), (999.96, "1000"), (1234.5, "1234")],
)
def test_numbers_are_short(value, text):
    assert number(value) == text


def test_rounding_keeps_four_digits():
    assert rounded(123456.7) == 123457
    assert rounded(0.0123456) == 0.01235
    assert rounded(-24.123456) == -24.12
