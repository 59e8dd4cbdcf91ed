"""What `make bench` needs is there: nobody runs it often enough to find out by that."""

import importlib
import pathlib

import pytest

import tests.bench

MODULES = sorted(
    path.stem
    for path in pathlib.Path(tests.bench.__file__).parent.glob("*.py")
    if not path.stem.startswith("__")
)


@pytest.mark.parametrize("name", MODULES)
def test_each_module_can_be_imported(name):
    assert importlib.import_module(f"tests.bench.{name}").__doc__
