"""Kernel and server on one machine, the browser on another, and only TCP to one port between them.

Both are network namespaces, which the tests make: with root, iproute2 and /dev/net/tun. Where these
cannot be made, the tests are skipped and say why.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import psutil
import pytest
from playwright.sync_api import BrowserContext, Playwright

from tests.support.lab import Notebook, Server, chromium, free_port, launch, server_in
from tests.support.network_namespaces import CannotMake, Namespace, Networks, networks
from tests.support.page_avatar import MOVES_FPS
from tests.support.patience import patient

from .conftest import LONG, VIEWPORT

CELLS = [
    "from ipyavatar import Avatar\navatar = Avatar()\navatar",
    "speech = avatar.speak('Hello, I come through the only port that is open.')",
    f"long = avatar.speak({LONG!r})",
]

SLOW = {"delay_s": 0.04, "bits_per_s": 10e6, "loss": 0.0}


@pytest.fixture(scope="module")
def nets() -> Iterator[Networks]:
    with contextlib.ExitStack() as stack:
        try:
            made = stack.enter_context(networks())
        except CannotMake as error:
            pytest.skip(f"No network namespaces: {error}")
        yield made


@pytest.fixture(scope="module")
def far(nets: Networks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server on the one machine."""
    with server_in(tmp_path_factory.mktemp("far"), nets.kernel) as server:
        yield server


@pytest.fixture(scope="module")
def near(
    nets: Networks, playwright: Playwright, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserContext]:
    """The browser on the other."""
    program = tmp_path_factory.mktemp("near") / "browser"
    browser = launch(playwright, program=nets.browser.write_program(program, chromium()))
    yield browser.new_context(viewport=VIEWPORT)
    browser.close()


@pytest.fixture(scope="module")
def notebook(nets: Networks, far: Server, near: BrowserContext) -> Notebook:
    """One at the server's own address, which is no secure context."""
    nets.link.set(**SLOW, port=far.port)
    return Notebook(near.new_page(), far, far.write("far.ipynb", CELLS))


@dataclass(frozen=True)
class Forwarded:
    """The same server, at a port of the browser's machine."""

    server: Server

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server.port}"

    def address(self, name: str) -> str:
        return self.server.address(name).replace(self.server.url, self.url)

    def hosts(self) -> list[psutil.Process]:
        return self.server.hosts()


@contextlib.contextmanager
def ssh(place: Namespace, *arguments: str) -> Iterator[None]:
    """One side of a forward, for as long as the block runs."""
    program = [sys.executable, "-m", "tests.support.ssh_forward", *arguments]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(place.command(program), text=True, **pipes) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield


def plays_speaks_and_stops(notebook: Notebook) -> None:
    """Face, voice, caption, `said`, interrupt, by messages; `make bench ROWS=far` has the times."""
    notebook.start(0)
    view = notebook.view()
    view.plays()
    notebook.wait(0)
    notebook.start(1)
    view.caption_comes("Hello, I come")
    view.is_audible()
    assert view.mouth_moves() > 0.5
    notebook.wait(1)
    notebook.becomes("speech.state", "said")
    notebook.becomes("avatar.stats.get('transport')", "messages")
    notebook.run(2)
    view.is_audible()
    assert view.best_fps(MOVES_FPS) >= MOVES_FPS
    view.press("Interrupt")
    assert view.silent_after_ms() < patient(1000)
    notebook.becomes("long.state", "interrupted")
    notebook.becomes("avatar.error", "{}")


def test_at_http_on_another_machine(notebook: Notebook, nets: Networks) -> None:
    """No secure context, so JPEG and samples; WebRTC is tried, and nothing of it passes."""
    assert notebook.page.evaluate("[isSecureContext, 'VideoDecoder' in window]") == [False, False]
    plays_speaks_and_stops(notebook)
    assert nets.link.set()["refused udp"] > 0


def test_on_a_line_that_loses_packets(notebook: Notebook, nets: Networks) -> None:
    """One of a hundred."""
    before = nets.link.set(loss=0.01).get("lost", 0)
    plays_speaks_and_stops(notebook)
    assert nets.link.set(loss=0.0)["lost"] > before


def test_through_an_ssh_forward(nets: Networks, far: Server, near: BrowserContext) -> None:
    """One TCP connection for all; at localhost there are the browser's decoders."""
    port = free_port()
    nets.link.set(**SLOW, port=port)
    kernel, browser = nets.kernel, nets.browser
    to = [kernel.address, str(port), kernel.address, str(far.port)]
    with ssh(kernel, "serve", kernel.address, str(port)), ssh(browser, "forward", *to):
        notebook = Notebook(near.new_page(), Forwarded(far), far.write("ssh.ipynb", CELLS))
        secure = notebook.page.evaluate("[isSecureContext, 'VideoDecoder' in window]")
        assert secure == [True, True]
        plays_speaks_and_stops(notebook)
        notebook.page.close()
