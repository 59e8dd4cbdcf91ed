"""A page leaves with its last way to the stream."""

import pytest

from ipyavatar.protocol import page as p
from ipyavatar.protocol.frames import Subscribe
from ipyavatar.session.page_ways import PageWays


def ways_of(*peers):
    ways = PageWays()
    for peer in peers:
        assert not ways.note(Subscribe("one", peer))
    return ways


def test_it_stays_while_it_has_another():
    ways = ways_of("one.1")
    ways.note(p.Offer("one", "one.2", "sdp"))
    ways.note(p.Offer("one", "one.2", "sdp"))  # sent again
    assert not ways.note(p.Hangup("one", "one.1"))
    assert not ways.note(p.Hangup("one", "one.1"))
    assert ways.note(p.Hangup("one", "one.2"))


def test_one_that_nobody_knows_is_the_last():
    """Of another host's time."""
    assert PageWays().note(p.Hangup("one", "one.1"))
    assert not ways_of("one.2").note(p.Hangup("one", "one.1"))


@pytest.mark.parametrize(
    "end",
    [
        lambda ways: ways.end("one", "one.1"),
        lambda ways: ways.forget("one"),
        lambda ways: ways.note(p.StreamOver("one", "one.1", "refused")),
    ],
)
def test_what_has_ended_without_a_hang_up_keeps_no_page(end):
    ways = ways_of("one.1")
    end(ways)
    end(ways)
    ways.note(p.Join("one", "one.2"))
    assert ways.note(p.Hangup("one", "one.2"))
