"""Central's door for gates that enrol, over HTTPS."""

from __future__ import annotations

import http.client
import ipaddress
import json
import ssl
from urllib.parse import urlsplit

from edge.enrol.errors import EnrolError

TIMEOUT_S = 20.0
LONGEST = 100_000  # bytes of an answer
_EXPECTED = "expected https://HOST[:PORT]"


class Door:
    """Where central answers. `ca_pem` is trusted beside the system's authorities.

    insecure_http  http:// is taken too, to this very machine
    """

    def __init__(self, url: str, *, insecure_http: bool = False, ca_pem: str = "") -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise EnrolError(f"central {url!r}: {_EXPECTED}") from error
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query:
            raise EnrolError(f"central {url!r}: {_EXPECTED}")
        if parts.scheme == "http" and not (insecure_http and _is_loopback(parts.hostname)):
            raise EnrolError(f"central {url!r}: {_EXPECTED}; http is for a trial on one machine, with --insecure-http")
        self.url = url.rstrip("/")
        self._secure = parts.scheme == "https"
        self._host, self._port, self._path = parts.hostname, port, parts.path.rstrip("/")
        self._ca_pem = ca_pem

    def trusting(self, ca_pem: str) -> Door:
        """The same door, believed when that CA vouches for it."""
        return Door(self.url, insecure_http=not self._secure, ca_pem=ca_pem)

    def ca(self) -> str:
        """The CA's certificate as whoever answers shows it, in PEM. Nothing is believed by it yet."""
        unverified = ssl.create_default_context()
        unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
        return _text(self._ask("GET", "/api/v1/enrol/ca", None, {}, unverified))

    def post(self, path: str, body: bytes, token: str = "") -> str:
        """The answer to a message; EnrolError in central's own words where it refuses."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        try:
            context = ssl.create_default_context()
            if self._ca_pem:
                context.load_verify_locations(cadata=self._ca_pem)
        except ssl.SSLError as error:
            raise EnrolError(f"central {self.url}: its CA can't be used ({error})") from error
        return _text(self._ask("POST", path, body, headers, context))

    def _ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str], tls: ssl.SSLContext) -> bytes:
        if self._secure:
            line = http.client.HTTPSConnection(self._host, self._port, timeout=TIMEOUT_S, context=tls)
        else:
            line = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_S)
        try:
            line.request(method, self._path + path, body=body, headers=headers)
            answer = line.getresponse()
            content = answer.read(LONGEST + 1)
        except ssl.SSLCertVerificationError as error:
            raise EnrolError(
                f"central {self.url}: its TLS certificate is neither of its CA nor of one this machine trusts"
                f" ({error.verify_message})"
            ) from error
        except (OSError, http.client.HTTPException) as error:
            raise EnrolError(f"central {self.url}: {error or type(error).__name__}") from error
        finally:
            line.close()
        if len(content) > LONGEST:
            raise EnrolError(f"central {self.url}: its answer is over {LONGEST} bytes; is it ParkMeter's central?")
        if answer.status != 200:
            raise EnrolError(f"central {self.url}: {_why(content) or f'answered {answer.status}'}")
        return content


def _why(content: bytes) -> str:
    """Central's own words, fit for a terminal."""
    try:
        said = json.loads(content)["error"]
    except (ValueError, KeyError, TypeError):
        return ""
    return "".join(letter if letter.isprintable() else " " for letter in str(said))[:300]


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EnrolError("central: its answer is not UTF-8; is it ParkMeter's central?") from error


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
