"""A process that forks kernels: all that a kernel imports is there already, so they are cheap.

Each kernel lives the life it is given, and kills itself, with SIGKILL, at a moment of it. What it
tells goes to a file of its own, line by line: what it was doing when it died, and its processes.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from tests.support.processes import identify

CHILD_S = 75.0
"""A forked child of a kernel, which holds its pipes, lives longer than any companion may."""


def main() -> None:
    """Fork a kernel for each line of stdin."""
    import ipyavatar.client.session
    import ipyavatar.paid.ledger
    import ipyavatar.providers.heygen.spec
    import ipyavatar.providers.kaltura.spec
    import ipyavatar.providers.liveavatar.spec  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            sys.stdin.close()
            life = json.loads(line)
            try:
                live(**life)
            except BaseException as error:
                with Path(life["told"]).open("a") as log:
                    log.write(json.dumps({"failed": repr(error)}) + "\n")
            finally:
                os._exit(1)  # it was to be killed


def live(
    *,
    service: str,
    options: dict[str, Any],
    moment: str,
    delay_s: float,
    forks: bool,
    told: str,
) -> None:
    """Open, speak, stop; and die some time after `moment` has begun."""
    from ipyavatar.client.session import AvatarSession
    from ipyavatar.errors import AvatarError

    log = Path(told).open("a", buffering=1)  # noqa: SIM115  # until the end

    def tell(**what: Any) -> None:
        log.write(json.dumps(what) + "\n")

    def die() -> None:
        tell(died=what_it_does(session), at=time.time())
        os.kill(os.getpid(), signal.SIGKILL)

    session = AvatarSession(service, host="process", **options)
    tell(kernel=identify(os.getpid()), companion=identify(session.host_pid))
    if forks:
        fork_a_child(tell)
    started = session.start()
    if moment == "opening":
        time.sleep(delay_s)
        die()
    while moment == "starting" and session.status == "starting":
        if what_it_does(session) == "starting":
            time.sleep(delay_s / 4)
            die()
        time.sleep(0.02)
    # A service that is silent at one call after the other may take longer.
    with contextlib.suppress(AvatarError, TimeoutError):
        started.wait(60)
    if session.status in ("live", "reconnecting"):
        speech = session.speak("Some words. " * 40)
        if moment == "speaking":
            while speech.state == "queued" and session.status == "live":
                time.sleep(0.01)
            time.sleep(delay_s)
            die()
        session.stop()
        time.sleep(delay_s)
    die()


def what_it_does(session: Any) -> str:
    """The moment of its life: by the ledger where the kernel alone does not know."""
    if session.status == "starting":
        from ipyavatar.paid.ledger import Ledger

        ledger = Ledger(watch_every_s=None, busy_s=1.0)
        mine = [row for row in ledger.open_rows() if row.kernel_pid == os.getpid()]
        ledger.close()
        return "starting" if any(row.session_id for row in mine) else "creating"
    return {"live": "speaking"}.get(session.status, session.status)


def fork_a_child(tell: Any) -> None:
    """As multiprocessing does: the child holds all the kernel's pipes, and lives on."""
    child = os.fork()
    if child == 0:
        time.sleep(CHILD_S)
        os._exit(0)
    tell(child=identify(child))


if __name__ == "__main__":
    main()
