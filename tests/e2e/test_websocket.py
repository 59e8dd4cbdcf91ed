"""Picture and sound past the kernel, by a WebSocket that jupyter-server-proxy passes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.support.front_ends import PYTHON, find_command
from tests.support.lab import Notebook, Server
from tests.support.page_avatar import LOUD, MOVES_FPS

from .conftest import LONG, VIEWPORT
from .test_media_trouble import NO_UDP
from .test_messages import CELL, EVEN, HOLD, IN_STEP, LONGEST_GAP_MS

HELLO = "speech = avatar.speak('Hello, I come past the kernel, and by nothing else.')"
FORCED = CELL.replace("'low'", "'low', transport='websocket'")
AGAIN = f"again = avatar.speak({LONG!r})"

CARRIED = "avatar.stats.get('transport')"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A JupyterLab with the extension."""
    find_command("jupyter-lab")
    server = Server(tmp_path_factory.mktemp("proxied"), PYTHON)
    yield server
    server.close()


def test_past_the_kernel(browser: Browser, server: Server) -> None:
    """Without UDP, with no setting: face, voice, caption; a held lock is neither seen nor heard."""
    cells = [CELL, HELLO, f"long = avatar.speak({EVEN * 9!r})", HOLD.format(2_500_000), AGAIN]
    context = browser.new_context(viewport=VIEWPORT)
    context.add_init_script(NO_UDP)
    notebook = Notebook(context.new_page(), server, server.write("socket.ipynb", cells))
    notebook.run(0)
    view = notebook.view()
    view.plays()
    view.until("root.__ipyavatar.kind() === 'websocket'", "a WebSocket", 30)
    notebook.run(1)
    view.caption_comes("past the kernel")
    view.is_audible()
    assert view.mouth_moves() > 0.5
    notebook.becomes("speech.state", "said")
    notebook.becomes(CARRIED, "websocket")

    notebook.run(2)
    view.is_audible()
    view.until(IN_STEP, "lips and sound in step", 40)
    view.page.wait_for_timeout(500)
    since = view.js("performance.now()")
    notebook.start(3)
    assert view.fps() > MOVES_FPS
    view.press("Interrupt")
    assert view.silent_after_ms() < 400
    assert not notebook.is_done(3)
    assert view.js(LONGEST_GAP_MS, [since, LOUD]) < 300
    notebook.wait(3)
    notebook.becomes("long.state", "interrupted")
    notebook.becomes("avatar.error", "{}")
    context.close()
