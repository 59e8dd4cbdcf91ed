"""What importing costs: next to nothing until a name is used."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

from .numbers import median, spread
from .rows import Part, Reading, Spec
from .stand import Kernel, Stand

RUNS = 5

BARE_KERNEL = "import: ipyavatar, in a kernel"
AVATAR_KERNEL = "import: from ipyavatar import Avatar, in a kernel"
BARE_FRESH = "import: ipyavatar, fresh interpreter"
AVATAR_FRESH = "import: from ipyavatar import Avatar, fresh interpreter"

_TIMED = "import time; _begin = time.perf_counter(); {}; _ms = (time.perf_counter() - _begin) * 1e3"
_BARE, _AVATAR = "import ipyavatar", "from ipyavatar import Avatar"


def in_kernels(_: Stand) -> Iterator[Reading]:
    """Both imports, one after the other, in fresh kernels."""
    bare, whole = [], []
    for _run in range(RUNS):
        with Kernel() as kernel:
            bare.append(float(kernel.ask(_TIMED.format(_BARE), "_ms")))
            # What `import ipyavatar` took belongs to it as well.
            whole.append(bare[-1] + float(kernel.ask(_TIMED.format(_AVATAR), "_ms")))
    yield Reading(BARE_KERNEL, median(bare), RUNS, spread(bare, 1))
    yield Reading(AVATAR_KERNEL, median(whole), RUNS, f"{spread(whole)}; {heaviest()}")


def in_interpreters(_: Stand) -> Iterator[Reading]:
    """Each import in interpreters of its own."""
    for name, statement in ((BARE_FRESH, _BARE), (AVATAR_FRESH, _AVATAR)):
        code = _TIMED.format(statement) + "; print(_ms)"
        times = [float(_python("-c", code).stdout) for _run in range(RUNS)]
        yield Reading(name, median(times), RUNS, spread(times, 1))


def heaviest(count: int = 7) -> str:
    """The packages that take most of the import, beyond what a kernel has loaded anyway."""
    statement = f"import ipykernel.kernelapp, IPython.core.interactiveshell\n{_AVATAR}"
    told = _python("-X", "importtime", "-c", statement).stderr
    # What comes after the kernel's own last module is ours.
    ours = told.rsplit("ipykernel.kernelapp\n", 1)[-1]
    spent: Counter[str] = Counter()
    for own, module in re.findall(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", ours):
        spent[module.split(".")[0]] += int(own)
    parts = (f"{name} {us / 1000:.0f}" for name, us in spent.most_common(count))
    return "ms by package (under -X importtime): " + ", ".join(parts)


def _python(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)


_KERNEL = "perf_counter around the statement in a fresh kernel, median"
_FRESH = "perf_counter around the statement in a fresh interpreter, warm disk, median"

PARTS = (
    Part(
        "import",
        (Spec(BARE_KERNEL, "ms", 5, _KERNEL), Spec(AVATAR_KERNEL, "ms", 100, _KERNEL)),
        in_kernels,
    ),
    Part(
        "import",
        (Spec(BARE_FRESH, "ms", None, _FRESH), Spec(AVATAR_FRESH, "ms", None, _FRESH)),
        in_interpreters,
    ),
)
