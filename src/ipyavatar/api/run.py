"""Run a coroutine to its end, in a script and in a notebook cell alike."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run `coroutine` and return its result.

    In a notebook a loop is running already; then, and only then, nest-asyncio is applied to it so
    that it can run this to its end first. Plain `await` does the same in a cell and is better.
    """
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    import nest_asyncio

    nest_asyncio.apply(loop)
    return loop.run_until_complete(coroutine)
