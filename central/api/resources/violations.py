"""Violations: listing them, raising one of a stay, waiving it."""

from __future__ import annotations

from typing import Literal

from central.actions import violation_raising, violations
from central.api import paging
from central.api.desk import Asked
from central.api.operations import get, post
from central.api.resources.shared import PLATE, shown, stay
from central.api.words import INR, Answer, Body, Currency, Id, IdPath, Instant, Page, Paise, Reason, SitePageQuery
from central.rules.violations import Kind, Status
from central.store.reads import api as reads
from central.store.schema import Violation

TAG = "Violations"
ViolationKind = Literal[tuple(str(kind) for kind in Kind)]
ViolationStatus = Literal[tuple(str(status) for status in Status)]


class ViolationsQuery(SitePageQuery):
    kind: ViolationKind | None = None
    status: ViolationStatus | None = None
    stay: Id | None = None


class ViolationAnswer(Answer):
    """due_by: the last moment to pay, from the notice on."""

    id: str
    site: str
    kind: ViolationKind
    status: ViolationStatus
    plate: str | None = PLATE
    plate_masked: str | None
    vehicle_class: str
    stay_id: str | None
    due_id: str | None
    gate: str | None
    amount_paise: Paise
    currency: Currency
    happened_at: Instant
    raised_at: Instant
    notified_at: Instant | None
    due_by: Instant | None
    appealed_at: Instant | None
    decided_at: Instant | None
    decision: str
    paid_at: Instant | None


class ViolationPage(Page):
    violations: list[ViolationAnswer]


class RaiseBody(Body):
    stay_id: Id
    kind: ViolationKind
    reason: Reason


class WaiveBody(Body):
    reason: Reason


@get("/violations", "violations:read", ViolationPage, TAG)
def list_violations(at: Asked, query: ViolationsQuery) -> ViolationPage:
    """Violations, the newest first"""
    before = paging.place(query.cursor, str)
    of = {"kind": query.kind, "status": query.status, "stay_id": query.stay}
    rows, older = reads.newest(at.session, Violation, at.among(query.site), query.limit, before, **of)
    return ViolationPage(violations=[_answer(at, row) for row in rows], next_cursor=older and paging.cursor(older))


@get("/violations/<id>", "violations:read", ViolationAnswer, TAG)
def get_violation(at: Asked, path: IdPath) -> ViolationAnswer:
    """One violation"""
    return _answer(at, _seen(at, path.id))


@post("/violations", "violations:write", ViolationAnswer, TAG)
def raise_violation(at: Asked, body: RaiseBody) -> ViolationAnswer:
    """Raise a violation of a stay, with what the site asks for it"""
    row = stay(at, body.stay_id)
    return _answer(at, violation_raising.raise_by_hand(at.session, row.id, body.kind, body.reason, at.now, at.by))


@post("/violations/<id>/waive", "violations:write", ViolationAnswer, TAG, status=200)
def waive_violation(at: Asked, path: IdPath, body: WaiveBody) -> ViolationAnswer:
    """Ask for nothing any more"""
    return _answer(at, violations.waive(at.session, _seen(at, path.id).id, body.reason, at.now, at.by))


def _seen(at: Asked, violation_id: str) -> Violation:
    return at.seen(reads.one(at.session, Violation, violation_id), "violation")


def _answer(at: Asked, row: Violation) -> ViolationAnswer:
    same = (
        "id", "kind", "status", "vehicle_class", "stay_id", "due_id", "amount_paise", "happened_at", "raised_at",
        "notified_at", "due_by", "appealed_at", "decided_at", "decision", "paid_at",
    )  # fmt: skip
    return ViolationAnswer(
        **{name: getattr(row, name) for name in same},
        site=row.site_id,
        gate=row.gate_id,
        currency=INR,
        **shown(at, row.plate),
    )
