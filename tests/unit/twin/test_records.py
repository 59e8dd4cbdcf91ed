"""What clients make and keep with a service."""

import pytest

from ipyavatar.twin.emulator import ErrorReply, ServiceReply
from ipyavatar.twin.records import MAX_RECORDS, Records


@pytest.fixture
def records():
    made = iter(range(10_000))
    return Records("Thing", lambda: f"id-{next(made)}", ServiceReply)


def test_each_is_found_by_its_id_until_it_is_removed(records):
    first, second = records.add({"name": "a"}), records.add({"name": "b"}, "mine")
    assert records.find("mine") is second
    assert [*records] == records.newest_first()[::-1] == [first, second]
    records.remove("mine")
    assert "mine" not in records
    for look in (records.find, records.remove):
        with pytest.raises(ErrorReply) as refused:
            look("mine")
        assert (refused.value.reply.status, refused.value.reply.payload) == (404, "Thing not found")


def test_so_many_are_kept_and_one_more_after_one_is_removed(records):
    for _ in range(MAX_RECORDS):
        last = records.add({})
    with pytest.raises(ErrorReply) as refused:
        records.add({})
    assert refused.value.reply.status == 400
    records.remove(last["id"])
    assert records.add({})
