"""TLS for clients that insist on it: a certificate of the user's, or a new one for localhost."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from ..errors import InvalidArgument, MissingPart

CERTIFICATE_LIFE = timedelta(days=30)


@dataclass(frozen=True)
class Tls:
    """A port, and the files of a certificate and its key; without them a certificate is made."""

    port: int
    certificate: str | None = None
    key: str | None = None

    def context(self) -> ssl.SSLContext:
        """What to serve with.

        The key of a new certificate stays in memory: no file is left, however the process ends.

        Raises:
            InvalidArgument: The files are no certificate and its key.
            MissingPart: The extra `[serve]` is not installed.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if self.certificate is None:
            _add_localhost_certificate(context)
            return context
        try:
            context.load_cert_chain(self.certificate, self.key)
        except (OSError, ValueError) as error:
            raise InvalidArgument(
                f"The certificate {self.certificate} cannot be used: {error}.",
                "Give a certificate and its key in PEM files, without a password.",
            ) from error
        return context


def _add_localhost_certificate(context: ssl.SSLContext) -> None:
    """Use a new certificate for localhost. No browser trusts it by default."""
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
    issued.configure_cert(context)
