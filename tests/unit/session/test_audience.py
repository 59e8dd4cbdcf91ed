"""Whether anybody could hear a speech: by what pages say of playing."""

import pytest

from ipyavatar.protocol import page as p
from ipyavatar.session.audience import (
    BLOCKED,
    CLICK,
    NO_WIDGETS,
    NOBODY,
    NOT_PLAYED,
    PAGES,
    SEE_WHY,
    SHOW_IT,
    Audience,
)


def judged(*before, during=(), expected=True):
    """What is said of a speech, with these messages of pages before it and while it sounds."""
    audience = Audience()
    audience.expected = expected
    for message in before:
        audience.hear(message)
    audience.begin()
    audience.look()
    for message in during:
        audience.hear(message)
        audience.look()
    return audience.judge()


def media(playback, page="a"):
    return p.Media(page, playback)


@pytest.mark.parametrize("playback", ["playing", "paused"])
def test_a_page_that_plays_hears_it_also_out_of_sight(playback):
    assert judged(media(playback)) == ""


@pytest.mark.parametrize(
    ("before", "why"),
    [
        ((), NOBODY),
        ((media("playing"), p.Hangup("a", "a.1")), NOBODY),
        ((media("playing"), p.StreamOver("a", "a.1", "lost")), NOBODY),
        ((media("sound-blocked"),), BLOCKED),
        ((media("failed"),), NOT_PLAYED),
        ((media("waiting"), media("failed", "b")), NOT_PLAYED),
        ((media("waiting"), media("sound-blocked", "b")), BLOCKED),
        ((media("playing"), media("interrupted")), NOT_PLAYED),
        ((media("playing"), p.Media("a", "paused", silent=True)), NOBODY),
        ((p.Media("a", "paused", silent=True), media("sound-blocked", "b")), BLOCKED),
    ],
)
def test_what_nobody_could_hear_has_a_reason(before, why):
    assert judged(*before) == why
    assert judged(*before, expected=False) == ""


@pytest.mark.parametrize(
    ("shown", "before", "advice"),
    [
        (False, (), SHOW_IT),
        (True, (), NO_WIDGETS),
        (True, (p.Hello("a", p.PROTOCOL),), SHOW_IT),
        (True, (media("playing"), p.Hangup("a", "a.1")), SHOW_IT),
        (True, (media("sound-blocked"),), CLICK),
        (True, (media("failed"),), SEE_WHY),
    ],
)
def test_what_to_do_about_it_fits_its_reason(shown, before, advice):
    """Who has shown it need not be told to show it; a page without anywidget never answers."""
    audience = Audience()
    audience.expected, audience.shown = True, shown
    for message in before:
        audience.hear(message)
    assert audience.judge()
    assert audience.advise() == advice


def test_one_page_of_several_is_enough():
    assert judged(media("sound-blocked"), media("playing", "b")) == ""


def test_whoever_comes_or_goes_in_the_middle_has_heard_of_it():
    assert judged(during=[media("playing")]) == ""
    assert judged(media("playing"), during=[p.Hangup("a", "a.1")]) == ""


def test_the_user_is_told_once_until_somebody_hears_again():
    audience = Audience()
    audience.expected = True
    news = []
    for playback in (None, None, "playing", None):
        audience.leave("a")
        if playback:
            audience.hear(media(playback))
        audience.begin()
        news.append(bool(audience.judge()) and audience.is_news())
    assert news == [True, False, False, True]


def test_a_page_that_went_without_a_word_hears_nothing_when_many_others_have_come():
    """Each reload is another page: what is kept of them does not grow."""
    others = [media("sound-blocked", f"page-{number}") for number in range(PAGES)]
    assert judged(media("playing"), *others[1:]) == ""
    assert judged(media("playing"), *others) == BLOCKED
    assert judged(media("playing"), *others[1:], media("playing"), others[0]) == ""
