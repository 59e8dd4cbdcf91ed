"""At rest nothing goes between page and kernel; what a server has dropped is told again."""

from __future__ import annotations

import time

import pytest

from tests.support.behaviour import speak
from tests.support.lab import Server

from .conftest import CELL, Open

REST_S = 60.0


def activity(lab: Server) -> list[str]:
    """When the server last heard of each kernel."""
    return [kernel["last_activity"] for kernel in lab.api("/api/kernels")]


@pytest.mark.alone
def test_a_shown_avatar_at_rest_leaves_its_kernel_alone(open_notebook: Open, lab: Server) -> None:
    """For a minute after a speech no message goes either way, and the kernel counts as idle."""
    notebook = open_notebook([CELL, speak("Hello there.")])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.run(1)
    view.is_quiet()
    before, since = activity(lab), time.monotonic()
    while time.monotonic() - since < 30:  # until all is told
        notebook.page.wait_for_timeout(3_000)
        now = activity(lab)
        if now == before:
            break
        before = now
    assert len(before) == 1
    notebook.page.wait_for_timeout(REST_S * 1000)
    assert activity(lab) == before
    assert view.fps() > 0, "and it is still there"


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


@pytest.mark.alone
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
