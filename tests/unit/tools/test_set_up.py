"""What make sets up: the lock, the oldest dependencies, the search for other Pythons."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tools import unit_on

TOOLS = Path(__file__).resolve().parents[3] / "tools"

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
