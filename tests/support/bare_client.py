"""Whether a page's message is heard while a cell runs, seen with a bare client, as JSON.

Run as a module of its own: Jupyter's client leaves event loops open, which our tests take for an
error. Its argument is `avatar` for our widget, `bare` for one without our remedy; `waiting` for
ours, a cell that waits for a handle, and a page that chooses no subshell.
"""

from __future__ import annotations

import json
import queue
import sys
import time
from typing import Any

from jupyter_client.manager import start_new_kernel

BUSY_S = 2.5

HEAR = """
import time
heard = []
def hear(_widget, message, _buffers):
    heard.append(time.time())
"""

MAKE = {
    "avatar": "from ipyavatar import Avatar\nwidget = Avatar(quality='low')\n",
    "bare": "import anywidget\nclass Bare(anywidget.AnyWidget):\n    _esm = 'export default {}'\n"
    "widget = Bare()\n",
}


MAKE["waiting"] = MAKE["avatar"] + "from ipyavatar.core.handle import Handle\n"

BUSY = f"time.sleep({BUSY_S})\n"
WAITING = f"try:\n    Handle().wait({BUSY_S})\nexcept TimeoutError:\n    pass\n"
ENDED = "ended = time.time()"


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

    def wait_begun(self, request: str) -> None:
        """Wait until that request has printed something."""
        while True:
            message = self.client.get_iopub_msg(timeout=30)
            mine = message["parent_header"].get("msg_id") == request
            if mine and message["msg_type"] == "stream":
                return

    def printed(self, request: str) -> str:
        """What that request has printed at its end."""
        parts: list[str] = []
        while True:
            message = self.client.get_iopub_msg(timeout=30)
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            if message["msg_type"] == "stream":
                parts.append(content["text"])
            elif message["msg_type"] == "error":
                raise RuntimeError("\n".join(content["traceback"]))
            elif content.get("execution_state") == "idle":
                return "".join(parts).strip()

    def subshell(self) -> str:
        """Id of a new subshell."""
        self.client.control_channel.send(self.client.session.msg("create_subshell_request", {}))
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                answer = self.client.control_channel.get_msg(timeout=1)
            except queue.Empty:
                continue
            if answer["msg_type"] == "create_subshell_reply":
                return str(answer["content"]["subshell_id"])
        raise RuntimeError("no subshell")

    def say(self, comm: str, content: dict[str, Any], subshell: str = "") -> None:
        """What a page sends, to be handled on `subshell`, if it chooses one."""
        data = {"method": "custom", "content": content}
        message = self.client.session.msg("comm_msg", {"comm_id": comm, "data": data})
        if subshell:
            message["header"]["subshell_id"] = subshell
        self.client.shell_channel.send(message)

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def main() -> None:
    kernel = Kernel()
    try:
        waits = sys.argv[1] == "waiting"
        make = HEAR + MAKE[sys.argv[1]] + "widget.on_msg(hear)\nprint(widget.comm.comm_id)"
        comm = kernel.run(make)
        attribute = kernel.run("print(getattr(widget.comm, '_reply_subshell_for', 'missing'))")
        subshell = "" if waits else kernel.subshell()
        busy = kernel.begin("print('busy', flush=True)\n" + (WAITING if waits else BUSY) + ENDED)
        kernel.wait_begun(busy)
        kernel.say(comm, {"type": "test"}, subshell)
        kernel.printed(busy)
        deadline = time.monotonic() + 5
        look = "print(*(at - ended for at in heard))"  # seconds after the end of the cell
        while not (heard := kernel.run(look)) and time.monotonic() < deadline:
            time.sleep(0.05)
        print(json.dumps({"in_cell": float(heard) < 0, "heard": heard, "attribute": attribute}))
    finally:
        kernel.close()


if __name__ == "__main__":
    main()
