"""What make sets up: the lock, the oldest dependencies, the search for other Pythons."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools import unit_on

ROOT = Path(__file__).resolve().parents[3]
TOOLS = ROOT / "tools"

GENERATED = [
    (".venv/.made", []),
    (".venv/.lab", ["pyproject.toml"]),
    (".venv/.dev", ["pyproject.toml"]),
    (".venv/.docs", ["pyproject.toml"]),
    (".venv-frontends/.made", ["pyproject.toml"]),
    (".venv-frontends/.more", ["pyproject.toml"]),
    (".venv-jupyterlab-42/.made", ["pyproject.toml"]),
    (".ipykernel-6/.made", ["pyproject.toml"]),
    (".clients/.made", ["tests/sdk/requirements.txt"]),
    ("tests/hub/node_modules/.made", ["tests/hub/package.json", "tests/hub/package-lock.json"]),
    (
        "tests/sdk/node_modules/.made",
        ["tests/sdk/package.json", "tests/sdk/package-lock.json", "tests/sdk/build.mjs"],
    ),
    ("js/node_modules/.made", ["js/package.json", "js/package-lock.json"]),
    (
        "js/src/model/messages.ts",
        ["src/ipyavatar/protocol/page.py", "src/ipyavatar/core/text.py", "tools/page_types.py"],
    ),
    (
        "src/ipyavatar/static/widget.js",
        [
            *("js/package.json", "js/package-lock.json", "js/build.mjs", "js/tsconfig.json"),
            *("js/src/ui/widget.css", "js/src/index.ts", "js/src/livekit-bundle/index.ts"),
            *("src/ipyavatar/protocol/page.py", "tools/page_types.py"),
        ],
    ),
]
"""What make generates, in the order in which it came, and what of it is to be made anew after."""

PROJECT = """
dependencies = [
  # Why: "not>=9".
  "one>=1.2,<2",
  "two==0.3.*",
  "three>=4; sys_platform != 'linux'",
]
[project.optional-dependencies]
serve = ["four>=5.6.7"]
"""


def test_the_lowest_versions_are_those_of_the_bounds() -> None:
    """Comments are no requirements; markers are kept; the extra `serve` counts."""
    assert unit_on.lowest(PROJECT) == [
        "one==1.2",
        "two==0.3",
        "three==4 ; sys_platform != 'linux'",
        "four==5.6.7",
    ]


def test_every_dependency_has_a_lower_bound() -> None:
    """Else nobody knows what the oldest is."""
    assert len(unit_on.lowest(unit_on.PROJECT.read_text())) > 15


def test_a_requirement_without_a_lower_bound_is_refused() -> None:
    """By name."""
    with pytest.raises(SystemExit, match="five"):
        unit_on.lowest(PROJECT.replace("four>=5.6.7", "five"))


def test_a_python_that_is_missing_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    """It says which one, and how to get it."""
    assert unit_on.main(["3.99"]) == 1
    told = capsys.readouterr().err
    assert "no CPython 3.99" in told
    assert "pyenv install 3.99" in told


def test_this_python_is_found_by_path() -> None:
    """A command is taken as it is."""
    found = unit_on.find(sys.executable)
    assert found == (sys.executable, sys.version_info[:3])


@pytest.mark.skipif(sys.platform == "win32", reason="make is not for Windows")
def test_two_commands_with_one_lock_come_one_after_the_other(tmp_path: Path) -> None:
    """The second waits, however the first ends, and exit codes are passed on."""
    log = tmp_path / "log"
    lock = [sys.executable, str(tmp_path / "lock.py"), "test"]
    # A copy has its locks below its own folder.
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "lock.py").write_text((TOOLS / "lock.py").read_text())
    lock[1] = str(tmp_path / "sub" / "lock.py")
    code = "import sys; open(sys.argv[1], 'a').write(sys.argv[2]); sys.stdin.read(); "
    code += "open(sys.argv[1], 'a').write(sys.argv[2]); sys.exit(3)"
    first = subprocess.Popen(
        [*lock, sys.executable, "-c", code, str(log), "1"], stdin=subprocess.PIPE
    )
    while not log.exists() or not log.read_text():
        assert first.poll() is None
    second = subprocess.Popen(
        [*lock, sys.executable, "-c", code, str(log), "2"],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert second.stderr is not None
    assert "waiting" in second.stderr.readline()
    assert log.read_text() == "1"
    first.communicate(b"")
    second.communicate()
    assert (first.returncode, second.returncode) == (3, 3)
    assert log.read_text() == "1122"


def commands(tree: Path, target: str) -> list[str]:
    """What make would run for `target`, but for the look at what Node there is."""
    # A make that runs these tests has nothing to do with it.
    environment = {name: value for name, value in os.environ.items() if "MAKE" not in name}
    run = subprocess.run(
        ["make", "--dry-run", "--no-print-directory", target],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    nothing = ("is up to date.", "tools/node.py", "Nothing to be done for")
    return [line for line in run.stdout.splitlines() if not any(no in line for no in nothing)]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A tree with our Makefile in which all is made."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    files = [name for _, sources in GENERATED for name in sources]
    for at, name in enumerate([*files, *(target for target, _ in GENERATED)]):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (at, at))
    for folder in (tmp_path / "js").rglob("*"):
        if folder.is_dir():
            os.utime(folder, (0, 0))
    os.utime(tmp_path / "js" / "src", (0, 0))
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="make is not for Windows")
@pytest.mark.parametrize(("target", "sources"), [row for row in GENERATED if row[1]])
def test_what_is_generated_is_made_anew_after_an_edit(
    made: Path, target: str, sources: list[str]
) -> None:
    """And not without one."""
    assert commands(made, target) == []
    for source in sources:
        before = (made / source).stat().st_mtime
        os.utime(made / source, (10_000, 10_000))
        assert commands(made, target), f"{target} after an edit of {source}"
        os.utime(made / source, (before, before))
