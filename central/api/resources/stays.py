"""Stays: listing them, one of them, its price, and opening or closing one by hand."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from central.actions import guest, stay_fixes
from central.actions.access import normal_plate
from central.actions.corrections import Who
from central.api import paging
from central.api.desk import Asked
from central.api.operations import get, post
from central.api.problem import Failed
from central.api.resources.shared import PLATE, LineAnswer, lined, shown, stay
from central.api.words import (
    INR,
    Answer,
    Body,
    Currency,
    IdPath,
    Instant,
    Name,
    Page,
    PageQuery,
    Paise,
    PlateText,
    Reason,
)
from central.rules.stay_table import Status
from central.store.reads import api as reads
from central.store.reads.stays import StayFilter, StayRow
from central.store.reads.stays import stays as list_of
from central.store.schema import Stay
from edge.protocol.messages import VehicleClass

TAG = "Stays"
StayStatus = Literal[tuple(str(status) for status in Status)]
# what a program does by hand, an attendant may
_ROLE = "attendant"


class StaysQuery(PageQuery):
    site: Name | None = None
    status: StayStatus | None = None
    gate: Name | None = Field(None, description="Either of the stay's two.")
    plate: PlateText | None = Field(None, description="Beginning of a plate; with the scope plates:read alone.")
    came_from: Instant | None = Field(None, description="Came in from then on; together with came_before.")
    came_before: Instant | None = None
    review: bool = Field(False, description="Only those a person should look at.")


class StayAnswer(Answer):
    """permit_until: it may leave unasked until then. asked_paise: asked for, not given up; paid_paise: paid of that."""

    id: str
    site: str
    status: StayStatus
    plate: str | None = PLATE
    plate_masked: str | None
    vehicle_class: str
    entered_at: Instant | None
    entry_gate: str | None
    entry_how: str | None
    exit_requested_at: Instant | None
    exited_at: Instant | None
    exit_gate: str | None
    exit_how: str | None
    permit_until: Instant | None
    exempt: bool
    needs_review: bool
    closed_reason: str | None
    asked_paise: Paise
    paid_paise: Paise
    currency: Currency


class StayPage(Page):
    stays: list[StayAnswer]


class QuoteAnswer(Answer):
    """What a stay would have to pay now. payable: an amount is asked for and holds until holds_until."""

    stay_id: str
    priced: bool = Field(description="False where nothing is to be paid, or nobody can tell the price.")
    amount_paise: Paise
    currency: Currency
    tax_paise: Paise
    tax_rate_bp: int
    tax_included: bool
    lines: list[LineAnswer]
    due_id: str | None
    holds_until: Instant | None


class OpenBody(Body):
    site: Name
    plate: PlateText
    vehicle_class: VehicleClass = "car"
    entered_at: Instant
    gate: Name | None = None
    reason: Reason


class CloseBody(Body):
    """how: "left", somebody saw it leaving at `at`; "gone", it is not here and nobody saw it: nothing is charged."""

    how: Literal["left", "gone"]
    at: Instant | None = Field(None, description="When it left; needed with how=left, refused with how=gone.")
    reason: Reason


@get("/stays", "stays:read", StayPage, TAG)
def list_stays(at: Asked, query: StaysQuery) -> StayPage:
    """Stays, the newest first"""
    if (query.came_from is None) != (query.came_before is None):
        raise Failed(409, "came_from, came_before: expected both or neither")
    if query.plate is not None:
        at.need("plates:read", "plate")
    wanted = StayFilter(
        sites=at.among(query.site),
        plate=None if query.plate is None else normal_plate(query.plate),
        status=query.status,
        gate=query.gate,
        begin=query.came_from,
        end=query.came_before,
        review=query.review,
        before=paging.place(query.cursor, str),
    )
    if not wanted.sites:
        return StayPage(stays=[], next_cursor=None)
    page = list_of(at.session, wanted, query.limit)
    return StayPage(stays=[_answer(at, row) for row in page.rows], next_cursor=page.older and paging.cursor(page.older))


@get("/stays/<id>", "stays:read", StayAnswer, TAG)
def get_stay(at: Asked, path: IdPath) -> StayAnswer:
    """One stay"""
    return _whole(at, stay(at, path.id))


@get("/stays/<id>/quote", "stays:read", QuoteAnswer, TAG)
def get_stay_quote(at: Asked, path: IdPath) -> QuoteAnswer:
    """What a stay would have to pay now; nothing is asked for by looking"""
    bill = guest.bill(at.session, stay(at, path.id).id, at.now)
    return QuoteAnswer(
        stay_id=bill.stay_id,
        priced=bill.priced,
        amount_paise=bill.amount_paise,
        currency=INR,
        tax_paise=bill.tax_paise,
        tax_rate_bp=bill.tax_rate_bp,
        tax_included=bill.tax_included,
        lines=[lined(line) for line in bill.lines],
        due_id=bill.due_id,
        holds_until=bill.holds_until,
    )


@post("/stays", "stays:write", StayAnswer, TAG)
def open_stay(at: Asked, body: OpenBody) -> StayAnswer:
    """Enter a vehicle that came in and no gate told of"""
    site = at.site(body.site)
    made = stay_fixes.enter(
        at.session, site.id, body.plate, body.vehicle_class, body.entered_at, Who(at.by, _ROLE), body.reason, at.now,
        body.gate,
    )  # fmt: skip
    return _whole(at, reads.one(at.session, Stay, made))


@post("/stays/<id>/close", "stays:write", StayAnswer, TAG, status=200)
def close_stay(at: Asked, path: IdPath, body: CloseBody) -> StayAnswer:
    """Close the stay of a vehicle that is not here any more"""
    row, who = stay(at, path.id), Who(at.by, _ROLE)
    if (body.how == "left") != (body.at is not None):
        raise Failed(409, "at: expected when it left with how=left, and nothing with how=gone")
    if body.at is not None:
        stay_fixes.leave(at.session, row.id, body.at, who, body.reason, at.now)
    else:
        stay_fixes.gone(at.session, row.id, who, body.reason, at.now)
    return _whole(at, row)


def _whole(at: Asked, row: Stay) -> StayAnswer:
    asked = [due for due in reads.dues_of(at.session, row.id) if due.kind == "stay" and due.state != "waived"]
    paid = sum(due.amount_paise for due in asked if due.state not in ("open", "quoted"))
    return _answer(at, StayRow(row, sum(due.amount_paise for due in asked), paid))


def _answer(at: Asked, found: StayRow) -> StayAnswer:
    row = found.stay
    return StayAnswer(
        id=row.id,
        site=row.site_id,
        status=row.status,
        **shown(at, row.plate),
        vehicle_class=row.vehicle_class,
        entered_at=row.entered_at,
        entry_gate=row.entry_gate,
        entry_how=row.entry_how,
        exit_requested_at=row.requested_at,
        exited_at=row.exited_at,
        exit_gate=row.exit_gate,
        exit_how=row.exit_how,
        permit_until=row.permit_until,
        exempt=row.exempt,
        needs_review=row.review is not None,
        closed_reason=row.closed_reason,
        asked_paise=found.due_paise,
        paid_paise=found.paid_paise,
        currency=INR,
    )
