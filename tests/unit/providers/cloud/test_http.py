"""When a service wants to be asked again."""

import pytest

from ipyavatar.providers.cloud.http import read_retry_after

NOW = 1_700_000_000.0  # Tue, 14 Nov 2023 22:13:20 GMT


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("0", 0),
        ("Tue, 14 Nov 2023 22:13:50 GMT", 30),
        ("Tue, 14 Nov 2023 22:13:50 +0000", 30),
        ("Tuesday, 14-Nov-23 22:13:50 GMT", 30),
        ("Tue Nov 14 22:13:50 2023", 30),
        ("Tue, 14 Nov 2023 22:00:00 GMT", 0),
    ],
)
def test_seconds_and_dates_are_both_understood(text, seconds):
    """A date that has passed is now."""
    assert read_retry_after({"retry-after": text}, NOW) == seconds


@pytest.mark.parametrize("text", ["", "soon", "-1", "1e9", "9" * 30, "\u0663", "nan", "7, 9"])
def test_what_makes_no_sense_is_as_if_nothing_was_said(text):
    assert read_retry_after({"retry-after": text}, NOW) is None
    assert read_retry_after({}, NOW) is None


def test_a_date_counts_by_the_clock_that_wrote_it():
    """Ours may be an hour off."""
    headers = {
        "retry-after": "Tue, 14 Nov 2023 22:13:50 GMT",
        "date": "Tue, 14 Nov 2023 22:13:45 GMT",
    }
    assert read_retry_after(headers, NOW + 3600) == 5
    assert read_retry_after({**headers, "date": "yesterday"}, NOW) == 30
