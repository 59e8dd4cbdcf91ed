"""What holds for every test."""

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def every_fault_happens() -> Iterator[None]:
    """A test whose fault never happened would pass without the code it is there for."""
    yield
    # Tests that make no twin need not import one.
    if (faults := sys.modules.get("tests.support.faults")) is not None:
        assert faults.take_unused() == [], "these faults never happened"
