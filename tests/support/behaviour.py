"""What every avatar does in a cell, whoever is behind it: the same tests for all of them."""

from __future__ import annotations

from tests.support.lab import Notebook
from tests.support.page_avatar import MOVES_FPS, View
from tests.support.patience import patient

STATS = (
    "{'width', 'height', 'fps', 'bitrate_kbps', 'packets_lost', 'jitter_ms', 'round_trip_ms',"
    " 'audio_video_offset_ms', 'freezes'}"
)
"""What `stats` holds of every stream that plays."""

MORE = "avatar.speak('One more thing.').wait(20)"
"""The third cell of `says_what_it_is_told`."""


def speak(text: str) -> str:
    """The second cell of `says_what_it_is_told`."""
    return f"speech = avatar.speak({text!r})\nspeech.wait(30)\nprint(speech.state)"


def says_what_it_is_told(notebook: Notebook, view: View, text: str, caption: str) -> None:
    """Mouth, sound, caption, status, transcript and numbers."""
    view.shows("Ready|Live")
    view.is_quiet()
    idle = view.mouth_moves()

    notebook.start(1)
    view.is_audible()
    view.caption_comes(caption)
    view.shows("Speaking")
    talking = view.mouth_moves()
    assert talking > 3 * idle, f"mouth: {talking:.2f} talking, {idle:.2f} idle"
    assert view.best_fps(MOVES_FPS) >= MOVES_FPS

    assert notebook.wait(1) == "said\n"
    view.is_quiet()
    view.shows("Ready|Live")
    view.until("root.querySelector('.ipyavatar-captions').textContent === ''", "no caption", 3)
    assert notebook.value("avatar.speaking") == "False"
    notebook.run(2)
    assert notebook.value("[(e['text'], e['state']) for e in avatar.transcript][-2:]") == str(
        [(text, "said"), ("One more thing.", "said")]
    )
    assert notebook.value(f"{STATS} <= set(avatar.stats)") == "True"


def goes_on_while_a_cell_runs(
    notebook: Notebook, view: View, *, least_fps: float, silent_ms: float, soon_s: float
) -> None:
    """The second cell says something long, the third keeps the kernel busy."""
    notebook.run(1)
    view.is_audible()
    notebook.start(2)
    notebook.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel"
        ".status === 'busy'"
    )
    fps = view.best_fps(least_fps)
    assert fps >= least_fps, f"{fps:.1f} frames a second while a cell runs"
    view.sounds(3)

    view.press("Interrupt")
    after_ms = view.silent_after_ms()
    assert after_ms < patient(silent_ms), f"silent {after_ms:.0f} ms after the click"
    view.shows("Ready|Live", soon_s)

    view.say("This was typed while the cell is running.")
    view.caption_comes("typed", soon_s)
    view.is_audible(soon_s)
    view.press("Mute")
    view.until("!__probe.audible(root)", "the sound to be off", 2)

    assert not notebook.is_done(2), "the cell should still be running"
    notebook.command("notebook:interrupt-kernel")
    notebook.page.wait_for_function("() => window.__done[2]", timeout=15_000)
    assert notebook.value("(speech.state, avatar.muted)") == "('interrupted', True)"
    assert notebook.value("avatar.transcript[-1]['text']") == (
        "This was typed while the cell is running."
    )


def views_share_one_stream(notebook: Notebook, connections: int = 1) -> None:
    """The first cell shows it, the second shows it again, the third says `LONG`.

    Its stream takes so many of WebRTC's connections.
    """
    first, second = notebook.view(0), notebook.view(1)
    first.plays()
    notebook.run(1)
    second.plays(5)
    notebook.run(2)
    for view in (first, second):
        view.is_audible()
        view.caption_comes("lighthouse")
        assert view.best_fps(MOVES_FPS) >= MOVES_FPS
    assert notebook.page.evaluate(
        "() => { const [one, other] = document.querySelectorAll('.jp-Notebook .ipyavatar-root');"
        " return one.__ipyavatar.stream === other.__ipyavatar.stream; }"
    )
    assert notebook.page.evaluate("__probe.connected().length") == connections
    playing = "__probe.audios.filter(a => a.srcObject && !a.paused).length"
    assert notebook.page.evaluate(playing) == 1, "the sound is played twice"
