"""The life of one violation once it is raised: told, appealed, decided, paid. Each step is in the audit log.

Locks are taken in the order that holds everywhere: site, stay, due, then the violation.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import billing, news, webhooks_out
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.records import ask_review, hold, lock_site
from central.actions.violation_rules import rule_of
from central.rules import due as due_rules
from central.rules import violations as rules
from central.rules.due import DueStatus
from central.rules.violations import ENDED, Kind, Signal, Status
from central.store.schema import Attempt, Due, Stay, Violation

TOLD = ("page", "windscreen", "by hand", "message", "post")
_LIVE = [str(status) for status in Status if status not in ENDED]
_PAY_WITHIN = timedelta(days=15)


def tell(session: Session, violation_id: str, how: str, now: datetime, by: str) -> Violation:
    """The notice has been given to its driver; from the first time on runs the time to pay."""
    if how not in TOLD:
        raise Refused(f"told by {how[:40]!r}: expected one of {', '.join(TOLD)}")
    made = _held(session, violation_id)
    first = made.notified_at is None
    _step(session, made, Signal.NOTIFY, now, by, how=how)
    if first:
        made.notified_at, made.due_by = now, _to_pay(session, made, now)
    made.notified_how = how
    return made


def appeal(session: Session, violation_id: str, text: str, contact: str, now: datetime) -> Violation:
    """Its driver says why it is wrong, and how to be answered; once."""
    text, contact = text.strip(), " ".join(contact.split())
    if not 10 <= len(text) <= 2000:
        raise Refused("Say in 10 to 2000 characters why the notice is wrong.")
    if not 5 <= len(contact) <= 200:
        raise Refused("Give an e-mail address or phone number of 5 to 200 characters, so that you can be answered.")
    made = _held(session, violation_id)
    if made.status == Status.RAISED:
        # whoever appeals has been told, whether or not anybody noted it
        _step(session, made, Signal.NOTIFY, now, "driver", how="page")
        made.notified_at, made.notified_how, made.due_by = now, "page", _to_pay(session, made, now)
    _step(session, made, Signal.APPEAL, now, "driver")
    made.appeal, made.appeal_contact, made.appealed_at = text.replace("\0", ""), contact.replace("\0", ""), now
    return made


def uphold(session: Session, violation_id: str, reason: str, now: datetime, by: str) -> Violation:
    """The appeal is turned down; the time to pay begins anew."""
    made = _decide(session, violation_id, Signal.UPHOLD, reason, now, by)
    made.due_by = _to_pay(session, made, now)
    news.violation_decided(session, made, now)
    return made


def waive(session: Session, violation_id: str, reason: str, now: datetime, by: str) -> Violation:
    """Nothing is asked for any more. Money that still comes for it goes back."""
    made = _decide(session, violation_id, Signal.WAIVE, reason, now, by)
    _give_up(session, made)
    news.violation_decided(session, made, now)
    return made


def write_off(session: Session, violation_id: str, reason: str, now: datetime, by: str) -> Violation:
    """It stands, but nobody will pay: given up."""
    made = _decide(session, violation_id, Signal.WRITE_OFF, reason, now, by)
    _give_up(session, made)
    return made


def paid(session: Session, due: Due, now: datetime, by: str) -> None:
    """What its notice asked for has come. Called once, for the money that is kept."""
    made = session.scalars(select(Violation).where(Violation.due_id == due.id).with_for_update()).one()
    if made.status in _LIVE:
        _step(session, made, Signal.PAY, now, by, amount_paise=due.amount_paise)
        made.paid_at = now
    elif made.stay_id is not None:  # money that came is never turned away
        ask_review(session.get_one(Stay, made.stay_id), f"a notice was paid that is {made.status.replace('_', ' ')}")


def paid_in_time(session: Session, due: Due, now: datetime) -> None:
    """A stay was paid. Where the bank had the money before the time to pay was over, nobody left without."""
    made = raised_of(session, due.stay_id, Kind.UNPAID_EXIT)
    taken = select(Attempt.finished_at).where(Attempt.due_id == due.id, Attempt.applied)
    at = None if made is None else session.scalar(taken)
    if made is not None and at is not None and at <= made.happened_at + timedelta(minutes=made.facts.get("wait", 0)):
        take_back(session, made.id, "the payment had been made in time", now)


def raised_of(session: Session, stay_id: str, kind: Kind) -> Violation | None:
    """The stay's violation of that kind, whatever became of it."""
    return session.scalar(select(Violation).where(Violation.key == key_of(kind, stay_id)))


def key_of(kind: Kind, stay_id: str) -> str:
    """What makes a violation of a stay the one of its kind."""
    return f"{kind}:{stay_id}"


def take_back(session: Session, violation_id: str, why: str, now: datetime) -> None:
    """What was raised turns out not to be so. Money that was paid for it is for a person to give back."""
    made = _held(session, violation_id)
    if made.status in _LIVE:
        made.decided_at, made.decided_by, made.decision = now, "central", why
        _step(session, made, Signal.WAIVE, now, "central", why=why)
        _give_up(session, made)
        news.violation_decided(session, made, now)
    elif made.status == Status.PAID and made.stay_id is not None:
        ask_review(session.get_one(Stay, made.stay_id), f"a notice was paid that was wrong ({why}): give it back")


def _held(session: Session, violation_id: str) -> Violation:
    known = session.get(Violation, violation_id)
    if known is None:
        raise Refused("there is no such violation")
    lock_site(session, known.site_id)
    if known.stay_id is not None:
        hold(session, known.stay_id)
    if known.due_id is not None:
        session.get_one(Due, known.due_id, with_for_update=True, populate_existing=True)
    return session.get_one(Violation, violation_id, with_for_update=True, populate_existing=True)


def _step(session: Session, made: Violation, signal: Signal, now: datetime, by: str, **detail: Any) -> None:
    try:
        made.status = str(rules.step(Status(made.status), signal))
    except rules.IllegalStep as error:
        raise Refused(f"this notice is {made.status.replace('_', ' ')} already") from error
    audit(session, now, by, f"violation {made.status}".replace("_", " "), made.id, **detail)
    webhooks_out.violation(session, "violation.changed", made, now)


def _decide(session: Session, violation_id: str, signal: Signal, reason: str, now: datetime, by: str) -> Violation:
    reason, made = said(reason), _held(session, violation_id)
    _step(session, made, signal, now, by, why=reason)
    made.decided_at, made.decided_by, made.decision = now, by, reason
    return made


def _give_up(session: Session, made: Violation) -> None:
    due = None if made.due_id is None else session.get_one(Due, made.due_id)
    if due is not None and due.state in billing.UNPAID:
        due.state = str(due_rules.step(DueStatus(due.state), due_rules.DueSignal.WAIVE))


def said(text: str) -> str:
    """A reason as it was typed, in one line; Refused where it says nothing."""
    text = " ".join(text.replace("\0", "").split())
    if not 3 <= len(text) <= 200:
        raise Refused("say why: a reason of 3 to 200 characters")
    return text


def _to_pay(session: Session, made: Violation, now: datetime) -> datetime | None:
    if made.due_id is None:
        return None
    rule = rule_of(session, made.site_id, Kind(made.kind))
    return now + (_PAY_WITHIN if rule is None else rule.pay_within)
