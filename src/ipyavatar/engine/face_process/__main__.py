"""Draws faces for the process that started this one, until that closes the pipe or is gone."""

from __future__ import annotations

import contextlib
import os
import time
from typing import IO

from ...core.media_process import forbid_core_dumps, prepare_media_process
from ...core.own_pipes import open_pipes
from ...core.threads import GuardedThread
from . import messages as m

LOOK_EVERY_S = 1.0
"""So often it is looked whether the parent lives: a child that it forked may hold the pipe open."""


def serve(source: IO[bytes], out: IO[bytes]) -> None:
    """Answer until the pipe ends. What cannot be drawn is told, and ends nothing."""
    from ..face import FaceRenderer

    faces: dict[int, FaceRenderer] = {}
    while True:
        what, number, width, height, length = m.REQUEST.unpack(m.read(source, m.REQUEST.size))
        name = m.read(source, length).decode()
        pose = m.unpack_pose(m.read(source, m.POSE.size)) if what == m.DRAW else None
        try:
            if what == m.CLOSE:
                faces.pop(number, None)
                continue
            if what == m.OPEN:
                faces[number] = FaceRenderer(name, width, height)
            patch = None if pose is None else faces[number].draw(pose)
        except Exception as error:
            m.write_failure(out, f"{type(error).__name__}: {error}")
        else:
            m.write_patch(out, patch)


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_S)
    os._exit(0)


def main(source: int = 0, out: int = 1) -> None:
    """Run until nobody asks any more. Both are descriptors."""
    forbid_core_dumps()
    prepare_media_process()
    GuardedThread(target=_watch_parent, args=(os.getppid(),), daemon=True).start()
    requests, answers = open_pipes(source, out)
    with contextlib.suppress(EOFError, OSError):
        serve(requests, answers)
    os._exit(0)


if __name__ == "__main__":
    main()
