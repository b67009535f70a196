"""The ways out of the house: apprise for all of them, and for e-mail its settings with a message of our own.

apprise gives each e-mail an id of its own making; ours keeps its Message-ID however often it is tried, and carries
the headers by which mail programs unsubscribe. Nothing here logs: an address may hold a secret.
"""

from __future__ import annotations

import logging
import re
import smtplib
import ssl
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from urllib.parse import quote

from central import keys
from central.notifications.render import Message
from central.rules.telling import Channel
from central.settings import NotificationSettings, SettingsError

with warnings.catch_warnings():
    # a part of it that we don't use asks for a module that is on its way out
    warnings.filterwarnings("ignore", "'imghdr' is deprecated", DeprecationWarning)
    import apprise
    from apprise.plugins.email import NotifyEmail, SecureMailMode

OUTSIDE = (Channel.EMAIL, Channel.SMS, Channel.PUSH, Channel.WEBHOOK)
_SAMPLE = {
    Channel.EMAIL: "asha@example.org", Channel.SMS: "+919810012345", Channel.PUSH: "0" * 32, Channel.WEBHOOK: "site",
}  # fmt: skip
_ASSET = apprise.AppriseAsset(app_id="ParkMeter", app_url="", async_mode=False, secure_logging=True)
# answers after which the same message may pass later: our own key or password, too many, too slow
_NOT_FINAL = frozenset({401, 403, 407, 408, 425, 429, 530, 534, 535, 538})
_CODE = re.compile(r"error=(\d{3})\b")
# what its plugins say holds addresses: it goes to whoever asked, and to no log
_apprise_says = logging.getLogger("apprise")
_apprise_says.propagate = False


class NotSent(Exception):
    """A message did not go out. final: trying again is of no use."""

    def __init__(self, why: str, *, final: bool = False) -> None:
        super().__init__(why)
        self.final = final


@dataclass(frozen=True, slots=True)
class Envelope:
    """What goes along with a message.

    to          the address, number, push topic or site
    message_id  of an e-mail, without its brackets
    at          when the message was written
    stop_url    where one click unsubscribes, "" where there is nothing to unsubscribe from
    """

    to: str
    message_id: str
    at: datetime
    stop_url: str = ""


@dataclass(frozen=True, slots=True)
class Channels:
    """Those that are set up: an apprise address for each, in which {to} stands for whom."""

    urls: Mapping[Channel, str]

    @classmethod
    def of(cls, settings: NotificationSettings) -> Channels:
        """SettingsError naming the setting where an address is not one; never with the address, which may be secret."""
        urls = {}
        for channel in OUTSIDE:
            url, file = getattr(settings, f"{channel}_url"), getattr(settings, f"{channel}_url_file")
            if url and file:
                raise SettingsError(f"notifications: {channel}_url and {channel}_url_file: expected one of them")
            url = keys.own_secret(file) if file else url
            if not url:
                continue
            if channel is not Channel.WEBHOOK and "{to}" not in url:
                raise SettingsError(f"notifications.{channel}_url: expected {{to}} where the recipient belongs")
            with _heard():
                known = apprise.Apprise.instantiate(_filled(url, _SAMPLE[channel]), asset=_ASSET)
            if known is None:
                raise SettingsError(f"notifications.{channel}_url: expected an address that apprise knows")
            urls[channel] = url
        return cls(urls)

    def send(self, channel: Channel, message: Message, envelope: Envelope) -> None:
        """NotSent where it did not go out, or we can't tell."""
        with _heard() as said:
            way = apprise.Apprise.instantiate(_filled(self.urls[channel], envelope.to), asset=_ASSET)
            if way is None:
                raise NotSent("the address can't be written to", final=True)
            if isinstance(way, NotifyEmail):
                _mail(way, message, envelope)
                return
            rich = channel is Channel.EMAIL
            title = "" if channel is Channel.SMS else message.subject
            body = message.html if rich else message.short
            form = apprise.NotifyFormat.HTML if rich else apprise.NotifyFormat.TEXT
            if not way.notify(body=body, title=title, body_format=form):
                codes = [int(code) for line in said for code in _CODE.findall(line)]
                raise _http(codes[-1]) if codes else NotSent("no answer")


def _mail(way: NotifyEmail, message: Message, envelope: Envelope) -> None:
    letter = EmailMessage(policy=SMTP)
    letter["Subject"] = message.subject
    letter["From"] = formataddr((way.from_addr[0] or "", way.from_addr[1]))
    letter["To"] = envelope.to
    letter["Date"] = format_datetime(envelope.at)
    letter["Message-ID"] = f"<{envelope.message_id}>"
    letter["Auto-Submitted"] = "auto-generated"
    if envelope.stop_url:
        letter["List-Unsubscribe"] = f"<{envelope.stop_url}>"
        letter["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"  # RFC 8058
    letter.set_content(message.letter)
    letter.add_alternative(message.html, subtype="html")
    letter["Content-Language"] = message.language
    try:
        with _connected(way) as smtp:
            smtp.send_message(letter, way.from_addr[1], [envelope.to])
    except smtplib.SMTPRecipientsRefused as error:
        raise _smtp(next(iter(error.recipients.values()))[0]) from error
    except smtplib.SMTPResponseException as error:
        raise _smtp(error.smtp_code) from error
    except smtplib.SMTPNotSupportedError as error:
        raise NotSent("the mail server can't write to such an address", final=True) from error
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(f"no answer ({type(error).__name__})") from error


@contextmanager
def _connected(way: NotifyEmail) -> Iterator[smtplib.SMTP]:
    """A connection as the address asks for it, logged in where it names somebody."""
    tls, timeout = ssl.create_default_context(), way.socket_connect_timeout
    if not way.verify_certificate:
        tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    if way.secure_mode == SecureMailMode.SSL:
        smtp = smtplib.SMTP_SSL(way.smtp_host, way.port, timeout=timeout, context=tls)
    else:
        smtp = smtplib.SMTP(way.smtp_host, way.port, timeout=timeout)
    with smtp:
        if way.secure_mode == SecureMailMode.STARTTLS:
            smtp.starttls(context=tls)
        if way.user and way.password:
            smtp.login(way.user, way.password)
        yield smtp


def _http(code: int) -> NotSent:
    return NotSent(f"answered {code}", final=400 <= code < 500 and code not in _NOT_FINAL)


def _smtp(code: int) -> NotSent:
    return NotSent(f"answered {code}", final=500 <= code < 600 and code not in _NOT_FINAL)


def _filled(url: str, to: str) -> str:
    return url.replace("{to}", quote(to, safe=""))


@contextmanager
def _heard() -> Iterator[list[str]]:
    """What apprise's plugins say meanwhile on this thread: it is the only place where they give a reason."""
    said: list[str] = []
    here = threading.get_ident()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.thread == here:
                said.append(record.getMessage())

    listener = Listener()
    _apprise_says.addHandler(listener)
    try:
        yield said
    finally:
        _apprise_says.removeHandler(listener)
