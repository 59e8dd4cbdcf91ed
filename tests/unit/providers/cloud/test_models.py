"""What the clients give back."""

import pytest

from ipyavatar.providers.cloud.models import unix_time


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (1_700_000_000, 1_700_000_000.0),
        ("1700000000", 1_700_000_000.0),
        (1_700_000_000_000, 1_700_000_000.0),
        ("2023-11-14T22:13:20Z", 1_700_000_000.0),
        ("2023-11-14T22:13:20", 1_700_000_000.0),
        ("2023-11-15T00:13:20+02:00", 1_700_000_000.0),
        (None, None),
        ("", None),
        ("soon", None),
    ],
)
def test_times_of_services(value, seconds):
    assert unix_time(value) == seconds
