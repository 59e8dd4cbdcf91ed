"""What every avatar does in a cell, over each of the carriers of its sound and pictures."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Playwright

from tests.support.behaviour import (
    MORE,
    goes_on_while_a_cell_runs,
    says_what_it_is_told,
    speak,
    views_share_one_stream,
)
from tests.support.front_ends import PYTHON, find_command
from tests.support.lab import Notebook, Server, launch
from tests.support.page_avatar import LOUD, MOVES_FPS, View
from tests.support.patience import patient
from tests.support.udp_line import UdpLine

from .conftest import LONG, VIEWPORT

HELLO = "Hello! I am a talking avatar, right inside your notebook. What shall we do today?"
BUSY = "n = 0\nwhile True:\n    n += 1"
ELSEWHERE = "notebook.test"
"""A name of this machine that browsers do not know for one: at http:// it is no secure context."""

IN_STEP_MS = 500.0
"""A machine with too much to do shows a caption late."""
AT_ONCE_MS = 600.0
BY_PYTHON_MS = 3000.0
"""Through server, kernel and host, each of which may wait its turn; else it goes on for 40 s."""


@dataclass(frozen=True)
class Carrier:
    """One of them, and how it differs in what can be seen.

    Attributes:
        transport: What is asked for, and what the numbers say.
        secure: The page has the browser's decoders.
        connections: WebRTC's, in a page that shows it.
    """

    transport: str
    secure: bool = True
    connections: int = 0

    @property
    def cell(self) -> str:
        how = f"quality='low', transport={self.transport!r}"
        return f"from ipyavatar import Avatar\navatar = Avatar({how})\navatar"


CARRIERS = {
    "webrtc": Carrier("webrtc", connections=1),
    "messages": Carrier("messages"),
    "websocket": Carrier("websocket"),
    "plain": Carrier("messages", secure=False),
}
TOGETHER = [name for name, carrier in CARRIERS.items() if carrier.secure]
SHOW_ALL = f"""from ipyavatar import Avatar
avatars = [Avatar(quality='low', transport=how, width=320) for how in {TOGETHER}]
display(*avatars)"""
SPEAK_ALL = f"speeches = [avatar.speak({LONG!r}) for avatar in avatars]"
PLAYBACK = "{avatar.playback for avatar in avatars}"
KERNEL = "window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With jupyter-server-proxy."""
    find_command("jupyter-lab")
    server = Server(tmp_path_factory.mktemp("carriers"), PYTHON, known_as=ELSEWHERE)
    yield server
    server.close()


@pytest.fixture(scope="module")
def strict(playwright: Playwright) -> Iterator[Browser]:
    """Plays no sound before a click, as browsers of people do."""
    flags = [f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1"]
    browser = launch(playwright, autoplay=False, flags=flags)
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def notebooks(strict: Browser, server: Server) -> Iterator[Notebooks]:
    notebooks = Notebooks(strict, server)
    yield notebooks
    notebooks.close()


class Notebooks:
    """One in a page that is a secure context, and one in a page that is none; opened when used."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self._browser = browser
        self._server = server
        self._open: dict[bool, Notebook] = {}

    def get(self, *, secure: bool) -> Notebook:
        """The one of that kind, with three cells."""
        if secure not in self._open:
            server = self._server if secure else Elsewhere(self._server)
            page = self._browser.new_context(viewport=VIEWPORT).new_page()
            name = self._server.write(f"secure-{secure}.ipynb", [""] * 3)
            self._open[secure] = Notebook(page, server, name)
            assert page.evaluate("'VideoDecoder' in window") is secure
        return self._open[secure]

    def close(self) -> None:
        for notebook in self._open.values():
            notebook.page.context.close()


class Elsewhere:
    """The server, by the name that browsers do not know for this machine's."""

    def __init__(self, server: Server) -> None:
        self.url = server.url.replace("127.0.0.1", ELSEWHERE)
        self.address = lambda name: server.address(name).replace("127.0.0.1", ELSEWHERE)
        self.hosts = server.hosts


@pytest.fixture(scope="module", params=CARRIERS)
def carrier(request: pytest.FixtureRequest) -> Carrier:
    return CARRIERS[request.param]


@pytest.fixture(scope="module")
def notebook(carrier: Carrier, notebooks: Notebooks) -> Notebook:
    """Its first cell shows the avatar of this carrier."""
    notebook = notebooks.get(secure=carrier.secure)
    write(notebook, carrier.cell)
    notebook.run(0)
    notebook.view().plays(60)
    return notebook


def write(notebook: Notebook, *cells: str) -> None:
    """Other code for the notebook; what its cells have shown goes."""
    notebook.page.evaluate(
        "() => jupyterapp.commands.execute('notebook:clear-all-cell-outputs').then(() => 1)"
    )
    for i, code in enumerate(cells):
        notebook.replace(i, code)


CAPTION_AT = """(() => {
    root.__captionAt = 0;
    const captions = root.querySelector('.ipyavatar-captions');
    new MutationObserver(() => {
        if (captions.textContent) root.__captionAt ||= performance.now();
    }).observe(captions, {subtree: true, childList: true, characterData: true});
    return performance.now();
})()"""
"""Notes when the first caption comes."""

CAPTION_AFTER_SOUND = """root.__captionAt
    - __probe.ear(root).samples.find(([at, rms]) => at > arg[0] && rms > arg[1])[0]"""


def test_it_says_what_it_is_told(notebook: Notebook, carrier: Carrier) -> None:
    """Mouth, sound, caption in step with it, status, transcript and numbers."""
    view = notebook.view()
    notebook.replace(1, speak(HELLO))
    notebook.replace(2, MORE)
    since = view.js(CAPTION_AT)
    says_what_it_is_told(notebook, view, HELLO, "I am a talking avatar")
    assert abs(view.js(CAPTION_AFTER_SOUND, [since, LOUD])) < IN_STEP_MS
    notebook.becomes("avatar.stats.get('transport')", carrier.transport)
    notebook.becomes("avatar.error", "{}")
    # Not how long it is, which `make bench` measures: that it is of this speech.
    spoken = "(speech.finished_at - speech.started_at) * 1000"
    assert notebook.value(f"0 < speech.latency_ms < {spoken}") == "True"
    assert notebook.value("[w[0] for w in speech.words][:3]") == "['Hello!', 'I', 'am']"
    assert [line for line in notebook.console if "ipyavatar" in line or "pageerror" in line] == []


def test_views_share_one_stream(notebook: Notebook, carrier: Carrier) -> None:
    """The one that is left goes on; Python cuts it off."""
    notebook.replace(1, "avatar")
    notebook.replace(2, f"speech = avatar.speak({LONG!r})")
    views_share_one_stream(notebook, carrier.connections)
    notebook.select(0)
    notebook.command("notebook:clear-cell-output")
    notebook.page.wait_for_function(
        "document.querySelectorAll('.jp-Notebook .ipyavatar-root').length === 1"
    )
    view = notebook.view()
    view.is_audible()
    view.plays()
    view.js("(__probe.clickedAt = performance.now())")
    notebook.value("avatar.interrupt()")
    assert view.silent_after_ms() < BY_PYTHON_MS
    notebook.becomes("speech.state", "interrupted")


def test_it_goes_on_while_a_cell_runs(notebook: Notebook) -> None:
    """And obeys its page at once."""
    notebook.replace(0, "avatar")
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.replace(1, f"speech = avatar.speak({LONG!r})")
    notebook.replace(2, BUSY)
    goes_on_while_a_cell_runs(notebook, view, least_fps=MOVES_FPS, silent_ms=AT_ONCE_MS, soon_s=8)


# ---- all of them in one page ---------------------------------------------------------------------


STATES = """JSON.stringify([...document.querySelectorAll('.ipyavatar-root')].map(root => [
    root.__ipyavatar?.state(), root.innerText]))"""
"""What each view in the page knows of its avatar, and shows."""


class Quietly:
    """Looks into a page without giving it a user's gesture, as Playwright's own calls do."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._session = page.context.new_cdp_session(page)

    def js(self, expression: str) -> Any:
        answer = self._session.send(
            "Runtime.evaluate",
            {"expression": expression, "awaitPromise": True, "returnByValue": True},
        )
        return answer["result"].get("value")

    def run(self, code: str, value: str = "None") -> str:
        """Have the kernel run `code`; what `value` is then."""
        asked = json.dumps({"code": code, "user_expressions": {"value": value}})
        text = "content.user_expressions.value.data['text/plain']"
        return str(self.js(f"{KERNEL}.requestExecute({asked}).done.then(reply => reply.{text})"))

    def until(self, expression: str, timeout: float = 60.0) -> None:
        begin = time.monotonic()
        while not self.js(f"Boolean({expression})"):
            if time.monotonic() - begin > patient(timeout):
                raise AssertionError(f"not within {timeout} s: {expression}; {self.js(STATES)}")
            time.sleep(0.05)


@pytest.fixture(scope="module")
def together(notebooks: Notebooks) -> Notebook:
    """Those of secure pages, one below the other."""
    notebook = notebooks.get(secure=True)
    write(notebook, SHOW_ALL, SPEAK_ALL)
    notebook.run(0)
    for view in views(notebook):
        view.plays()
    return notebook


def views(notebook: Notebook) -> list[View]:
    return [notebook.view(i) for i, _ in enumerate(TOGETHER)]


def test_refused_sound_waits_for_a_click(together: Notebook) -> None:
    """Python is told; one click is enough for all."""
    together.save()
    # Who runs a cell has clicked; a tab that is loaded anew plays with no click at all.
    quietly = Quietly(together.page)
    together.page.reload(wait_until="commit")
    roots = "[...document.querySelectorAll('.jp-Notebook .ipyavatar-root')]"
    playing = f"{roots}.filter(root => root.__ipyavatar?.state().playing)"
    quietly.until(f"{playing}.length === {len(TOGETHER)}")
    quietly.until(f"{roots}.every(root => !root.querySelector('.ipyavatar-unlock').hidden)")
    assert quietly.js("navigator.userActivation.hasBeenActive") is False
    assert quietly.js(f"{roots}.some(root => __probe.audible(root))") is False
    quietly.until(f"{KERNEL}?.status === 'idle'")
    deadline = time.monotonic() + 20
    while (playback := quietly.run("", PLAYBACK)) != "{'sound-blocked'}":
        assert time.monotonic() < deadline, playback
    quietly.run(SPEAK_ALL)
    quietly.until(f"{roots}.every(root => root.__ipyavatar.state().sounding !== null)")

    together.view().button("Click for sound").click()
    for view in views(together):
        view.is_audible()
        view.until("root.querySelector('.ipyavatar-unlock').hidden", "the button to go")
    together.becomes(PLAYBACK, "{'playing'}")
    kinds = [view.js("root.__ipyavatar.kind()") for view in views(together)]
    assert kinds == ["host", "messages", "websocket"]


def test_a_host_that_stands_still_is_noticed_and_awaited(together: Notebook) -> None:
    """Each page says that the stream is interrupted, and plays on when it comes back."""
    kernel = together.kernel_pid()
    (host,) = [host for host in together.server.hosts() if host.ppid() == kernel]
    connected = "root.__ipyavatar.state().connection.stream"
    host.suspend()
    try:
        for view in views(together):
            view.until(
                f"({connected}.phase !== 'connected' || {connected}.interrupted)", "a notice"
            )
    finally:
        host.resume()
    for view in views(together):
        view.plays()
        view.sounds()


def test_with_no_view_nothing_is_drawn_and_showing_it_again_is_quick(together: Notebook) -> None:
    """The sound's end is no matter of pictures."""
    write(together, "display(*avatars)")
    together.becomes(PLAYBACK, "{'paused'}")
    pictures = "[avatar.stats['pictures'] for avatar in avatars]"
    together.page.wait_for_timeout(1500)  # the counters come once a second
    before = together.value(pictures)
    together.page.wait_for_timeout(2500)
    assert together.value(pictures) == before, "pictures drawn in 2.5 s for nobody"
    together.run(0)
    for view in views(together):
        view.plays(5)
    together.becomes(PLAYBACK, "{'playing'}")


# ---- a line that is cut --------------------------------------------------------------------------

SENTENCES = [
    "One is the first number.",
    "Two comes right after it.",
    "Three is what follows two.",
    "Four is an even number.",
]
CAPTIONS = """(() => {
    root.__captions = [];
    const captions = root.querySelector('.ipyavatar-captions');
    new MutationObserver(() => {
        const text = captions.textContent;
        if (text && text !== root.__captions.at(-1)) root.__captions.push(text);
    }).observe(captions, {subtree: true, childList: true, characterData: true});
})()"""
CARRIER = "root.__ipyavatar.state().connection.carrier"


@pytest.mark.alone  # it waits for what is noticed within seconds
def test_words_that_were_lost_with_webrtc_are_said_again(notebooks: Notebooks) -> None:
    """Its line is cut in mid-speech: another carrier goes on with the sentence that was cut."""
    notebook, line = notebooks.get(secure=True), UdpLine()
    line.lead(notebook.page)
    try:
        auto = "from ipyavatar import Avatar\navatar = Avatar(quality='low')\navatar"
        write(notebook, auto, f"speech = avatar.speak({' '.join(SENTENCES)!r})")
        notebook.run(0)
        line.find_host(notebook.page)
        view = notebook.view()
        view.plays(60)
        view.until(f"{CARRIER} === 'webrtc'", "WebRTC", 60)
        view.js(CAPTIONS)
        notebook.run(1)
        view.caption_comes(SENTENCES[1])
        line.cut()
        notebook.becomes("speech.done", "True", 60)
        assert line.dropped > 0
        assert view.js(CARRIER) == "messages"
        assert view.js("root.__captions")[-3:] == SENTENCES[1:]
        heard = "(speech.state, speech.heard == speech.text, speech.reason)"
        assert notebook.value(heard) == "('said', True, '')"
        spoken = " ".join(SENTENCES).split()
        assert notebook.value("[word for word, _, _ in speech.words]") == str(spoken)
    finally:
        line.close(notebook.page)
