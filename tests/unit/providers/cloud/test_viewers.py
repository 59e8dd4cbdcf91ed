"""Which page is in a service's stream, and what speeches wait for."""

import pytest

from ipyavatar.protocol.page import Media
from ipyavatar.providers.cloud.viewers import NEVER, Viewers


def viewers(*asked, margin_s=0.0):
    made = Viewers(margin_s)
    for page in asked:
        made.asked(page, f"{page}.1")
    return made


def test_a_script_waits_for_nobody():
    """No page, none expected."""
    assert viewers().holds(0.0) is None
    assert not viewers().coming(0.0)


def test_an_expected_page_is_waited_for_until_its_time_is_over():
    """A longer expectation is not shortened by a later one."""
    made = viewers()
    made.expect(10.0)
    made.expect(5.0)
    assert made.holds(0.0) == 10.0
    assert made.coming(9.9)
    assert made.holds(10.0) is None
    assert not made.coming(10.0)


def test_words_come_when_the_picture_plays_and_its_margin_is_over():
    """`waiting` is not playing; a second `playing` does not begin the margin anew."""
    made = viewers("a", margin_s=0.3)
    assert made.holds(1.0) == NEVER
    made.reported(Media("a", "waiting"), 1.0)
    assert made.holds(1.0) == NEVER
    made.reported(Media("a", "playing"), 2.0)
    made.reported(Media("a", "playing"), 2.2)
    assert made.holds(2.0) == pytest.approx(2.3)
    assert made.holds(2.3) is None
    assert made.painted


@pytest.mark.parametrize("playback", ["paused", "failed"])
def test_what_nobody_sees_holds_nothing_up(playback):
    """Until it is shown again."""
    made = viewers("a")
    made.reported(Media("a", playback), 0.0)
    assert made.holds(0.0) is None
    made.reported(Media("a", "waiting"), 1.0)
    assert made.holds(1.0) == NEVER


def test_a_picture_without_sound_is_a_picture():
    """The user has to click for the sound; waiting for that is no use."""
    made = viewers("a")
    made.reported(Media("a", "sound-blocked"), 0.0)
    assert made.holds(0.0) is None


def test_a_page_waited_for_in_vain_is_not_waited_for_again():
    """Until it says something."""
    made = viewers("a")
    made.waive()
    assert made.holds(0.0) is None
    assert not made.coming(0.0)
    made.reported(Media("a", "waiting"), 0.0)
    assert made.holds(0.0) == NEVER


def test_the_newest_page_has_the_stream_and_the_one_before_gets_it_back():
    """The second is refused (taken): the first is still watching."""
    made = viewers("a")
    made.reported(Media("a", "playing"), 0.0)
    assert made.inside == "a"
    made.asked("b", "b.1")
    assert made.inside == "a"  # b is not in the room yet
    assert made.holds(0.0) == NEVER
    made.reported(Media("b", "playing"), 1.0)
    assert made.inside == "b"
    assert made.left("b.1")
    assert not made.left("b.1")
    assert made.inside == "a"
    assert made.holds(0.0) is None


def test_a_page_that_joins_again_forgets_its_former_stream():
    """It is not in the room until it says so; its old peer is nobody's."""
    made = viewers("a")
    made.heard("a")
    assert made.inside == "a"
    made.asked("a", "a.2")
    assert made.inside is None
    assert not made.watches("a.1")
    assert made.watches("a.2")
    assert made.coming(0.0)
    assert not made.left("a.1")


def test_strangers_change_nothing():
    """Pages that never asked, or of a former session."""
    made = viewers()
    made.reported(Media("x", "playing"), 0.0)
    assert not made.heard("x")
    assert made.inside is None
    assert not made.painted
