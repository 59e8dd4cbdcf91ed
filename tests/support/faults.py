"""Every fault that a test asks for must happen: else the test has shown nothing.

In process, twins are made by `create_app` of this module, and a fixture of `tests/conftest.py`
looks at the end of each test. Twins as processes tell it in their state: `assert_faults_fired`.
"""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette

from ipyavatar import twin

_PLANS: list[Any] = []


def create_app(
    settings: twin.TwinSettings | None = None, *, faults_may_stay: bool = False, **options: Any
) -> Starlette:
    """`ipyavatar.twin.create_app`; with `faults_may_stay`, for faults that are drawn by chance."""
    app = twin.create_app(settings, **options)
    if not faults_may_stay:
        _PLANS.append(app.state.twin.faults)
    return app


def take_unused() -> list[Any]:
    """The faults of this test's twins that never happened; then there are no twins."""
    unused = [fault for plan in _PLANS for fault in plan.unused()]
    _PLANS.clear()
    return unused


def assert_faults_fired(state: dict[str, Any]) -> None:
    """Assert it of a twin that is a process, by its state."""
    assert state["unused_faults"] == [], "these faults never happened"
