"""Reloads, restarts, deaths: each is survived where it can be, and said in the page."""

from __future__ import annotations

import time

import nbformat
import psutil

from tests.support.lab import Server
from tests.support.patience import patient

from .conftest import CELL, LONG, Open

GONE_S = 3.0
"""Nothing outlives a killed kernel by more than this."""


def test_reload_of_the_tab_reconnects(open_notebook: Open) -> None:
    notebook = open_notebook([CELL, f"speech = avatar.speak({LONG!r})"], own=True)
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.save()
    notebook.reload()
    view.plays()
    notebook.wait_ready()
    notebook.becomes("avatar.stats['pages']", "1.0")
    notebook.run(1)
    view.is_audible()
    assert len(notebook.server.hosts()) == 1


def test_kill_9_of_the_kernel_leaves_nothing_behind(open_notebook: Open) -> None:
    notebook = open_notebook([CELL, f"speech = avatar.speak({LONG!r})"], own=True)
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.run(1)
    view.sounds()
    kernel = psutil.Process(notebook.kernel_pid())
    hosts = notebook.server.hosts()
    assert len(hosts) == 1
    family = hosts + hosts[0].children(recursive=True) + kernel.children(recursive=True)
    kernel.kill()
    left = psutil.wait_procs(family, timeout=GONE_S)[1]
    assert left == []
    view.shows("kernel", 15)
    assert "Run this cell again" in view.panel()


def test_kernel_restart_is_said_and_running_the_cell_again_works(open_notebook: Open) -> None:
    notebook = open_notebook([CELL, "avatar.speak('Here I am again.').wait(20)"], own=True)
    notebook.run(0)
    view = notebook.view()
    view.plays()
    old = notebook.server.hosts()
    notebook.page.evaluate(
        "async () => { await window.jupyterapp.shell.currentWidget.context.sessionContext.session"
        ".kernel.restart(); return true; }"
    )
    view.shows("kernel", 15)
    assert "Run this cell again" in view.panel()
    assert psutil.wait_procs(old, timeout=GONE_S)[1] == []
    notebook.wait_ready()
    notebook.run(0)
    view.plays()
    assert view.panel() == ""
    notebook.run(1)
    view.has_sounded(0.3)


def test_a_dead_host_is_replaced_and_what_waited_is_said(open_notebook: Open) -> None:
    queued = "This one was in the queue. It is long enough to be heard by a busy browser."
    talk = f"speech, queued = avatar.speak({LONG!r}), avatar.speak({queued!r})"
    wait = "try:\n    speech.wait(1)\nexcept Exception as error:\n    print(error)"
    notebook = open_notebook([CELL, talk, wait, "print(queued.wait(20).state)"])
    notebook.run(0)
    view = notebook.view()
    view.plays()
    notebook.run(1)
    view.sounds()
    (host,) = notebook.server.hosts()
    notebook.page.evaluate(
        "() => { window.__words = []; const line ="
        " document.querySelector('.jp-Notebook .ipyavatar-words');"
        " new MutationObserver(() => window.__words.push(line.textContent))"
        ".observe(line, {childList: true, characterData: true, subtree: true}); }"
    )
    host.kill()
    killed = time.monotonic()
    view.until(
        "root.__ipyavatar.state().connection.attempts > 1 && root.__ipyavatar.state().playing",
        "a picture",
    )
    back_s = time.monotonic() - killed
    view.has_captioned("queue")
    view.is_audible()
    view.plays()
    words = notebook.page.evaluate("window.__words")
    assert any("econnecting" in line or "starting another" in line for line in words), words
    assert "not said" in notebook.run(2)
    assert notebook.run(3) == "said\n"
    assert notebook.value("avatar.status") == "live"
    assert len(notebook.server.hosts()) == 1
    assert back_s < patient(6), f"the picture came back after {back_s:.1f} s"


def test_a_host_that_keeps_dying_is_given_up_with_advice(open_notebook: Open) -> None:
    notebook = open_notebook()
    notebook.run(0)
    view = notebook.view()
    view.plays()
    deadline = time.monotonic() + 30
    while notebook.value("avatar.status") != "failed" and time.monotonic() < deadline:
        for host in notebook.server.hosts():
            host.kill()
        notebook.page.wait_for_timeout(100)
    assert notebook.value("avatar.status") == "failed"
    view.until("!root.querySelector('.ipyavatar-panel').hidden", "a panel")
    assert "restart the kernel" in view.panel()


# ---- notebooks that were saved -------------------------------------------------------------------


REST = "An avatar was here. Run this cell to bring it back."


def write_saved(lab: Server, kernel: str) -> str:
    """A notebook as it is saved with an avatar in it, made for `kernel`."""
    name = lab.write(f"saved-{kernel}.ipynb", [CELL])
    book = nbformat.read(lab.notebooks / name, as_version=4)
    book.metadata["kernelspec"] = {"name": kernel, "display_name": kernel}
    view = {"model_id": "0" * 32, "version_major": 2, "version_minor": 1}
    data = {"application/vnd.jupyter.widget-view+json": view, "text/plain": REST}
    book.cells[0].execution_count = 1
    book.cells[0].outputs = [nbformat.v4.new_output("execute_result", data=data, execution_count=1)]
    nbformat.write(book, lab.notebooks / name)
    return name


def test_a_notebook_opened_without_a_kernel_says_how_to_bring_it_back(
    open_notebook: Open, lab: Server
) -> None:
    notebook = open_notebook(name=write_saved(lab, "nobody-has-this"), own=True, kernel=False)
    notebook.page.get_by_role("dialog").get_by_role("button", name="No Kernel").click()
    notebook.page.locator(".jp-Notebook .jp-OutputArea-output", has_text=REST).wait_for()


def test_a_saved_notebook_works_with_a_fresh_kernel(open_notebook: Open, lab: Server) -> None:
    # JupyterLab says "model not found" in our place, and never runs anything of ours.
    notebook = open_notebook(name=write_saved(lab, "python3"))
    notebook.run(0)
    notebook.view().plays()
    path = notebook.save()
    book = nbformat.read(lab.notebooks / path, as_version=4)
    assert book.cells[0].outputs[0].data["text/plain"] == REST


def test_a_notebook_saved_with_its_widgets_says_how_to_bring_it_back(
    open_notebook: Open, lab: Server
) -> None:
    with lab.widgets_saved():
        notebook = open_notebook(own=True)
        notebook.run(0)
        notebook.view().plays()
        name = notebook.save()
        notebook.page.context.close()
        lab.end_kernels()
        notebook = open_notebook(name=name, own=True)
    view = notebook.view()
    view.shows("[Rr]e-run this cell|[Rr]un this cell again", 40)
    notebook.run(0)
    view.plays()
