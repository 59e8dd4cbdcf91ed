"""What the clients give back."""

import pytest

from ipyavatar.providers.cloud.models import told_seconds, unix_time


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (1_700_000_000, 1_700_000_000.0),
        ("1700000000", 1_700_000_000.0),
        (1_700_000_000_000, 1_700_000_000.0),
        ("2023-11-14T22:13:20Z", 1_700_000_000.0),
        ("2023-11-14T22:13:20", 1_700_000_000.0),
        ("2023-11-15T00:13:20+02:00", 1_700_000_000.0),
        ("Tue, 14 Nov 2023 22:13:20 GMT", 1_700_000_000.0),
        ("2023-11-14T22:13:20.000000000Z", 1_700_000_000.0),
        (1_700_000_000_000_000, 1_700_000_000.0),
        (1_700_000_000_000_000_000, 1_700_000_000.0),
        *((value, None) for value in (None, "", "soon", "nan", "inf", "-inf", "1e400", 1e300, -5)),
    ],
)
def test_times_of_services(value, seconds):
    assert unix_time(value) == seconds


@pytest.mark.parametrize(
    ("value", "seconds"), [(600.0, 600.0), (0.5, 0.5), (0, None), (-1, None), (None, None)]
)
def test_a_length_of_zero_or_less_is_none(value, seconds):
    assert told_seconds(value) == seconds


def test_a_length_beyond_all_sense_is_none():
    assert (told_seconds(600.0, 600.0), told_seconds(600.1, 600.0)) == (600.0, None)
