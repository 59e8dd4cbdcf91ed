"""The twin as a process: `ipyavatar serve`, or `python -m ipyavatar.twin`.

When it is ready it writes one JSON line to standard output, `{"url": "http://127.0.0.1:PORT"}`.
SIGINT and SIGTERM end it within two seconds, also while calls hang; after ten, whatever stands
still.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import errno
import json
import logging
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ..core.media_process import prepare_media_process
from ..errors import AvatarError, InvalidArgument, MissingPart
from .log_filter import RepeatFilter
from .origins import ANY
from .responder import search_folder_last
from .settings import TwinSettings
from .tls import Tls

# A key on the command line can be read by everybody on the machine; this cannot.
KEY_VARIABLE = "IPYAVATAR_TWIN_API_KEY"

LEAVE_S = 1.0
"""Threads of the user's may go on for so long after all has been served."""


def run(
    settings: TwinSettings,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: Tls | None = None,
    warm: bool = False,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until a signal comes (or, in another thread than the main one, for ever).

    Args:
        settings: How the twin behaves.
        host: Address to listen on; anything but the default is open to other machines.
        port: Port to listen on; 0 takes a free one.
        tls: A second address, with TLS.
        warm: Load live media before it is asked for, and before `on_ready`.
        on_ready: Called with the base URL once connections are accepted.

    Raises:
        InvalidArgument: The address cannot be listened on.
        MissingPart: The extra `[serve]` is not installed.
    """
    with _missing_part():
        import websockets  # noqa: F401  # what uvicorn serves websockets with

        from .app import create_app
        from .http_server import ExitDeadline, serve

    app = create_app(settings)
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(contextlib.closing(_listen(host, port)))
        tls_listener = context = None
        if tls is not None:
            tls_listener = stack.enter_context(contextlib.closing(_listen(host, tls.port)))
            context = tls.context()
        url = f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}"

        def report_ready() -> None:
            if on_ready is not None:
                on_ready(url)

        deadline = stack.enter_context(ExitDeadline())
        how: dict[str, Any] = {"warm": warm, "on_ready": report_ready, "deadline": deadline}
        asyncio.run(serve(app, listener, tls_listener, context, **how))


@contextlib.contextmanager
def _missing_part() -> Iterator[None]:
    """An import that fails says which extra is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise MissingPart(
            f"The offline twin needs {error.name}.", 'Install it: pip install "ipyavatar[serve]".'
        ) from error


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= 65535:
        raise InvalidArgument(f"There is no port {port}.", "Choose 0 (any free one) to 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=512)
    except OSError as error:
        taken = error.errno in (errno.EADDRINUSE, errno.EACCES)
        reason, _, _ = (error.strerror or str(error)).partition(" (")  # Python repeats the address
        raise InvalidArgument(
            f"Cannot listen on {host} port {port}: {reason}.",
            "Choose another port, or 0 for any free one."
            if taken
            else "Give an address of this machine, such as 127.0.0.1, or 0.0.0.0 for all it has.",
        ) from error


def make_parser() -> argparse.ArgumentParser:
    """The options of `ipyavatar serve`."""
    options = argparse.ArgumentParser(
        prog="ipyavatar serve",
        description="An offline twin of HeyGen streaming, HeyGen LiveAvatar and Kaltura.",
    )
    add = options.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    add("--port", type=int, default=8765, help="0 takes a free one (default: %(default)s)")
    add(
        "--api-key",
        default=os.environ.get(KEY_VARIABLE) or None,
        help=f"the only key that is accepted (default: ${KEY_VARIABLE}, else any)",
    )
    add("--tls-port", type=int, metavar="N", help="also listen here, with TLS")
    add("--tls-cert", metavar="FILE", help="its certificate (default: a new one for localhost)")
    add("--tls-key", metavar="FILE", help="the key of that certificate")
    add("--warm", action="store_true", help="load live media at start, not with the first viewer")
    add("--no-rtc-v1", action="store_true", help="404 on /rtc/v1, as older LiveKit servers answer")
    add(
        "--responder", metavar="SPEC", help="answers users: module:function or http://host/v1#model"
    )
    add(
        "--hears",
        metavar="TEXT",
        help="what users are taken to say into a microphone (it has no recognition; else: nothing)",
    )
    add(
        "--responder-timeout",
        type=float,
        default=30,
        metavar="S",
        help="a responder that says nothing for so long is left (%(default)s)",
    )
    add(
        "--allow-origin",
        action="append",
        default=[],
        metavar="ORIGIN",
        help="one more web page that may use the twin, as https://hub.example; * for every one "
        "(pages of this machine may always)",
    )
    add(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="one more Host name",
    )
    _add_rules(options)
    return options


def _add_rules(options: argparse.ArgumentParser) -> None:
    """How the services behave."""
    add = options.add_argument
    add("--concurrency", type=int, default=3, help="open sessions per service (%(default)s)")
    add("--idle-timeout", type=float, metavar="S", help="idle limit of every session")
    add("--max-duration", type=float, default=600, metavar="S", help="of a session (%(default)s)")
    add(
        "--join-timeout",
        type=float,
        default=300,
        metavar="S",
        help="a LiveAvatar session ends if nobody joins its room by then (%(default)s; 0: never)",
    )
    add("--silent-end", action="store_true", help="--max-duration is reached without a word")
    add("--join-delay", type=float, default=0, metavar="S", help="from start to the avatar")
    add(
        "--stop-latency",
        type=float,
        default=0,
        metavar="S",
        help="from stop to closed",
    )
    add(
        "--say-text",
        choices=("works", "503"),
        default="works",
        help="Kaltura's say-text",
    )
    add("--events", choices=("speak", "state", "both"), default="both", help="of LITE's speeches")
    add(
        "--event-ids",
        choices=("source", "null", "same"),
        default="source",
        help="how LITE's events name a speech (default: %(default)s)",
    )
    add("--strict-ids", action="store_true", help="LITE: another event_id is another speech")
    add("--faults", type=Path, metavar="FILE", help="faults to begin with, a JSON list")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = make_parser().parse_args(argv)
    search_folder_last()
    prepare_media_process()
    if ANY in options.allow_origin:
        print(  # noqa: T201
            "Every web page you open can use this twin, and ask its responder.", file=sys.stderr
        )
    threads = set(threading.enumerate())
    log_handler = logging.StreamHandler()
    log_handler.addFilter(RepeatFilter(time.monotonic))
    logging.basicConfig(handlers=[log_handler], format="%(levelname)s: %(message)s")
    try:
        run(
            _settings(options),
            host=options.host,
            port=options.port,
            tls=_tls(options),
            warm=options.warm,
            on_ready=_print_ready,
        )
    except AvatarError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    if options.responder:
        _leave_threads_but(threads)
    return 0


def _leave_threads_but(ours: set[threading.Thread]) -> None:
    """End here if a thread goes on that the responder's module has begun: Python would wait."""
    until = time.monotonic() + LEAVE_S
    for thread in set(threading.enumerate()) - ours:
        if not thread.daemon:
            thread.join(max(0.0, until - time.monotonic()))
            if thread.is_alive():
                print(f"The thread {thread.name} of the responder is left.", file=sys.stderr)  # noqa: T201
                sys.stdout.flush()
                os._exit(0)


def _settings(options: argparse.Namespace) -> TwinSettings:
    from .faults import Fault, read_faults

    faults: tuple[Fault, ...] = ()
    if options.faults is not None:
        with _missing_part():
            from .runtime import TwinRuntime
        names = TwinRuntime(TwinSettings(), time.monotonic, secrets.token_bytes).known_calls()
        try:
            raw = options.faults.read_bytes()
        except OSError as error:
            raise InvalidArgument(f"Cannot read {options.faults}: {error.strerror}.") from error
        faults = tuple(read_faults(raw, names))
    return TwinSettings(
        api_key=options.api_key,
        concurrency=options.concurrency,
        idle_timeout_s=options.idle_timeout,
        max_duration_s=options.max_duration,
        join_timeout_s=options.join_timeout,
        silent_end=options.silent_end,
        join_delay_s=options.join_delay,
        stop_latency_s=options.stop_latency,
        say_text=options.say_text,
        events=options.events,
        event_ids=options.event_ids,
        strict_ids=options.strict_ids,
        responder=options.responder,
        hears=options.hears,
        rtc_v1=not options.no_rtc_v1,
        faults=faults,
        allowed_hosts=(options.host, *options.allow_host),
        allowed_origins=tuple(options.allow_origin),
        responder_timeout_s=options.responder_timeout,
    )


def _tls(options: argparse.Namespace) -> Tls | None:
    if (options.tls_cert is None) != (options.tls_key is None):
        raise InvalidArgument("A certificate and its key go together.", "Give both, or neither.")
    if options.tls_port is None:
        return None
    return Tls(options.tls_port, options.tls_cert, options.tls_key)


def _print_ready(url: str) -> None:
    print(json.dumps({"url": url}), flush=True)  # noqa: T201
