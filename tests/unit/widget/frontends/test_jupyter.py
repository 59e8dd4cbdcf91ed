import sys
import threading
from types import SimpleNamespace

import pytest

from ipyavatar.widget.frontends.jupyter import (
    Batch,
    DeafKernel,
    JupyterFrontEnd,
    Terminal,
    Voila,
    choose,
)
from ipyavatar.widget.frontends.subshell import hear_while_busy
from ipyavatar.widget.kernel_messages import PARTS


class Kernel:
    def __init__(self, shell_channel_thread):
        self.shell_channel_thread = shell_channel_thread


def shell(*, subshells=True, allow_stdin=True):
    kernel = Kernel(object() if subshells else None)
    parent = {"content": {"allow_stdin": allow_stdin}}
    return SimpleNamespace(kernel=kernel, get_parent=lambda: parent)


def ipykernel_6():
    """One whose messages can be let in while a cell waits."""
    return SimpleNamespace(**dict.fromkeys(PARTS, object()))


@pytest.mark.parametrize(
    ("here", "environ", "front_end"),
    [
        (shell(), {}, JupyterFrontEnd),
        (shell(subshells=False), {}, DeafKernel),
        (shell(allow_stdin=False), {}, Batch),
        (shell(allow_stdin=False), {"VOILA_BASE_URL": "/"}, Voila),
        (SimpleNamespace(kernel=ipykernel_6(), get_parent=dict), {}, JupyterFrontEnd),
        (SimpleNamespace(kernel=shell().kernel, get_parent=dict), {}, JupyterFrontEnd),
    ],
)
def test_the_kernel_tells_whose_page_there_is(here, environ, front_end):
    """A job without a page is told by that it cannot be asked for input."""
    assert type(choose(here, environ)) is front_end


def test_without_ipython_there_is_none():
    assert choose(None, {}) is None


def test_ipython_without_a_kernel_is_a_terminal():
    """Which shows texts, and has no page."""
    terminal = choose(SimpleNamespace(), {"VOILA_BASE_URL": "/"})
    assert type(terminal) is Terminal
    assert (terminal.has_pages, terminal.shows_widgets) == (False, False)


def test_a_job_without_a_page_waits_for_none():
    assert (Batch.unshown_wait_s, Batch.shown_wait_s, Batch.holds_up_page) == (0, 0, False)


def test_what_a_pages_button_calls_runs_in_a_subshell(monkeypatch):
    """There an avatar may be shown as in a cell; a thread of somebody's own is an inspector's."""
    front_end = JupyterFrontEnd(Kernel(object()))
    told = []

    class Call(threading.Thread):
        def run(self):
            told.append(front_end.runs_code())

    monkeypatch.setitem(sys.modules, "ipykernel.subshell", SimpleNamespace(SubshellThread=Call))
    plain = threading.Thread(target=lambda: told.append(front_end.runs_code()))
    for thread in (Call(), plain):
        thread.start()
        thread.join()
    assert told == [True, False]
    assert front_end.runs_code()


def test_the_front_ends_own_choice_of_a_shell_counts():
    """And a comm that is none of ipykernel's is left alone."""
    widget = SimpleNamespace(comm=SimpleNamespace(_reply_subshell_for="main"))
    hear_while_busy(widget)
    assert widget.comm._reply_subshell_for is None
    hear_while_busy(SimpleNamespace())
