"""Front ends of releases that we do not know."""

import logging
import sys
from types import ModuleType, SimpleNamespace

import pytest

from ipyavatar.widget.frontends import adopt, find_front_end
from ipyavatar.widget.frontends.marimo import Marimo
from ipyavatar.widget.frontends.panel import Panel
from ipyavatar.widget.frontends.shiny import Shiny
from ipyavatar.widget.frontends.solara import Solara
from tests.support.fakes.closable import Closable

MODULES = ("shiny", "panel", "marimo._runtime.context", "solara.server.kernel_context")


@pytest.mark.parametrize("module", [None, ModuleType("half"), SimpleNamespace(), 5])
@pytest.mark.parametrize("name", MODULES)
def test_one_that_is_half_imported_or_another_is_none(monkeypatch, name, module):
    """The avatar works as far as it does."""
    monkeypatch.setitem(sys.modules, name, module)
    assert find_front_end().name == "this program"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Marimo(SimpleNamespace()),
        lambda: Panel(SimpleNamespace()),
        lambda: Solara(SimpleNamespace()),
        lambda: Shiny.__new__(Shiny),
    ],
    ids=["marimo", "panel", "solara", "shiny"],
)
def test_one_that_cannot_be_asked_to_end_it_keeps_no_avatar_from_being_made(make, caplog):
    """The user is told to end it."""
    front_end = make()
    with caplog.at_level(logging.WARNING):
        adopt(front_end, Closable())
    assert f"{front_end.name} could not be asked" in caplog.text
    assert "call close()" in caplog.text
