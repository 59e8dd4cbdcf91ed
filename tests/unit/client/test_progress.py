"""A bar that cannot be drawn costs nothing but the bar."""

import sys

import pytest

from ipyavatar.client.progress import Bar, counting_bar


class Drawn:
    """Keeps what it was told, as tqdm does."""

    def __init__(self, **options):
        self.options, self.shown, self.closed, self.disable = options, [], 0, False

    def set_postfix_str(self, more, refresh=True):
        self.more = more

    def refresh(self):
        self.shown.append((self.n, self.total, self.more))

    def close(self):
        self.closed += 1


def test_it_shows_how_much_is_done():
    made = []

    def make(**options):
        made.append(Drawn(**options))
        return made[0]

    bar = Bar("a.mp4", make, total=0)
    bar.show(1, 3, "2 s recorded")
    bar.close()
    assert made[0].options == {"desc": "a.mp4", "total": 0}
    assert (made[0].shown, made[0].closed) == ([(1, 3, "2 s recorded")], 1)


@pytest.mark.parametrize("what", ["__init__", "set_postfix_str", "refresh", "close"])
def test_one_that_fails_is_not_drawn_any_more(what):
    """As on a standard error that was closed."""
    failed, made = [], []

    def fail(*_, **__):
        failed.append(what)
        raise ValueError("I/O operation on closed file.")

    def make(**options):
        made.append(type("Broken", (Drawn,), {what: fail})(**options))
        return made[0]

    bar = Bar("a.mp4", make)
    for _ in range(2):
        bar.show(1, 2)
        bar.close()
    assert failed == [what]
    assert all(one.disable for one in made)  # nor as it is thrown away


def test_without_a_standard_error_there_is_none(monkeypatch):
    """As in a program without a console."""
    monkeypatch.setattr(sys, "stderr", None)
    with counting_bar("a.mp4", " characters") as on_progress:
        on_progress(1, 2)
