"""The ipykernel 7.4 subshell trap, with a bare client: what we rely on, and what we undo.

When a test here fails after an update of ipykernel, see `ipyavatar.widget.subshell`.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import ipykernel
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

BUSY_S = 3.0

TRAP = (7, 4)
"""The version of ipykernel that this is about."""


class Kernel:
    """A kernel and a client without a page."""

    def __init__(self) -> None:
        self.manager, self.client = start_new_kernel(kernel_name="python3")

    def run(self, code: str) -> str:
        """Run `code` to its end; what it printed."""
        return self.printed(self.begin(code))

    def begin(self, code: str) -> str:
        """Run `code`; do not wait. The id of the request, for `printed`."""
        return str(self.client.execute(code))

    def printed(self, request: str, timeout: float = 20.0) -> str:
        parts: list[str] = []
        while True:
            message = self.client.get_iopub_msg(timeout=timeout)
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            if message["msg_type"] == "stream":
                parts.append(content["text"])
            elif message["msg_type"] == "error":
                raise AssertionError("\n".join(content["traceback"]))
            elif content.get("execution_state") == "idle":
                return "".join(parts).strip()

    def subshell(self) -> str:
        client: BlockingKernelClient = self.client
        client.control_channel.send(client.session.msg("create_subshell_request", {}))
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                answer: dict[str, Any] = client.control_channel.get_msg(timeout=1)
            except queue.Empty:
                continue
            if answer["msg_type"] == "create_subshell_reply":
                return str(answer["content"]["subshell_id"])
        raise AssertionError("no subshell")

    def say(self, comm: str, content: dict[str, Any], subshell: str) -> None:
        """What a page sends, handled on `subshell`."""
        data = {"method": "custom", "content": content}
        message = self.client.session.msg("comm_msg", {"comm_id": comm, "data": data})
        message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    # On a thread: the client has a loop of its own, and the browser's driver one on ours.
    with ThreadPoolExecutor(1) as thread:
        kernel = thread.submit(Kernel).result(60)
        yield Threaded(kernel, thread)  # type: ignore[misc]  # the same methods
        thread.submit(kernel.close).result(20)


class Threaded:
    """Calls the methods of a kernel on its thread."""

    def __init__(self, kernel: Kernel, thread: ThreadPoolExecutor) -> None:
        self._kernel = kernel
        self._thread = thread

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._kernel, name)
        return lambda *args: self._thread.submit(method, *args).result(60)


HEARD = """
import time
heard = []
def hear(_widget, message, _buffers):
    heard.append(round(time.time() - message["sent"], 2))
"""

AVATAR = HEARD + (
    "from ipyavatar import Avatar\nwidget = Avatar(quality='low')\nwidget.on_msg(hear)\n"
    "print(widget.comm.comm_id)"
)
BARE = HEARD + (
    "import anywidget\n"
    "class Bare(anywidget.AnyWidget):\n    _esm = 'export default {}'\n"
    "widget = Bare()\nwidget.on_msg(hear)\nprint(widget.comm.comm_id)"
)


def delay(kernel: Kernel, make: str) -> float:
    """Seconds after which a page's message is handled that comes while a cell runs."""
    comm = kernel.run(make)
    subshell = kernel.subshell()
    busy = kernel.begin(f"time.sleep({BUSY_S})")
    time.sleep(0.3)  # into the cell
    kernel.say(comm, {"type": "test", "sent": time.time()}, subshell)
    kernel.printed(busy)
    deadline = time.monotonic() + 5
    while (heard := kernel.run("print(*heard)")) == "":
        assert time.monotonic() < deadline, "the message was never handled"
    return float(heard)


def test_a_page_is_heard_while_a_cell_runs(kernel: Kernel) -> None:
    assert delay(kernel, AVATAR) < 0.5


@pytest.mark.skipif(
    tuple(map(int, ipykernel.__version__.split(".")[:2])) != TRAP, reason="another ipykernel"
)
def test_the_trap_is_still_there(kernel: Kernel) -> None:
    """When this fails, ipykernel has been put right: `honour_subshells` can go."""
    assert delay(kernel, BARE) > 1.0


@pytest.mark.skipif(
    tuple(map(int, ipykernel.__version__.split(".")[:2])) < TRAP, reason="an older ipykernel"
)
def test_the_private_attribute_is_still_there(kernel: Kernel) -> None:
    """When this fails, the attribute we set has another name now, and setting it does nothing."""
    kernel.run(BARE)
    assert kernel.run("print(callable(widget.comm._reply_subshell_for))") == "True"
    kernel.run(AVATAR)
    assert kernel.run("print(widget.comm._reply_subshell_for)") == "None"
