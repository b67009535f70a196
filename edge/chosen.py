"""What the settings mean for each part of the gate, and the checks that need more than one of them."""

from __future__ import annotations

import socket
from pathlib import Path

from edge.devices.pins import Pins
from edge.http.app import HttpSettings
from edge.http.keys import read_keys
from edge.http.live import LiveRules
from edge.http.tls import TlsFiles, context
from edge.pictures.uploader import ImageSettings
from edge.rules.access import SiteRules
from edge.rules.boom_words import Timing
from edge.rules.lane.state import LaneRules
from edge.rules.plate.plate import checked_regions
from edge.settings.file import Settings, SettingsError, secret
from edge.uplink.broker import Broker
from edge.vision.engines import check_engine
from edge.vision.errors import VisionError

MB = 1 << 20


def check(settings: Settings) -> None:
    """Everything of the settings that only shows when it is put to use; SettingsError or BrokerError says what.

    Vision's packages are asked for by name and not loaded: the gate itself stays small.
    """
    lane_rules(settings)
    boom_timing(settings)
    try:
        checked_regions(settings.plate.regions)
    except ValueError as error:
        raise SettingsError(f"plate.regions: {error}") from error
    try:
        check_engine(settings.vision.engine)
    except VisionError as error:
        raise SettingsError(f"vision.engine: {error}") from error
    if settings.devices.kind == "gpio":
        pins(settings).check()
    if settings.http.token_file is not None:
        read_keys(settings.http.token_file)
    if (files := tls(settings)) is not None:
        context(files)
    for path in (settings.mqtt.password_file, settings.central.token_file):
        if path is not None:
            secret(path)
    if settings.central.token_file is not None:
        _sendable(settings.central.token_file)
    broker(settings)


def _sendable(path: Path) -> None:
    token = secret(path)
    if not (token.isascii() and token.isprintable()) or " " in token:  # it goes into an HTTP header
        raise SettingsError(f"central.token_file: {path}: expected a token of letters, digits and signs, no spaces")


def pins(settings: Settings) -> Pins:
    """The Pi's pins, of a gate that has real devices."""
    devices = settings.devices
    return Pins(inputs=devices.inputs.model_dump(), **devices.outputs.model_dump())


def lane_rules(settings: Settings) -> LaneRules:
    """The lane's rules as the settings say."""
    lane, plate = settings.lane, settings.plate
    site = SiteRules(
        unread=plate.unread,
        passes_only=lane.passes_only,
        capacity=lane.capacity,
        when_full=lane.when_full,
        exit_without_permit=lane.exit_without_permit,
        default_class=lane.default_class,
        anti_passback=lane.anti_passback,
    )
    return LaneRules(
        direction=settings.gate.lane,
        site=site,
        button=lane.button,
        patience_s=plate.patience_s,
        no_show_s=lane.no_show_s,
        central_wait_s=lane.central_wait_s,
        mains_failed=lane.mains_failed,
        mains_wait_s=lane.mains_wait_s,
    )


def boom_timing(settings: Settings) -> Timing:
    """The boom's timing as the settings say; SettingsError where a value is outside what is safe."""
    boom = settings.boom
    try:
        return Timing(
            settle_s=boom.settle_s,
            dead_time_s=boom.dead_time_s,
            clear_s=boom.clear_s,
            start_s=boom.start_s,
            travel_s=boom.travel_s,
            pulse_s=boom.pulse_s if boom.drive == "pulse" else None,
        )
    except ValueError as error:
        raise SettingsError(f"[boom] {error}") from error


def broker(settings: Settings) -> Broker:
    """Where the broker is and how to get in; BrokerError says what is wrong."""
    mqtt = settings.mqtt
    return Broker.at(
        mqtt.url,
        username=mqtt.username,
        password_file=mqtt.password_file,
        ca_file=mqtt.ca_file,
        cert_file=mqtt.cert_file,
        key_file=mqtt.key_file,
        version=mqtt.version,
    )


def spool(settings: Settings) -> Path:
    """The folder of pictures."""
    return settings.gate.data_dir / "spool"


def journal_path(settings: Settings) -> Path:
    """The journal's file."""
    return settings.gate.data_dir / "journal.db"


def display_url(settings: Settings, port: int) -> str:
    """Where staff find the lane display, "" when it is not served."""
    if not settings.http.display:
        return ""
    everywhere = settings.http.host in ("0.0.0.0", "::", "")
    return f"{scheme(settings)}://{socket.gethostname() if everywhere else settings.http.host}:{port}/display"


def scheme(settings: Settings) -> str:
    """Of the pages' addresses."""
    return "https" if settings.http.cert_file else "http"


def tls(settings: Settings) -> TlsFiles | None:
    """The files of the pages' TLS; None: they are served plain."""
    http = settings.http
    return TlsFiles(http.cert_file, http.key_file, http.client_ca_file) if http.cert_file and http.key_file else None


def http_settings(settings: Settings) -> HttpSettings:
    """What the pages need; SettingsError for a bad token file."""
    return HttpSettings(
        gate=settings.gate.id,
        site=settings.gate.site,
        name=settings.gate.name,
        lane=settings.gate.lane,
        journal=journal_path(settings),
        keys=read_keys(settings.http.token_file) if settings.http.token_file else (),
        public_url=settings.public_url,
        languages=settings.lane.languages,
        display=settings.http.display,
        live=LiveRules(settings.http.live_viewers, settings.http.live_fps, settings.http.live_limit_s),
    )


def image_settings(settings: Settings) -> ImageSettings:
    """Where pictures go and how many are kept."""
    central = settings.central
    return ImageSettings(
        url=central.images_url,
        token=secret(central.token_file) if central.token_file else None,
        spool=spool(settings),
        max_bytes=central.images_max_mb * MB,
        spool_bytes=settings.vision.spool_mb * MB,
    )
