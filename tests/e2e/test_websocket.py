"""Picture and sound past the kernel, by a WebSocket that jupyter-server-proxy passes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.front_ends import PYTHON, find_command
from tests.support.lab import Notebook, Server
from tests.support.page_avatar import MOVES_FPS
from tests.support.patience import patient

from .conftest import LONG, VIEWPORT, Open
from .test_media_trouble import NO_UDP
from .test_messages import CELL, EVEN, HOLD, IN_STEP, shortest_silence_ms

HELLO = "speech = avatar.speak('Hello, I come past the kernel, and by nothing else.')"
FORCED = CELL.replace("'low'", "'low', transport='websocket'")
HOLD_S = 2.5
"""Longer than sound is sent ahead of its time."""

NOTE_SOCKETS = """window.__sockets = [];
window.WebSocket = class extends WebSocket {
    constructor(...given) {
        super(...given);
        if (this.url.includes("/proxy/")) __sockets.push(this);
    }
};"""

KIND = "root.__ipyavatar.kind()"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A JupyterLab with the extension."""
    find_command("jupyter-lab")
    server = Server(tmp_path_factory.mktemp("proxied"), PYTHON)
    yield server
    server.close()


@pytest.fixture(scope="module")
def notebook(browser: Browser, server: Server) -> Iterator[Notebook]:
    """No UDP passes, and nothing is set."""
    cells = [
        CELL,
        HELLO,
        f"long = avatar.speak({EVEN * 24!r})",
        HOLD.format(round(HOLD_S * 1e6)),
        f"again = avatar.speak({LONG!r})",
    ]
    context = browser.new_context(viewport=VIEWPORT)
    context.add_init_script(NO_UDP)
    context.add_init_script(NOTE_SOCKETS)
    yield Notebook(context.new_page(), server, server.write("socket.ipynb", cells))
    context.close()


def plays_past_the_kernel(notebook: Notebook) -> None:
    """Face, voice, caption, `said`; and the numbers say by what."""
    notebook.run(0)
    view = notebook.view()
    view.plays()
    view.until(f"{KIND} === 'websocket'", "a WebSocket", 40)
    notebook.run(1)
    view.caption_comes("past the kernel")
    view.is_audible()
    assert view.mouth_moves() > 0.5
    notebook.becomes("speech.state", "said")
    notebook.becomes("avatar.stats.get('transport')", "websocket")
    notebook.becomes("avatar.error", "{}")


def test_a_kernel_that_stands_still_is_neither_seen_nor_heard(notebook: Notebook) -> None:
    """Its lock is held for longer than sound is sent ahead; the page's button works meanwhile."""
    plays_past_the_kernel(notebook)
    view = notebook.view()
    notebook.run(2)
    view.is_audible()
    view.until(IN_STEP, "lips and sound in step", 40)
    assert shortest_silence_ms(notebook, view, hold=3) < 300
    notebook.start(3)
    assert view.best_fps(MOVES_FPS) >= MOVES_FPS
    view.press("Interrupt")
    assert view.silent_after_ms() < patient(600)
    notebook.wait(3)
    notebook.becomes("long.state", "interrupted")


def test_one_that_breaks_is_replaced(notebook: Notebook) -> None:
    """By messages, with sound and picture going on, and then by another."""
    view = notebook.view()
    notebook.run(4)
    view.is_audible()
    sockets = view.js("__sockets.length")
    view.js("__sockets.at(-1).close()")
    view.until(f"{KIND} === 'messages'", "messages in its place", 10)
    view.sounds()
    view.until(f"{KIND} === 'websocket' && __sockets.length > arg", "another one", 40, sockets)
    view.sounds()
    assert view.best_fps(MOVES_FPS) >= MOVES_FPS
    notebook.becomes("again.state", "speaking")


def test_another_kernel_gets_another(notebook: Notebook) -> None:
    """The old one's host is gone, and its port with it."""
    notebook.page.evaluate(
        "() => jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.restart()"
        ".then(() => 1)"
    )
    notebook.wait_ready()
    plays_past_the_kernel(notebook)


def test_where_there_is_no_way_it_says_so(open_notebook: Open) -> None:
    """For one who wants nothing else: the server of this test has no extension."""
    notebook = open_notebook([FORCED])
    notebook.run(0)
    notebook.view().shows("lets no WebSocket through")
    notebook.becomes("'jupyter-server-proxy' in avatar.error.get('fix', '')", "True")
