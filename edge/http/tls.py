"""TLS for the gate's pages: cheroot's adapter around Python's own ssl, with the handshake left to a worker thread."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from cheroot.ssl.builtin import BuiltinSSLAdapter

from edge.settings.file import SettingsError


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files. client_ca: who signs client certificates; None: none is asked for."""

    cert: Path
    key: Path
    client_ca: Path | None = None


def context(files: TlsFiles) -> ssl.SSLContext:
    """What the pages speak: TLS 1.2 or later. SettingsError names the file that can't be used."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    try:
        made.load_cert_chain(files.cert, files.key, password=_no_password)
    except (OSError, ValueError) as error:
        both = f"{files.cert} with {files.key}"
        raise SettingsError(
            f"http.cert_file: {both} can't be used ({error}); expected a PEM certificate and its key"
        ) from error
    if files.client_ca is not None:
        try:
            made.load_verify_locations(files.client_ca)
        except OSError as error:
            raise SettingsError(
                f"http.client_ca_file: {files.client_ca} can't be used ({error}); expected PEM certificates"
            ) from error
        # asked for, not insisted on: the display needs none, and a token does as well
        made.verify_mode = ssl.CERT_OPTIONAL
    return made


class LateHandshake(BuiltinSSLAdapter):
    """Wraps a connection without a word: one thread accepts them all, and must not wait for a silent client."""

    def __init__(self, files: TlsFiles) -> None:
        made = context(files)
        super().__init__(str(files.cert), str(files.key))
        self.context = made

    def wrap(self, sock):
        return self.context.wrap_socket(sock, do_handshake_on_connect=False, server_side=True), {}


def _no_password() -> str:
    raise ValueError("the key has a password: a gate starts with nobody there to type it")
