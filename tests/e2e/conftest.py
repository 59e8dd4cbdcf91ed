"""One JupyterLab and one browser for all tests; a kernel and a tab for each."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.support.lab import Notebook, Server, free_port, launch, server_in
from tests.support.sdk import Probed, TwinProcess, site, speech_wav, twin_process, wait_until

CELL = "from ipyavatar import Avatar\navatar = Avatar(quality='low')\navatar"
"""What most tests begin with; small pictures, since their size does not matter there."""

LONG = " ".join(
    "This is a long story about a lighthouse, and it goes on for quite a while."
    f" Here comes part {number}."
    for number in ("one", "two", "three", "four", "five", "six", "seven", "eight")
)
"""Some forty seconds of talk."""

ENDS_S = 5.0
"""Companion processes are gone this long after their kernel, at most."""

Open = Callable[..., Notebook]

LONGEST = [
    *("services", "carriers", "quiet", "messages", "bad_luck", "controls", "front_end_hub"),
    *("speaking", "layouts", "relay", "websocket", "network_namespaces", "appearance"),
    *("sdk_livekit", "lesson_movie", "microphone", "in_sight"),
]
"""Files that take longest, `make e2e`'s first: else one process works on them alone at the end."""

VIEWPORT: Any = {"width": 1100, "height": 1100}
NUMBERS = itertools.count(1)
WENT_WELL = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server_in(tmp_path_factory.mktemp("lab")) as server:
        yield server


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    browser = launch(playwright)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def tabs(browser: Browser) -> Iterator[Tabs]:
    tabs = Tabs(browser)
    yield tabs
    tabs.close()


class Tabs:
    """The tabs that tests share, since loading JupyterLab costs seconds; new ones after trouble.

    One for tests without a script, and one for those with the script that was wanted last.
    """

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._pages: dict[str, Page] = {}

    def page(self, script: str) -> Page:
        """The tab in which `script` runs first."""
        if script not in self._pages:
            for other in [other for other in self._pages if script and other]:
                self._pages.pop(other).context.close()
            context = self._browser.new_context(viewport=VIEWPORT)
            if script:
                context.add_init_script(script)
            self._pages[script] = context.new_page()
        return self._pages[script]

    def close(self) -> None:
        while self._pages:
            self._pages.popitem()[1].context.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first."""
    order = {f"test_{name}": number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.stash[WENT_WELL] = report.passed
    return report


@pytest.fixture
def open_notebook(
    request: pytest.FixtureRequest, browser: Browser, tabs: Tabs, lab: Server
) -> Iterator[Open]:
    """Opens a notebook of these cells and runs its kernel; tidies up at the end.

    `script`: what runs first in its page. `own`: in a browser profile of its own, with `options`
    for it.
    """
    contexts: list[BrowserContext] = []
    shared: list[Notebook] = []

    def open_one(
        cells: Sequence[str] = (CELL,),
        *,
        name: str = "",
        kernel: bool = True,
        own: bool = False,
        script: str = "",
        other: Browser | None = None,
        **options: Any,
    ) -> Notebook:
        name = name or lab.write(f"test-{next(NUMBERS)}.ipynb", list(cells))
        if not (own or other or options):
            shared.append(Notebook(tabs.page(script), lab, name, kernel=kernel))
            return shared[-1]
        context = (other or browser).new_context(**({"viewport": VIEWPORT} | options))
        contexts.append(context)
        if script:
            context.add_init_script(script)
        return Notebook(context.new_page(), lab, name, kernel=kernel)

    yield open_one
    for context in contexts:
        with contextlib.suppress(Exception):  # its browser may be closed already
            context.close()
    if request.node.stash.get(WENT_WELL, False):
        for notebook in shared:
            notebook.close()
    else:
        tabs.close()
    lab.end_kernels()
    wait_until(lambda: not lab.hosts(), ENDS_S, "the companion processes to end with their kernels")


# ---- foreign SDKs against the offline twin -------------------------------------------------------

OpenPage = Callable[..., Probed]


@pytest.fixture(scope="session")
def twin_server() -> Iterator[TwinProcess]:
    with twin_process("--concurrency", "9", tls_port=free_port()) as twin:
        yield twin


@pytest.fixture
def twin(twin_server: TwinProcess) -> Iterator[TwinProcess]:
    """The offline twin; what a test leaves there is ended."""
    yield twin_server
    twin_server.stop_all()


@pytest.fixture(scope="session")
def sdk_site() -> Iterator[str]:
    with site() as url:
        yield url


@pytest.fixture(scope="session")
def sdk_browser(
    playwright: Playwright, twin_server: TwinProcess, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Browser]:
    """A browser with a microphone that speaks, which finds the twin at port 443 of localhost."""
    sound = tmp_path_factory.mktemp("microphone") / "speech.wav"
    speech_wav(sound)
    flags = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-audio-capture={sound}",
        f"--host-resolver-rules=MAP localhost:443 127.0.0.1:{twin_server.tls_port}",
        "--ignore-certificate-errors",
    ]
    browser = launch(playwright, flags=flags)
    yield browser
    browser.close()


@pytest.fixture
def sdk_page(sdk_browser: Browser, sdk_site: str) -> Iterator[OpenPage]:
    """Opens a page with the SDK of this name, and a script before it."""
    contexts: list[BrowserContext] = []

    def open_page(sdk: str, script: str = "") -> Probed:
        contexts.append(sdk_browser.new_context(permissions=["microphone"]))
        page = contexts[-1].new_page()
        page.goto(f"{sdk_site}/{sdk}.html" + (f"?{script}" if script else ""))
        return Probed(page)

    yield open_page
    for context in contexts:
        context.close()
