"""Running a coroutine to its end, also while playwright's synchronous API is open.

That API keeps an event loop that counts as running on the thread it was started on, between its
calls too: `asyncio.run` there is refused. So coroutines get a thread, and a loop, of their own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def run_in_thread(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run `coroutine` on a new loop of a new thread, and wait for it."""
    with ThreadPoolExecutor(1, thread_name_prefix="bench-loop") as executor:
        return executor.submit(asyncio.run, coroutine).result()
