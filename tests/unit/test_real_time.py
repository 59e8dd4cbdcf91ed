"""No unit test waits for time to pass, or is lost by a machine that is slow."""

import ast
import pathlib

import pytest

UNIT = pathlib.Path(__file__).parent
CLOCKS = {"monotonic", "perf_counter", "time"}
OF_REAL_TIME = {"core/test_clock.py", "core/test_handle.py", "paid/test_ledger.py"}
"""What these are about is real time: the clock, a wait that ends by itself, SQLite's own wait."""


def name_of(call):
    """`sleep` of `time.sleep(1)`, with what it is called on."""
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
        on = call.func.value
        return call.func.attr, on.id if isinstance(on, ast.Name) else ""
    return "", ""


def waits_in(tree):
    """The lines where real time has to pass, and why."""
    for node in ast.walk(tree):
        name, on = name_of(node)
        if name == "sleep" and on == "time":
            yield node.lineno, "time.sleep(): wait for a condition"
        elif isinstance(node, ast.ImportFrom) and node.module == "time":
            yield node.lineno, "write time.monotonic(), so that this test sees it"
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            name, on = name_of(node.operand)
            if name in ("wait", "acquire") and (node.operand.args or node.operand.keywords):
                yield node.lineno, "that nothing happens is waited for: make it decidable"
        elif isinstance(node, ast.Compare):
            calls = [name_of(part) for part in ast.walk(node)]
            if any(name in CLOCKS and on == "time" for name, on in calls):
                yield node.lineno, "seconds are measured: count, or give it a clock"


@pytest.mark.parametrize(
    "code",
    [
        "time.sleep(1)",
        "from time import sleep",
        "assert not over.wait(0.5)",
        "assert not came.acquire(timeout=1)",
        "assert time.monotonic() - began < 3",
    ],
)
def test_what_waits_is_found(code):
    assert [line for line, _ in waits_in(ast.parse(code))] == [1]


def test_no_unit_test_waits_for_real_time():
    found = [
        f"{path.relative_to(UNIT)}:{line}: {why}"
        for path in sorted(UNIT.rglob("*.py"))
        if path.relative_to(UNIT).as_posix() not in OF_REAL_TIME
        for line, why in waits_in(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []
