"""Parts of foreign packages without the rest of them."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import types
from typing import Any


def import_bare(module: str, *packages: str) -> Any:
    """`module`, where `packages` around it are not run: they load what it does not use.

    What is imported is as its author published it.
    """
    for name in packages:
        if name in sys.modules:
            continue
        spec = importlib.util.find_spec(name)
        assert spec is not None, f"{name} is not installed"
        package = types.ModuleType(name)
        package.__path__ = list(spec.submodule_search_locations or ())
        sys.modules[name] = package
    return importlib.import_module(module)
