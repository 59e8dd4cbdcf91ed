"""The certificate for localhost."""

import ssl
import tempfile
from pathlib import Path

import pytest

from ipyavatar.errors import InvalidArgument
from ipyavatar.twin.tls import Tls


def test_a_new_certificate_can_be_served_and_its_key_is_in_no_file(tmp_path, monkeypatch):
    """The key of a certificate that the twin makes is left nowhere."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    context = Tls(443).context()
    assert isinstance(context, ssl.SSLContext)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server),
        context.wrap_bio(to_server, to_client, server_side=True),
    ]
    while ends:
        try:
            ends[0].do_handshake()
            ends.pop(0)
        except ssl.SSLWantReadError:
            ends.reverse()
    assert list(tmp_path.iterdir()) == []


def test_files_that_are_no_certificate_are_refused_in_words(tmp_path: Path):
    """A file that cannot be used is named."""
    wrong = tmp_path / "cert.pem"
    wrong.write_text("no certificate")
    with pytest.raises(InvalidArgument, match=r"cert\.pem cannot be used"):
        Tls(443, str(wrong), str(wrong)).context()
    with pytest.raises(InvalidArgument, match="cannot be used"):
        Tls(443, str(tmp_path / "none"), str(wrong)).context()
