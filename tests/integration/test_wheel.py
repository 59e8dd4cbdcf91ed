"""The wheel is what people get: it holds everything, and it speaks."""

import os
import pathlib
import subprocess
import sys
import zipfile

import pytest

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """The wheel of this checkout, unpacked."""
    out = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stdout[-2000:] + built.stderr[-2000:]
    (wheel,) = out.glob("*.whl")
    print(f"{wheel.name}: {wheel.stat().st_size / 1e6:.1f} MB")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(out / "site")
    return out / "site"


def shipped_files():
    """Every file of the package in this checkout, built ones included."""
    package = ROOT / "src" / "ipyavatar"
    files = (path for path in package.rglob("*") if path.is_file())
    return {path.relative_to(package.parent).as_posix() for path in files if path.suffix != ".pyc"}


def test_nothing_is_left_out(unpacked):
    """Code, types marker, sprites and the built page are all in it."""
    inside = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*")}
    assert "ipyavatar/static/widget.js" in inside
    assert "ipyavatar/py.typed" in inside
    assert shipped_files() <= inside


def test_it_speaks_from_the_wheel(unpacked, tmp_path):
    """A script without a notebook says something with the wheel's own code."""
    script = tmp_path / "script.py"
    script.write_text(
        "import ipyavatar\n"
        "if __name__ == '__main__':\n"
        "    avatar = ipyavatar.Avatar(quality='low')\n"
        "    speech = avatar.speak('From the wheel.').wait(60)\n"
        "    print(ipyavatar.__file__, speech.state)\n"
        "    avatar.stop().wait(10)\n"
    )
    ran = subprocess.run(
        [sys.executable, str(script)],
        env=os.environ | {"PYTHONPATH": str(unpacked)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr
    assert str(unpacked) in ran.stdout
    assert "said" in ran.stdout
