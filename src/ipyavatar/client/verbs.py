"""Verbs that users' code calls from anywhere, also in the middle of a change of ours.

The garbage collector runs finalizers on any thread, between any two lines: under our locks, in the
middle of another verb, where half of a change is made. There a verb is only noted; it is carried
out when the change is made, by the thread for verbs. Its handle is answered all the same.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from ..core.handle import Handle
from ..core.log import get_logger
from ..core.serving import is_serving
from ..core.uninterrupted import HasLock, locked, run_later
from ..errors import AvatarError, HostError

S = TypeVar("S", bound=HasLock)
P = ParamSpec("P")
T = TypeVar("T")

log = get_logger(__name__)


def verb(
    method: Callable[Concatenate[S, P], Handle[T]],
) -> Callable[Concatenate[S, P], Handle[T]]:
    """Have a verb run under the lock of its session, in its turn."""
    run = locked(method)

    @functools.wraps(method)
    def call(self: S, /, *args: P.args, **kwargs: P.kwargs) -> Handle[T]:
        __tracebackhide__ = True  # in notebooks, as `run` does
        if not is_serving():
            return run(self, *args, **kwargs)
        handle = Handle[T]()
        in_turn(lambda: handle.follow(run(self, *args, **kwargs)), handle.fail)
        return handle

    return call


def in_turn(call: Callable[[], object], fail: Callable[[AvatarError], object]) -> None:
    """Make `call`: now, or after the change that is being made here.

    Args:
        call: Changes a session.
        fail: Told what it raised, where nobody is there any more who could catch it.
    """
    __tracebackhide__ = True
    if is_serving():
        run_later(functools.partial(_carry_out, call, fail))
    else:
        call()


def log_failure(error: AvatarError) -> None:
    """What was asked for by a verb without a handle could not be done."""
    log.warning("%s", error)


def _carry_out(call: Callable[[], object], fail: Callable[[AvatarError], object]) -> None:
    try:
        call()
    except AvatarError as error:
        fail(error)
    except Exception as error:
        log.exception("What a finalizer asked for failed, in a way nobody foresaw")
        fail(HostError(f"It could not be done: {error!r}."))
