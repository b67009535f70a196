"""The sections of edge.toml, each with its checks. Every key stands, with its meaning, in config/edge.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from edge.protocol.messages import VehicleClass
from edge.protocol.topics import name
from edge.settings import checks, defaults

Seconds = Annotated[float, Field(ge=0.0, le=86_400.0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0.0, le=86_400.0, allow_inf_nan=False)]
Name = Annotated[str, AfterValidator(name)]
FilePath = Annotated[Path, AfterValidator(checks.existing)]
AnyPath = Annotated[Path, AfterValidator(checks.beside_the_file)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Pin = Annotated[int, Field(ge=0, le=27)]
HttpUrl = Annotated[str, AfterValidator(checks.url("http", "https"))]


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class GateSection(Section):
    """Who this gate is. data_dir holds journal, pictures and nothing else."""

    site: Name
    id: Name
    lane: Literal["entry", "exit"]
    name: Annotated[str, Field(min_length=1, max_length=60)] = "Gate"
    data_dir: AnyPath


class MqttSection(Section):
    """The broker. A password stands in a file of its own, never here."""

    url: Annotated[str, AfterValidator(checks.url("mqtt", "mqtts", secret=True))]
    username: str = ""
    password_file: FilePath | None = None
    ca_file: FilePath | None = None
    cert_file: FilePath | None = None
    key_file: FilePath | None = None
    version: Literal["3.1.1", "5"] = "3.1.1"
    discovery: bool = True
    discovery_plates: bool = False

    @model_validator(mode="after")
    def _whole(self) -> MqttSection:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("expected cert_file and key_file together, or neither")
        if self.url.startswith("mqtt://") and (self.ca_file or self.cert_file):
            raise ValueError("expected an mqtts:// url where ca_file or cert_file is given")
        if self.password_file and not self.username:
            raise ValueError("expected a username where password_file is given")
        return self


class CentralSection(Section):
    """What this gate believes and where it sends pictures.

    public_keys  central's Ed25519 keys, base64; a message signed by none of them is refused
    images_url   base address; a picture is PUT to {images_url}/api/v1/images/{sha256}; None: pictures stay here
    token_file   the gate's bearer token for that
    public_url   base address as a driver's phone reaches it, for the ticket's QR; None: same as images_url
    """

    public_keys: Annotated[tuple[Annotated[str, AfterValidator(checks.public_key)], ...], Field(min_length=1)]
    images_url: HttpUrl | None = None
    token_file: FilePath | None = None
    public_url: HttpUrl | None = None
    images_max_mb: Annotated[int, Field(ge=1, le=1_000_000)] = 2000

    @model_validator(mode="after")
    def _whole(self) -> CentralSection:
        if self.images_url and not self.token_file:
            raise ValueError("expected a token_file where images_url is given")
        return self


class PlateSection(Section):
    """Which plates are believed. unread: what an entry does with a plate it can't read."""

    regions: Annotated[tuple[str, ...], Field(min_length=1)] = ("in",)
    accept: Annotated[float, Field(gt=0.0, le=1.0)] = 0.9
    agree_frames: Annotated[int, Field(ge=2, le=20)] = 2
    patience_s: Annotated[float, Field(ge=2.0, le=3600.0)] = 6.0
    unread: Literal["admit", "ask"] = "ask"


class VisionSection(Section):
    """Where pictures come from and who reads them. source: folder:, video:, scene:, rtsp:// or /dev/video0.

    view     left, top, right, bottom of the part in which the plate at the stop line appears, shares of the picture
    arrival  who says that a vehicle has come: the arming loop, or the camera where there is none
    fallback who is asked where platenet is not sure; other engines ask nobody
    """

    source: Annotated[str, Field(min_length=1), AfterValidator(checks.source)]
    engine: str = defaults.ENGINE
    fallback: Literal["rapidocr", "none"] = defaults.FALLBACK
    threads: Annotated[int, Field(ge=1, le=64)] = 1
    max_mb: Annotated[int, Field(ge=200, le=1_000_000)] = 900
    spool_mb: Annotated[int, Field(ge=1, le=1_000_000)] = 500
    view: tuple[Share, Share, Share, Share] = (0.0, 0.0, 1.0, 1.0)
    arrival: Literal["loop", "motion"] = "loop"

    @model_validator(mode="after")
    def _seen(self) -> VisionSection:
        left, top, right, bottom = self.view
        if not (left < right and top < bottom):
            raise ValueError("expected view = [left, top, right, bottom] with left < right and top < bottom")
        return self


class BoomSection(Section):
    """Timing of the boom, seconds. drive: relays held while it moves, or pulsed for pulse_s."""

    drive: Literal["held", "pulse"] = "held"
    pulse_s: Positive = 0.5
    settle_s: Positive = 2.0
    dead_time_s: Annotated[float, Field(ge=0.3, le=10.0)] = 0.3
    clear_s: Annotated[float, Field(ge=0.5, le=60.0)] = 1.0
    start_s: Positive = 1.5
    travel_s: Positive = 6.0


class InputPins(Section):
    """BCM numbers of the inputs; 0 to 27."""

    arming_loop: Pin
    closing_loop: Pin
    photocell: Pin
    exit_loop: Pin
    limit_open: Pin
    limit_closed: Pin
    detached: Pin
    stop: Pin
    fire: Pin
    mains_failed: Pin
    button: Pin


class OutputPins(Section):
    """BCM numbers of the outputs. relays: how raise_boom and lower_boom switch; "active_low" is refused, with why."""

    raise_boom: Pin
    lower_boom: Pin
    light_red: Pin
    light_green: Pin
    buzzer: Pin
    relays: Literal["active_high", "active_low"] = "active_high"


class DevicesSection(Section):
    """The wires: a Pi's pins, or a simulated lane behind a socket."""

    kind: Literal["gpio", "simulated"]
    world: AnyPath | None = None
    speed: Annotated[float, Field(gt=0.0, le=100.0)] = 1.0
    inputs: InputPins | None = None
    outputs: OutputPins | None = None

    @model_validator(mode="after")
    def _whole(self) -> DevicesSection:
        if self.kind == "simulated":
            if self.world is None:
                raise ValueError('expected world = "SOCKET" where kind is "simulated"')
            return self
        if self.inputs is None or self.outputs is None:
            raise ValueError('expected [devices.inputs] and [devices.outputs] where kind is "gpio"')
        pins = [*self.inputs.model_dump().values(), *self.outputs.model_dump(exclude={"relays"}).values()]
        twice = sorted({pin for pin in pins if pins.count(pin) > 1})
        if twice:
            raise ValueError(f"expected every pin once, {', '.join(map(str, twice))} is used twice")
        return self


class LaneSection(Section):
    """How this lane treats vehicles. All times in seconds."""

    exit_without_permit: Literal["open_and_bill", "hold"] = "hold"
    central_wait_s: Annotated[float, Field(ge=2.0, le=3600.0)] = 20.0
    no_show_s: Annotated[float, Field(ge=10.0, le=3600.0)] = 30.0
    default_class: VehicleClass = "car"
    languages: Annotated[tuple[Literal["en", "hi"], ...], Field(min_length=1, max_length=2)] = ("en", "hi")
    button: Literal["admit", "help"] = "admit"
    passes_only: bool = False
    capacity: Annotated[int, Field(ge=0)] = 0
    when_full: Literal["refuse", "ask", "admit"] = "refuse"
    anti_passback: Literal["flag", "ask"] = "flag"
    mains_failed: Literal["carry_on", "hold_open"] = "carry_on"
    mains_wait_s: Annotated[float, Field(ge=0.0, le=600.0)] = 10.0


class HttpSection(Section):
    """The lane display and the HTTP API. Without token_file and client_ca_file all but the display is shut.

    token_file           tokens by name, each with its scopes, see edge.http.keys
    cert_file, key_file  PEM; with them the pages are served over TLS
    client_ca_file       PEM of who signs client certificates; a certificate's CN is a name, its OU the scopes
    live_viewers, live_fps, live_limit_s  how many may see the live picture at once, how fast, and for how long
    """

    host: Annotated[str, AfterValidator(checks.host)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8081
    token_file: FilePath | None = None
    display: bool = True
    cert_file: FilePath | None = None
    key_file: FilePath | None = None
    client_ca_file: FilePath | None = None
    live_viewers: Annotated[int, Field(ge=0, le=20)] = 2
    live_fps: Annotated[float, Field(ge=0.1, le=10.0)] = 2.0
    live_limit_s: Annotated[float, Field(ge=5.0, le=3600.0)] = 300.0

    @model_validator(mode="after")
    def _whole(self) -> HttpSection:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("expected cert_file and key_file together, or neither")
        if self.client_ca_file and not self.cert_file:
            raise ValueError("expected cert_file and key_file where client_ca_file is given")
        return self


class MaintenanceSection(Section):
    """Who looks after this gate besides central, and how it is updated.

    public_keys     Ed25519 keys, base64, that may sign commands, and nothing else
    update_command  words of the updater; it must outlive this process. (): there is none
    offer_file      its one line names the version that an update would install; None: not known
    """

    public_keys: tuple[Annotated[str, AfterValidator(checks.maintenance_key)], ...] = ()
    update_command: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    offer_file: AnyPath | None = None

    @model_validator(mode="after")
    def _whole(self) -> MaintenanceSection:
        if len(set(self.public_keys)) != len(self.public_keys):
            raise ValueError("expected every key of public_keys once")
        return self
