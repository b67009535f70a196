"""central.toml and the environment, checked once at start, as frozen settings."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

CONFIG_VARIABLE = "PARKMETER_CONFIG"
DEFAULT_DATA_DIR = Path("data/central")


class SettingsError(ValueError):
    """A setting that is wrong: names the key, the file and what is expected."""


def _port_is_one(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or not _port_is_one(parts):
        raise ValueError("expected http://HOST[:PORT] or https://HOST[:PORT]")
    return value.rstrip("/")


def _mqtt_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or not _port_is_one(parts):
        raise ValueError("expected mqtt://HOST[:PORT] or mqtts://HOST[:PORT]")
    if parts.password is not None:
        raise ValueError("a password belongs in password_file, not in the address")
    return value


def _no_password(value: str) -> str:
    if ":" in urlsplit(value).netloc.rpartition("@")[0]:
        raise ValueError("a password belongs in the file that ..._url_file names, not in the address")
    return value


HttpUrl = Annotated[str, AfterValidator(_http_url)]
MqttUrl = Annotated[str, AfterValidator(_mqtt_url)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class HttpSettings(Section):
    """host, port  where the pages are served
    workers        processes; threads: in each of them
    trusted_proxies  how many reverse proxies in front may be believed about the visitor's address,
                     and whether they came by https
    """

    host: str = "127.0.0.1"
    port: Port = 8000
    workers: Annotated[int, Field(ge=1, le=64)] = 2
    threads: Annotated[int, Field(ge=1, le=256)] = 8
    trusted_proxies: Annotated[int, Field(ge=0, le=5)] = 0


class MqttSettings(Section):
    """url          mqtt://HOST:PORT, or mqtts:// for TLS
    username        "" for none; the password is the first line of password_file
    ca_file         who may sign the broker's certificate, default the system's
    cert_file, key_file  central's own certificate
    version         "3.1.1" or "5"
    client_id       of this ingest process; each needs its own
    share           MQTT 5 shared subscription's group, for several ingest processes; "" for none
    """

    url: MqttUrl = "mqtt://127.0.0.1:1883"
    username: str = ""
    password_file: Path | None = None
    ca_file: Path | None = None
    cert_file: Path | None = None
    key_file: Path | None = None
    version: Literal["3.1.1", "5"] = "3.1.1"
    client_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] = "parkmeter-central"
    share: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{0,32}$")] = ""

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or (8883 if self.tls else 1883)

    @property
    def tls(self) -> bool:
        return urlsplit(self.url).scheme == "mqtts"


class PaymentSettings(Section):
    """provider    who takes the money: "mock_upi" takes none, and says so
    psp_url        address of the provider; the mock one is served there by `python -m central mock-psp`
    merchant_vpa   UPI address that is paid, merchant_name: as a payer's phone shows it
    attempt_minutes  how long a payment page stays open
    collect        who saved a UPI ID may be asked for the money in the app; ended for ordinary merchants, February 2026
    api_key_file, webhook_secret_file  default: made by `init` under data_dir/keys
    """

    provider: Literal["mock_upi"] = "mock_upi"
    psp_url: HttpUrl = "http://127.0.0.1:8001"
    merchant_vpa: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{2,64}@[A-Za-z0-9]{2,32}$")] = "parkmeter@mockpsp"
    merchant_name: Annotated[str, Field(min_length=1, max_length=60)] = "ParkMeter"
    attempt_minutes: Annotated[int, Field(ge=1, le=60)] = 10
    collect: bool = True
    api_key_file: Path | None = None
    webhook_secret_file: Path | None = None


class StaySettings(Section):
    """keep_closed_days    how long gates are reminded of a closed stay, so that one cut off learns of it
    ghost_days             a stay inside for longer, with no sign of life, is closed by system and never charged
    no_show_refund_percent  of a stay paid ahead whose vehicle does not come, what is given back
    """

    keep_closed_days: Annotated[int, Field(ge=1, le=90)] = 7
    ghost_days: Annotated[int, Field(ge=1, le=3650)] = 30
    no_show_refund_percent: Annotated[int, Field(ge=0, le=100)] = 100


class LoginSettings(Section):
    """totp_required_for  roles that need a second factor, from their second log-in on"""

    totp_required_for: tuple[Literal["administrator", "manager", "supervisor", "attendant"], ...] = (
        "administrator", "manager",
    )  # fmt: skip


class CorporateSettings(Section):
    """suspend_after_days  a firm whose invoice is overdue for longer parks no more on account; 0: never by rule"""

    suspend_after_days: Annotated[int, Field(ge=0, le=365)] = 15


class HomeAssistantSettings(Section):
    """commands  what home automation may ask of gates over MQTT, for central to sign and send; () for nothing"""

    commands: tuple[Literal["open", "close", "hold", "release", "reset_fault", "self_test", "snapshot",
                            "restart_vision", "update"], ...] = ()  # fmt: skip


class ApiSettings(Section):
    """requests_per_minute  of one token, in each worker process"""

    requests_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 600


class WebhookSettings(Section):
    """private_addresses  webhooks may go to addresses of the office's own network too
    http_on_loopback   webhooks may go to http:// on this very machine, for trying out
    """

    private_addresses: bool = False
    http_on_loopback: bool = False


class RetentionSettings(Section):
    """How long what is about people is kept; then a job erases or masks it, unless it is held.

    pictures_days      pictures from gates
    plates_days        plates: in ended stays, gates' events, notices, the audit log; then only their first letters
    logins_days        log-in history
    notifications_days  what was sent, and to whom
    quarantine_days    gates' messages that could not be applied, once a person has looked
    looks_days         who of staff looked at which picture
    audit_years        the audit log
    """

    pictures_days: Annotated[int, Field(ge=1, le=3650)] = 30
    plates_days: Annotated[int, Field(ge=30, le=3650)] = 365
    logins_days: Annotated[int, Field(ge=30, le=3650)] = 365
    notifications_days: Annotated[int, Field(ge=7, le=3650)] = 180
    quarantine_days: Annotated[int, Field(ge=7, le=3650)] = 90
    looks_days: Annotated[int, Field(ge=180, le=3650)] = 730
    audit_years: Annotated[int, Field(ge=1, le=30)] = 7


class PrivacySettings(Section):
    """Whom people write to about what is kept of them; "" is said as "ask at the car park's office".

    contact  name or post;  email, phone, address  how to reach them
    """

    contact: Annotated[str, Field(max_length=100)] = ""
    email: Annotated[str, Field(max_length=254, pattern=r"^([^@\s]+@[^@\s]+)?$")] = ""
    phone: Annotated[str, Field(max_length=30, pattern=r"^[+0-9 ()-]*$")] = ""
    address: Annotated[str, Field(max_length=300)] = ""


class NotificationSettings(Section):
    """email_url, sms_url, push_url, webhook_url  addresses as apprise has them, {to} where the recipient belongs;
                    "" for no such way. mailto://HOST?from=..&to={to} is a mail server
    email_url_file ...  an address with a secret in it: the first line of this file instead
    most_tries      then a message is given up, and staff see it
    """

    email_url: Annotated[str, AfterValidator(_no_password)] = ""
    email_url_file: Path | None = None
    sms_url: Annotated[str, AfterValidator(_no_password)] = ""
    sms_url_file: Path | None = None
    push_url: Annotated[str, AfterValidator(_no_password)] = ""
    push_url_file: Path | None = None
    webhook_url: Annotated[str, AfterValidator(_no_password)] = ""
    webhook_url_file: Path | None = None
    most_tries: Annotated[int, Field(ge=1, le=20)] = 8


class Settings(Section):
    """data_dir    everything central keeps: database, keys, images
    database_url   default SQLite in data_dir; the environment's DATABASE_URL wins
    public_url     how phones reach the pages; it is in every QR
    images_dir     default data_dir/images
    """

    data_dir: Path = DEFAULT_DATA_DIR
    database_url: str = ""
    public_url: HttpUrl = "http://127.0.0.1:8000"
    images_dir: Path | None = None
    http: HttpSettings = HttpSettings()
    mqtt: MqttSettings = MqttSettings()
    payments: PaymentSettings = PaymentSettings()
    stays: StaySettings = StaySettings()
    corporate: CorporateSettings = CorporateSettings()
    notifications: NotificationSettings = NotificationSettings()
    home_assistant: HomeAssistantSettings = HomeAssistantSettings()
    login: LoginSettings = LoginSettings()
    api: ApiSettings = ApiSettings()
    webhooks: WebhookSettings = WebhookSettings()
    retention: RetentionSettings = RetentionSettings()
    privacy: PrivacySettings = PrivacySettings()

    @property
    def database(self) -> str:
        """The database's address, never empty."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'central.db'}"

    @property
    def images(self) -> Path:
        return self.images_dir or self.data_dir / "images"

    @property
    def keys_dir(self) -> Path:
        return self.data_dir / "keys"


def load(config: Path | None = None, data_dir: Path | None = None, environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from `config`, else the environment's PARKMETER_CONFIG, else the defaults; `data_dir` wins over both.

    Paths in the file are taken from its own folder.
    """
    if config is None and environ.get(CONFIG_VARIABLE):
        config = Path(environ[CONFIG_VARIABLE])
    values = _read(config) if config else {}
    if data_dir is not None:
        values["data_dir"] = data_dir
    if environ.get("DATABASE_URL"):
        values["database_url"] = environ["DATABASE_URL"]
    if environ.get("MQTT_URL"):
        mqtt = values.setdefault("mqtt", {})
        if isinstance(mqtt, dict):
            mqtt["url"] = environ["MQTT_URL"]
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SettingsError(_first(config, error)) from error


# settings that are paths, by section
_PATHS = {
    None: ("data_dir", "images_dir"),
    "mqtt": ("password_file", "ca_file", "cert_file", "key_file"),
    "payments": ("api_key_file", "webhook_secret_file"),
    "notifications": ("email_url_file", "sms_url_file", "push_url_file", "webhook_url_file"),
}


def _read(config: Path) -> dict:
    try:
        values = tomllib.loads(config.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{config}: {error.strerror}: expected central's settings file") from error
    except ValueError as error:
        raise SettingsError(f"{config}: not TOML: {error}") from error
    for section, keys in _PATHS.items():
        table = values if section is None else values.get(section, {})
        for key in keys:
            if isinstance(table, dict) and isinstance(table.get(key), str):
                table[key] = config.absolute().parent / table[key]
    return values


def _first(config: Path | None, error: ValidationError) -> str:
    problem = error.errors()[0]
    key = ".".join(str(part) for part in problem["loc"])
    where = str(config) if config else "settings"
    if problem["type"] == "extra_forbidden":
        return f"{where}: {key}: unknown key; expected one of {', '.join(_known(problem['loc']))}"
    # an address may hold a password, and what is printed ends up in logs
    secret = isinstance(problem["input"], str) and (key.endswith("url") or "@" in problem["input"])
    got = "" if secret else f" (got {problem['input']!r})"
    return f"{where}: {key}: {problem['msg'].removeprefix('Value error, ')}{got}"


def _known(loc: tuple[int | str, ...]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in loc[:-1]:
        model = type(model().__class__.model_fields[str(part)].default)
    return list(model.model_fields)
