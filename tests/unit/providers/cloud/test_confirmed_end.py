"""The end of a session: certain, or an error."""

import asyncio

import pytest

from ipyavatar.errors import ServiceUnavailable, SessionGone
from ipyavatar.providers.cloud.confirmed_end import LIST_S, end_confirmed
from ipyavatar.providers.cloud.models import ListedSession
from tests.support.virtual_time import run_virtual


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


def listed(*ids):
    async def tell():
        return [ListedSession("heygen", one, "connected", 1.0) for one in ids]

    return tell


async def fail():
    raise ServiceUnavailable("No.", service="heygen", call="list")


async def hang():
    await asyncio.sleep(10 * LIST_S)


@pytest.mark.parametrize(
    ("answers", "list_open", "expected"),
    [
        ((None,), fail, (True, 1)),
        ((SessionGone, SessionGone), listed("other"), (False, 2)),
        ((SessionGone, SessionGone, None), listed("other", "mine"), (True, 3)),
        ((SessionGone,) * 3, listed("mine"), ("unknown", 3)),
        ((SessionGone, SessionGone), fail, (False, 2)),
        ((SessionGone, SessionGone), hang, (False, 2)),
    ],
)
def test_what_is_listed_as_open_has_not_ended_whatever_a_stop_is_told(answers, list_open, expected):
    """It would go on costing. A list that cannot be had changes nothing."""
    left = [*answers]

    async def end():
        kind = left.pop(0)
        if kind is not None:
            raise kind("No.", service="heygen", call="stop")

    async def go():
        try:
            return await end_confirmed(end, "mine", list_open)
        except ServiceUnavailable:
            return "unknown"

    assert (run_virtual(go()), len(answers) - len(left)) == expected
