"""Checks that any argument may need."""

import math

import numpy as np
import pytest

from ipyavatar.core.validate import number_of, require_callable
from ipyavatar.errors import InvalidArgument


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
