"""The certificate for localhost."""

import ssl
import stat
from pathlib import Path

from ipyavatar.twin.tls import Tls


def test_a_new_certificate_can_be_served_and_only_its_owner_reads_the_key():
    with Tls(443).with_files() as tls:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tls.certificate, tls.key)
        assert stat.S_IMODE(Path(tls.key).stat().st_mode) == 0o600
    assert not Path(tls.key).exists()


def test_files_of_the_user_are_left_alone():
    with Tls(443, "cert.pem", "key.pem").with_files() as tls:
        assert (tls.certificate, tls.key) == ("cert.pem", "key.pem")
