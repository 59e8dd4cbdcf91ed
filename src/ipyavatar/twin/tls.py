"""TLS for clients that insist on it: a certificate of the user's, or a new one for localhost."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ..errors import MissingPart

CERTIFICATE_LIFE = timedelta(days=30)


@dataclass(frozen=True)
class Tls:
    """A port, and the files of a certificate and its key; without them a certificate is made."""

    port: int
    certificate: str | None = None
    key: str | None = None

    @contextlib.contextmanager
    def with_files(self) -> Iterator[Tls]:
        """The same with files that exist for as long as this context."""
        if self.certificate is not None:
            yield self
            return
        with tempfile.TemporaryDirectory(prefix="ipyavatar-twin-") as folder:
            certificate, key = Path(folder, "certificate.pem"), Path(folder, "key.pem")
            _write_localhost_certificate(certificate, key)
            yield replace(self, certificate=str(certificate), key=str(key))


def _write_localhost_certificate(certificate: Path, key: Path) -> None:
    """Write a new certificate for localhost and its key. No browser trusts it by default."""
    try:
        import trustme
    except ModuleNotFoundError as error:
        raise MissingPart(
            f"A certificate for TLS needs {error.name}.",
            'Install it: pip install "ipyavatar[serve]".',
        ) from error
    issued = trustme.CA().issue_cert(
        "localhost", "127.0.0.1", not_after=datetime.now(timezone.utc) + CERTIFICATE_LIFE
    )
    for pem in issued.cert_chain_pems:
        pem.write_to_path(certificate, append=True)
    # The file is made before the key is written to it, so that nobody else can open it first.
    os.close(os.open(key, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    issued.private_key_pem.write_to_path(key, append=True)
