"""What only HeyGen takes."""

import pytest

from ipyavatar.errors import InvalidArgument
from ipyavatar.providers.heygen.options import check_idle_timeout
from ipyavatar.providers.options import validate_options


@pytest.mark.parametrize("good", [30, 120, 3599, 60.0])
def test_idle_timeout_in_range(good):
    """A whole number may be written as a float."""
    assert check_idle_timeout(good) == good
    options = validate_options("heygen", {"api_key": "k", "idle_timeout_s": good}, {})
    assert repr(options.service.idle_timeout_s) == repr(int(good))


@pytest.mark.parametrize("bad", [29, 3600, 0, -1, 30.5, True, float("nan"), float("inf"), "60"])
def test_idle_timeout_out_of_range_names_value_and_limits(bad):
    with pytest.raises(InvalidArgument, match="30 to 3599"):
        check_idle_timeout(bad)
    with pytest.raises(InvalidArgument, match="idle_timeout_s="):
        validate_options("heygen", {"api_key": "k", "idle_timeout_s": bad}, {})
