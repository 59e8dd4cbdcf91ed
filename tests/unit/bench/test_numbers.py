"""The bench's statistics."""

import pytest

from tests.bench.numbers import median, percentile, spread, stages


def test_percentiles_interpolate():
    assert median([3.0, 1.0, 2.0]) == 2.0
    assert percentile([0.0, 10.0], 95) == pytest.approx(9.5)
    assert median(x for x in (4.0, 2.0)) == 3.0


def test_no_values_is_an_error_not_a_number():
    with pytest.raises(ValueError, match="no values"):
        median([])


def test_spread_in_words():
    assert spread([1.0, 2.0, 3.0]) == "min 1, p50 2, p95 3, max 3"


def test_stages_are_steps_from_mark_to_mark():
    """A mark that a run lacks is skipped there; the next step counts from the mark before."""
    runs = [{"a": 10.0, "b": 30.0, "c": 60.0}, {"a": 20.0, "c": 60.0}]
    assert stages(runs, ["a", "b", "c", "never"]) == "a +15, b +20, c +35"
