"""Every message of the edge API, as models for both ends.

Decoders ignore unknown keys and fields are only ever added, so an old gate and a new central understand each other.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from edge.protocol.topics import Stream

Paise = Annotated[int, Field(ge=0)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Uuid = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
PlateText = Annotated[str, Field(pattern=r"^[A-Z0-9]{1,16}$")]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
VehicleClass = Literal["car", "bike", "scooty", "auto", "van", "bus", "truck", "cycle", "other"]


class BadMessage(ValueError):
    """A message that can't be understood: says which, what was wrong and what is expected."""


class Wire(BaseModel):
    """Base of all messages: immutable, unknown keys ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    def encode(self) -> bytes:
        return self.model_dump_json().encode()

    @classmethod
    def decode(cls, payload: bytes | str):
        """An instance, or BadMessage naming the first wrong field."""
        try:
            return cls.model_validate_json(payload)
        except ValidationError as error:
            raise BadMessage(_first(cls.__name__, error)) from error


class PlateSeen(Wire):
    """A plate as the gate's vision decided it.

    text        normalised, A-Z and 0-9
    raw         what the reader read before decoding over the site's formats
    confidence  joint probability of the whole text, 0 to 1
    per_char    probability of each character of text
    format      name of the plate format that fitted, e.g. "in-standard"
    frames      how many frames agreed
    engine      which reader read it
    asked       why a second reader was asked about it, in words ("not sure: 0.61"); "" when none was
    """

    text: PlateText
    raw: str = ""
    confidence: Share = 1.0
    per_char: tuple[Share, ...] = ()
    format: str = ""
    frames: int = 1
    engine: str = ""
    asked: str = ""


class EntryHow(StrEnum):
    """Why a vehicle was let in."""

    PLATE = "plate"
    UNREAD = "unread"
    BUTTON = "button"
    OPERATOR = "operator"
    ASSUMED = "assumed"  # admitted, then the gate lost power before it saw the vehicle pass
    TAILGATED = "tailgated"  # followed another vehicle in without a grant of its own


class ExitHow(StrEnum):
    """Why a vehicle was let out."""

    PERMIT = "permit"  # paid, exempt or within grace by the gate's own mirror
    OPEN_AND_BILL = "open_and_bill"  # central could not be reached in time
    OPERATOR = "operator"
    ASSUMED = "assumed"
    TAILGATED = "tailgated"


class Entered(Wire):
    """A vehicle has passed the entry. The event's `session` is the stay it opens.

    ticket  bearer token of the stay, shown to the driver as a QR
    image   hash of the best picture, uploaded apart
    """

    plate: PlateSeen | None
    vehicle_class: VehicleClass = "car"
    ticket: Annotated[str, Field(pattern=r"^[2-9A-HJ-NP-Z]{26}$")]
    how: EntryHow = EntryHow.PLATE
    image: Sha256 | None = None


class ExitRequested(Wire):
    """A vehicle stands at the exit without a permit. The stay's clock stops here.

    request  id of this visit of the exit, which the answering session state names
    """

    request: Uuid
    plate: PlateSeen | None
    vehicle_class: VehicleClass = "car"
    image: Sha256 | None = None


class ExitWithdrawn(Wire):
    """The vehicle that requested to leave backed away; the stay's clock runs on."""

    request: Uuid


class Exited(Wire):
    """A vehicle has passed the exit. The event's `session` is the stay it closes, where the gate knew it."""

    plate: PlateSeen | None
    how: ExitHow = ExitHow.PERMIT
    request: Uuid | None = None
    image: Sha256 | None = None


class EntryRefused(Wire):
    """A vehicle was not let in: reason is a word of `edge.rules.access`."""

    reason: str
    plate: PlateSeen | None = None
    image: Sha256 | None = None


class PassageEnded(Wire):
    """A grant that ended without its vehicle passing, or with one too many."""

    outcome: Literal["no_show", "backed_out", "tailgated", "wrong_way"]
    plate: PlateSeen | None = None
    image: Sha256 | None = None


class GateNotice(Wire):
    """A fault or alarm of boom, interlock, inputs or vision: `code` is the catalogue's."""

    code: str
    detail: str = ""


class GateStarted(Wire):
    version: str
    reason: str = ""


class CommandDone(Wire):
    cmd_id: Uuid
    name: str
    verdict: Literal["done", "rejected"]
    reason: str = ""
    by: str = ""


class Clock(StrEnum):
    """How far the gate's wall clock can be believed."""

    SYNCED = "synced"
    HOLDOVER = "holdover"
    UNTRUSTED = "untrusted"


class GateHealth(Wire):
    """Once a minute. Ages and durations in seconds, memory in bytes, queue in rows.

    reads            frames with a plate since the start; read_ms: the latest one's time from exposure to its read
    read_p50_ms, read_p95_ms  the same over the latest 256; None where there was none
    read_rate        vehicles of the last hour whose plate was accepted, of all that were watched; None for no vehicle
    oldest_s         age of the oldest event that central has not acknowledged, 0 for none
    decision_to_relay_ms  from the latest grant's decision to the motor's drive
    latest_tick_ms   how late the latest tick of all came
    cpu_percent      of one core, this process alone, over the last minute
    temperature_c    of the processor; None where it can't be told. complaints: the Pi firmware's, "under_voltage" ...
    connected_since  when the broker took this gate in; None while it is out of reach
    clock            how far `wall` can be believed
    """

    uptime_s: float
    outbox: int
    vision: str
    rss_bytes: int = 0
    disk_free_bytes: int = 0
    reads: int = 0
    read_ms: float = 0.0
    read_p50_ms: float | None = None
    read_p95_ms: float | None = None
    read_rate: Share | None = None
    oldest_s: float = 0.0
    decision_to_relay_ms: float = 0.0
    latest_tick_ms: float = 0.0
    cpu_percent: float = 0.0
    temperature_c: float | None = None
    complaints: tuple[str, ...] = ()
    connected_since: AwareDatetime | None = None
    clock: Clock = Clock.SYNCED
    boot: Uuid | None = None
    wall: AwareDatetime | None = None


EVENTS: dict[str, tuple[Stream, type[Wire]]] = {
    "vehicle.entered": (Stream.MONEY, Entered),
    "exit.requested": (Stream.MONEY, ExitRequested),
    "exit.withdrawn": (Stream.MONEY, ExitWithdrawn),
    "vehicle.exited": (Stream.MONEY, Exited),
    "entry.refused": (Stream.OPS, EntryRefused),
    "passage.ended": (Stream.OPS, PassageEnded),
    "gate.notice": (Stream.OPS, GateNotice),
    "gate.started": (Stream.OPS, GateStarted),
    "command.done": (Stream.OPS, CommandDone),
    "gate.health": (Stream.DIAG, GateHealth),
}
EVENT_TYPES: dict[type[Wire], str] = {model: event_type for event_type, (_, model) in EVENTS.items()}


class Event(Wire):
    """Envelope of everything a gate reports through its outbox.

    id       UUIDv7, the same however often it is sent
    journal  UUID of the journal file; a new SD card starts a new one
    seq      1, 2, 3 ... per journal and stream, never reused
    boot     UUID of this start of the gate process
    mono_ms  monotonic milliseconds of that boot when it happened
    wall     the gate's clock when it happened, aware
    offline  True when the broker was out of reach at that moment
    session  the stay it is about, where there is one
    data     fields of the type's own model, see EVENTS
    waiting_from  the lowest seq of this stream that the gate still kept for central when it sent this: what lies
             below and has not come never will. Told anew each time it is sent
    """

    v: Literal[1] = 1
    id: Uuid
    gate: str
    journal: Uuid
    stream: Stream
    seq: Annotated[int, Field(ge=1, lt=1 << 63)]
    boot: Uuid
    mono_ms: int
    wall: AwareDatetime
    clock: Clock = Clock.SYNCED
    offline: bool = False
    type: str
    session: Uuid | None = None
    data: dict[str, Any]
    waiting_from: Annotated[int, Field(ge=1, lt=1 << 63)] | None = None

    def facts(self) -> Wire:
        """`data` as its type's model; BadMessage for an unknown type or wrong field."""
        if self.type not in EVENTS:
            raise BadMessage(f"event type {self.type!r}: expected one of {', '.join(EVENTS)}")
        _, model = EVENTS[self.type]
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            raise BadMessage(_first(self.type, error)) from error


class Ack(Wire):
    """Central has committed every event of `journal` up to and including through[stream]. Retained."""

    journal: Uuid
    through: dict[Stream, int]


class Status(Wire):
    """Retained; `lost` is the last will."""

    state: Literal["online", "lost", "stopped"]
    boot: Uuid


class About(Wire):
    """Retained; who this gate is. latest: the version that an update would install, "" where none is known."""

    version: str
    lane: Literal["entry", "exit"]
    name: str
    engine: str = ""
    config_hash: str = ""
    display_url: str = ""
    latest: str = ""


class GateState(Wire):
    """Retained, on every change (at most five a second): what the live page shows. faults: codes of the catalogue."""

    boom: str
    mode: str
    inputs: dict[str, bool]
    faults: tuple[str, ...] = ()
    outbox: int = 0
    visit: str | None = None
    plate: PlateSeen | None = None
    image: Sha256 | None = None
    message: str = ""
    wall: AwareDatetime
    boot: Uuid | None = None


class FaultState(Wire):
    """Retained on a topic of its own while the fault lasts; an empty payload there ends it.

    code      of the catalogue, `edge.protocol.faults`; severity, meaning and remedy are what it says of it
    since     when it began, by the gate's clock
    detail    what was seen, for a person
    boot      the start of the gate that found it: one of an earlier start says nothing
    """

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    severity: Literal["info", "alarm", "fault"]
    active: bool = True
    since: AwareDatetime
    detail: str = ""
    meaning: str = ""
    remedy: str = ""
    boot: Uuid | None = None


class LogLine(Wire):
    """A line of the gate's log, live and never kept. level: "debug" to "critical"."""

    wall: AwareDatetime
    level: str
    logger: str
    text: str


class VehicleTold(Wire):
    """A vehicle at this gate, live and never kept, for home automation. plate: only where the gate's owner wants it."""

    event_type: Literal["entered", "exited", "refused"]
    vehicle_class: VehicleClass | None = None
    how: str = ""
    plate: PlateText | None = None
    wall: AwareDatetime


class SessionStatus(StrEnum):
    """Status of a stay as gates need it."""

    OPEN = "open"
    QUOTED = "quoted"
    PAID = "paid"
    EXEMPT = "exempt"
    UNMATCHED = "unmatched"  # an exit nobody's entry fits: a person or a ticket code must help
    CLOSED = "closed"


class Quote(Wire):
    """What an exit must show. Answers one `exit.requested`.

    request     that event's request
    gate        the exit it was asked at
    stopped_at  when the stay's clock stopped
    expires_at  the amount holds until then
    pay_url     the guest pay page, absolute, shown as a QR
    note        a sentence for the display, "" for none
    """

    request: Uuid
    gate: str
    amount_paise: Paise
    stopped_at: AwareDatetime
    expires_at: AwareDatetime
    pay_url: str
    note: str = ""


class SessionState(Wire):
    """Body of the retained, signed message of one stay: the mirror's row.

    version       grows by one with each change; a lower one never replaces a higher
    plate         None for a vehicle let in unread
    permit_until  the exit opens unasked until then; None: not at all
    """

    session: Uuid
    version: int
    plate: PlateText | None
    vehicle_class: VehicleClass = "car"
    entered_at: AwareDatetime | None
    status: SessionStatus
    permit_until: AwareDatetime | None = None
    quote: Quote | None = None


class AccessEntry(Wire):
    """One line of a site's lists. Absent times mean "always"."""

    plate: PlateText
    kind: Literal["pass", "denied"]
    vehicle_class: VehicleClass | None = None
    valid_from: AwareDatetime | None = None
    valid_until: AwareDatetime | None = None


class OpeningHours(Wire):
    """Entry is allowed from `opens` to `closes`, "HH:MM" in the site's zone, on `weekdays` (Monday 0)."""

    weekdays: tuple[Annotated[int, Field(ge=0, le=6)], ...]
    opens: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
    closes: Annotated[str, Field(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]


class AccessList(Wire):
    """Body of the retained, signed access message. An empty `hours` means always open."""

    site: str
    version: int
    timezone: str = "Asia/Kolkata"
    entries: tuple[AccessEntry, ...] = ()
    hours: tuple[OpeningHours, ...] = ()


class Command(Wire):
    """Body of a signed command. Refused when expired, replayed, retained, or for another boot.

    name  of `edge.protocol.maintenance.COMMANDS`, and args as it wants them
    by    who ordered it, for the journal
    """

    cmd_id: Uuid
    gate: str
    boot: Uuid
    nonce: str
    not_after: AwareDatetime
    name: str
    args: dict[str, Any] = {}
    by: str


class Reply(Wire):
    """What becomes of a command. result: what it was asked for, where it asks for something."""

    verdict: Literal["accepted", "rejected", "done"]
    reason: str = ""
    result: dict[str, Any] | None = None


def _first(what: str, error: ValidationError) -> str:
    problem = error.errors()[0]
    where = ".".join(str(part) for part in problem["loc"]) or "message"
    return f"{what}: {where}: {problem['msg']}"
