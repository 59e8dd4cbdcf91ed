"""Plain Python processes as kernels, with real companion processes and paid sessions."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import psutil

from .processes import until
from .twin_process import KEY

OPTIONS = {
    "embedded": "",
    "heygen": "idle_timeout_s=3000",
    "liveavatar": "sandbox=True",
    "kaltura": 'avatar_id="64b1f0c2a1b2c3d4e5f60718"',
}

KERNEL = """
import json, sys, time
from ipyavatar.client import transport
{patch}
from ipyavatar import AvatarSession
sessions = [{sessions}]
notices = []
for session in sessions:
    session.observe(lambda report: notices.append([getattr(report, "kind", ""), str(report)]))
print(sessions[0].host_pid, flush=True)
for line in sys.stdin:
    match line.strip():
        case "start":
            handles = [session.start() for session in sessions]
        case "status":
            print(*(session.status for session in sessions), flush=True)
        case "notices":
            print(json.dumps(notices), flush=True)
        case "speak":
            for session in sessions:
                session.speak("Some words. " * 200)
        case "stop":
            for session in sessions:
                session.stop()
        case "exit":
            sys.exit()
"""

CHANGED = """
transport._usual_command = lambda: [
    sys.executable, "-c",
    f"import sys; sys.path[:0] = {{sys.path!r}}\\n"
    "import ipyavatar.host.host as host, ipyavatar.host.__main__ as main\\n"
    {code!r} "\\n"
    "main.main()",
]
"""


def place(monkeypatch: Any, folder: Path, url: str) -> None:
    """A ledger of our own, and keys and addresses of all services in the environment."""
    monkeypatch.setenv("IPYAVATAR_STATE_DIR", str(folder))
    for name in ("HEYGEN_API_KEY", "LIVEAVATAR_API_KEY", "KALTURA_KS"):
        monkeypatch.setenv(name, KEY)
    for name in ("HEYGEN", "LIVEAVATAR", "KALTURA"):
        monkeypatch.setenv(f"IPYAVATAR_{name}_URL", url)


class PaidKernel:
    """A kernel with a session of each of `services`; it does what it is told on its stdin.

    Its companion may run `code` first; there, `host` and `main` are modules.
    """

    def __init__(self, *services: str, stay_s: float | None = None, code: str = "") -> None:
        made = ", ".join(
            f'AvatarSession("{name}", host="process", {OPTIONS[name]})' for name in services
        )
        if stay_s is not None:
            code += f"\nhost.STAY_S = {stay_s}"
        patch = CHANGED.format(code=code) if code else ""
        self._process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(KERNEL).format(sessions=made, patch=patch)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.pid = self._process.pid
        self.companion = int(self._process.stdout.readline())

    def __enter__(self) -> PaidKernel:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()

    def do(self, what: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()

    def hear(self, statuses: str, seconds: float = 60) -> None:
        """Wait until the sessions have these statuses."""

        def told() -> bool:
            self.do("status")
            assert self._process.stdout is not None
            return self._process.stdout.readline().strip() == statuses

        until(told, seconds, statuses)

    def notice(self, kind: str, seconds: float) -> str:
        """Wait for a notice of that kind; there is to be one, and no more."""
        found: list[str] = []

        def told() -> bool:
            self.do("notices")
            assert self._process.stdout is not None
            found[:] = [t for k, t in json.loads(self._process.stdout.readline()) if k == kind]
            return bool(found)

        until(told, seconds, f"a notice: {kind}")
        assert len(found) == 1
        return found[0]

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(10)

    def wait(self, seconds: float) -> None:
        self._process.wait(seconds)

    def companion_cpu(self, seconds: float) -> float:
        """Share of one core that the companion takes, over so many seconds."""
        process = psutil.Process(self.companion)
        before = sum(process.cpu_times()[:2])
        began = time.monotonic()
        time.sleep(seconds)
        return float((sum(process.cpu_times()[:2]) - before) / (time.monotonic() - began))
