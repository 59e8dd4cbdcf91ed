"""The test stand: a JupyterLab, a Chromium, kernels; started when needed, ended for sure."""

from __future__ import annotations

import ast
import contextlib
import functools
import json
import pathlib
import subprocess
import tempfile
from collections.abc import Iterator
from typing import Any

from jupyter_client.manager import KernelManager
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.support.lab import Notebook, Server, launch, server_in

HERE = pathlib.Path(__file__).parent
VIEW = {"width": 1400, "height": 1100}


class Stand:
    """What the rows share. Everything is lazy: `--rows size` starts no browser."""

    kernel = "python3"
    """What runs its notebooks."""

    def __init__(self, outer: Stand | None = None) -> None:
        """`outer`: the stand that is open already; one thread drives browsers in one way only."""
        self._outer = outer
        self._open = contextlib.ExitStack()
        self._notebooks = 0

    def __enter__(self) -> Stand:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @functools.cached_property
    def scratch(self) -> pathlib.Path:
        """A directory that is gone afterwards."""
        where = tempfile.TemporaryDirectory(prefix="ipyavatar-bench-", ignore_cleanup_errors=True)
        return pathlib.Path(self._open.enter_context(where))

    @functools.cached_property
    def playwright(self) -> Playwright:
        """What drives browsers."""
        if self._outer is not None:
            return self._outer.playwright
        return self._open.enter_context(sync_playwright())

    @functools.cached_property
    def browser(self) -> Browser:
        """One Chromium, with sound."""
        browser = launch(self.playwright)
        self._open.callback(browser.close)
        return browser

    @functools.cached_property
    def server(self) -> Server:
        """One JupyterLab."""
        return self._open.enter_context(server_in(self.scratch / "lab"))

    @contextlib.contextmanager
    def page(self) -> Iterator[Page]:
        """An empty page of its own."""
        context = self.browser.new_context(viewport=VIEW)  # type: ignore[arg-type]
        try:
            yield context.new_page()
        finally:
            context.close()

    @contextlib.contextmanager
    def notebook(self, *cells: str) -> Iterator[Lab]:
        """A notebook with a kernel of its own in a page of its own, watched from its beginning."""
        self._notebooks += 1
        name = self.server.write(f"bench{self._notebooks}.ipynb", list(cells), self.kernel)
        with self.page() as page:
            page.add_init_script((HERE / "marks.js").read_text())
            try:
                yield Lab(page, self.server, name)
            finally:
                self.server.end_kernels()


class Lab(Notebook):
    """A notebook that can be asked things beside its cells."""

    def ask(self, code: str, result: str = "None", wait: bool = True) -> Any:
        """Run `code` in the kernel, outside the cells; the value of the expression `result`."""
        script = """async ({code, result, wait}) => {
            const {context} = window.jupyterapp.shell.currentWidget;
            const kernel = context.sessionContext.session.kernel;
            const future = kernel.requestExecute({code, store_history: false,
                user_expressions: {result: `__import__("json").dumps(${result})`}});
            if (!wait) return null;
            const {content} = await future.done;
            if (content.status !== "ok") throw new Error(`${content.ename}: ${content.evalue}`);
            const told = content.user_expressions.result;
            if (told.status !== "ok") throw new Error(`${told.ename}: ${told.evalue}`);
            return told.data["text/plain"];
        }"""
        told = self.page.evaluate(script, {"code": code, "result": result, "wait": wait})
        return json.loads(ast.literal_eval(told)) if wait else None

    def marks(self) -> dict[str, float]:
        """The page's marks since the last cell was started, in ms of the wall clock."""
        return dict(self.page.evaluate("() => window.__bench.marks()"))

    def wait_for_picture(self, timeout_s: float = 30) -> None:
        """Wait until a frame has been painted since the last cell was started."""
        self.page.wait_for_function(
            "() => 'frame' in window.__bench.marks()", timeout=timeout_s * 1000, polling=50
        )


class Kernel:
    """A kernel without a front end."""

    def __enter__(self) -> Kernel:
        self._manager = KernelManager()
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._manager.start_kernel(**quiet)
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel()

    def ask(self, code: str, result: str = "None", timeout: float = 60) -> Any:
        """Run `code`; the value of the expression `result`."""
        reply = self._client.execute(
            code,
            user_expressions={"result": f'__import__("json").dumps({result})'},
            reply=True,
            timeout=timeout,
        )["content"]
        if reply["status"] != "ok":
            raise RuntimeError(f"{reply['ename']}: {reply['evalue']}")
        told = reply["user_expressions"]["result"]
        if told["status"] != "ok":
            raise RuntimeError(f"{told['ename']}: {told['evalue']}")
        return json.loads(ast.literal_eval(told["data"]["text/plain"]))
