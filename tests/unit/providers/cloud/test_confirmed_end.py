"""The end of a session: certain, or an error."""

import asyncio

import pytest

from ipyavatar.errors import ServiceUnavailable, SessionGone
from ipyavatar.providers.cloud.confirmed_end import end_confirmed


def outcome(*answers):
    """What came of it, and how often it was asked for."""
    left = [*answers]

    async def end():
        kind = left.pop(0)
        if kind is not None:
            raise kind("No.", service="heygen", call="stop")

    try:
        return asyncio.run(end_confirmed(end)), len(answers) - len(left)
    except ServiceUnavailable:
        return "unknown", len(answers) - len(left)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ((None,), (True, 1)),
        ((SessionGone, None), (True, 2)),
        ((SessionGone, SessionGone), (False, 2)),
        ((SessionGone, ServiceUnavailable), ("unknown", 2)),
        ((ServiceUnavailable,), ("unknown", 1)),
    ],
)
def test_that_it_had_ended_before_is_to_be_told_twice(answers, expected):
    assert outcome(*answers) == expected
