"""Every Python block of README.md and docs/ runs, page by page, as somebody would who reads it.

Where a service is needed, the offline twin is there; where a page says "...", an id of the twin's.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import io
import re
from pathlib import Path

import pytest

from ipyavatar import Avatar, AvatarSession
from ipyavatar.client import host_client
from ipyavatar.errors import AvatarError, SpeechFailed
from tests.support.processes import until
from tests.support.twin_process import KEY, twin_process

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
BLOCK = re.compile(r"^( *)```python\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
FACE = "64b1f0c2a1b2c3d4e5f60718"
TWIN = "http://127.0.0.1:8765"
"""Where the documentation has it; the tests' is elsewhere."""


def blocks_of(page: Path) -> list[str]:
    """Its Python blocks, in order."""
    text = page.read_text(encoding="utf-8")
    return [re.sub(rf"^{indent}", "", code, flags=re.M) for indent, code in BLOCK.findall(text)]


ENDED = {"said", "interrupted", "failed"}
WITH_CODE = [page for page in PAGES if blocks_of(page)]


@pytest.fixture(scope="module")
def twin():
    with twin_process() as twin:
        yield twin


@pytest.fixture
def around(twin, tmp_path, monkeypatch):
    """What a reader has beside the page: keys, the twin, and names that the page only mentions."""
    host_client.close_all()  # the next one sees this environment
    monkeypatch.setenv("IPYAVATAR_STATE_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)  # examples write files
    for name in ("HEYGEN", "LIVEAVATAR", "KALTURA"):
        monkeypatch.setenv(f"IPYAVATAR_{name}_URL", twin.url)
    monkeypatch.setattr("getpass.getpass", lambda *_: KEY)
    for name in ("HEYGEN_API_KEY", "LIVEAVATAR_API_KEY", "KALTURA_KS"):
        monkeypatch.setenv(name, KEY)
    names = {
        "Avatar": Avatar,
        "train": lambda: None,
        "display": lambda thing: None,
        "table": [],
        "clean": [],
        "__name__": "__main__",
    }
    yield names
    for value in list(names.values()):
        if isinstance(value, Avatar):
            value.close()
    host_client.close_all()


def prepare(code: str, url: str) -> str:
    """`code`, with ids where the page has dots, and the twin where it is."""
    code = code.replace(f'base_url="{TWIN}"', f'base_url="{url}"')
    code = code.replace('api_key="any-key-will-do"', f'api_key="{KEY}"')
    code = code.replace('avatar_id="..."', f'avatar_id="{FACE}"')
    code = code.replace('context_id="..."', 'context_id="tutor"')
    return code.replace('voice_id="..."', 'voice_id="any"')


def run(code: str, names: dict[str, object]) -> None:
    """As a cell: a loop runs where it awaits."""
    tree = compile(code, "<documentation>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(tree, names)
    if result is not None:
        asyncio.run(result)


@pytest.mark.parametrize("page", WITH_CODE, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of_a_page_run_in_order(page, twin, around, record_property):
    """Each block, one after the other, with what the blocks before have made."""
    if "avatar = " not in blocks_of(page)[0] and "as avatar" not in blocks_of(page)[0]:
        around["avatar"] = Avatar(quality="low")  # the page goes on with the one of the first page
    blocks = blocks_of(page)
    out = io.StringIO()
    for code in blocks:
        with contextlib.redirect_stdout(out):
            run(prepare(code, twin.url), around)
    record_property("blocks run", len(blocks))
    for avatar in {id(one): one for one in around.values() if isinstance(one, Avatar)}.values():
        until(lambda avatar=avatar: states_of(avatar) <= ENDED, 60, f"{avatar} has said it all")
        assert avatar.status != "failed"
        assert "failed" not in states_of(avatar)
    for code in blocks:
        for promised in re.findall(r"^ *print\(.*\)  # (.+)$", code, re.MULTILINE):
            assert promised in out.getvalue()


def states_of(avatar: Avatar) -> set[str]:
    """Of all that it was asked to say."""
    return {entry["state"] for entry in avatar.transcript}


EXAMPLES = [
    pytest.param(page.stem, example, id=f"{page.stem}: {example}")
    for page in sorted((ROOT / "docs" / "services").glob("*.md"))
    for example in re.findall(
        r"^\| `\w+` \| `(\w+=.+?)` \|", page.read_text(encoding="utf-8"), re.MULTILINE
    )
]


PLAYS_TO_A_PAGE = {'transport="webrtc"'}
"""A script can open such a session; it begins with a page."""


@pytest.mark.parametrize(("service", "example"), EXAMPLES)
def test_a_session_opens_with_each_option_and_speaks(service, example, twin, around):
    """As the table of the service's page has it; with a face, where there is no default."""
    options = eval(f"dict({prepare(example, twin.url)})")
    if service != "heygen" and "sandbox" not in options:
        options.setdefault("avatar_id", FACE)
    with AvatarSession(service, host="thread", **options) as session:
        if example in PLAYS_TO_A_PAGE:
            with pytest.raises(SpeechFailed, match="Show the avatar in a page"):
                session.speak("Yes.").wait(30)
        else:
            assert session.speak("Yes.").wait(30).state == "said"
        session.stop().wait(30)
        assert session.status == "ended"


REFUSALS = [
    pytest.param(code, told, id=code)
    for page in PAGES
    for code, told in re.findall(r"```pycon\n>>> (.+)\n(.+)\n```", page.read_text(encoding="utf-8"))
]


@pytest.mark.parametrize(("code", "told"), REFUSALS)
def test_an_error_reads_as_the_documentation_has_it(code, told, around):
    """Its class and its words."""
    with pytest.raises(AvatarError) as caught:
        run(code, around)
    assert f"{type(caught.value).__name__}: {caught.value}" == told


def test_there_are_examples_to_run():
    assert len(REFUSALS) >= 5
    assert len(WITH_CODE) >= 11
    assert len(EXAMPLES) >= 30
