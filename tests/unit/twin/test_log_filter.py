"""What is logged stays readable."""

import logging

from ipyavatar.twin.log_filter import MAX_LINES, RepeatFilter


class Time:
    at = 0.0

    def __call__(self) -> float:
        return self.at


def record(message: str, *args: object) -> logging.LogRecord:
    return logging.LogRecord("twin", logging.WARNING, "", 0, message, args, None)


def test_a_thousand_of_one_kind_are_one_line_and_a_count():
    """Values do not make another kind; the next period tells how many there were."""
    now = Time()
    shown = RepeatFilter(now)
    assert [shown.filter(record("%s is late", n)) for n in range(1000)].count(True) == 1
    assert shown.filter(record("another"))
    now.at = 60
    again = record("%s is late", "x")
    assert shown.filter(again)
    assert again.getMessage() == "x is late (999 more like it before)"


def test_a_thousand_kinds_are_bounded():
    """Messages that are all different do not get through by that."""
    shown = RepeatFilter(Time())
    passed = [shown.filter(record(f"page {n} is foreign")) for n in range(1000)]
    assert passed.count(True) == MAX_LINES
