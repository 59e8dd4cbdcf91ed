import pytest

import ipyavatar
from ipyavatar.errors import NotOffered


@pytest.mark.parametrize("provider", ["heygen", "kaltura"])
def test_what_a_service_has_not_needs_no_key_to_be_told(provider, monkeypatch):
    for variable in ("HEYGEN_API_KEY", "KALTURA_KS"):
        monkeypatch.delenv(variable, raising=False)
    with pytest.raises(NotOffered):
        ipyavatar.contexts(provider)


def test_a_column_with_nothing_in_it_is_not_shown():
    """Ours have no samples to listen to; `rows` have every member."""
    voices = ipyavatar.voices()
    assert repr(voices).split("\n")[0].split() == ["id", "name", "language"]
    assert "sample" not in voices._repr_html_()
    assert voices.rows[0].sample_url is None
