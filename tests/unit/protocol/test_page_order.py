"""Which state of a page is the newest."""

import pytest

from ipyavatar.protocol.listening import Microphone
from ipyavatar.protocol.page import FromPage, Interrupt, Media
from ipyavatar.protocol.page_order import PAGES, PageOrder


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        (Microphone("p", "off", number=2), Microphone("p", "on", number=1)),
        (Media("p", "playing", number=9), Media("p", "paused", number=3)),
        (Media("p", "paused", number=4), Media("p", "paused", number=4)),
    ],
)
def test_what_a_page_was_is_no_news_once_it_has_said_what_it_is(
    newer: FromPage, older: FromPage
) -> None:
    """The older one waited for a busy kernel, or the kernel has passed on what is known."""
    order = PageOrder()
    assert order.is_news(newer)
    assert not order.is_news(older)


def test_pages_and_kinds_are_counted_apart() -> None:
    """Each page counts its own; both kinds share its numbers."""
    order = PageOrder()
    assert order.is_news(Media("p", "playing", number=5))
    assert order.is_news(Microphone("p", "on", number=4))
    assert order.is_news(Media("q", "playing", number=1))


def test_what_has_no_number_or_is_no_state_is_news() -> None:
    """A script counts nothing, and a press is carried out whenever it comes."""
    order = PageOrder()
    for message in (Microphone("p", "on"), Media("p", "playing"), Interrupt()):
        assert order.is_news(message)
        assert order.is_news(message)


def test_of_many_pages_the_latest_are_known() -> None:
    """Pages go without a word."""
    order = PageOrder()
    for page in range(PAGES + 1):
        assert order.is_news(Media(str(page), "playing", number=2))
    assert not order.is_news(Media("1", "playing", number=1))
    assert order.is_news(Media("0", "playing", number=1))
