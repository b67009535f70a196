"""People decide about money that came as another amount than was asked for; each decision is one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from central.actions import billing, ledger, owners, paying, repeats, settling
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.owners import Owner
from central.actions.queue import enqueue
from central.actions.records import ask_review, end_review
from central.payments.service import REFUND
from central.rules import ledger as ledger_rules
from central.rules import odd_capture as rules
from central.rules.due import AttemptStatus
from central.rules.ledger import Fact
from central.rules.money import rupees
from central.rules.odd_capture import Choice, Way
from central.rules.stay_table import Status
from central.store.schema import Attempt, Due, Job, OddDecision, Refund, Stay
from edge.protocol.ids import uuid7

#: money that goes back whole waits so long before it is sent, and can be held back until then
HELD_BACK = timedelta(minutes=10)
# of a vehicle that is here or has left owing, the rest is asked for; a booking counts only when it is paid whole
_PARTS = (Status.OPEN, Status.QUOTED, Status.OVERSTAYED, Status.LEFT_OWING)


def choices(session: Session, attempt: Attempt) -> tuple[Choice, ...]:
    """What may be done about a capture that waits for a person; nothing once somebody has decided."""
    if attempt.state != AttemptStatus.MISMATCH or session.get(OddDecision, attempt.id) is not None:
        return ()
    due = session.get_one(Due, attempt.due_id)
    owner = owners.owner_of(session, due)
    may_part = due.kind == billing.OF_STAY and isinstance(owner, Stay) and owner.status in _PARTS
    asked = {attempt.amount_paise, due.amount_paise}
    return rules.choices(attempt.captured_paise or 0, asked, unpaid=due.state in billing.UNPAID, may_part=may_part)


def decide(
    session: Session, attempt_id: str, way: str, now: datetime, *, by: str, reason: str, key: str | None = None
) -> OddDecision:
    """Gives the money back, or takes it for what was asked, whole or in part. Refused where that can't be."""
    due, owner, attempt = _held(session, attempt_id)
    if not (reason := reason.strip()[:200]):
        raise Refused("say why: money of another amount is decided about with a reason")
    asked = repeats.request(session, "odd capture", key, attempt=attempt_id, way=way, reason=reason)
    if asked.before is not None:
        return session.get_one(OddDecision, asked.before)
    if (known := session.get(OddDecision, attempt_id)) is not None:
        raise Refused(f"this payment is decided about already, by {known.by}")
    may_be = {str(one.way): one for one in choices(session, attempt)}
    if way not in may_be:
        raise Refused(f"{way[:20]!r} can't be done with this payment: expected one of {', '.join(may_be) or 'nothing'}")
    chosen = may_be[way]
    if chosen.taken_paise:
        _take(session, due, attempt, chosen, now, by)
    refund = _give_back(session, attempt, chosen, now, reason) if chosen.back_paise else None
    made = OddDecision(
        attempt_id=attempt.id, way=way, taken_paise=chosen.taken_paise, back_paise=chosen.back_paise,
        refund_id=None if refund is None else refund.id, at=now, by=by, reason=reason,
    )  # fmt: skip
    session.add(made)
    end_review(owner, _reason(attempt))
    told = {"way": way, "taken_paise": chosen.taken_paise, "back_paise": chosen.back_paise, "why": reason}
    owners.note(session, owner, now, "other amount decided", by, **told)
    audit(session, now, by, "odd capture", f"attempt/{attempt.id}", **told)
    asked.done(session, made.attempt_id, now)
    return made


def hold_back(session: Session, attempt_id: str, now: datetime, *, by: str, reason: str) -> None:
    """Undoes that money goes back whole, for as long as nobody has been asked to send it."""
    _due, owner, attempt = _held(session, attempt_id)
    known = session.get(OddDecision, attempt_id)
    if known is None or known.way != Way.BACK:
        raise Refused("only what goes back whole can be held back: what was taken is given back by its receipt")
    if not (reason := reason.strip()[:200]):
        raise Refused("say why: an undo needs a reason")
    refund = session.get_one(Refund, known.refund_id, with_for_update=True, populate_existing=True)
    if refund.sent_at is not None or refund.state == "done":
        raise Refused("the money has been sent back: that can't be undone")
    session.delete(known)
    session.flush()
    session.delete(refund)
    session.execute(delete(Job).where(Job.key == _job(refund.id)))
    ask_review(owner, _reason(attempt))
    owners.note(session, owner, now, "other amount held back", by, why=reason)
    audit(session, now, by, "odd capture held back", f"attempt/{attempt_id}", why=reason)


def _held(session: Session, attempt_id: str) -> tuple[Due, Owner, Attempt]:
    known = session.get(Attempt, attempt_id)
    if known is None:
        raise Refused("there is no such payment")
    due, owner = owners.hold_due(session, known.due_id)
    return due, owner, session.get_one(Attempt, attempt_id, populate_existing=True)


def _take(session: Session, due: Due, attempt: Attempt, chosen: Choice, now: datetime, by: str) -> None:
    """The due is paid, as if exactly that much had been captured; what more came stays the payer's."""
    lines = ledger_rules.postings(Fact.CREDIT_APPLIED, total=chosen.taken_paise)
    site_id, key = owners.site_of(session, due), f"credit_applied:{attempt.id}"
    ledger.post(session, site_id, key, Fact.CREDIT_APPLIED, lines, now, by=by, due=due, note=attempt.payment_ref)
    attempt.state, attempt.applied = str(AttemptStatus.CAPTURED), True
    if chosen.way is Way.PART:
        due.earlier_quotes = [*due.earlier_quotes, due.quote]
        due.quote = billing.quote_json(rules.part_of(billing.quote_from_json(due.quote), chosen.taken_paise))
        due.amount_paise = chosen.taken_paise
        settling.mark_paid(session, due, now, by=by, part=True)
    else:
        due.amount_paise = chosen.taken_paise
        paying.mark_paid(session, due, now, by=by)


def _give_back(session: Session, attempt: Attempt, chosen: Choice, now: datetime, reason: str) -> Refund:
    refund = Refund(
        id=uuid7(), attempt_id=attempt.id, payment_ref=attempt.payment_ref, amount_paise=chosen.back_paise,
        reason=reason, state="requested", created_at=now,
    )  # fmt: skip
    session.add(refund)
    session.flush()
    sent_from = now + HELD_BACK if chosen.way is Way.BACK else now
    enqueue(session, REFUND, _job(refund.id), {"refund_id": refund.id}, sent_from)
    return refund


def _job(refund_id: str) -> str:
    return f"{REFUND}:{refund_id}"


def _reason(attempt: Attempt) -> str:
    """Why a person was asked to look."""
    return f"{rupees(attempt.captured_paise or 0)} came where another amount was asked for"
