import pytest

import ipyavatar
from ipyavatar.errors import NotOffered


@pytest.mark.parametrize("call", [ipyavatar.voices, ipyavatar.contexts])
def test_what_a_service_has_not_needs_no_key_to_be_told(call, monkeypatch):
    monkeypatch.delenv("HEYGEN_API_KEY", raising=False)
    with pytest.raises(NotOffered):
        call("heygen")
