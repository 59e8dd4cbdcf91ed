"""Sizes and shapes of code, one column a tree: ours next to well-kept packages.

python tools/figures.py                      # ours, and the anchors that are installed
python tools/figures.py PATH [PATH...]       # any checkouts or packages
python tools/figures.py --option relay ...   # also: how many files name this service option

Tests, documentation, examples and built files are left out. All is read, nothing is imported.
"""

from __future__ import annotations

import argparse
import ast
import importlib.util
import re
import statistics
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

ANCHORS = ("httpx", "h11", "websockets", "aiortc", "anywidget")

LEFT_OUT = {
    "tests", "test", "testing", "docs", "doc", "examples", "example", "benchmarks", "bench",
    "build", "dist", "static", "node_modules", "site", "site-packages", "__pycache__", "art",
    "notebooks", "experiments",
}  # fmt: skip

SERVICE_FOLDERS = {"heygen", "liveavatar", "kaltura", "livekit"}
"""A folder per service may repeat the names of files: that is how they are found."""

LONG_FUNCTION = 50
LADDER = 3

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Figures:
    """What was counted in one tree; lists hold `(name, number)` or names, for the details."""

    file_lines: dict[str, int] = field(default_factory=dict)
    function_lines: dict[str, int] = field(default_factory=dict)
    ladders: dict[str, int] = field(default_factory=dict)
    classes: list[str] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)
    bases: dict[str, set[str]] = field(default_factory=dict)
    option_files: dict[str, list[str]] = field(default_factory=dict)

    @property
    def class_names_twice(self) -> dict[str, int]:
        """Class names that exist more than once."""
        return _twice(self.classes)

    @property
    def module_names_twice(self) -> dict[str, int]:
        """Module names that exist more than once, folders of services left out."""
        return _twice(self.modules)

    @property
    def structs(self) -> list[str]:
        """Subclasses of msgspec.Struct that travel, by name: bases of others are no messages."""
        found = {"Struct"}
        while True:
            more = {name for name, bases in self.bases.items() if bases & found} - found
            if not more:
                break
            found |= more
        parents = {base for name in found for base in self.bases.get(name, ())}
        return sorted(found - {"Struct"} - parents)


def figures_of(tree: Path, options: Iterable[str] = ()) -> Figures:
    """Read a tree and count."""
    counted = Figures(option_files={name: [] for name in options})
    whole: dict[str, set[str]] = {}
    protocol: dict[str, set[str]] = {}
    for path in sources(tree):
        text = path.read_text(encoding="utf-8", errors="replace")
        name = path.relative_to(tree).as_posix()
        counted.file_lines[name] = len(text.splitlines())
        for option, files in counted.option_files.items():
            if re.search(rf"\b{re.escape(option)}\b", text):
                files.append(name)
        if path.suffix != ".py":
            continue
        if path.stem not in {"__init__", "__main__"} and path.parent.name not in SERVICE_FOLDERS:
            counted.modules.append(path.stem)
        bases = _read(ast.parse(text), name, counted)
        whole |= bases
        if "protocol" in path.parent.parts:
            protocol |= bases
    counted.bases = protocol or whole
    return counted


def sources(tree: Path) -> Iterator[Path]:
    """The Python and TypeScript files that count; a folder of that name on the way leaves out."""
    for path in sorted(tree.rglob("*")):
        inside = path.relative_to(tree).parts[:-1]
        if path.suffix not in {".py", ".ts"} or path.name.endswith(".d.ts"):
            continue
        if any(part in LEFT_OUT or part.startswith(".") for part in inside):
            continue
        if path.is_file():
            yield path


def _read(module: ast.Module, name: str, counted: Figures) -> dict[str, set[str]]:
    """Count what is in one module; returns its classes with the names of their bases."""
    bases: dict[str, set[str]] = {}
    within = {
        id(other) for node in ast.walk(module) if isinstance(node, ast.If) for other in node.orelse
    }
    for node in ast.walk(module):
        if isinstance(node, Function):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            counted.function_lines[f"{name}:{node.lineno} {node.name}"] = lines
        elif isinstance(node, ast.ClassDef):
            counted.classes.append(node.name)
            bases[node.name] = {_last_name(base) for base in node.bases}
        elif isinstance(node, ast.If) and id(node) not in within:
            branches = ladder(node)
            if branches >= LADDER:
                counted.ladders[f"{name}:{node.lineno}"] = branches
    return bases


def ladder(node: ast.If) -> int:
    """The most branches of an if/elif chain that test `isinstance` of one and the same thing."""
    subjects: Counter[str] = Counter()
    branch: ast.stmt | None = node
    while isinstance(branch, ast.If):
        tested = {
            ast.dump(call.args[0])
            for call in ast.walk(branch.test)
            if isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name)
            and call.func.id == "isinstance"
            and call.args
        }
        subjects.update(tested)
        branch = branch.orelse[0] if len(branch.orelse) == 1 else None
    return max(subjects.values(), default=0)


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        return _last_name(node.value)
    return getattr(node, "attr", getattr(node, "id", ""))


def _twice(names: Iterable[str]) -> dict[str, int]:
    return {name: times for name, times in sorted(Counter(names).items()) if times > 1}


# ---- the table -----------------------------------------------------------------------------------


def rows(counted: Figures) -> dict[str, str]:
    """The lines of one column."""
    files, functions = list(counted.file_lines.values()), list(counted.function_lines.values())
    long = sum(lines > LONG_FUNCTION for lines in functions)
    found = {
        "files": f"{len(files):,}",
        "lines": f"{sum(files):,}",
        "lines of a file: median": _number(statistics.median(files) if files else 0),
        "  p90": _number(_percentile(files, 0.9)),
        "  largest": _number(max(files, default=0)),
        "functions": f"{len(functions):,}",
        "  longest, lines": _number(max(functions, default=0)),
        f"  longer than {LONG_FUNCTION} lines": f"{long}",
        f"isinstance ladders of {LADDER} or more": f"{len(counted.ladders)}",
        "  longest, branches": f"{max(counted.ladders.values(), default=0)}",
        "classes": f"{len(counted.classes):,}",
        "  names that exist twice": f"{len(counted.class_names_twice)}",
        "module names that exist twice": f"{len(counted.module_names_twice)}",
        "wire structs": f"{len(counted.structs)}",
    }
    for option, names in counted.option_files.items():
        found[f"files that name {option!r}"] = f"{len(names)}"
    return found


def details(counted: Figures) -> list[str]:
    """What is behind the numbers of one tree."""
    long = _most(
        {name: n for name, n in counted.function_lines.items() if n > LONG_FUNCTION}, "lines"
    )
    lines = [f"longest files: {', '.join(_most(counted.file_lines, 'lines')[:5])}"]
    lines += [f"long functions: {', '.join(long[:8])}"] if long else []
    for title, found in (
        ("ladders", _most(counted.ladders, "branches")),
        ("class names twice", list(counted.class_names_twice)),
        ("module names twice", list(counted.module_names_twice)),
        *((f"{name!r} is in", files) for name, files in counted.option_files.items()),
    ):
        lines += [f"{title}: {', '.join(found)}"] if found else []
    return lines


def _most(found: Mapping[str, int], unit: str) -> list[str]:
    return [f"{name} ({n} {unit})" for name, n in sorted(found.items(), key=lambda kv: -kv[1])]


def _percentile(values: Sequence[int], part: float) -> float:
    """The value below which `part` of them are; by nearest rank."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))] if values else 0


def _number(value: float) -> str:
    return f"{value:,.0f}"


def table(columns: Mapping[str, Mapping[str, str]]) -> str:
    """All columns side by side."""
    labels = list(next(iter(columns.values())))
    first = max(map(len, labels))
    widths = [max(len(name), *(len(c[label]) for label in labels)) for name, c in columns.items()]
    lines = ["  ".join([" " * first, *(n.rjust(w) for n, w in zip(columns, widths, strict=True))])]
    for label in labels:
        cells = (column[label].rjust(w) for column, w in zip(columns.values(), widths, strict=True))
        lines.append("  ".join([label.ljust(first), *cells]))
    return "\n".join(lines)


def installed(name: str) -> Path | None:
    """Where an installed package is."""
    found = importlib.util.find_spec(name)
    return Path(found.origin).parent if found and found.origin else None


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Sizes and shapes of code, side by side.")
    parser.add_argument("trees", nargs="*", type=Path, help="checkouts or packages")
    parser.add_argument("--option", action="append", default=[], help="a service option to count")
    parser.add_argument("--details", action="store_true", help="what is behind the numbers")
    options = parser.parse_args(arguments)
    trees = {path.resolve().name: path for path in options.trees}
    if not trees:
        anchors = {name: place for name in ANCHORS if (place := installed(name))}
        trees = {
            "ipyavatar": ROOT / "src" / "ipyavatar",
            "its page": ROOT / "js" / "src",
            **anchors,
        }
    absent = [str(path) for path in trees.values() if not path.is_dir()]
    if absent:
        print(f"No such folder: {', '.join(absent)}", file=sys.stderr)
        return 2
    counted = {name: figures_of(path, options.option) for name, path in trees.items()}
    print(table({name: rows(figures) for name, figures in counted.items()}))
    if options.details:
        for name, figures in counted.items():
            print(f"\n{name}", *details(figures), sep="\n  ")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
