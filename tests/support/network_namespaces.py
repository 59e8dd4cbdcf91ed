"""Two network namespaces, as two machines, with a slow line between them (`slow_link`)."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LIBC = ctypes.CDLL(None, use_errno=True)

NET_OF_THIS_THREAD = pathlib.Path("/proc/thread-self/ns/net")


class CannotMake(RuntimeError):
    """Namespaces cannot be made here; its text says why."""


@dataclass(frozen=True)
class Namespace:
    """A network of its own, for processes of this machine.

    Attributes:
        name: That of `ip netns`.
        address: Where the other one reaches it.
    """

    name: str
    address: str

    def command(self, command: Sequence[str]) -> list[str]:
        """The command that runs `command` in here."""
        return ["ip", "netns", "exec", self.name, *command]

    def write_program(self, path: pathlib.Path, program: str) -> str:
        """A program at `path` that runs another in here, with the arguments that it gets."""
        path.write_text(f'#!/bin/sh\nexec {shlex.join(self.command([program]))} "$@"\n')
        path.chmod(0o755)
        return str(path)

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """In the block this thread's sockets are made in here."""
        with NET_OF_THIS_THREAD.open() as before, open(f"/run/netns/{self.name}") as own:
            _enter(own.fileno())
            try:
                yield
            finally:
                _enter(before.fileno())


def _enter(namespace: int) -> None:
    if LIBC.setns(namespace, 0):  # os.setns is of Python 3.12
        raise OSError(ctypes.get_errno(), "setns failed")


class Link:
    """The line between two namespaces."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def set(self, **settings: float) -> dict[str, int]:
        """Change it (`slow_link.Settings`); what it has counted so far."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(settings) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise CannotMake("the line between the namespaces has ended: see its output above")
        counts: dict[str, int] = json.loads(answer)
        return counts


@dataclass(frozen=True)
class Networks:
    """Two machines and what is between them."""

    kernel: Namespace
    browser: Namespace
    link: Link


@contextlib.contextmanager
def networks() -> Iterator[Networks]:
    """Both, for as long as the block runs; else `CannotMake`."""
    _check()
    tag = uuid.uuid4().hex[:6]
    kernel = Namespace(f"ipyavatar-{tag}-kernel", "10.213.12.1")
    browser = Namespace(f"ipyavatar-{tag}-browser", "10.213.12.2")
    with contextlib.ExitStack() as stack:
        for one in (kernel, browser):
            _ip("netns", "add", one.name)
            stack.callback(_ip, "netns", "delete", one.name)
        ends = {f"k{tag}": kernel, f"b{tag}": browser}
        names = [f"{one.name}={interface}" for interface, one in ends.items()]
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.slow_link", *names],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=pathlib.Path(__file__).parents[2],
        )
        stack.enter_context(process)  # its input is closed, which ends it
        link = Link(process)
        link.set()  # both interfaces are there
        for interface, one in ends.items():
            _ip("-n", one.name, "link", "set", "lo", "up")
            _ip("-n", one.name, "addr", "add", f"{one.address}/30", "dev", interface)
            _ip("-n", one.name, "link", "set", interface, "up")
            # What goes elsewhere goes to the line as well, which counts what it refuses.
            _ip("-n", one.name, "route", "add", "default", "dev", interface)
        yield Networks(kernel, browser, link)


def _check() -> None:
    if sys.platform != "linux":
        raise CannotMake("network namespaces are Linux's")
    if os.geteuid() != 0:
        raise CannotMake("network namespaces want root")
    if shutil.which("ip") is None:
        raise CannotMake("no `ip` here: install Debian's package iproute2")
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        raise CannotMake("no /dev/net/tun here")


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        raise CannotMake(f"ip {' '.join(arguments)}: {done.stderr.strip()}")
