"""At rest nothing goes between page and kernel; what a server has dropped is told again."""

from __future__ import annotations

import time

from tests.support.behaviour import speak
from tests.support.lab import Notebook, Server

from .conftest import CELL, Open

REST_S = 30.0
NO_PAGE_S = 15.0
"""JupyterLab asks every 10 s."""


ASK = "?no_track_activity=1"
"""Else our own questions would count as activity."""


def activity(lab: Server) -> list[str]:
    """When the server last heard of each kernel."""
    return [kernel["last_activity"] for kernel in lab.api(f"/api/kernels{ASK}")]


def activity_at_rest(notebook: Notebook, lab: Server) -> list[str]:
    """The same, once all is told that there is to tell."""
    before, since = activity(lab), time.monotonic()
    while time.monotonic() - since < 30:
        notebook.page.wait_for_timeout(4_000)
        now = activity(lab)
        if now == before:
            break
        before = now
    assert len(before) == 1
    return before


def test_a_shown_avatar_at_rest_leaves_its_kernel_alone(open_notebook: Open, lab: Server) -> None:
    """For half a minute after a speech no message goes either way, and the kernel counts as idle.

    Also once its page is closed, while the session goes on. Of the server nothing can be said
    here: any JupyterLab that is open, another test's too, asks it all the time.
    """
    notebook = open_notebook([CELL, speak("Hello there.")], own=True)
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.run(1)
    view.is_quiet()
    before = activity_at_rest(notebook, lab)
    notebook.page.wait_for_timeout(REST_S * 1000)
    assert activity(lab) == before
    assert view.fps() > 0, "and it is still there"
    notebook.page.close()
    time.sleep(NO_PAGE_S)  # its last requests, and the page's own farewell
    left = activity(lab)
    time.sleep(NO_PAGE_S)
    assert activity(lab) == left
    assert len(lab.hosts()) == 1


IDLE_CELL = "from ipyavatar import Avatar\navatar = Avatar(quality='low', max_idle_s=5)\navatar"


def test_what_nobody_uses_ends_and_comes_back_when_it_is_looked_at_or_speaks(
    open_notebook: Open, lab: Server
) -> None:
    """By a move of the mouse, by a speech, in a page that is loaded anew; nothing else does."""
    notebook = open_notebook([IDLE_CELL, speak("Here I am again.")], own=True)
    notebook.run(0)
    view = notebook.view()
    view.plays()
    view.shows("nobody used it", 30)
    assert view.panel() == ""
    notebook.becomes("avatar.status", "ended")
    before = activity_at_rest(notebook, lab)
    notebook.page.wait_for_timeout(7_000)
    assert activity(lab) == before
    assert "nobody used it" in view.words()
    view.root.hover()
    view.plays()
    notebook.becomes("avatar.status", "live")
    view.shows("nobody used it", 30)
    notebook.run(1)
    view.has_sounded(0.2)
    view.shows("nobody used it", 30)
    notebook.save()
    notebook.reload()
    view.plays(60)


FLOOD = """
import sys, time
line = "x" * 1000 + "\\n"
until = time.monotonic() + 8
while time.monotonic() < until:
    for _ in range(200):
        sys.stdout.write(line)
    sys.stdout.flush()
    time.sleep(0.1)
"""


def test_a_lost_stream_comes_back_while_a_cell_prints_two_megabytes_a_second(
    open_notebook: Open, lab: Server
) -> None:
    """The server drops messages, answers to offers among them; they are given again."""
    notebook = open_notebook([CELL, FLOOD, speak("Hello there.")])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.start(1)
    notebook.page.wait_for_timeout(1_500)
    assert not notebook.is_done(1)
    for host in lab.hosts():
        host.kill()
    view.plays(60)
    notebook.wait(1)
    assert "data rate exceeded" in notebook.output(1), "the server dropped messages"
    notebook.run(2)
    view.has_sounded(0.2)
