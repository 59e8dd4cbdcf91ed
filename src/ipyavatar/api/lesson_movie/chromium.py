"""The browser that draws a lesson: found on this machine, started without a network."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import MediaError, MissingPart

if TYPE_CHECKING:
    from playwright.async_api import Browser

VARIABLE = "IPYAVATAR_CHROMIUM"
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
    "microsoft-edge",
)
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)

NO_NETWORK = (
    # A proxy that is not there, for loopback too; and nothing goes around it.
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
INSTALL = (
    "Install Chromium, Chrome or Edge, or run `playwright install chromium`. "
    f"One that is elsewhere: {VARIABLE}=/path/to/chrome."
)


def find_chromium() -> str | None:
    """Where one is; None where only Playwright may know.

    Raises:
        MissingPart: The one that the environment names is not there.
    """
    named = os.environ.get(VARIABLE)
    if named:
        if not os.access(named, os.X_OK):
            raise MissingPart(f"{VARIABLE} names {named!r:.200}, which is no program.", INSTALL)
        return named
    found = (*map(shutil.which, NAMES), *(place for place in PLACES if Path(place).is_file()))
    return next((path for path in found if path), None)


@contextlib.asynccontextmanager
async def open_chromium() -> AsyncIterator[Browser]:
    """A headless one.

    Raises:
        MissingPart: There is none, or Playwright is not installed.
        MediaError: It does not start.
    """
    try:
        from playwright.async_api import Error, async_playwright
    except ImportError as error:
        what = "Movies of notebooks are drawn by a browser, and Playwright is not installed."
        raise MissingPart(what, 'Run: pip install "ipyavatar[lesson]"') from error
    program = find_chromium()
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(
                executable_path=program,
                args=[*NO_NETWORK, "--font-render-hinting=none"],
                chromium_sandbox=_can_have_sandbox(),
                handle_sigint=False,
            )
        except Error as error:
            if program is None:
                what = "Movies of notebooks are drawn by a browser, and there is none here."
                raise MissingPart(what, INSTALL) from error
            said = error.message.strip().splitlines()[0][:200]
            raise MediaError(f"The browser {program} did not start: {said}", INSTALL) from error
        try:
            yield browser
        finally:
            with contextlib.suppress(Error):  # Ctrl-C in a terminal has ended it already
                await browser.close()


def _can_have_sandbox() -> bool:
    """Chromium's own: refused to root, and by containers that say so themselves."""
    return not sys.platform.startswith("linux") or os.geteuid() != 0
