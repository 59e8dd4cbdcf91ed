"""TLS for clients that insist on it: a certificate of the user's, or a new one for localhost."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

LIFE = timedelta(days=30)
BACKDATED = timedelta(hours=1)
"""Clocks differ."""


@dataclass(frozen=True)
class Tls:
    """A port, and the files of a certificate and its key; without them a certificate is made."""

    port: int
    certificate: str | None = None
    key: str | None = None

    @contextlib.contextmanager
    def with_files(self) -> Iterator[Tls]:
        """The same with files that exist for as long as this lasts."""
        if self.certificate is not None:
            yield self
            return
        with tempfile.TemporaryDirectory(prefix="ipyavatar-twin-") as folder:
            certificate, key = _self_signed()
            paths = Path(folder, "certificate.pem"), Path(folder, "key.pem")
            for path, data in zip(paths, (certificate, key), strict=True):
                path.write_bytes(data)
            yield replace(self, certificate=str(paths[0]), key=str(paths[1]))


def _self_signed() -> tuple[bytes, bytes]:
    """A certificate for localhost and its key, PEM. No browser trusts it without being told to."""
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + LIFE)
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
            ),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    pem = serialization.Encoding.PEM
    return certificate.public_bytes(pem), key.private_bytes(pem, form, plain)
