"""Somebody who talks in front of a page, in place of the browser's microphone.

A file for Chromium's own fake microphone plays from its beginning again and again; this one says
what a test wants, when it wants it, and hears the avatar's voice where that is wanted.
"""

from __future__ import annotations

import base64
import pathlib

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

from .microphone import RATE

SCRIPT = pathlib.Path(__file__).with_suffix(".js")
QUIET = 0.02
"""Below that it is not yet, or not any more, heard."""


class FakeUser:
    """In front of `page` from now on."""

    def __init__(self, page: Page) -> None:
        self._page = page
        page.evaluate(SCRIPT.read_text(encoding="utf-8"))

    def say(self, sound: NDArray[np.float32]) -> tuple[float, float]:
        """Say it; when it can be heard from, and until when, in ms of the page's wall clock."""
        loud = np.flatnonzero(np.abs(sound) > QUIET)
        data = base64.b64encode(np.asarray(sound, "<f4").tobytes()).decode()
        at = float(self._page.evaluate("data => window.__user.say(data)", data))
        return at + 1000 * float(loud[0]) / RATE, at + 1000 * float(loud[-1]) / RATE

    def hear_avatar(self, delay_s: float, gain: float) -> None:
        """The avatar's voice comes back, so late and so loud."""
        self._page.evaluate(
            "([delay, gain]) => window.__user.hearAvatar("
            "document.querySelector('.ipyavatar-root').__ipyavatar.stream, delay, gain)",
            [delay_s, gain],
        )
