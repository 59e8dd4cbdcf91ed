"""The figures of tools/figures.py are counted as its table says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import figures as tool


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_sizes_of_files_leave_tests_and_built_files_out(tmp_path: Path) -> None:
    """Python and TypeScript count, at any depth; declarations, tests and static files do not."""
    write(
        tmp_path,
        {
            "a.py": "x = 1\n" * 10,
            "deep/er/b.py": "x = 1\n" * 30,
            "page/c.ts": "let x;\n" * 20,
            "page/c.d.ts": "let x;\n",
            "tests/t.py": "x = 1\n",
            "static/s.py": "x = 1\n",
            ".venv/v.py": "x = 1\n",
        },
    )
    counted = tool.figures_of(tmp_path)
    assert counted.file_lines == {"a.py": 10, "deep/er/b.py": 30, "page/c.ts": 20}
    column = tool.rows(counted)
    assert (column["files"], column["lines of a file: median"]) == ("3", "20")
    assert (column["  p90"], column["  largest"]) == ("30", "30")


def test_functions_are_measured_with_all_that_is_in_them(tmp_path: Path) -> None:
    """From `def` to the last line; methods, nested and async ones, too."""
    body = "    y = 1\n" * 50
    code = f"def long():\n{body}\n\nclass A:\n    async def m(self):\n        def n(): ...\n"
    column = tool.rows(tool.figures_of(write(tmp_path, {"a.py": code})))
    assert (column["functions"], column["  longest, lines"]) == ("3", "51")
    assert column["  longer than 50 lines"] == "1"


@pytest.mark.parametrize(
    ("code", "branches"),
    [
        ("if isinstance(x, A): ...\nelif isinstance(x, B): ...\nelif isinstance(x, C): ...\n", 3),
        ("if isinstance(x, A): ...\nelif x and isinstance(x, B): ...\nelse: ...\n", 2),
        ("if isinstance(x, A): ...\nelif isinstance(y, B): ...\nelif isinstance(z, C): ...\n", 1),
        ("if x == 1: ...\nelif x == 2: ...\nelif x == 3: ...\n", 0),
    ],
)
def test_a_ladder_asks_for_the_type_of_one_thing(code: str, branches: int) -> None:
    """Branches of one chain about the same subject count; others do not."""
    node = tool.ast.parse(code).body[0]
    assert tool.ladder(node) == branches


def test_a_chain_is_counted_once(tmp_path: Path) -> None:
    """Its `elif` are no ladders of their own."""
    code = "if isinstance(x, A): ...\n" + "elif isinstance(x, B): ...\n" * 4
    assert list(tool.figures_of(write(tmp_path, {"a.py": code})).ladders.values()) == [5]


def test_names_that_exist_twice(tmp_path: Path) -> None:
    """Classes anywhere; modules where they are not the same file of several services."""
    write(
        tmp_path,
        {
            "a/one.py": "class Room: ...\nclass Seat: ...\n",
            "b/one.py": "class Room: ...\n",
            "b/__init__.py": "",
            "providers/heygen/client.py": "class HeyGen: ...\n",
            "providers/kaltura/client.py": "class Kaltura: ...\n",
        },
    )
    counted = tool.figures_of(tmp_path)
    assert counted.class_names_twice == {"Room": 2}
    assert counted.module_names_twice == {"one": 2}


def test_wire_structs_at_any_depth_and_in_protocol_once_it_exists(tmp_path: Path) -> None:
    """Without a folder `protocol` those of the whole tree are counted; bases are not."""
    write(
        tmp_path,
        {
            "a.py": "import msgspec\nclass M(msgspec.Struct, frozen=True): ...\nclass N(M): ...\n",
            "b.py": "class O(N): ...\nclass P: ...\n",
        },
    )
    assert tool.figures_of(tmp_path).structs == ["O"]
    write(tmp_path, {"protocol/page.py": "class Q(Struct): ...\n"})
    assert tool.figures_of(tmp_path).structs == ["Q"]


def test_places_that_name_an_option(tmp_path: Path) -> None:
    """Files are counted, whole words only."""
    write(tmp_path, {"a.py": "relay = 1\nrelay = 2\n", "b.ts": "x.relay;", "c.py": "relayed = 1\n"})
    counted = tool.figures_of(tmp_path, ["relay"])
    assert counted.option_files == {"relay": ["a.py", "b.ts"]}
    assert tool.rows(counted)["files that name 'relay'"] == "2"


def test_trees_stand_side_by_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One column a tree; a folder that is not there is an error."""
    one, two = write(tmp_path / "one", {"a.py": "\n"}), write(tmp_path / "two", {"b.py": "\n\n"})
    assert tool.main([str(one), str(two)]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["one", "two"]
    assert lines[1].split() == ["lines", "1", "2"]
    assert tool.main([str(tmp_path / "none")]) == 2
