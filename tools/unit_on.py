"""Runs the unit tests on another Python, in an environment of its own.

python tools/unit_on.py 3.10            # or 3.13, python3.12, /path/to/python
python tools/unit_on.py newest          # the newest CPython that is found here
python tools/unit_on.py --oldest 3.10   # with the oldest versions that pyproject.toml allows

What is missing is named, and is a failure: nothing is skipped in silence.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ROOT / "pyproject.toml"

NEWEST_AT_LEAST = (3, 13)
"""`newest` means at least this one: an older one says nothing that `make unit` does not."""

_ASK = "import platform, sys; print(platform.python_implementation(), *sys.version_info[:4])"

Version = tuple[int, int, int]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Runs the unit tests on another Python.")
    parser.add_argument("python", help="a version such as 3.10, a command, or `newest`")
    parser.add_argument("--oldest", action="store_true", help="with the oldest dependencies")
    options = parser.parse_args(arguments)
    if not options.python:
        return _fail("Which Python? For example: make unit-on PY=python3.12")
    found = find(options.python)
    if found is None:
        return _fail(missing(options.python))
    python, version = found
    print(f"Python {'.'.join(map(str, version))} ({python})", flush=True)
    name = "oldest" if options.oldest else f"{version[0]}.{version[1]}"
    environment = ROOT / f".venv-{name}"
    limits = lowest(PROJECT.read_text()) if options.oldest else []
    if not set_up(environment, python, version, limits):
        return 1
    inside = environment / "bin" / "python"
    if limits:
        print("With " + " ".join(limits), flush=True)
    jobs = ["--numprocesses", "2", "--dist", "loadfile"]
    # The contract tests call the twin through the real client: there an old library shows.
    tests = ["tests/unit", "tests/contract"] if options.oldest else ["tests/unit"]
    pytest = [str(inside), "-m", "pytest", *jobs, *tests]
    return subprocess.run(pytest, cwd=ROOT, check=False).returncode


# ---- which Python --------------------------------------------------------------------------------


def find(wanted: str) -> tuple[str, Version] | None:
    """The Python that is meant, if it is on this machine."""
    if wanted == "newest":
        known = [(v, p) for p in candidates() if (v := version_of(p)) and v >= NEWEST_AT_LEAST]
        version, python = max(known, default=(None, ""))
        return None if version is None else (python, version)
    bare = re.fullmatch(r"\d+\.\d+", wanted)
    if not bare:
        version = version_of(wanted)
        return None if version is None else (wanted, version)
    fitting = [(v, p) for p in candidates(bare[0]) if (v := version_of(p))]
    same = [(v, p) for v, p in fitting if f"{v[0]}.{v[1]}" == bare[0]]
    version, python = max(same, default=(None, ""))
    return None if version is None else (python, version)


def candidates(version: str = "") -> list[str]:
    """Commands that may be a Python: on PATH, and where pyenv and uv keep theirs."""
    name = re.compile(rf"python{re.escape(version)}" if version else r"python3\.\d+")
    folders = [Path(place) for place in os.environ.get("PATH", "").split(os.pathsep) if place]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    uv = Path(
        os.environ.get("UV_PYTHON_INSTALL_DIR", Path.home() / ".local" / "share" / "uv" / "python")
    )
    for place in (pyenv / "versions", uv):
        folders += sorted(place.glob(f"*{version}*/bin"))
    found = {
        str(entry)
        for folder in folders
        if folder.is_dir() and ROOT not in folder.parents
        for entry in folder.iterdir()
        if name.fullmatch(entry.name)
    }
    return sorted(found)


def version_of(python: str) -> Version | None:
    """The version of a Python; None unless it runs, and is a released CPython."""
    try:
        asked = subprocess.run(
            [python, "-c", _ASK], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    kind, major, minor, micro, level = asked.stdout.split()
    return (int(major), int(minor), int(micro)) if (kind, level) == ("CPython", "final") else None


def missing(wanted: str) -> str:
    """What to say where there is no such Python."""
    if wanted == "newest":
        wanted = ".".join(map(str, NEWEST_AT_LEAST))
        what = f"There is no CPython {wanted} or newer on this machine."
    else:
        wanted = wanted.removeprefix("python")
        what = f"There is no CPython {wanted} on this machine."
    return (
        f"{what} Looked on PATH and where pyenv and uv keep theirs. Install it: "
        f"`pyenv install {wanted}`, or `uv python install {wanted}`; on Debian or Ubuntu "
        f"`sudo apt-get install python{wanted} python{wanted}-venv` where it is packaged."
    )


# ---- what is installed ---------------------------------------------------------------------------


def lowest(project: str) -> list[str]:
    """`name==version` of the lower bound of every dependency, extra `serve` included."""
    wanted = _list(project, "dependencies") + _list(project, "serve")
    limits = []
    for requirement in wanted:
        name = re.match(r"[\w.-]+", requirement)
        low = re.search(r"(?:>=|==)\s*([\d.]*\d)", requirement)
        if name is None or low is None:
            raise SystemExit(f"pyproject.toml: {requirement!r} has no lower bound.")
        marker = requirement.partition(";")[2].strip()
        limits.append(f"{name[0]}=={low[1]}" + (f" ; {marker}" if marker else ""))
    return limits


def _list(project: str, key: str) -> list[str]:
    """The strings of one list of pyproject.toml; Python 3.10 has no reader for it."""
    found = re.search(rf"^{key} = \[(.*?)\]$", project, re.MULTILINE | re.DOTALL)
    if found is None:
        raise SystemExit(f"pyproject.toml has no list {key!r}.")
    lines = (line for line in found[1].splitlines() if not line.lstrip().startswith("#"))
    return re.findall(r'"([^"]+)"', "\n".join(lines))


def set_up(environment: Path, python: str, version: Version, limits: list[str]) -> bool:
    """Make the environment, unless it is there and made from the same."""
    told = PROJECT.read_text() + repr((version, limits))
    mark = hashlib.sha256(told.encode()).hexdigest()
    stamp = environment / ".made"
    if stamp.exists() and stamp.read_text() == mark:
        return True
    if environment.exists():
        shutil.rmtree(environment)
    made = subprocess.run([python, "-m", "venv", environment], check=False)
    if made.returncode:
        print(f"{python} cannot make an environment: is its venv installed?", file=sys.stderr)
        return False
    pip = [str(environment / "bin" / "python"), "-m", "pip", "install", "--quiet"]
    constraints = environment / "constraints.txt"
    constraints.write_text("\n".join(limits) + "\n")
    package = ["--editable", ".", "--group", "unit", "--constraint", str(constraints)]
    # The page is built already; installing needs no npm.
    env = os.environ | {"SKIP_JUPYTER_BUILDER": "1"}
    for arguments in (["--upgrade", "pip>=25.1"], package):
        if subprocess.run([*pip, *arguments], cwd=ROOT, env=env, check=False).returncode:
            return False
    stamp.write_text(mark)
    return True


def _fail(text: str) -> int:
    print(text, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
