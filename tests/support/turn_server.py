"""A real TURN server, coturn, on loopback."""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass

import trustme

READY_S = 10.0

REALM = "ipyavatar.test"


@dataclass(frozen=True)
class TurnServer:
    """A server that listens, and whom it serves.

    Attributes:
        port: Where it listens, by each of its transports.
        username: Who may use it.
        credential: What they prove it with.
        log: What it writes.
        authority: The certificate by which its own is known, with TLS.
    """

    port: int
    username: str
    credential: str
    log: pathlib.Path
    authority: pathlib.Path

    def url(self, transport: str) -> str:
        """Its address, by `udp`, `tcp` or `tls`."""
        scheme, how = ("turns", "tcp") if transport == "tls" else ("turn", transport)
        return f"{scheme}:127.0.0.1:{self.port}?transport={how}"

    def entry(self, transport: str, **changes: object) -> dict[str, object]:
        """It as an element of `ice_servers=`."""
        own = {"username": self.username, "credential": self.credential}
        return {"urls": [self.url(transport)]} | own | changes

    def logged(self, text: str) -> int:
        """How many lines of its log hold `text`."""
        return sum(text in line for line in self.log.read_text().splitlines())


def turnserver() -> str:
    """The program, or an error with the command that installs it."""
    found = shutil.which("turnserver")
    if found is None:
        raise RuntimeError("No TURN server here: run `make turnserver` (Debian's package coturn).")
    return found


@contextlib.contextmanager
def turn_server(*transports: str) -> Iterator[TurnServer]:
    """A server for as long as the block runs, which speaks these of `udp`, `tcp`, `tls` alone."""
    with tempfile.TemporaryDirectory() as root, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server = TurnServer(
            int(probe.getsockname()[1]),
            "u5er-of-relays",
            "cr3dential-of-relays",
            pathlib.Path(root, "turn.log"),
            pathlib.Path(root, "authority.pem"),
        )
        probe.close()
        silenced = [f"--no-{one}" for one in ("udp", "tcp", "tls") if one not in transports]
        if "tls" in transports:
            silenced += _certificate(server, root)
        with server.log.open("w") as log:
            process = subprocess.Popen(
                [*_command(server, root), *silenced], stdout=log, stderr=subprocess.STDOUT
            )
        try:
            _wait_ready(server, process)
            yield server
        finally:
            process.terminate()
            process.wait(10)


def _command(server: TurnServer, root: str) -> list[str]:
    return [
        turnserver(),
        "-n",  # no configuration file
        "--listening-ip=127.0.0.1",
        f"--listening-port={server.port}",
        f"--tls-listening-port={server.port}",
        "--relay-ip=127.0.0.1",
        "--allow-loopback-peers",
        "--lt-cred-mech",
        f"--user={server.username}:{server.credential}",
        f"--realm={REALM}",
        f"--userdb={root}/users",
        f"--pidfile={root}/pid",
        "--log-file=stdout",
        "--simple-log",
        "--verbose",
        "--no-cli",
        "--no-dtls",
    ]


def _certificate(server: TurnServer, root: str) -> list[str]:
    """Options with a certificate for its address, made for it alone."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(server.authority))
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(f"{root}/server.pem")
    return [f"--cert={root}/server.pem", f"--pkey={root}/server.pem"]


def _wait_ready(server: TurnServer, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_S
    while "listener opened on" not in server.log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The TURN server did not start:\n{server.log.read_text()[-2000:]}")
        time.sleep(0.05)
