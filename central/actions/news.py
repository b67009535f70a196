"""What is told of each fact, and to whom: one function for each, called in the transaction of the fact."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import recipients
from central.actions.owners import Owner
from central.actions.telling import tell
from central.rules.due import DueStatus
from central.rules.stay_table import Status
from central.rules.telling import NEWS_FOR, Event
from central.store.schema import (
    Account,
    Attempt,
    Due,
    Gate,
    GateFault,
    Pass,
    Receipt,
    Refund,
    Stay,
    Violation,
)


def entered(session: Session, row: Stay, now: datetime) -> None:
    """Its vehicle came in. What a gate tells hours later is no news."""
    if row.entered_at is not None and row.entered_at > now - NEWS_FOR and row.exited_at is None:
        facts = {"stay": row.id, "plate": row.plate, "entered_at": row.entered_at}
        to, until = recipients.of_stay(session, row), row.entered_at + NEWS_FOR
        tell(session, Event.ENTERED, row.id, to, row.site_id, now, useful_until=until, **facts)


def exited(session: Session, row: Stay, now: datetime) -> None:
    """Its vehicle has left: with its receipt, or with what it still owes."""
    if row.entered_at is None or row.exited_at is None:
        return
    of_stay = select(Receipt).where(Receipt.stay_id == row.id).order_by(Receipt.issued_at.desc())
    receipt, owed = session.scalar(of_stay.limit(1)), None
    if row.status == Status.LEFT_OWING:
        unpaid = Due.stay_id == row.id, Due.kind == "stay", Due.state.in_([str(DueStatus.OPEN), str(DueStatus.QUOTED)])
        owed = session.scalar(select(Due.amount_paise).where(*unpaid))
    facts = {
        "stay": row.id, "plate": row.plate, "entered_at": row.entered_at, "exited_at": row.exited_at,
        "owed_paise": owed, "receipt": receipt and receipt.id, "paid_paise": receipt and receipt.total_paise,
    }  # fmt: skip
    tell(session, Event.EXITED, row.id, recipients.of_stay(session, row), row.site_id, now, **facts)


def paid(session: Session, owner: Owner, due: Due, now: datetime, receipt: Receipt | None = None) -> None:
    """An amount is paid: the one capture that is kept."""
    facts = _of_owner(session, owner, due) | {
        "amount_paise": due.amount_paise, "for": due.kind, "receipt": receipt and receipt.id,
        "serial": receipt and receipt.serial,
    }  # fmt: skip
    tell(session, Event.PAID, due.id, _who(session, owner), owner.site_id, now, **facts)


def receipts_to(session: Session, row: Stay, now: datetime) -> None:
    """A guest has given an address: what was paid before is told there, once."""
    paid_before = select(Due, Receipt).join(Receipt, Receipt.due_id == Due.id).where(Due.stay_id == row.id)
    for due, receipt in session.execute(paid_before.order_by(Receipt.issued_at)).all():
        paid(session, row, due, now, receipt)


def payment_failed(session: Session, owner: Owner, due: Due, attempt: Attempt, now: datetime) -> None:
    """A bank said no. Should it say yes later all the same, the payment is told as paid."""
    facts = _of_owner(session, owner, due)
    facts |= {"amount_paise": attempt.amount_paise, "code": attempt.failure_code or None}
    tell(session, Event.PAYMENT_FAILED, attempt.id, _who(session, owner), owner.site_id, now, **facts)


def refunded(session: Session, owner: Owner, due: Due, refund: Refund, now: datetime) -> None:
    """Money has gone back; of a second payment that is said plainly."""
    facts = _of_owner(session, owner, due) | {
        "amount_paise": refund.amount_paise, "twice": refund.reason == "paid twice" or None,
    }  # fmt: skip
    tell(session, Event.REFUNDED, refund.id, _who(session, owner), owner.site_id, now, **facts)


def expiring(session: Session, row: Stay, now: datetime) -> None:
    """Its paid time ends soon. Once it has been made longer, that end is told too."""
    until = row.permit_until
    facts = {"stay": row.id, "plate": row.plate, "until_at": until}
    key, to = f"{row.id}:{until.isoformat()}", recipients.of_stay(session, row)
    tell(session, Event.EXPIRING, key, to, row.site_id, now, useful_until=until, **facts)


def overstayed(session: Session, row: Stay, until: datetime, now: datetime) -> None:
    """What was paid for, or its pass, held until then, and its vehicle is still here."""
    key, to = f"{row.id}:{until.isoformat()}", recipients.of_stay(session, row)
    facts = {"stay": row.id, "plate": row.plate, "until_at": until}
    tell(session, Event.OVERSTAYED, key, to, row.site_id, now, **facts)


def violation_raised(session: Session, made: Violation, now: datetime) -> None:
    _of_violation(session, Event.VIOLATION, made.id, made, now)


def violation_decided(session: Session, made: Violation, now: datetime) -> None:
    """Its appeal was answered, or nothing is asked for it any more."""
    _of_violation(session, Event.DECISION, f"{made.id}:{made.status}", made, now, status=made.status, why=made.decision)


def pass_expiring(session: Session, sold: Pass, now: datetime) -> None:
    plates = ", ".join(one["plate"] for one in sold.plates)
    facts = {"pass": sold.id, "plates": plates, "until_at": sold.valid_until}
    to = recipients.of_account(session, sold.account_id)
    tell(session, Event.PASS_EXPIRING, sold.id, to, sold.site_id, now, useful_until=sold.valid_until, **facts)


def low_wallet(session: Session, account: Account, holds_paise: int, since: datetime, now: datetime) -> None:
    """A wallet has fallen below what its holder wants to be told of. since: once for each time it did."""
    facts = {"account": account.id, "holds_paise": holds_paise}
    key = f"{account.id}:{since.isoformat()}"
    tell(session, Event.LOW_WALLET, key, recipients.of_account(session, account.id), account.site_id, now, **facts)


def fault_began(session: Session, gate: Gate, fault: GateFault, now: datetime) -> None:
    if fault.severity != "info":
        _to_staff(session, Event.FAULT, gate, fault, now, detail=fault.detail[:200])


def fault_ended(session: Session, gate: Gate, fault: GateFault, now: datetime) -> None:
    if fault.severity != "info":
        _to_staff(session, Event.FAULT_OVER, gate, fault, now, ended_at=now)


def _to_staff(session: Session, event: Event, gate: Gate, fault: GateFault, now: datetime, **more) -> None:
    """Once for each time it began."""
    facts = {"gate": gate.id, "gate_name": gate.name, "fault": fault.code, "since_at": fault.since}
    key = f"{gate.site_id}/{gate.id}/{fault.code}:{fault.since.isoformat()}"
    to = [*recipients.staff(session, "supervisor", gate.site_id), *recipients.of_site(session, gate.site_id)]
    tell(session, event, key, to, gate.site_id, now, **facts, **more)


def _of_violation(session: Session, event: Event, key: str, made: Violation, now: datetime, **more) -> None:
    facts = {
        "violation": made.id, "plate": made.plate, "kind": made.kind, "happened_at": made.happened_at,
        "amount_paise": made.amount_paise or None, "due_by_at": made.due_by,
    }  # fmt: skip
    tell(session, event, key, recipients.of_violation(session, made), made.site_id, now, **facts, **more)


def _who(session: Session, owner: Owner) -> list[recipients.Recipient]:
    return recipients.of_stay(session, owner) if isinstance(owner, Stay) else recipients.of_account(session, owner.id)


def _of_owner(session: Session, owner: Owner, due: Due) -> dict[str, str | None]:
    """What an amount is for, and the page it is paid on."""
    if isinstance(owner, Stay):
        notice = select(Violation.id).where(Violation.due_id == due.id)
        return {"stay": owner.id, "plate": owner.plate, "violation": session.scalar(notice)}
    sold = session.scalar(select(Pass.id).where(Pass.due_id == due.id))
    return {"account": owner.id, "pass": sold}
