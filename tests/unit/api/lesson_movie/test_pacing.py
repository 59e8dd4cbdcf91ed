"""How long what is shown of a lesson stays."""

import pytest

from ipyavatar.api.lesson_movie.pacing import LEAD_S, plan_pace, reading_s
from ipyavatar.api.notebook_file import Cell, Step


def step(text, *cells):
    return Step(text, "", tuple(Cell(kind, source) for kind, source in cells))


def seconds(paces):
    return sum(pace.shown_s + pace.output_s for pace in paces)


def test_the_time_of_the_words_is_shared_by_what_they_are_about():
    """What is said comes first, for a while; all is over with the last word."""
    lesson = step("Words.", ("markdown", "Words."), ("code", "x = 1"), ("code", "y = 2"))
    first, *others = plan_pace(lesson, 12.0)
    assert first.shown_s == LEAD_S
    assert seconds([first, *others]) == pytest.approx(12.0)
    assert others[0] == others[1]
    assert others[0].output_s > others[0].shown_s


def test_what_takes_longer_to_read_than_to_be_spoken_of_is_shown_longer():
    """Silence follows then."""
    code = "\n".join(f"x{n} = {n}" for n in range(12))
    paces = plan_pace(step("Words.", ("markdown", "Words."), ("code", code)), 1.0)
    assert paces[1].shown_s == reading_s(code) > 4
    assert seconds(paces) > 5


def test_reading_has_its_bounds():
    """Nothing flashes by, and nothing stands for ever."""
    assert reading_s("") == reading_s("x = 1") > 1
    assert reading_s("x\n" * 1000) < 10


def test_cells_before_the_first_words_are_read():
    """Nobody speaks of them."""
    paces = plan_pace(step("", ("code", "x = 1"), ("markdown", "Silent.")), 0.0)
    assert [pace.shown_s for pace in paces] == [reading_s("x"), reading_s("x")]
