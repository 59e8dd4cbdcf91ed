"""Python clients that nobody here wrote, each a process; `tests/sdk/requirements.txt` has them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
INSTALLED = ROOT / ".clients"


def let_loose(client: str, *arguments: str) -> dict[str, Any]:
    """Run the script `client` of this folder to its end; returns what it got."""
    if not INSTALLED.exists():
        raise RuntimeError("The public clients are not installed: make e2e does it")
    done = subprocess.run(
        [sys.executable, "-m", f"tests.support.public_clients.{client}", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(INSTALLED), str(ROOT / "src")])},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    got: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return got
