"""Which providers there are, and what asking costs."""

import subprocess
import sys

import pytest

from ipyavatar.errors import UnknownName
from ipyavatar.providers.registry import (
    find_service,
    options_type,
    provider_names,
    service_spec,
    service_specs,
    spec_of,
)


def test_every_line_leads_to_a_spec_of_that_name():
    for name in provider_names():
        assert spec_of(name).name == name
    assert {spec.name for spec in service_specs()} == set(provider_names()) - {"embedded"}


def test_an_unknown_name_is_told_with_those_there_are():
    with pytest.raises(UnknownName, match="embedded, heygen, kaltura, liveavatar"):
        spec_of("heigen")
    with pytest.raises(UnknownName, match="no paid service 'embedded'"):
        service_spec("embedded")
    with pytest.raises(UnknownName):
        options_type("embedded")
    assert find_service("of a later version") is None


def test_specs_are_cheap_to_import():
    """No HTTP, no media, no numbers."""
    code = (
        "import sys; from ipyavatar.providers.options import all_keywords; all_keywords(); "
        "print(' '.join(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "ipyavatar.providers.kaltura.spec" in loaded
    assert not {"httpx", "anyio", "websockets", "numpy", "cv2", "aiortc"} & loaded
