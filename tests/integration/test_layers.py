"""Imports point down only, and importing the package costs next to nothing."""

import pathlib
import subprocess
import sys


def test_imports_point_down():
    """The contract stands in pyproject.toml; this is the test that it is kept."""
    done = subprocess.run(
        [pathlib.Path(sys.executable).parent / "lint-imports", "--no-cache"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def modules_after(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_imports_nothing_else():
    """Not even what it is made of."""
    loaded = modules_after("import ipyavatar")
    assert not {"numpy", "anywidget", "aiortc", "msgspec", "traitlets"} & loaded


def test_the_widget_does_not_load_the_engine():
    """Models, codecs and pictures belong to the companion process."""
    loaded = modules_after("from ipyavatar import Avatar")
    assert not {"aiortc", "av", "cv2", "onnxruntime", "hibari", "httpx"} & loaded
