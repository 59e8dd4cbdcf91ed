"""What an avatar takes of memory: more in the kernel, and a host beside it."""

from __future__ import annotations

from collections.abc import Iterator

import psutil

from .cpu import TALK
from .rig import rig
from .rows import Part, Reading, Spec
from .stand import Kernel, Stand

MB = 1e6

KERNEL_RSS, KERNEL_USS = (
    "memory: kernel, more by an avatar, RSS",
    "memory: kernel, more by an avatar, USS",
)
HOST_RSS, HOST_USS = "memory: host, medium, RSS", "memory: host, medium, USS"
HIGH_USS = "memory: host, high, USS"


def kernel(_: Stand) -> Iterator[Reading]:
    """Before the import, and after a speech."""
    with Kernel() as kernel:
        process = psutil.Process(kernel.ask("import os", "os.getpid()"))
        before = process.memory_full_info()
        kernel.ask(
            "from ipyavatar import Avatar\navatar = Avatar()\navatar.speak('Hello!').wait(30)"
        )
        after = process.memory_full_info()
    yield Reading(KERNEL_RSS, (after.rss - before.rss) / MB, 1)
    yield Reading(KERNEL_USS, (after.uss - before.uss) / MB, 1)


def host(stand: Stand) -> Iterator[Reading]:
    """While it talks to a page."""
    for quality in ("medium", "high"):
        with rig(stand, quality) as stage:
            stage.say(TALK * 3)
            stage.page.wait_for_timeout(5000)
            used = stage.process.memory_full_info()
        if quality == "medium":
            yield Reading(HOST_RSS, used.rss / MB, 1)
            yield Reading(HOST_USS, used.uss / MB, 1)
        else:
            yield Reading(HIGH_USS, used.uss / MB, 1)


_KERNEL = "psutil memory_full_info of a kernel, after the first speech less before the import"
_HOST = "psutil memory_full_info of the host, 5 s into a speech to a Chromium page"

PARTS = (
    Part(
        "memory",
        (Spec(KERNEL_RSS, "MB", None, _KERNEL), Spec(KERNEL_USS, "MB", None, _KERNEL)),
        kernel,
    ),
    Part(
        "memory",
        (
            Spec(HOST_RSS, "MB", 200, _HOST),
            Spec(HOST_USS, "MB", None, _HOST),
            Spec(HIGH_USS, "MB", None, _HOST),
        ),
        host,
    ),
)
