"""What is sent to the page, downloaded, and put on the disk."""

from __future__ import annotations

import gzip
import pathlib
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from importlib import metadata

from packaging.requirements import Requirement

from .rows import Part, Reading, Spec
from .stand import Stand

ROOT = pathlib.Path(__file__).parents[2]
STATIC = ROOT / "src/ipyavatar/static"
MB = 1e6

BUNDLE, STYLES = "size: first JS bundle, gzip", "size: style sheet, gzip"
WHEEL, UNPACKED = "size: our wheel", "size: our package, installed"
PULLED, BEYOND = "size: what it pulls in, installed", "size: of that, not there with JupyterLab"


def bundle(_: Stand) -> Iterator[Reading]:
    """What a page loads first."""
    for name, file in ((BUNDLE, "widget.js"), (STYLES, "widget.css")):
        yield Reading(name, len(gzip.compress((STATIC / file).read_bytes(), 9)) / 1000, 1)


def wheel(stand: Stand) -> Iterator[Reading]:
    """Build it, weigh it."""
    out = stand.scratch / "wheel"
    command = [sys.executable, "-m", "build", "--wheel", "--outdir", str(out), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise RuntimeError(f"the wheel was not built: {(done.stderr or done.stdout)[-400:]}")
    (built,) = out.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        files = {info.filename: info.file_size for info in archive.infolist()}
    largest = sorted(files, key=lambda name: -files[name])[:4]
    told = ", ".join(f"{pathlib.Path(name).name} {files[name] / MB:.2f}" for name in largest)
    yield Reading(WHEEL, built.stat().st_size / MB, 1, f"largest, unpacked: {told}")
    yield Reading(UNPACKED, sum(files.values()) / MB, 1, f"largest: {told}")


def installed(_: Stand) -> Iterator[Reading]:
    """Our requirements and theirs, as they are installed here."""
    ours, lab = closure("ipyavatar") - {"ipyavatar"}, closure("jupyterlab") | closure("ipykernel")
    for name, packages in ((PULLED, ours), (BEYOND, ours - lab)):
        sizes = {package: disk(package) for package in packages}
        most = sorted(sizes, key=lambda package: -sizes[package])[:8]
        told = ", ".join(f"{package} {sizes[package] / MB:.0f}" for package in most)
        yield Reading(name, sum(sizes.values()) / MB, len(packages), told)


def closure(package: str) -> set[str]:
    """A package and all it requires here, by canonical name; extras are not followed."""
    found: set[str] = set()
    waiting = [package]
    while waiting:
        name = re.sub(r"[-_.]+", "-", waiting.pop()).lower()
        if name in found:
            continue
        try:
            needs = metadata.requires(name) or []
        except metadata.PackageNotFoundError:
            continue  # for another platform, or optional
        found.add(name)
        for text in needs:
            need = Requirement(text)
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                waiting.append(need.name)
    return found


def disk(package: str) -> float:
    """Bytes of a package's files, without compiled copies."""
    files = metadata.files(package) or []
    paths = [pathlib.Path(str(file.locate())) for file in files if file.suffix != ".pyc"]
    return float(sum(path.stat().st_size for path in paths if path.is_file()))


_WHEEL = "python -m build --wheel"
_DISK = "sizes of the files that the installed packages list, without .pyc; n counts packages"

PARTS = (
    Part(
        "size",
        (
            Spec(BUNDLE, "kB", 30, "gzip -9 of static/widget.js"),
            Spec(STYLES, "kB", None, "gzip -9 of static/widget.css"),
        ),
        bundle,
    ),
    Part(
        "size",
        (
            Spec(WHEEL, "MB", None, _WHEEL),
            Spec(UNPACKED, "MB", None, f"{_WHEEL}, unpacked sizes"),
        ),
        wheel,
    ),
    Part(
        "size",
        (Spec(PULLED, "MB", None, _DISK), Spec(BEYOND, "MB", 350, _DISK)),
        installed,
    ),
)
