"""Whether anybody could hear a speech: by what pages say of playing."""

import pytest

from ipyavatar.protocol import page as p
from ipyavatar.session.audience import (
    BLOCKED,
    CLICK,
    COMES_BACK,
    END_S,
    GAP,
    GAP_S,
    LOST,
    NO_WIDGETS,
    NOBODY,
    NOT_PLAYED,
    PAGES,
    SEE_WHY,
    SHOW_IT,
    TO_THE_MIDDLE,
    Audience,
)


class Scene(Audience):
    """The audience of one speech, on a clock that `go_on` moves."""

    def __init__(self, *before, expected=True):
        self.now = 0.0
        super().__init__(lambda: self.now)
        self.expected = expected
        for message in before:
            self.hear(message)
        self.begin()
        self.go_on(1.0)

    def go_on(self, seconds):
        self.look()
        self.now += seconds
        return self


def judged(*before, during=(), expected=True):
    """What is said of a speech, with these messages of pages before it and while it sounds."""
    scene = Scene(*before, expected=expected)
    for message in during:
        scene.hear(message)
        scene.go_on(2 * END_S)
    return scene.judge()


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
    audience = Audience(lambda: 0.0)
    audience.expected, audience.shown = True, shown
    for message in before:
        audience.hear(message)
    assert audience.judge()
    assert audience.advise() == advice


def test_one_page_of_several_is_enough():
    assert judged(media("sound-blocked"), media("playing", "b")) == ""


def test_whoever_comes_in_the_middle_has_heard_of_it_also_again():
    assert judged(during=[media("playing")]) == ""
    away = p.Hangup("a", "a.1")
    assert judged(media("playing"), during=[away, media("playing", "b")]) == ""


@pytest.mark.parametrize(
    ("goes", "why"),
    [
        (p.Hangup("a", "a.1"), NOBODY),
        (p.Media("a", "paused", silent=True), NOBODY),
        (media("sound-blocked"), BLOCKED),
        (media("failed"), NOT_PLAYED),
    ],
)
def test_of_what_somebody_heard_to_the_middle_it_is_told_until_when(goes, why):
    scene = Scene(media("playing"))
    scene.hear(goes)
    left_at = scene.now
    scene.go_on(5.0)
    assert scene.judge() == TO_THE_MIDDLE[why]
    assert scene.heard_until == left_at
    assert judged(media("playing"), during=[goes], expected=False) == ""
    scene.begin()
    assert scene.judge() == why, "of the next speech nothing was heard"
    assert scene.heard_until is None


def test_who_goes_with_the_last_word_has_heard_it():
    scene = Scene(media("playing"))
    scene.hear(p.Hangup("a", "a.1"))
    assert scene.go_on(END_S).judge() == ""
    assert scene.heard_until is None


def test_a_line_that_broke_and_did_not_come_back_brought_nothing_since():
    scene = Scene(media("playing")).go_on(10.0)
    scene.miss(since=7.0)
    assert scene.judge() == TO_THE_MIDDLE[NOT_PLAYED]
    assert scene.heard_until == 7.0
    scene.begin()
    began_at = scene.now
    scene.go_on(5.0)
    scene.miss(since=began_at)
    assert scene.judge() == NOT_PLAYED, "also of a whole speech"
    assert scene.heard_until is None


def test_a_page_that_is_reached_no_more_has_not_left():
    scene = Scene(media("playing"))
    scene.lose("a")
    assert scene.go_on(5.0).judge() == TO_THE_MIDDLE[LOST]
    assert scene.advise() == COMES_BACK
    scene.begin()
    assert scene.judge() == LOST
    scene.hear(media("playing"))
    scene.hear(p.Hangup("a", "a.1"))
    scene.lose("a")
    assert scene.judge() == NOBODY, "it had said so before"


def test_of_two_pages_the_last_one_says_why_nobody_hears():
    scene = Scene(media("playing", "a"), media("playing", "b"))
    scene.lose("a")
    scene.hear(p.Hangup("b", "b.1"))
    scene.begin()
    assert scene.judge() == NOBODY
    assert scene.advise() == SHOW_IT


def test_after_a_gap_and_without_an_end_what_to_do_is_told():
    scene = Scene(media("playing")).go_on(30.0)
    scene.note_gap(20.0)
    scene.go_on(5.0).hear(media("sound-blocked"))
    scene.go_on(5.0)
    assert scene.judge() == TO_THE_MIDDLE[BLOCKED]
    assert scene.advise() == CLICK


def test_what_was_missed_in_the_middle_and_is_not_said_again_has_a_reason():
    """Told by the page, for which its line seems well; of one speech, the longest time."""
    scene = Scene(media("playing")).go_on(30.0)
    scene.note_gap(20.0)
    scene.go_on(5.0).note_gap(2.0)
    assert scene.judge() == GAP.format(20.0)
    assert scene.gap == (11.0, 31.0)
    assert scene.advise() == "", "what to do is in the reason"
    scene.begin()
    assert scene.judge() == ""
    scene.go_on(3.0).note_gap(20.0)
    assert scene.judge() == GAP.format(3.0), "no more than was said"


@pytest.mark.parametrize(("away_s", "why"), [(GAP_S - 1, ""), (GAP_S + 5, GAP.format(GAP_S + 5))])
def test_whom_nothing_reached_for_long_in_the_middle_has_missed_that(away_s, why):
    """A shorter gap is filled: its words are said again."""
    scene = Scene(media("playing"))
    scene.lose("a")
    scene.go_on(away_s).hear(media("playing"))
    assert scene.go_on(5.0).judge() == why
    assert scene.heard_until is None


def test_the_user_is_told_once_until_somebody_hears_again():
    audience = Audience(lambda: 0.0)
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
