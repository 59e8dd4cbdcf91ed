"""When a click in a page was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipyavatar.session.page_clocks import PAGES, PageClocks

EPOCH_MS = 1_700_000_000_000.0
"""The page's wall clock when the machine's monotonic clock is 0."""


def wall_ms(at):
    """The page's clock at `at` seconds of the machine's."""
    return EPOCH_MS + at * 1000


def test_a_click_that_waited_for_a_busy_kernel_counts_from_the_click():
    """5 s later it is still known when it was."""
    clocks = PageClocks()
    clocks.note("page", wall_ms(10.0), 10.002)
    assert clocks.note("page", wall_ms(20.0), 25.0) == pytest.approx(20.002)


def test_a_message_that_does_not_say_when_it_was_sent_counts_from_now():
    """And teaches nothing about the page's clock."""
    clocks = PageClocks()
    assert clocks.note("page", 0.0, 7.0) == 7.0
    assert clocks.note("page", wall_ms(8.0), 8.5) == 8.5


def test_the_quickest_message_tells_the_clock_best():
    """Slow ones before and after it change nothing."""
    clocks = PageClocks()
    clocks.note("page", wall_ms(1.0), 4.0)
    clocks.note("page", wall_ms(5.0), 5.001)
    clocks.note("page", wall_ms(6.0), 9.0)
    assert clocks.note("page", wall_ms(10.0), 12.0) == pytest.approx(10.001)


def test_each_page_has_a_clock_of_its_own():
    """Two computers may look at one avatar; a page that is gone is forgotten."""
    clocks = PageClocks()
    clocks.note("one", wall_ms(1.0), 1.0)
    clocks.note("other", wall_ms(1.0) - 3_600_000, 1.0)
    assert clocks.note("one", wall_ms(2.0), 5.0) == pytest.approx(2.0)
    assert clocks.note("other", wall_ms(2.0) - 3_600_000, 5.0) == pytest.approx(2.0)
    clocks.forget("one")
    clocks.forget("one")
    assert clocks.note("one", wall_ms(6.0), 9.0) == pytest.approx(9.0)


@given(
    st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 100)), min_size=1, max_size=20),
    st.floats(-1e6, 1e6),
)
def test_no_click_is_ever_later_than_now_and_never_before_it_was_made(sent, skew_s):
    """However the clocks differ and however long messages take: no latency is negative."""
    clocks = PageClocks()
    for at, delay in sorted(sent):
        now = at + delay
        asked_at = clocks.note("page", EPOCH_MS + (at + skew_s) * 1000, now)
        assert at - 0.001 <= asked_at <= now


def test_a_page_that_goes_without_a_word_is_forgotten_in_the_end():
    """Each reload is another page: what is kept of them does not grow."""
    clocks = PageClocks()
    clocks.note("first", wall_ms(1.0), 2.0)
    for number in range(10 * PAGES):
        clocks.note(f"page-{number}", wall_ms(3.0), 3.0)
        clocks.note("first", wall_ms(3.0), 3.0)
    assert clocks.note(f"page-{number}", wall_ms(4.0), 5.0) == pytest.approx(4.0)
    assert clocks.note("page-0", wall_ms(4.0), 5.0) == 5.0
    assert clocks.note("first", wall_ms(4.0), 5.0) == pytest.approx(4.0)
