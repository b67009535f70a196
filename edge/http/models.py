"""What the HTTP API is asked and what it answers, as models: the checks and the OpenAPI document come from them."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from edge.protocol.messages import Clock, PlateText, SessionStatus, Uuid, VehicleClass

MOST_LINES = 500

Figure = float | int | str | bool | None | list[str]


def _printable(text: str) -> str:
    text = text.strip()
    if not 3 <= len(text) <= 200 or not text.isprintable():
        raise ValueError("expected 3 to 200 printable characters that say why")
    return text


Reason = Annotated[str, AfterValidator(_printable), Field(max_length=1000, description="3 to 200 characters")]


class Question(BaseModel):
    """Base of all that is asked: an unknown field is refused. Checks are made ready when first asked for."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Answer(BaseModel):
    """Base of all that is answered."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Form(StrEnum):
    JSON = "json"
    CSV = "csv"


class JournalQuestion(Question):
    """Which lines of the journal, latest first.

    type     of the event, as "vehicle.entered"
    plate    exactly this one; needs the scope plates
    session  the stay they are about
    since, until  from this instant on, and before that one
    before   lines older than this one: `next` of the page before
    """

    type: Annotated[str, Field(pattern=r"^[a-z_]{1,30}\.[a-z_]{1,30}$")] | None = None
    plate: PlateText | None = None
    session: Uuid | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    before: Annotated[int, Field(ge=1, lt=1 << 63)] | None = None
    limit: Annotated[int, Field(ge=1, le=MOST_LINES)] = 100
    form: Form = Form.JSON

    @model_validator(mode="after")
    def _in_order(self) -> JournalQuestion:
        if self.since and self.until and self.until - self.since <= timedelta(0):
            raise ValueError("expected until after since")
        return self


class SessionsQuestion(Question):
    """Which stays, the latest entry first.

    plate   exactly this one; needs the scope plates
    before  stays older than this one: `next` of the page before
    """

    plate: PlateText | None = None
    before: Annotated[str, Field(pattern=r"^[0-9]{1,18}\.[0-9a-f-]{36}$")] | None = None
    limit: Annotated[int, Field(ge=1, le=MOST_LINES)] = 100


class Plate(Answer):
    """text  with its middle masked unless the caller has the scope plates; confidence 0 to 1."""

    text: str
    confidence: float


class Status(Answer):
    """How the gate is now.

    idle     the boom is closed and no vehicle is in the lane: an update may begin
    boom, mode, message  None until the gate has looked at its wires once
    outbox   events waiting for central's acknowledgement
    figures  numbers of the gate's work: times in the unit their name ends with
    process  what the rest of the process knows: version, clock, connection, vision, machine
    """

    gate: str
    site: str
    name: str
    lane: Literal["entry", "exit"]
    idle: bool
    boom: str | None
    mode: str | None
    message: str | None
    faults: list[str]
    outbox: int
    visit: Uuid | None
    plate: Plate | None
    at: AwareDatetime | None
    figures: dict[str, Figure]
    process: dict[str, Figure]


class Input(Answer):
    """One input, debounced. since: when it took this level, None where it has been so since the start."""

    name: str
    active: bool
    since: AwareDatetime | None


class Inputs(Answer):
    """at  when any of them last changed, None until the wires were read once."""

    at: AwareDatetime | None
    inputs: list[Input]


class Line(Answer):
    """One line of the journal.

    n        its place; grows with time
    waiting  central has not acknowledged it yet
    wall     the gate's clock, believed as far as `clock` says
    data     the event's own fields, with plates masked unless the caller has the scope plates
    """

    n: int
    waiting: bool
    id: Uuid
    type: str
    wall: AwareDatetime
    clock: Clock
    boot: Uuid
    mono_ms: int
    session: Uuid | None
    data: dict[str, Any]


class Journal(Answer):
    """next  the next page's `before`, None on the last page."""

    lines: list[Line]
    next: int | None


class Stay(Answer):
    """One stay in the gate's mirror.

    plate   None: let in unread; masked unless the caller has the scope plates
    passed  its vehicle has left through this gate, and central has not closed it yet
    local   known from this gate alone: central has not spoken yet
    amount_paise  what an exit has asked for, None where nothing is quoted
    """

    session: Uuid
    plate: str | None
    vehicle_class: VehicleClass
    entered_at: AwareDatetime | None
    status: SessionStatus
    permit_until: AwareDatetime | None
    amount_paise: int | None
    passed: bool
    local: bool


class Sessions(Answer):
    """inside  vehicles inside, as far as this gate knows; next: the next page's `before`, None on the last."""

    inside: int
    stays: list[Stay]
    next: str | None


class ActionDone(Answer):
    """What came of an order.

    verdict  done, or accepted: begun and not over
    result   what it found, None where there is nothing to tell
    """

    verdict: Literal["accepted", "done"]
    reason: str
    result: dict[str, Any] | None
