"""The browser and the twin of the other browser tests."""

from tests.e2e.conftest import browser, playwright, twin, twin_server

__all__ = ["browser", "playwright", "twin", "twin_server"]
