"""The widget. Importing it in a notebook's kernel starts the companion process.

The process takes as long to load as ipywidgets does here: side by side, the first picture is there
0.2 to 0.4 s earlier. Elsewhere (a script, a test, a type checker) importing starts nothing.
"""

import contextlib
import sys

from ..client.host_client import shared_host
from ..errors import HostError


def _in_kernel() -> bool:
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return getattr(shell, "kernel", None) is not None


if _in_kernel():
    with contextlib.suppress(HostError):  # `Avatar()` will try again, and say what is wrong
        shared_host("process")
