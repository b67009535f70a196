"""A stay as gates are told of it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from central.actions.billing import latest_due
from central.links import Links
from central.rules.stay_table import Status
from central.store.schema import Stay
from edge.protocol.messages import Quote, SessionState, SessionStatus

_WIRE = {
    Status.OPEN: SessionStatus.OPEN,
    Status.QUOTED: SessionStatus.QUOTED,
    Status.PAID: SessionStatus.PAID,
    Status.OVERSTAYED: SessionStatus.OPEN,
    Status.EXEMPT: SessionStatus.EXEMPT,
    Status.UNMATCHED: SessionStatus.UNMATCHED,
    Status.PREPAID: SessionStatus.CLOSED,
    Status.LEFT_OWING: SessionStatus.CLOSED,
    Status.DISPUTED: SessionStatus.CLOSED,
    Status.CLOSED: SessionStatus.CLOSED,
    Status.CLOSED_BY_SYSTEM: SessionStatus.CLOSED,
    Status.VOID: SessionStatus.CLOSED,
}
_UNMATCHED_NOTE = "We could not find your entry. Scan to enter your ticket code, or press for help."
_NO_PRICE_NOTE = "No price is set here. Please press for help."
# a stay nobody's entry fits has no price that could run out
_UNMATCHED_HOLDS = timedelta(minutes=30)


def session_state(session: Session, row: Stay, links: Links) -> SessionState:
    """What every gate of the site may know of a stay. The quote is there while its vehicle waits at an exit."""
    # a vehicle that has gone concerns no gate, whatever became of its bill
    status = SessionStatus.CLOSED if row.exited_at is not None else _WIRE[Status(row.status)]
    return SessionState(
        session=row.id,
        version=row.version,
        plate=row.plate,
        vehicle_class=row.vehicle_class,
        entered_at=row.entered_at,
        status=status,
        permit_until=row.permit_until,
        quote=None if status is SessionStatus.CLOSED else _quote(session, row, links),
    )


def _quote(session: Session, row: Stay, links: Links) -> Quote | None:
    withdrawn = row.withdrawn_at is not None and row.requested_at is not None and row.withdrawn_at > row.requested_at
    if row.exit_request is None or row.exit_gate is None or row.requested_at is None or withdrawn:
        return None
    due = latest_due(session, row.id)
    stopped_at = row.stopped_at or row.requested_at
    note = ""
    if row.status == Status.UNMATCHED:
        note = _UNMATCHED_NOTE
    elif row.status == Status.QUOTED and due is None:
        note = _NO_PRICE_NOTE
    return Quote(
        request=row.exit_request,
        gate=row.exit_gate,
        amount_paise=0 if due is None else due.amount_paise,
        stopped_at=stopped_at,
        expires_at=stopped_at + _UNMATCHED_HOLDS if due is None or due.expires_at is None else due.expires_at,
        pay_url=links.pay(row.id),
        note=note,
    )
