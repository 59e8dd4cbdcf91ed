"""What a package's `__init__` names, and the modules that stand in it."""

from __future__ import annotations

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src/ipyavatar"


def named_in(package: Path) -> set[str]:
    """What it defines, or takes from a module, by the name it has there."""
    names: set[str] = set()
    for node in ast.parse((package / "__init__.py").read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names.add(node.name)
    return names


def test_no_name_of_a_package_is_that_of_a_module_in_it() -> None:
    """Python puts the module in its place as soon as that is imported, by whomever: a second call
    would call a module."""
    packages = [path.parent for path in SOURCE.rglob("__init__.py")]
    assert len(packages) > 20
    for package in packages:
        modules = {path.stem for path in package.glob("*.py")}
        modules |= {path.parent.name for path in package.glob("*/__init__.py")}
        assert not named_in(package) & modules, package


def given_in(module: Path) -> list[str]:
    """The names that its own level defines, as often as it does."""
    names: list[str] = []
    for node in ast.parse(module.read_text("utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if not any("overload" in ast.dump(one) for one in node.decorator_list):
                names.append(node.name)
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names += [target.id for target in targets if isinstance(target, ast.Name)]
    return names


def test_no_module_gives_a_name_twice() -> None:
    """The second `_TERM` of a long table changes what stands below it, and no linter minds."""
    modules = list(SOURCE.rglob("*.py"))
    assert len(modules) > 200
    for module in modules:
        names = given_in(module)
        assert len(names) == len(set(names)), (module, sorted(names))
