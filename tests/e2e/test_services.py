"""The streams of paid services in the cell, against the offline twin: as the embedded avatar's."""

from __future__ import annotations

import pathlib
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass

import nbformat
import psutil
import pytest

from tests.support.behaviour import (
    MORE,
    goes_on_while_a_cell_runs,
    says_what_it_is_told,
    speak,
    views_share_one_stream,
)
from tests.support.lab import Notebook, Server
from tests.support.page_avatar import View
from tests.support.sdk import KEY, TwinProcess, open_sessions, twin_process, wait_until

from .conftest import LONG, Open

BUSY = "n = 0\nwhile True:\n    n += 1"
HELLO = "Hello! I am a talking avatar of a service, right inside your notebook. What now?"
NOTEBOOK = pathlib.Path(__file__).parents[2] / "notebooks" / "02_services.ipynb"
GONE_S = 4.0
"""A killed kernel's sessions are stopped at the service within this; the budget is 2 s."""


@dataclass(frozen=True)
class Service:
    """One of them, and how it differs in what can be seen."""

    provider: str
    more: str = ""
    size: tuple[int, int] = (640, 360)

    def cell(self, url: str) -> str:
        place = f"base_url={url!r}{self.more}"
        return f"from ipyavatar import Avatar\navatar = Avatar({self.provider!r}, {place})\navatar"


SMALL = ", quality='low'"
FACE = ", avatar_id='64b1f0c2a1b2c3d4e5f60718'"
SERVICES = {
    "heygen": Service("heygen", SMALL),
    "heygen-webrtc": Service("heygen", SMALL + ", transport='webrtc'"),
    # Not in the sandbox, where no session lasts longer than a minute.
    "liveavatar-lite": Service("liveavatar", SMALL + FACE),
    "liveavatar-full": Service("liveavatar", SMALL + FACE + ", lite=False"),
    "kaltura": Service("kaltura", FACE, size=(512, 512)),
}
ALL = pytest.mark.parametrize("name", SERVICES)
EACH = pytest.mark.parametrize("name", ["heygen", "liveavatar-lite", "kaltura"])
"""The two modes of LiveAvatar differ in who speaks, not in how the picture comes."""
EACH_WAY = pytest.mark.parametrize("name", ["heygen", "kaltura"])
"""Through a room, and without one: who speaks makes no difference."""
EACH_STREAM = pytest.mark.parametrize(
    "name", ["heygen", "heygen-webrtc", "liveavatar-lite", "kaltura"]
)
"""Each way in which a picture comes, begins and ends."""


@pytest.fixture(scope="module")
def one_twin() -> Iterator[TwinProcess]:
    # One session at a time: whatever is left open shows at once, as "concurrent limit reached".
    with twin_process("--concurrency", "1") as twin:
        yield twin


@pytest.fixture
def paid(one_twin: TwinProcess, lab: Server) -> Iterator[TwinProcess]:
    """The twin; at the end nothing is open there, and every fault has happened."""
    before = len(one_twin.state()["unused_faults"])
    yield one_twin
    one_twin.call("DELETE", "/_twin/faults")
    unused = one_twin.state()["unused_faults"][before:]
    lab.end_kernels()
    assert unused == [], "these faults never happened"
    wait_until(lambda: not open_sessions(one_twin), 10, "every session to be stopped")


def fault(twin: TwinProcess, kind: str, call: str, **more: object) -> None:
    status, answer = twin.call("POST", "/_twin/faults", {"kind": kind, "call": call, **more})
    assert status == 201, answer


def opened(
    open_notebook: Open, twin: TwinProcess, name: str, *cells: str, **options: object
) -> Notebook:
    """A notebook that begins with the service's avatar; its key is in the environment."""
    notebook = open_notebook([SERVICES[name].cell(twin.url), *cells], **options)
    variables = ("HEYGEN_API_KEY", "LIVEAVATAR_API_KEY", "KALTURA_KS")
    notebook.value(f"__import__('os').environ.update({dict.fromkeys(variables, KEY)})")
    return notebook


def shown(
    open_notebook: Open, twin: TwinProcess, name: str, *cells: str, **options: object
) -> tuple[Notebook, View]:
    """The same, with the avatar playing."""
    notebook = opened(open_notebook, twin, name, *cells, **options)
    notebook.run(0)
    view = notebook.view()
    view.plays()
    return notebook, view


def test_the_services_notebook_runs(open_notebook: Open, lab: Server) -> None:
    """From top to bottom; a picture and sound of each service."""
    notebook = open_notebook(name=lab.copy(NOTEBOOK))
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    said = iter(enumerate(("charts are worth", "face is theirs", "Still here")))
    number, words = next(said)
    for i, cell in enumerate(cells):
        if cell.cell_type != "code":
            continue
        notebook.start(i)
        if words in cell.source:  # seen while it is said: the notebook ends its sessions
            view = notebook.view(number)
            view.plays(40)
            view.has_captioned(words, 40)
            view.has_sounded(0.3)
            number, words = next(said, (0, "nothing more"))
        notebook.wait(i, 90)
    assert words == "nothing more"


SEEN = """
try:
    print(avatar.snapshot().wait(30).array.shape)
except Exception as error:
    print(type(error).__name__)
"""


RECORDED = f"""
import os, tempfile
import av
path = os.path.join(tempfile.mkdtemp(), "seen.mp4")
with avatar.record(path, captions="track"):
    print(avatar.speak({HELLO!r}).wait(60).state)
with av.open(path) as file:
    loud = [abs(frame.to_ndarray()).max() > 0.05 for frame in file.decode(audio=0)]
with av.open(path) as file:
    frames = [frame.to_ndarray(format="gray")[::8, ::8] for frame in file.decode(video=0)]
with av.open(path) as file:
    said = b" ".join(bytes(packet) for packet in file.demux(subtitles=0))
seen = {{one.tobytes() for one in frames}}
print(sum(loud) * 1024 / 48_000 > 1.5, len(seen) > 20, b"talking avatar" in said)
"""


@pytest.mark.parametrize(
    ("name", "seen"), [("heygen", "(360, 640, 3)"), ("kaltura", "(512, 512, 3)")]
)
def test_python_sees_and_records_what_the_page_shows(
    open_notebook: Open, paid: TwinProcess, name: str, seen: str
) -> None:
    """By a second place in the room; where there is room for one, the page sends what it plays."""
    notebook, view = shown(open_notebook, paid, name, SEEN, RECORDED)
    notebook.run(1)
    assert notebook.output(1).strip() == seen
    notebook.start(2)
    view.is_audible()
    if name == "kaltura":
        notebook.page.wait_for_selector(".ipyavatar-recording:not([hidden])", timeout=30_000)
    assert notebook.wait(2) == "said\nTrue True True\n"
    view.plays()


# ---- as the embedded avatar ----------------------------------------------------------------------


@ALL
def test_it_appears_loses_no_word_and_says_what_it_is_told(
    open_notebook: Open, paid: TwinProcess, name: str
) -> None:
    """Shown, spoken and waited for in one cell; then as any avatar."""
    text = "First words are not lost, since speech waits for the picture."
    say = f"display(avatar)\nprint(avatar.speak({text!r}).wait(30).state)"
    notebook = opened(open_notebook, paid, name, speak(HELLO), MORE)
    notebook.replace(0, SERVICES[name].cell(paid.url).removesuffix("avatar") + say)
    notebook.start(0)
    view = notebook.view()
    view.plays()
    assert notebook.wait(0).endswith("said\n")
    view.has_sounded(2.2)
    assert view.js(
        "[root.querySelector('video').videoWidth, root.querySelector('video').videoHeight]"
    ) == list(SERVICES[name].size)
    says_what_it_is_told(notebook, view, HELLO, "talking avatar")
    assert notebook.value("avatar.stats['width']") == str(SERVICES[name].size[0])
    assert notebook.value("avatar.stats['fps'] > 0") == "True"
    assert [line for line in notebook.console if "ipyavatar" in line or "pageerror" in line] == []


@pytest.mark.alone
@EACH_WAY
def test_it_goes_on_while_a_cell_runs(open_notebook: Open, paid: TwinProcess, name: str) -> None:
    notebook, view = shown(open_notebook, paid, name, f"speech = avatar.speak({LONG!r})", BUSY)
    # A busy kernel, the twin's encoder and the browser share the machine; the service's does not.
    goes_on_while_a_cell_runs(notebook, view, least_fps=15, silent_ms=1000, soon_s=8)


@pytest.mark.parametrize("name", ["heygen", "heygen-webrtc", "kaltura"])
def test_views_share_one_stream_and_the_page_stops_and_starts_it(
    open_notebook: Open, paid: TwinProcess, name: str
) -> None:
    cells = ("avatar", f"speech = avatar.speak({LONG!r})", "avatar.speak('Back again.').wait(20)")
    notebook, first = shown(open_notebook, paid, name, *cells)
    views_share_one_stream(notebook)
    second = notebook.view(1)

    before = open_sessions(paid)
    assert len(before) == 1
    first.press("Stop the session")
    second.shows("[Ss]topped")
    notebook.becomes("avatar.status", "ended")
    assert open_sessions(paid) == []
    first.button("Start the avatar").click()
    second.plays()
    notebook.becomes("avatar.status", "live")
    assert open_sessions(paid) not in ([], before)
    since = first.now()
    notebook.run(3)
    first.has_sounded(0.3, since=since)


@EACH_WAY
def test_a_reload_keeps_the_session_and_kill_9_of_the_kernel_stops_it(
    open_notebook: Open, paid: TwinProcess, name: str
) -> None:
    notebook, view = shown(open_notebook, paid, name, f"speech = avatar.speak({LONG!r})", own=True)
    session = open_sessions(paid)
    notebook.save()
    notebook.reload()
    view.plays(30)
    notebook.wait_ready()
    notebook.run(1)
    view.is_audible()
    assert open_sessions(paid) == session
    psutil.Process(notebook.kernel_pid()).kill()
    wait_until(lambda: not open_sessions(paid), GONE_S, "the session to be stopped")
    view.shows("kernel", 20)


@EACH
def test_no_key_and_no_token_is_saved_or_shown(
    open_notebook: Open, paid: TwinProcess, lab: Server, name: str
) -> None:
    with lab.widgets_saved():
        said = "avatar.speak('A secret.').wait(20)"
        notebook, _ = shown(open_notebook, paid, name, said, own=True)
        notebook.run(1)
        saved = (lab.notebooks / notebook.save()).read_text()
    assert "session_id" in saved, "the widget's state was not saved, so this shows nothing"
    # A JWT, which is no part of a portrait; Kaltura's stream is named in its address.
    secret = re.compile(rf"{re.escape(KEY)}|eyJ[\w-]{{8,}}\.[\w-]{{8,}}\.|/rtc/v1/whep")
    html = notebook.page.evaluate("document.querySelector('.jp-Notebook').outerHTML")
    for where in (saved, html, str(notebook.console)):
        assert secret.findall(where) == []


# ---- bad luck ------------------------------------------------------------------------------------

SOCKETS = """
window.__sockets = [];
window.WebSocket = new Proxy(window.WebSocket, {
  construct(target, args) {
    const socket = new target(...args);
    if (String(args[0]).includes('/rtc')) window.__sockets.push(socket);
    return socket;
  },
});
"""


def test_a_cut_websocket_is_mended(open_notebook: Open, paid: TwinProcess) -> None:
    notebook, view = shown(
        open_notebook, paid, "heygen", f"speech = avatar.speak({LONG!r})", script=SOCKETS
    )
    notebook.run(1)
    view.is_audible()
    sockets = notebook.page.evaluate("__sockets.length")
    notebook.page.evaluate("__sockets.forEach(socket => socket.close())")
    notebook.page.wait_for_function(f"__sockets.length > {sockets}", timeout=15_000)
    view.plays()
    view.is_audible()
    assert notebook.value("avatar.status") == "live"


@EACH_STREAM
def test_a_session_that_the_service_ends_is_said(
    open_notebook: Open, paid: TwinProcess, name: str
) -> None:
    notebook, view = shown(open_notebook, paid, name)
    paid.call("POST", "/_twin/clock", {"advance_s": 4000})  # the session's time is up
    notebook.becomes("avatar.status in ('ended', 'failed')", "True", 30)
    view.shows("end|over|gone|closed", 10)
    view.button("Start the avatar").click()
    view.plays()
    notebook.becomes("avatar.status", "live")


def test_a_refused_token_is_asked_for_anew(open_notebook: Open, paid: TwinProcess) -> None:
    fault(paid, "401", "livekit_ws", times=1)
    shown(open_notebook, paid, "heygen")


def test_a_room_that_refuses_for_ever_is_said(open_notebook: Open, paid: TwinProcess) -> None:
    fault(paid, "401", "livekit_ws")
    notebook = opened(open_notebook, paid, "heygen")
    notebook.run(0)
    view = notebook.view()
    view.until("!root.querySelector('.ipyavatar-panel').hidden", "a panel", 30)
    assert "does not let this page watch" in view.panel(), view.panel()
    paid.call("DELETE", "/_twin/faults")
    view.button("Retry").click()
    view.plays()


def test_a_busy_stream_is_tried_again(open_notebook: Open, paid: TwinProcess) -> None:
    fault(paid, "503", "whep", times=2)
    shown(open_notebook, paid, "kaltura")


NO_CORS = """
const fetching = window.fetch;
const refused = () => Promise.reject(new TypeError('Failed to fetch'));
window.fetch = (url, ...more) => String(url).includes('/whep') ? refused() : fetching(url, ...more);
"""


def test_where_the_page_may_not_ask_python_does(open_notebook: Open, paid: TwinProcess) -> None:
    notebook, view = shown(
        open_notebook,
        paid,
        "kaltura",
        "avatar.speak('Handed on.').wait(20)",
        "avatar.stop().wait(5)",
        script=NO_CORS,
    )
    notebook.run(1)
    view.has_sounded(0.3)
    notebook.run(2)


FROZE = (
    "/froze/.test(root.querySelector('.ipyavatar-words').textContent)"
    " && performance.now() - __probe.eye(root).frames.at(-1)"
)
"""Milliseconds from the last picture to the words, by the page's own clock."""


@pytest.mark.alone
@pytest.mark.parametrize(("name", "when"), [("heygen", "first picture"), ("kaltura", "playing")])
def test_a_frozen_stream_is_said_within_3_seconds_and_built_anew(
    open_notebook: Open, name: str, when: str
) -> None:
    """Whenever its server stops, be it right after the first picture."""
    with twin_process() as twin:
        notebook = opened(open_notebook, twin, name, "avatar.stop().wait(10)")
        notebook.run(0)
        view = notebook.view()
        state = "root.__ipyavatar.state()"
        view.until("__probe.eye(root) && true", "a view")
        view.until(f"{state}.status === 'live' && {state}.playing", "a picture")
        if when == "playing":
            view.plays()
            view.until(f"{state}.measured?.fps > 0", "numbers")
        twin.process.send_signal(signal.SIGSTOP)
        try:
            told_ms = view.until(FROZE, "words about it", 10)
        finally:
            twin.process.send_signal(signal.SIGCONT)
        assert told_ms < 3000, f"said after {told_ms:.0f} ms"
        view.shows("Ready|Live", 30)
        view.plays()
        notebook.run(1)


def test_another_tab_takes_the_stream_and_gives_it_back(
    open_notebook: Open, paid: TwinProcess
) -> None:
    notebook, view = shown(open_notebook, paid, "heygen", own=True)
    other = open_notebook(name=notebook.save(), own=True)
    elsewhere = other.view()
    elsewhere.plays()
    view.until("!root.querySelector('.ipyavatar-panel').hidden", "a panel", 15)
    assert "tab" in view.panel()
    assert len(open_sessions(paid)) == 1
    view.button("Retry").click()
    view.plays()


def test_an_offered_connection_stays_where_it_is_and_a_reload_needs_a_new_session(
    open_notebook: Open, paid: TwinProcess
) -> None:
    """The service offers one in a session: what nobody can watch any more is ended."""
    notebook, view = shown(open_notebook, paid, "heygen-webrtc", own=True)
    other = open_notebook(name=notebook.save(), own=True)
    elsewhere = other.view()
    elsewhere.until("!root.querySelector('.ipyavatar-panel').hidden", "a panel", 15)
    assert "tab" in elsewhere.panel()
    view.plays()
    before = open_sessions(paid)
    assert len(before) == 1
    other.page.close()
    notebook.reload()
    view.shows("used up|another page")
    if "another page" in view.words():  # the farewell of the one that had it can get lost
        view.button("Retry").click()
        view.shows("used up")
    notebook.wait_ready()
    wait_until(lambda: not open_sessions(paid), 10, "the session to be ended")
    notebook.becomes("avatar.status", "ended")
    view.button("Retry").click()
    view.plays()
    assert open_sessions(paid) not in ([], before)
