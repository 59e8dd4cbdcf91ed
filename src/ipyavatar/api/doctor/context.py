"""What the checks of one run share: the environment, one session, one page."""

from __future__ import annotations

import functools
import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from IPython.core.getipython import get_ipython

from ...core.waiting import what_to_let_in
from ...errors import SessionClosed
from ...providers.cloud.environment import Environment

if TYPE_CHECKING:
    from ...client.session import AvatarSession
    from ...widget.browser_probe import BrowserProbe

T = TypeVar("T")

LOOK_EVERY_S = 0.1

GONE = "The doctor has gone."

PAGE_S = 10.0
"""A page that shows the probe answers within this, or not at all."""


class Context:
    """Made for one run; `close()` ends what its checks have started.

    Args:
        environment: Where keys and addresses are looked up.
        notebook: Whether a page may be there.
    """

    def __init__(self, environment: Environment, *, notebook: bool | None = None) -> None:
        self.environment = environment
        self.notebook = in_kernel() if notebook is None else notebook
        self._session: AvatarSession | None = None
        self._probe: BrowserProbe | None = None
        self._hide: Callable[[], None] = _nothing
        self._closed = False
        self._asked: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def session(self) -> AvatarSession:
        """An embedded avatar in the companion process, without a page.

        Raises:
            AvatarError: It cannot be made.
        """
        if self._session is None:
            from ...client.session import AvatarSession

            self._session = AvatarSession("embedded", host="process", quality="low")
            if self._closed:  # meanwhile: nobody else would close it
                self._session.close()
                raise SessionClosed(GONE, "Run it again.")
        return self._session

    # ---- the page ---------------------------------------------------------------------------

    @functools.cached_property
    def browser(self) -> dict[str, Any] | None:
        """What the page's browser can do; None where no page has answered."""
        if not self.notebook:
            return None
        from ...widget.browser_probe import BrowserProbe

        self._probe = self.on_caller(BrowserProbe)
        self._hide = self.on_caller(functools.partial(show, self._probe))
        return self._probe.read_facts(PAGE_S)

    @property
    def probe(self) -> BrowserProbe | None:
        """What measures the way to a page that has answered."""
        return None if self.browser is None else self._probe

    # ---- the caller's thread ----------------------------------------------------------------

    def on_caller(self, work: Callable[[], T]) -> T:
        """Do this on the thread that has called `doctor()`: what it shows belongs to its cell."""
        done, results, errors = threading.Event(), list[T](), list[BaseException]()

        def run() -> None:
            try:
                results.append(work())
            except BaseException as error:
                errors.append(error)
                if isinstance(error, KeyboardInterrupt):
                    raise  # the user's, to end all of it
            finally:
                done.set()

        self._asked.put(run)
        while not done.wait(LOOK_EVERY_S):
            if self._closed:
                raise SessionClosed(GONE, "Run it again.")
        if errors:
            raise errors[0]
        return results[0]

    def let_messages_in(self) -> None:
        """Called on the caller's thread, again and again, while a check runs."""
        while not self._asked.empty():
            self._asked.get()()
        if (let_in := what_to_let_in()) is not None:  # where the page waits for the cell
            let_in()

    def close(self) -> None:
        """End what was started."""
        self.let_messages_in()  # checks that came too late clear their things away
        self._closed = True
        if self._probe is not None:
            self._hide()
            self._probe.close()
        if self._session is not None:
            self._session.close()


def _nothing() -> None:
    """Nothing is shown."""


def in_kernel() -> bool:
    """Whether a kernel runs us: then a page may be there."""
    return getattr(get_ipython(), "kernel", None) is not None


def show(widget: object) -> Callable[[], None]:
    """Show it in the cell that runs; returns what takes it out, so that nothing of it is saved."""
    from IPython.display import HTML, display

    handle = display(widget, display_id=True)  # type: ignore[no-untyped-call]

    def hide() -> None:
        handle.update(HTML(""))  # type: ignore[no-untyped-call]

    return hide
