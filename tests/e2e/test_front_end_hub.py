"""JupyterHub: a real one, with its proxy, below a base path, two users at once, and no UDP.

One user's server passes on ports (jupyter-server-proxy), the other's does not.
"""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.support.front_ends import PROXY, App, find_command, lies_well, running, shoot
from tests.support.lab import Notebook, free_port, write_notebook
from tests.support.sdk import wait_until

from .conftest import LONG, VIEWPORT
from .test_media_trouble import NO_UDP

BASE = "/team/hub/"
TOKEN = "a-token-of-the-test"
TOGETHER = (
    "from ipyavatar import Avatar\navatar = Avatar(quality='low')\ndisplay(avatar)\n"
    "print(avatar.speak('This is said to somebody.').wait(60).state)"
)
CONFIGURATION = """
import os
c.JupyterHub.bind_url = "http://127.0.0.1:{port}{base}"
c.JupyterHub.hub_port = {hub_port}
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api_port}"
c.ConfigurableHTTPProxy.command = [{proxy!r}]
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.Spawner.cmd = [{singleuser!r}]
c.Spawner.args = ["--allow-root", "--LabApp.expose_app_in_browser=True", "--LabApp.news_url="]
c.Spawner.notebook_dir = {root!r} + "/{{username}}"
c.Spawner.environment = {{
    name: value for name, value in os.environ.items()
    if name.startswith(("IPYAVATAR", "JUPYTER", "PYDEVD", "PYTHONPATH"))
}}
c.Spawner.start_timeout = c.Spawner.http_timeout = 90
def leave_out_proxy(spawner):
    if spawner.user.name == "bob":
        spawner.args += ["--ServerApp.jpserver_extensions={{'jupyter_server_proxy': False}}"]
c.Spawner.pre_spawn_hook = leave_out_proxy
c.JupyterHub.load_roles = [
    {{"name": "test", "scopes": ["admin:servers", "list:users"], "services": ["test"]}}
]
c.JupyterHub.services = [{{"name": "test", "api_token": {token!r}}}]
"""


class Hub(App):
    """A hub; its users have folders of their own."""

    def __init__(self, root: pathlib.Path) -> None:
        port = free_port()
        text = CONFIGURATION.format(
            port=port,
            base=BASE,
            hub_port=free_port(),
            api_port=free_port(),
            proxy=str(PROXY),
            singleuser=find_command("jupyterhub-singleuser"),
            root=str(root),
            token=TOKEN,
        )
        (root / "config.py").write_text(text)
        self.root = root
        command = [find_command("jupyterhub"), "--config=config.py"]
        super().__init__(root, command, BASE, port=port)
        wait_until(lambda: "JupyterHub is now running" in self.log(), 60, "the hub to be ready")

    def stop(self, user: str) -> None:
        """End a user's server."""
        path = f"{BASE}hub/api/users/{user}/server"
        self.call(path, "DELETE", {"Authorization": f"token {TOKEN}"})


class User:
    """One user's server, as `Notebook` wants it."""

    def __init__(self, hub: Hub, name: str) -> None:
        self._hub = hub
        self.name = name
        self.url = f"{hub.url}user/{name}"
        folder = hub.root / name
        folder.mkdir()
        write_notebook(folder / "n.ipynb", [TOGETHER, f"speech = avatar.speak({LONG!r})"])

    def address(self, name: str) -> str:
        return f"{self.url}/lab/tree/{name}"

    def hosts(self) -> list[psutil.Process]:
        return self._hub.hosts()

    def log_in(self, context: BrowserContext) -> None:
        """As one does, until the server runs."""
        page = context.new_page()
        page.goto(f"{self._hub.url}hub/login?next={BASE}hub/spawn")
        page.fill("#username_input", self.name)
        page.fill("#password_input", "any")
        page.click("#login_submit")
        page.wait_for_url(f"**/user/{self.name}/lab*", timeout=60_000)
        page.close()


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    if not PROXY.exists():
        raise RuntimeError("JupyterHub's proxy is not installed: run `make ready-e2e`.")
    with running(Hub(tmp_path_factory.mktemp("hub"))) as hub:
        yield hub


def test_two_users_of_a_hub_each_have_their_avatar(browser: Browser, hub: Hub) -> None:
    """Shown, spoken and waited for in one cell; who leaves takes nothing from the other."""
    users = [User(hub, name) for name in ("alice", "bob")]
    contexts = [browser.new_context(viewport=VIEWPORT) for _ in users]
    for user, context in zip(users, contexts, strict=True):
        context.add_init_script(NO_UDP)
        user.log_in(context)
    books = [
        Notebook(context.new_page(), user, "n.ipynb")
        for user, context in zip(users, contexts, strict=True)
    ]
    for book in books:
        book.start(0)
    views = [book.view() for book in books]
    for book, view in zip(books, views, strict=True):
        view.plays(60)
        view.has_sounded(0.5)
        assert book.wait(0).endswith("said\n")
        lies_well(view)
    shoot(views[0], "jupyterhub")
    assert len(hub.hosts()) == 2

    for book in books:
        book.run(1)
    for view in views:
        view.is_audible()
    kind = "root.__ipyavatar.kind()"
    views[0].until(f"{kind} === 'websocket'", "a WebSocket past the kernel", 40)
    assert views[1].js(kind) == "messages"
    views[0].press("Interrupt")
    views[0].is_quiet()
    views[1].sounds()
    views[0].say("This was typed behind a proxy.")
    views[0].caption_comes("typed")

    hub.stop("alice")
    wait_until(lambda: len(hub.hosts()) == 1, 20, "alice's companion process to end")
    views[1].sounds()
    for context in contexts:
        context.close()
