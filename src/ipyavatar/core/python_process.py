"""How Python processes of ours are started: where they find modules, and with what environment.

They hold keys and tokens, so no file of the user's may be run in them because of its name. They
find this package where the kernel has it, and everything else where an installer put it:

1. the standard library;
2. the kernel's folders that an installer wrote (`pip install --target`, user site, a layer of a
   hub), in the kernel's order, and what this Python finds by itself (`site-packages`, `.pth`);
3. the working directory never, unless this package was installed into it: then last.

`PYTHONPATH` is not passed on, for folders of the user's stand there. The working directory of the
process is the root of the file system: nothing is found by a relative name, it does not hold a
folder that the user wants to delete, and one that was deleted does not matter.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

HOME = str(Path(os.path.abspath(__file__)).parents[2])
"""The folder that this package lies in."""

ROOT = os.path.abspath(os.sep)

# `-S` leaves only the standard library on `sys.path`; `site.main()` adds the rest behind. What
# lies beside this package is not looked at: only the package itself is taken from there.
# Before that, what it is talked to through is moved away: `site` runs what may print (`own_pipes`).
BOOTSTRAP = """\
import os, sys
pipes = os.dup(0), os.dup(1)
os.dup2(2, 1)
nothing = os.open(os.devnull, os.O_RDONLY)
os.dup2(nothing, 0)
os.close(nothing)
sys.path[:] = [folder for folder in sys.path if folder]
import importlib, importlib.machinery, importlib.util, json, site
where = json.loads(sys.argv[2])
sys.path += where["before"]
site.main()
sys.path += where["after"]
spec = importlib.machinery.PathFinder.find_spec("ipyavatar", [where["home"]])
package = sys.modules["ipyavatar"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)
importlib.import_module(where["module"]).main(*pipes)
"""

NOT_PASSED_ON = frozenset(
    f"PYTHON{name}"
    for name in [
        "PATH",
        "STARTUP",
        "INSPECT",
        "HASHSEED",
        "MALLOC",
        "MALLOCSTATS",
        "TRACEMALLOC",
        "IOENCODING",
        "VERBOSE",
        "DEBUG",
        "DUMPREFS",
        "DUMPREFSFILE",
        "PROFILEIMPORTTIME",
        "BREAKPOINT",
        "INTMAXSTRDIGITS",
        "NODEBUGRANGES",
        "PERFSUPPORT",
        "EXECUTABLE",
        "SAFEPATH",
        "COERCECLOCALE",
        "LEGACYWINDOWSSTDIO",
        "ASYNCIODEBUG",
        "_GIL",
        "_CPU_COUNT",
        "_FROZEN_MODULES",
        "_PRESITE",
        "_PERF_JIT_SUPPORT",
        "_TLBC",
        "_JIT",
        "_COLORS",
    ]
)
"""Some bring in folders of the user's; with others an interpreter does not start where their value
is none of its own, and a cell may set them for programs that it runs."""

PATH_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "IPYAVATAR_STATE_DIR", "XDG_STATE_HOME")
"""Made absolute: the process has another working directory."""


def python_command(
    module: str,
    executable: str,
    path: Iterable[object] = (),
    home: str = HOME,
    cwd: str | None = None,
) -> list[str]:
    """The command that runs a process.

    Args:
        module: Of this package, with the function `main`, which gets its pipes (`own_pipes`).
        executable: Python.
        path: The kernel's `sys.path`.
        home: The folder that this package lies in.
        cwd: The working directory; that of this process when None.
    """
    before, after = install_folders(path, _working_directory() if cwd is None else cwd)
    where = json.dumps({"module": module, "home": home, "before": before, "after": after})
    return [executable, "-S", "-c", BOOTSTRAP, module.removesuffix(".__main__"), where]


def install_folders(path: Iterable[object], cwd: str) -> tuple[list[str], list[str]]:
    """The folders of `path` that an installer wrote; those that come last are apart."""
    before: list[str] = []
    after: list[str] = []
    here = os.path.realpath(cwd) if cwd else ""
    for entry in path:
        if not isinstance(entry, str) or "\0" in entry:
            continue  # no name of a folder
        if not (cwd or os.path.isabs(entry)):
            continue  # relative to a folder that is gone
        folder = os.path.normpath(os.path.join(cwd, entry))
        is_here = os.path.realpath(folder) == here
        if folder not in before + after and _is_installed_into(folder, "ipyavatar-" * is_here):
            (after if is_here else before).append(folder)
    return before, after


def python_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` as such a process gets it."""
    passed = {name: value for name, value in environ.items() if _is_passed_on(name, value)}
    for name in PATH_VARIABLES:
        if passed.get(name):
            with contextlib.suppress(OSError):  # the working directory is gone
                passed[name] = os.path.abspath(os.path.expanduser(passed[name]))
    return passed


def _is_passed_on(name: str, value: str) -> bool:
    """Of what says where Python is, only what this one goes by: another may be meant for others."""
    if name == "PYTHONHOME":
        homes = {os.path.realpath(home) for home in value.split(os.pathsep) if home}
        return bool(homes) and homes <= {*map(os.path.realpath, (sys.base_prefix, sys.prefix))}
    if name == "PYTHONPLATLIBDIR":
        return value == sys.platlibdir
    if name == "PYTHONUTF8":
        return value in ("0", "1")
    return name not in NOT_PASSED_ON


def popen_options(platform: str = sys.platform) -> dict[str, object]:
    """What keeps the process apart from the kernel's terminal.

    In the kernel's process group it would hold up Jupyter's polite shutdown, and take the Ctrl-C
    that is meant for a cell. On Windows a console would flash.
    """
    if platform == "win32":
        no_window = getattr(subprocess, "CREATE_NO_WINDOW", 0x0800_0000)
        new_group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0x0000_0200)
        return {"creationflags": no_window | new_group}
    return {"start_new_session": True}


def _working_directory() -> str:
    """Where this process is; empty when that folder is gone."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def _is_installed_into(folder: str, prefix: str = "") -> bool:
    """Whether an installer put a package into `folder`, one whose name begins like that."""
    try:
        with os.scandir(folder) as found:
            return any(
                one.name.startswith(prefix) and one.name.endswith(".dist-info") for one in found
            )
    except OSError:
        return False
