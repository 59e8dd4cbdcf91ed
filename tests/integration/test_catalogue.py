"""Whom one can choose: ours, and what services list (the twin answers for them)."""

import pytest

import ipyavatar
from ipyavatar.api.catalogue import Catalogue
from ipyavatar.core.secret import Secret
from ipyavatar.errors import AuthenticationError, InvalidArgument, NotOffered, UnknownName
from ipyavatar.providers.cloud.models import ServiceAvatar
from ipyavatar.twin import TwinSettings
from tests.support.faults import create_app
from tests.support.services import KEY, one_server


@pytest.fixture(scope="module")
def url():
    with one_server() as server:
        server.app = create_app(TwinSettings(api_key=KEY))
        yield server.url


def test_the_embedded_ones_need_nothing():
    assert ipyavatar.avatars() == ipyavatar.characters()
    assert ipyavatar.voices()["june"] == "female, warm"
    assert "june" in repr(ipyavatar.voices())


@pytest.mark.parametrize(
    ("provider", "face"),
    [
        ("heygen", "Ann_Therapist_public"),
        ("liveavatar", "dd73ea75-1218-4ef3-92ce-606d5f7fbc0a"),
        ("kaltura", "64b1f0c2a1b2c3d4e5f60718"),
    ],
)
def test_faces_of_a_service_are_what_avatar_id_takes(provider, face, url):
    found = ipyavatar.avatars(provider, api_key=KEY, base_url=url)
    assert face in found
    assert {row.id for row in found.rows} == set(found)
    assert face in repr(found)
    assert repr(found).startswith("id")


@pytest.mark.parametrize("provider", ["heygen", "liveavatar", "kaltura"])
def test_voices_of_a_service_are_what_voice_id_takes(provider, url):
    found = ipyavatar.voices(provider, api_key=Secret(KEY), base_url=url)
    assert found
    assert all(found.values())


def test_contexts_are_what_context_id_takes(url):
    found = ipyavatar.contexts(api_key=KEY, base_url=url)
    assert found == {"5b9dba8a-aa31-11f0-a6ee-066a7fa2e369": "Tutor"}
    assert "Tutor" in found._repr_html_()


def test_a_notebook_shows_pictures(url):
    """Each with its name for who cannot see it; the text has no pictures in it."""
    faces = ipyavatar.avatars()
    shown = faces._repr_html_()
    assert shown.count("<img") == len(faces)
    assert shown.count('src="data:image/jpeg;base64,') == len(faces)
    assert "data:" not in repr(faces)
    theirs = ipyavatar.avatars("heygen", api_key=KEY, base_url=url)._repr_html_()
    assert f'<img src="{url}/_twin/portrait.svg" alt=' in theirs


def test_what_a_service_tells_is_text_in_a_table():
    rows = [
        ServiceAvatar("<i>", "<script>x</script>", "javascript:alert(1)"),
        ServiceAvatar("b", '"onerror="x', 'https://x/"onerror="y'),
    ]
    shown = Catalogue(rows)._repr_html_()
    assert "<script" not in shown
    assert 'src="javascript' not in shown
    assert '"onerror' not in shown
    assert Catalogue([])._repr_html_() == "<p>There are none.</p>"


def test_a_table_stays_small_whatever_a_service_tells():
    """Words are one line of bounded length; what is too long to be fetched is left out."""
    rows = [
        ServiceAvatar("a", "two\nlines\x1b[31m \u202egnp", "HTTPS://x/y.png"),
        ServiceAvatar("b", "x" * 100_000, f"https://x/{'a' * 5000}"),
        ServiceAvatar("c", "c", f"data:image/png;base64,{'A' * 300_000}"),
        ServiceAvatar("d", "d", "data:text/html,<script>"),
        ServiceAvatar("a", "the same", None),
    ]
    found = Catalogue(rows)
    shown = found._repr_html_()
    assert shown.count("<img") == 1
    assert 'src="HTTPS://x/y.png"' in shown
    assert max(len(shown), len(repr(found))) < 8000
    assert len(repr(found).splitlines()) == 5
    assert "data:" not in shown
    assert not {"\x1b", "\u202e"} & {*shown, *repr(found)}
    assert found["a"] == "two\nlines\x1b[31m \u202egnp"
    assert found.rows == tuple(rows[:4])


def test_what_cannot_be_listed_is_told(url):
    with pytest.raises(NotOffered, match="has no contexts"):
        ipyavatar.contexts("heygen", api_key=KEY, base_url=url)
    with pytest.raises(AuthenticationError):
        ipyavatar.avatars("heygen", api_key="another", base_url=url)
    with pytest.raises(UnknownName, match="Did you mean 'heygen'"):
        ipyavatar.avatars("heigen")
    with pytest.raises(InvalidArgument, match="no api_key="):
        ipyavatar.avatars(api_key=KEY)


def test_a_missing_key_names_its_variable(monkeypatch):
    monkeypatch.delenv("HEYGEN_API_KEY", raising=False)
    with pytest.raises(InvalidArgument, match="HEYGEN_API_KEY"):
        ipyavatar.avatars("heygen")
