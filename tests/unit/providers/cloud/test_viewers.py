"""Which page is in a service's stream, and what speeches wait for."""

import pytest

from ipyavatar.protocol.page import Media
from ipyavatar.providers.cloud.viewers import NEVER, Viewers


def viewers(*asked, margin_s=0.0):
    made = Viewers(margin_s)
    for page in asked:
        made.add(page, f"{page}.1")
    return made


def test_a_script_waits_for_nobody():
    """No page, none expected."""
    assert viewers().waits_until(0.0) is None
    assert not viewers().is_coming(0.0)


def test_an_expected_page_is_waited_for_until_its_time_is_over():
    """A longer expectation is not shortened by a later one."""
    made = viewers()
    made.expect(10.0)
    made.expect(5.0)
    assert made.waits_until(0.0) == 10.0
    assert made.is_coming(9.9)
    assert made.waits_until(10.0) is None
    assert not made.is_coming(10.0)


def test_words_come_when_the_picture_plays_and_its_margin_is_over():
    """`waiting` is not playing; a second `playing` does not begin the margin anew."""
    made = viewers("a", margin_s=0.3)
    assert made.waits_until(1.0) == NEVER
    made.on_media(Media("a", "waiting"), 1.0)
    assert made.waits_until(1.0) == NEVER
    made.on_media(Media("a", "playing"), 2.0)
    made.on_media(Media("a", "playing"), 2.2)
    assert made.waits_until(2.0) == pytest.approx(2.3)
    assert made.waits_until(2.3) is None
    assert made.painted


def test_a_page_whose_stream_is_interrupted_hears_nothing_and_words_wait_for_it():
    """It is in the room still: what is sent goes by it."""
    made = viewers("a")
    made.on_media(Media("a", "playing"), 1.0)
    assert made.hears
    made.on_media(Media("a", "interrupted"), 2.0)
    assert (made.hears, made.inside) == (False, "a")
    assert made.waits_until(2.0) == NEVER
    made.on_media(Media("a", "playing"), 3.0)
    assert made.hears
    assert made.waits_until(3.0) is None


@pytest.mark.parametrize("playback", ["paused", "failed"])
def test_what_nobody_sees_holds_nothing_up(playback):
    """Until it is shown again."""
    made = viewers("a")
    made.on_media(Media("a", playback), 0.0)
    assert made.waits_until(0.0) is None
    made.on_media(Media("a", "waiting"), 1.0)
    assert made.waits_until(1.0) == NEVER


def test_a_picture_without_sound_is_a_picture():
    """The user has to click for the sound; waiting for that is no use."""
    made = viewers("a")
    made.on_media(Media("a", "sound-blocked"), 0.0)
    assert made.waits_until(0.0) is None


def test_a_page_waited_for_in_vain_is_not_waited_for_again():
    """Until it says something."""
    made = viewers("a")
    made.waive()
    assert made.waits_until(0.0) is None
    assert not made.is_coming(0.0)
    made.on_media(Media("a", "waiting"), 0.0)
    assert made.waits_until(0.0) == NEVER


def test_the_newest_page_has_the_stream_and_the_one_before_gets_it_back():
    """The second is refused (taken): the first is still watching."""
    made = viewers("a")
    made.on_media(Media("a", "playing"), 0.0)
    assert made.inside == "a"
    made.add("b", "b.1")
    assert made.inside == "a"  # b is not in the room yet
    assert made.waits_until(0.0) == NEVER
    made.on_media(Media("b", "playing"), 1.0)
    assert made.inside == "b"
    assert made.remove("b.1")
    assert not made.remove("b.1")
    assert made.inside == "a"
    assert made.waits_until(0.0) is None


def test_a_page_that_joins_again_forgets_its_former_stream():
    """It is not in the room until it says so; its old peer is nobody's."""
    made = viewers("a")
    made.on_packet("a")
    assert made.inside == "a"
    made.add("a", "a.2")
    assert made.inside is None
    assert not made.watches("a.1")
    assert made.watches("a.2")
    assert made.is_coming(0.0)
    assert not made.remove("a.1")


def test_strangers_change_nothing():
    """Pages that never asked, or of a former session."""
    made = viewers()
    made.on_media(Media("x", "playing"), 0.0)
    assert not made.on_packet("x")
    assert made.inside is None
    assert not made.painted
