"""A fork waits for what is being loaded."""

import os
import sys
import threading
from types import ModuleType

import pytest

from ipyavatar.core.fork_gate import ForkGate, are_we_importing, loading

SOON_S = 30.0


def start_loading(loading, order):
    """A thread that is in the middle of loading, and ends it now, at its own pace."""
    begun, go_on = threading.Event(), threading.Event()

    def load():
        with loading():
            begun.set()
            go_on.wait(SOON_S)
            order.append("loaded")

    loader = threading.Thread(target=load)
    loader.start()
    begun.wait(SOON_S)
    go_on.set()
    return loader


def test_what_is_loaded_may_load_something_else():
    with loading(), loading():
        pass


def test_a_fork_comes_after_what_another_thread_loads():
    """Else a child would wait for ever for locks that nobody there gives back."""
    gate, order = ForkGate(SOON_S), []
    loader = start_loading(gate.loading, order)
    gate.before_fork()
    order.append("forked")
    gate.after_fork_in_parent()
    loader.join(SOON_S)
    assert order == ["loaded", "forked"]
    with gate.loading():
        order.append("loaded again")
    assert order[-1] == "loaded again"


def test_a_load_that_never_ends_holds_no_fork_and_no_child():
    gate = ForkGate(0.0)
    begun, over = threading.Event(), threading.Event()

    def load():
        with gate.loading():
            begun.set()
            over.wait(SOON_S)

    loader = threading.Thread(target=load)
    loader.start()
    begun.wait(SOON_S)
    gate.before_fork()
    gate.after_fork_in_parent()  # what it does not hold it cannot give back
    gate.after_fork_in_child()
    with gate.loading():
        over.set()
    loader.join(SOON_S)
    assert not loader.is_alive()


def test_a_fork_comes_after_what_another_thread_imports():
    answers = [True, True, False]
    gate = ForkGate(SOON_S, lambda: answers.pop(0))
    gate.before_fork()
    gate.after_fork_in_parent()
    assert answers == []


@pytest.mark.parametrize(
    ("package", "found"), [("ipyavatar.of_a_test", True), ("somebody_else", False)]
)
def test_imports_of_our_threads_are_seen(package, found, tmp_path, monkeypatch):
    """Not those of the program: they may wait for the thread that forks."""
    begun, go_on = threading.Event(), threading.Event()
    (tmp_path / "slow_to_import.py").write_text("import sys\nsys.modules['gate_of_a_test'].wait()")
    gate = ModuleType("gate_of_a_test")
    gate.wait = lambda: (begun.set(), go_on.wait(SOON_S))
    monkeypatch.setitem(sys.modules, "gate_of_a_test", gate)
    monkeypatch.syspath_prepend(tmp_path)
    importer = threading.Thread(
        target=exec, args=("import slow_to_import", {"__name__": package}), daemon=True
    )
    importer.start()
    begun.wait(SOON_S)
    assert are_we_importing() == found
    go_on.set()
    importer.join(SOON_S)
    assert not are_we_importing()
    sys.modules.pop("slow_to_import")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_forks_of_the_program_wait():
    order = []
    loader = start_loading(loading, order)
    child = os.fork()
    if not child:
        with loading():
            os._exit(len(order))
    loader.join(SOON_S)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
