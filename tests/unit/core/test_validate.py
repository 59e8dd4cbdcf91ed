"""Checks that any argument may need."""

import math

import numpy as np
import pytest

from ipyavatar.core.validate import (
    number_of,
    require_callable,
    require_fits,
    require_known,
    require_seconds,
    require_switch,
)
from ipyavatar.errors import InvalidArgument, UnknownName
from tests.support.fakes.unhelpful import Unhelpful


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (0.5, 0.5),
        (3, 3.0),
        (np.float32(0.5), 0.5),
        (np.int64(3), 3.0),
        (math.inf, math.inf),
        (10**400, math.inf),
        (-(10**400), -math.inf),
        (math.nan, None),
        (np.nan, None),
        (True, None),
        ("3", None),
        (None, None),
        (1j, None),
        ([3], None),
    ],
)
def test_a_number_of_any_kind_is_one_and_nothing_else(value, number):
    """A switch and `nan` are none."""
    assert number_of(value) == number


def test_what_cannot_be_called_is_refused_by_its_type():
    require_callable("observe()", print)
    with pytest.raises(InvalidArgument, match=r"observe\(\) takes no int"):
        require_callable("observe()", 3)


@pytest.mark.parametrize(("value", "says"), [(True, True), (np.False_, False), (None, False)])
def test_a_switch_says_yes_or_no(value, says):
    """None is not given."""
    assert require_switch("push_to_talk", value) is says


@pytest.mark.parametrize("value", ["yes", "no", "", 0, 1, 1.0, [], {}, math.nan, Unhelpful()])
def test_what_merely_counts_as_true_is_no_switch(value):
    with pytest.raises(InvalidArgument, match=r"push_to_talk=.* cannot work\. Give True or False"):
        require_switch("push_to_talk", value)


@pytest.mark.parametrize("value", [5, None, ["low"], b"low", Unhelpful()])
def test_what_is_no_text_is_no_name(value):
    with pytest.raises(UnknownName, match="There is no quality"):
        require_known("quality", value, ("low", "high"))


def test_a_value_that_cannot_be_shown_is_named_by_its_type():
    with pytest.raises(InvalidArgument, match="max_idle_s=of type Unhelpful cannot work"):
        require_seconds("max_idle_s", Unhelpful())


@pytest.mark.parametrize("value", ["10 min", "600", None, float("nan")])
def test_what_is_no_number_is_not_taken_for_a_long_time(value):
    with pytest.raises(InvalidArgument, match=r"cannot work\. Give seconds, as a number"):
        require_seconds("max_idle_s", value)
    with pytest.raises(InvalidArgument, match="there is no session for ever"):
        require_seconds("max_idle_s", float("inf"))


@pytest.mark.parametrize(
    ("function", "fits"),
    [
        (lambda text: text, True),
        (lambda text, rate=1: text, True),
        (lambda *texts: texts, True),
        (print, True),
        (lambda: 1, False),
        (lambda text, more: text, False),
        (lambda *, text: text, False),
    ],
)
def test_a_function_that_cannot_be_called_with_what_it_is_given_is_refused(function, fits):
    """The error names its taker, and the function that fits."""
    if fits:
        require_fits("voice", function, "a text", "text")
        return
    with pytest.raises(InvalidArgument, match=r"The voice cannot be called with a text") as refused:
        require_fits("voice", function, "a text", "text")
    assert refused.value.fix == "Give a function of (text)."
