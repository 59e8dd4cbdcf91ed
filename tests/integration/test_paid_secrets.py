"""A known key is looked for everywhere it must not be: logs, traits, reprs, errors, files."""

import gc
import io
import json
import logging
import traceback

import nbformat
import pytest
from nbclient import NotebookClient

from ipyavatar import Avatar, sessions, stop_all
from ipyavatar.client import host_client
from ipyavatar.errors import AuthenticationError, ConcurrencyLimitError
from tests.support.processes import until
from tests.support.twin_process import KEY, twin_process

WRONG = "seeded-wrong-key-1234"


@pytest.fixture(scope="module")
def twin():
    with twin_process("--concurrency", "2") as running:
        yield running


@pytest.fixture
def state(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYAVATAR_STATE_DIR", str(tmp_path))
    monkeypatch.setenv("IPYAVATAR_HEYGEN_URL", "")
    return tmp_path


class Overheard(Avatar):
    """An avatar whose messages to pages are kept, but not by itself."""

    def send(self, content, buffers=None):
        SENT.append((self.session_id, content))


SENT = []


def watched(avatar):
    """Two pages join; the second measures and reports as one does."""
    for page in ("first", "second"):
        join = {"type": "join", "page": page, "peer": f"{page}.1", "player": False}
        avatar._pages.on_widget_message(avatar, join, [])
    avatar.start().wait(30)
    until(lambda: len(grants(avatar)) == 2, 20, "both pages have the stream")
    media = {"type": "media", "page": "second", "playback": "playing"}
    avatar._pages.on_widget_message(avatar, media, [])
    over = {"type": "stream-over", "page": "first", "peer": "first.1", "reason": "taken"}
    avatar._pages.on_widget_message(avatar, over, [])


def grants(avatar):
    """The pages that were given the stream."""
    return [c for s, c in list(SENT) if s == avatar.session_id and c["type"] == "stream-granted"]


def tokens(avatar):
    """The tokens of the session, which only the ticket holds."""
    grant = avatar.session._grant
    held = [grant.token, grant.socket_url, *for_viewers(grant.stream)]
    return [secret.reveal() for secret in held if secret]


def for_viewers(stream):
    """The secrets of those that a viewer needs."""
    return [
        one for one in (stream.token, *(relay.credential for relay in stream.ice_servers)) if one
    ]


@pytest.mark.parametrize("host", ["process", "thread"])
def test_nothing_shows_a_key_or_a_token(twin, state, host, caplog, capfd):
    """Three services, said and failed speeches, a refused session, and the whole log at DEBUG."""
    caplog.set_level(logging.DEBUG)
    common = {"api_key": KEY, "base_url": twin.url, "host": host}
    avatars = [
        Overheard("heygen", **common),
        Overheard("liveavatar", sandbox=True, **common),
        # As from afar: with its relay, and the password of that.
        Overheard("kaltura", avatar_id="64b1f0c2a1b2c3d4e5f60718", relay=True, **common),
    ]
    shown = io.StringIO()
    for avatar in avatars:
        watched(avatar)
        avatar.speak("Hi.").wait(60)
        print(avatar, repr(avatar), avatar.get_state(), vars(avatar), file=shown)
    secrets = [KEY, WRONG, *(token for avatar in avatars for token in tokens(avatar))]
    assert len(secrets) >= 6
    for avatar in avatars:
        goes_to_pages_that_asked(avatar)
    bad = Avatar("heygen", **{**common, "api_key": WRONG})
    with pytest.raises(AuthenticationError) as refused:
        bad.start().wait(60)
    print("".join(traceback.format_exception(refused.value)), bad.error, file=shown)
    Avatar("heygen", **common).start().wait(60)
    third = Avatar("heygen", **common)
    with pytest.raises(ConcurrencyLimitError, match="stop_all") as full:
        third.start().wait(60)
    assert len(full.value.open_sessions) == 2
    print("".join(traceback.format_exception(full.value)), file=shown)
    print(sessions(), stop_all(), file=shown)
    host_client.shared_host(host).close()
    out, err = capfd.readouterr()
    places = {"shown": shown.getvalue(), "log": caplog.text, "out": out, "err": err}
    for file in state.rglob("*"):
        places[file.name] = file.read_bytes().decode("latin-1")
    assert "sessions.db" in places
    for place, text in places.items():
        for secret in secrets:
            assert secret not in text, place
    gc.collect()


def goes_to_pages_that_asked(avatar):
    """What a viewer needs is in the one message to each; what drives the session in none."""
    grant = avatar.session._grant
    secrets = [secret.reveal() for secret in for_viewers(grant.stream)]
    assert secrets
    granted = grants(avatar)
    assert [grant["peer"] for grant in granted] == ["first.1", "second.1"]
    for secret in secrets:
        assert all(secret in json.dumps(grant) for grant in granted)
    others = json.dumps([c for s, c in SENT if s == avatar.session_id and c not in granted])
    for_nobody = [s.reveal() for s in (grant.token, grant.socket_url) if s]
    for secret in (KEY, *secrets, *for_nobody):
        assert secret not in others
    for secret in (KEY, *for_nobody):
        assert secret not in json.dumps(granted)


def test_a_saved_notebook_holds_no_key(twin, state, monkeypatch):
    """Run for real, with widget state saved into the file; the key comes from the environment."""
    monkeypatch.setenv("HEYGEN_API_KEY", KEY)
    monkeypatch.setenv("IPYAVATAR_HEYGEN_URL", twin.url)
    cells = [
        "from ipyavatar import Avatar, sessions",
        "avatar = Avatar('heygen')\navatar",
        "avatar.speak('Hello.').wait(60)",
        "print(sessions())",
        "avatar",
        "avatar.stop().wait(20)",
    ]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    book.metadata.kernelspec = {"name": "python3", "display_name": "p", "language": "python"}
    NotebookClient(book, timeout=90, store_widget_state=True).execute()
    text = nbformat.writes(book)
    assert "heygen" in text
    assert KEY not in text
    assert not twin.open()
