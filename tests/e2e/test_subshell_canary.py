"""The ipykernel 7.4 subshell trap, with a bare client: what we rely on, and what we undo.

When a test here fails after an update of ipykernel, see `ipyavatar.widget.frontends.subshell`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import ipykernel
import pytest

VERSION = tuple(map(int, ipykernel.__version__.split(".")[:2]))


def measure(widget: str) -> dict[str, Any]:
    run = subprocess.run(
        [sys.executable, "-m", "tests.support.bare_client", widget],
        check=False,
        capture_output=True,
        text=True,
        timeout=90,
        env=os.environ | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"},
    )
    assert run.returncode == 0, run.stderr[-2000:]
    answer: dict[str, Any] = json.loads(run.stdout)
    return answer


def test_a_page_is_heard_while_a_cell_runs() -> None:
    avatar = measure("avatar")
    assert avatar["in_cell"], avatar
    if VERSION >= (7, 4):
        assert avatar["attribute"] == "None", "our remedy has not been applied"


@pytest.mark.skipif(VERSION != (7, 4), reason="another ipykernel")
def test_the_trap_is_still_there() -> None:
    """When this fails, ipykernel is put right or has renamed what we set."""
    bare = measure("bare")
    assert not bare["in_cell"], "the trap is gone: `hear_while_busy` can go too"
    assert "method" in bare["attribute"], f"the private attribute is {bare['attribute']}"


def test_a_page_without_subshells_is_heard_while_a_cell_waits() -> None:
    """As those of VS Code, nbclassic and JupyterLab before 4.4: what it says is let in."""
    assert measure("waiting")["in_cell"]
