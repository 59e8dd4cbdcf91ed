"""The documentation names all there is."""

from __future__ import annotations

import re
import typing
from pathlib import Path
from typing import Any

import anywidget
import pytest

import ipyavatar
from ipyavatar.client.phases import STATUS, Phase
from ipyavatar.client.reports import SessionReport
from ipyavatar.protocol.host import NoticeKind
from ipyavatar.protocol.page import Stats
from ipyavatar.providers.cloud.spec import ServiceSpec
from ipyavatar.providers.registry import service_specs

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"


def text_of(*names: str) -> str:
    paths = [REFERENCE / name for name in names] or sorted(REFERENCE.glob("*.md"))
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


@pytest.mark.parametrize("name", ipyavatar.__all__)
def test_every_public_name_is_in_the_reference(name: str) -> None:
    """What can be imported is explained."""
    assert re.search(rf"^::: ipyavatar\.{name}$", text_of(), re.MULTILINE)


def test_every_trait_is_in_the_reference() -> None:
    """Ours, not those of anywidget; and none that is there no more."""
    ours = set(ipyavatar.Avatar.class_trait_names()) - set(anywidget.AnyWidget.class_trait_names())
    head = text_of("traits.md").split("## `status`")[0]
    told = {name for row in re.findall(r"^\| (`.+?) \|", head, re.M) for name in row.split(", ")}
    assert {name.strip("`") for name in told} == {n for n in ours if not n.startswith("_")}


def test_every_number_of_a_page_is_in_the_reference() -> None:
    """What it measures, but for what only says which page it was, and when."""
    table = text_of("traits.md").split("## `stats`")[1].split("## `usage`")[0]
    told = {name for row in re.findall(r"^\| (`.+?) \|", table, re.M) for name in row.split(", ")}
    assert set(Stats.__struct_fields__) - {"page", "at_ms"} <= {name.strip("`") for name in told}


def test_every_phase_is_in_the_reference_with_its_status() -> None:
    """In the order of the code; and none that is there no more."""
    rows = re.findall(r"^\| `([A-Z]+)` \| `([a-z]+)` \|", text_of("session.md"), re.MULTILINE)
    assert rows == [(phase.name, STATUS[phase]) for phase in Phase]


def test_every_report_to_observers_is_in_the_reference() -> None:
    """With all of its members."""
    table = text_of("session.md").split("## What an observer hears")[1]
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| (.+) \|$", table, re.MULTILINE))
    wanted = {kind.__name__: kind.__struct_fields__ for kind in typing.get_args(SessionReport)}
    assert set(rows) == set(wanted)
    assert [
        f"{name}.{field}"
        for name, fields in wanted.items()
        for field in fields
        if f"`{field}`" not in rows[name]
    ] == []


SERVICE_PAGES = [
    pytest.param(spec, ROOT / "docs" / "services" / f"{spec.name}.md", id=spec.name)
    for spec in service_specs()
]
ALL_SERVICES = pytest.mark.parametrize(("spec", "page"), SERVICE_PAGES)


def section_of(page: Path, title: str) -> str:
    text = page.read_text(encoding="utf-8")
    return text.split(f"\n## {title}\n")[1].split("\n## ")[0]


@ALL_SERVICES
def test_every_keyword_of_a_service_has_an_example(spec: ServiceSpec[Any], page: Path) -> None:
    """In the table of its page; and none that is there no more."""
    rows = re.findall(r"^\| `(\w+)` \| `(.+?)` \|", section_of(page, "Options"), re.MULTILINE)
    assert {name for name, _ in rows} == spec.keyword_names - spec.never_works
    assert [name for name, example in rows if f"{name}=" not in example] == []


@ALL_SERVICES
def test_what_verified_a_service_is_there(spec: ServiceSpec[Any], page: Path) -> None:
    """Each test by its file, each foreign SDK in the version that is let loose on the twin."""
    told = section_of(page, "What was verified")
    assert "Nothing was tried on a live account." in told
    files = re.findall(r"`(tests/[\w/]+(?:\.py|/))`", told)
    assert len(files) > 4
    assert [name for name in files if not (ROOT / name).exists()] == []
    pins = ("tests/sdk/package.json", "tests/sdk/requirements.txt", "pyproject.toml")
    pinned = "\n".join((ROOT / name).read_text(encoding="utf-8") for name in pins)
    for name, versions in re.findall(r"`([@\w/-]+)` (\d[\d.]*(?: and \d[\d.]*)*)", told):
        for version in versions.split(" and "):
            assert re.search(rf'{name}(?:": "|@|==){version}["\n]', pinned), f"{name} {version}"


@ALL_SERVICES
def test_what_one_may_see_of_a_service_is_in_the_code(spec: ServiceSpec[Any], page: Path) -> None:
    """Its messages and errors, as the table of troubles has them; titles are put in by the code."""
    rows = re.findall(r"^\| (.+?) \|", section_of(page, "When it goes wrong"), re.MULTILINE)
    quoted = [text for row in rows for text in re.findall(r"`([^`]+)`", row)]
    assert len(quoted) > 6
    paths = sorted((ROOT / "src" / "ipyavatar").rglob("*.py"))
    code = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    code = re.sub(r'"\s+f?"', "", code)  # a sentence may go over several lines
    code = re.sub(r"\{[\w.]+(?::[\w.]+)?\}", "{}", code)
    told = (re.sub(rf"\b{spec.title}\b|\b\d+(?= s\b)", "{}", text) for text in quoted)
    assert [text for text in told if text not in code and text.strip("{} ") not in code] == []


def test_every_kind_of_notice_is_in_the_reference() -> None:
    """And none that is there no more."""
    table = text_of("session.md").split("| `Noticed.kind` |")[1].split("\n\n")[0]
    kinds = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    assert kinds == list(typing.get_args(NoticeKind))


def test_public_names_are_used_in_typed_user_code() -> None:
    """So that a type checker sees them as users do."""
    code = (ROOT / "tests" / "typing" / "user_code.py").read_text(encoding="utf-8")
    missing = [name for name in ipyavatar.__all__ if not re.search(rf"\b{name}\b", code)]
    assert missing == []


def test_every_option_of_the_command_line_is_in_the_reference() -> None:
    """`ipyavatar serve --help` and the page agree."""
    modules = sorted((ROOT / "src" / "ipyavatar").rglob("*.py"))
    texts = [path.read_text(encoding="utf-8") for path in modules]
    source = "\n".join(text for text in texts if "argparse.ArgumentParser" in text)
    options = set(re.findall(r'"(--[a-z][a-z0-9-]+)"', source))
    assert options, "where is the command line?"
    assert {name for name in options if f"`{name}`" not in text_of("cli.md")} == set()


GUIDES = ("ARCHITECTURE.md", "CONTRIBUTING.md")
# Where a path in a guide may begin.
FOLDERS = (
    "",
    "src",
    "src/ipyavatar",
    "src/ipyavatar/engine",
    "src/ipyavatar/providers",
    "js/src",
    "tests",
    "tools",
)
SERVICES = [spec.name for spec in service_specs()]


def prose_of(guide: str) -> str:
    """Its text without the addresses of links."""
    return re.sub(r"\]\([^)]*\)", "]", (ROOT / guide).read_text(encoding="utf-8"))


@pytest.mark.parametrize("guide", GUIDES)
def test_every_path_in_the_guides_is_there(guide: str) -> None:
    """Folders end with a slash, files with what they are; `<service>` stands for each."""
    found = set(
        re.findall(
            r"(?<![\w/.])(?:[\w<>.-]+/)*(?:[\w<>-]+/|[\w-]+\.(?:py|ts|md|toml))(?![\w/])",
            prose_of(guide),
        )
    )
    assert len(found) > 20, "where are the paths?"
    paths = {path.replace("<service>", name) for path in found for name in SERVICES}
    paths -= {"site/"}  # made by `make docs`
    gone = [path for path in paths if not any((ROOT / f / path).exists() for f in FOLDERS)]
    assert sorted(gone) == []


@pytest.mark.parametrize("guide", GUIDES)
def test_every_class_in_the_guides_is_there(guide: str) -> None:
    """In code, a word that begins with a capital letter is a class of ours."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*.py"))
    ours = set(re.findall(r"^class (\w+)", code, re.MULTILINE)) | {"TypedDict", "True", "None"}
    quoted = "\n".join(re.findall(r"`([^`\n]+)`", prose_of(guide)))
    named = set(re.findall(r"(?<![\w./])[A-Z]\w*[a-z]\w*", quoted))
    assert sorted(named - ours) == []
