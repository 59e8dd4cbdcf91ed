"""The kernel of a lesson."""

import asyncio
import json
import os
import sys

import pytest

pytest.importorskip("nbclient", reason="of the extra `lesson`")

from ipyavatar.api.lesson_movie.kernel import make_client, open_kernel


@pytest.mark.parametrize(("given", "waited"), [(0.5, 1), (2.5, 3), (3.0, 3), (4, 4), (None, None)])
def test_a_cell_may_take_part_of_a_second(tmp_path, given, waited):
    """It is rounded up: nbclient refuses anything but whole seconds."""
    assert make_client("python3", tmp_path, given).timeout == waited


@pytest.mark.skipif(sys.platform == "win32", reason="without named pipes")
def test_a_kernel_that_is_starting_is_ended_when_the_lesson_is(tmp_path, monkeypatch):
    """Its process is gone: nobody has its pipe any more."""
    pipe, spec = tmp_path / "pipe", tmp_path / "kernels" / "mute" / "kernel.json"
    os.mkfifo(pipe)
    mute = 'exec > "$0"; echo; exec tail -f /dev/null'
    spec.parent.mkdir(parents=True)
    about = {"argv": ["sh", "-c", mute, str(pipe)], "display_name": "Mute", "language": "none"}
    spec.write_text(json.dumps(about))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    async def interrupt() -> None:
        started = asyncio.Event()
        asyncio.get_running_loop().add_reader(reader, started.set)
        lesson = asyncio.ensure_future(open_kernel("mute", tmp_path, None).__aenter__())
        await started.wait()
        lesson.cancel()
        await asyncio.wait([lesson])
        asyncio.get_running_loop().remove_reader(reader)

    asyncio.run(interrupt())
    assert os.read(reader, 1) == b"\n"
    assert os.read(reader, 1) == b""
    os.close(reader)
