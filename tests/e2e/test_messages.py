"""Picture and sound by widget messages, where WebRTC does not pass."""

from __future__ import annotations

from tests.support.lab import Notebook, Server
from tests.support.page_avatar import LOUD, View

from .conftest import LONG, Open
from .test_media_trouble import NO_UDP

CELL = "from ipyavatar import Avatar\navatar = Avatar(quality='low')\navatar"
FORCED = CELL.replace("'low'", "'low', transport='messages'")
HELLO = "speech = avatar.speak('Hello, I come along with your messages, and by nothing else.')"

EVEN = "running waves were rolling over yellow sand in early morning light while we are walking "
"""Without pauses."""

HOLD = "import ctypes, time\nctypes.PyDLL(None).usleep({})"
"""Nothing else of the kernel runs meanwhile: Python's lock is held."""

PRINTS = """import sys, time
for _ in range(40):
    print("x" * 75_000)
    time.sleep(0.05)"""
"""1.5 MB a second, of which a server with its usual limits drops most, and our messages with it."""

UDP_LATER = NO_UDP.replace("sdp.replace", "window.udpPasses ? sdp : sdp.replace")
"""As NO_UDP, until the page says otherwise."""

CUT = """window.WebSocket = class extends WebSocket {
    addEventListener(type, listener, ...more) {
        const isCut = () => window.__cut && type === "message";
        super.addEventListener(type, event => isCut() || listener.call(this, event), ...more);
    }
    set onmessage(listener) { this.addEventListener("message", listener); }
    send(data) { if (!window.__cut) super.send(data); }
};"""
"""While `__cut` is set nothing comes by any WebSocket, nor goes: as with a network that is away."""

WATCH = """(root.__dark = 0, root.__gap = 0, root.__seen = performance.now(), setInterval(() => {
    const seen = __probe.eye(root).frames.at(-1);
    root.__gap = Math.max(root.__gap, performance.now() - seen);
    if (__probe.brightness(root) < 10) root.__dark += 1;
}, 50))"""

LONGEST_SILENCE_MS = """(() => {
    let [longest, began] = [0, null];
    for (const [at, rms] of __probe.ear(root).samples.filter(([at]) => at > arg[0])) {
        began = rms > arg[1] / 4 ? null : (began ?? at);
        longest = Math.max(longest, began === null ? 0 : at - began);
    }
    return longest;
})()"""
"""The longest stretch since a moment in which the page listened, each time, and heard nothing.

A page that the machine does not let run hears nothing of what plays meanwhile.
"""

IN_STEP = "Math.abs(root.__ipyavatar.state().measured?.audioVideoOffsetMs ?? 1000) < 80"
"""Sound is heard when its picture is seen; on a busy machine not in each second."""

REST_S = 5.0


def plays_by_messages(notebook: Notebook) -> None:
    """It is seen, heard, captioned and said, and the numbers say by what."""
    view = notebook.view()
    view.plays()
    notebook.run(1)
    view.caption_comes("your messages")
    view.is_audible()
    assert view.mouth_moves() > 0.5
    notebook.becomes("speech.state", "said")
    notebook.becomes("avatar.stats.get('transport')", "messages")
    notebook.becomes("avatar.error", "{}")


def shortest_silence_ms(notebook: Notebook, view: View, hold: int) -> float:
    """The longest silence beside the cell `hold`, of three times the best.

    Without sound ahead of its time it is as long as the cell each time; with it a machine that has
    too much to do may still be late with it now and then.
    """
    silences: list[float] = []
    while len(silences) < 3 and min(silences, default=1000) >= 300:
        view.page.wait_for_timeout(1000)  # what is ahead has come
        since = view.js("performance.now()")
        notebook.run(hold)
        view.page.wait_for_timeout(1000)
        silences.append(view.js(LONGEST_SILENCE_MS, [since, LOUD]))
    return min(silences)


def test_it_outlasts_a_kernel_that_stands_still_and_one_that_prints(open_notebook: Open) -> None:
    """Sound is ahead of its time; what a server has dropped comes again."""
    cells = [FORCED, f"long = avatar.speak({EVEN * 16!r})", HOLD.format(1_000_000), PRINTS]
    notebook = open_notebook(cells)
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.run(1)
    view.is_audible()
    view.until(IN_STEP, "lips and sound in step", 40)
    assert shortest_silence_ms(notebook, view, hold=2) < 300
    notebook.value("long.interrupt()")
    notebook.run(3, 60)
    notebook.run(1)
    view.caption_comes("running waves")
    view.is_audible()
    view.plays()
    assert view.mouth_moves() > 0.5


def test_it_takes_over_where_webrtc_does_not_connect(open_notebook: Open) -> None:
    """Without a setting, and without an error."""
    notebook = open_notebook([CELL, HELLO], script=NO_UDP)
    notebook.run(0)
    plays_by_messages(notebook)


def test_shown_spoken_and_waited_for_in_one_cell(open_notebook: Open) -> None:
    """It is heard, though WebRTC is tried in vain before, and the cell ends."""
    cell = CELL.removesuffix("avatar") + (
        "display(avatar)\nspeech = avatar.speak('Hi, are you there?').wait(60)\nprint(speech.state)"
    )
    notebook = open_notebook([cell], script=NO_UDP)
    notebook.start(0)
    view = notebook.view()
    view.plays()
    view.has_sounded(0.2)
    assert "said" in notebook.wait(0)


def test_webrtc_takes_over_once_it_connects(open_notebook: Open) -> None:
    """In another network, without a reload, and the picture is never gone."""
    notebook = open_notebook([CELL, f"long = avatar.speak({LONG!r})"], script=UDP_LATER)
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.run(1)
    view.is_audible()
    notebook.becomes("avatar.stats.get('transport')", "messages")
    side = "root.__ipyavatar.state().connection.side.phase"
    view.until(f"{side} === 'waiting'", "WebRTC tried in vain", 40)
    view.js(WATCH)
    view.js("(window.udpPasses = true, dispatchEvent(new Event('online')))")
    carrier = "root.__ipyavatar.state().connection.carrier"
    view.until(f"{carrier} === 'webrtc'", "WebRTC", 30)
    view.sounds()
    notebook.becomes("avatar.stats.get('transport')", "webrtc")
    assert view.mouth_moves() > 0.5
    assert view.js("root.__dark") == 0
    assert view.js("root.__gap") < 2000
    notebook.becomes("avatar.stats['pages']", "1.0")


def test_at_rest_it_sends_nothing_and_comes_back_with_a_word(
    open_notebook: Open, lab: Server
) -> None:
    """The server hears nothing of its kernel, which so can be culled."""
    # Long enough to be seen speaking, however long it takes to look.
    notebook = open_notebook([FORCED, f"speech = avatar.speak({LONG!r})"])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    before = None
    for _ in range(20):
        now = [kernel["last_activity"] for kernel in lab.api("/api/kernels")]
        if now == before:
            break
        before = now
        notebook.page.wait_for_timeout(REST_S * 1000)
    assert now == before
    notebook.run(1)
    view.is_audible()
    view.shows("Speaking")


def test_a_break_for_long_is_said_and_so_is_what_was_missed(open_notebook: Open) -> None:
    """In the page meanwhile, with what to do; and at the end, in page and kernel."""
    notebook = open_notebook([FORCED, f"speech = avatar.speak({LONG!r})"], script=CUT, own=True)
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.run(1)
    view.caption_comes("part one")
    view.js("window.__cut = true")
    notebook.page.wait_for_timeout(18_000)
    assert "out of reach" in view.panel()
    assert "goes on by itself" in view.panel()
    view.js("window.__cut = false")
    view.plays(30)
    view.caption_comes("part eight", 60)
    view.shows("Not all of it was heard: nothing reached a page for (1|2)\\d s", 30)
    notebook.becomes("speech.state", "said")
    assert notebook.value("speech.reason").startswith("Not all of it was heard")
    heard = notebook.value("speech.heard")
    assert "part one" in heard
    assert "…" in heard
    assert "part eight" in heard
    assert "part four" not in heard
