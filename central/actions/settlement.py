"""What the provider has paid out, in the books; and the queue of what does not fit, until a person has settled it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.actions import ledger, repeats
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.records import lock_site
from central.rules import ledger as rules
from central.rules.attempt import AttemptStatus
from central.rules.ledger import Fact, Postings
from central.rules.reconciliation import MAY_BE, OF_CARDS, Outcome, Resolution, card_goes_back, given_up
from central.store.once import insert_once
from central.store.schema import Account, Attempt, Due, SettlementLine, Stay, Unreconciled

_CAPTURED = [str(word) for word in (AttemptStatus.CAPTURED, AttemptStatus.DUPLICATE, AttemptStatus.MISMATCH)]
# a bank may capture that long after the attempt has ended
_LATEST_CAPTURE = timedelta(days=14)


def book_line(
    session: Session, line: SettlementLine, outcome: Outcome, site_id: str, now: datetime, *,
    ours_paise: int | None = None, stay_id: str | None = None,
) -> None:  # fmt: skip
    """Books what a line says was paid out or taken off, and queues it where it does not fit. The site is held."""
    line.outcome = str(outcome)
    session.add(line)
    session.flush()
    if outcome is Outcome.KNOWN:
        return
    fact, lines = _paid_out(line, ours=outcome in (Outcome.MATCHED, Outcome.LATE, Outcome.AMOUNT_DIFFERS))
    ledger.post(session, site_id, f"settled:{line.id}", fact, lines, now, by=line.provider, note=line.utr)
    _came_later(session, line, now)
    if outcome in MAY_BE:
        queue(session, f"line:{line.id}", outcome, site_id, now, line.payment_ref, stay_id=stay_id, line_id=line.id,
               ours_paise=ours_paise, theirs_paise=line.amount_paise)  # fmt: skip


def seen_before(session: Session, line: SettlementLine) -> Outcome | None:
    """KNOWN or DUPLICATE, where an earlier line was about the same payment or refund; None: it is the first."""
    about = (
        SettlementLine.provider == line.provider,
        SettlementLine.payment_ref == line.payment_ref,
        SettlementLine.refund_ref == line.refund_ref,
    )
    same = ("utr", "amount_paise", "fee_paise", "fee_gst_paise")
    earlier = list(session.scalars(select(SettlementLine).where(*about)))
    alike = Counter(one.file for one in earlier if all(getattr(one, name) == getattr(line, name) for name in same))
    # a file that is issued again, longer, repeats its lines: each as often as it had them
    if alike.pop(line.file, 0) < max(alike.values(), default=0):
        return Outcome.KNOWN
    written_off = select(Unreconciled.id).where(
        Unreconciled.key == _missing_key(line.provider, line.payment_ref),
        Unreconciled.resolution == str(Resolution.GIVEN_UP),
    )
    lost = not line.refund_ref and session.scalar(written_off) is not None
    return Outcome.DUPLICATE if earlier or lost else None


def queue_missing(session: Session, provider: str, until: datetime, now: datetime) -> int:
    """Queues payments captured before `until` that no file has held; how many are new."""
    in_a_file = select(SettlementLine.id).where(
        SettlementLine.provider == Attempt.provider, SettlementLine.payment_ref == Attempt.payment_ref
    )
    missing = (
        select(Attempt, Due.stay_id, func.coalesce(Stay.site_id, Account.site_id))
        .join(Due, Due.id == Attempt.due_id)
        .outerjoin(Stay, Stay.id == Due.stay_id)
        .outerjoin(Account, Account.id == Due.account_id)
        .where(
            Attempt.state.in_(_CAPTURED),
            Attempt.expires_at >= until - _LATEST_CAPTURE,
            Attempt.provider == provider,
            Attempt.finished_at < until,
            ~in_a_file.exists(),
        )
    )
    return sum(
        queue(session, _missing_key(provider, one.payment_ref), Outcome.MISSING_WITH_THEM, site_id, now,
               one.payment_ref, stay_id=stay_id, ours_paise=one.captured_paise)
        for one, stay_id, site_id in session.execute(missing)
    )  # fmt: skip


def resolve(
    session: Session, number: int, resolution: str, now: datetime, *, by: str, reason: str, key: str | None = None
) -> Unreconciled:
    """A person settles something queued, and says why. Refused for what is settled or can't be settled so."""
    found = session.get(Unreconciled, number)
    if found is None:
        raise Refused(f"item {number} is not there")
    lock_site(session, found.site_id)
    row = session.get_one(Unreconciled, number, with_for_update=True, populate_existing=True)
    asked = repeats.request(session, "reconcile", key, number=number, resolution=resolution, reason=reason)
    if asked.before is not None:
        return row
    allowed: Collection[Resolution] = MAY_BE[Outcome(row.kind)]
    if row.resolution is not None:
        raise Refused(f"item {number} is settled already, by {row.resolved_by}")
    if resolution not in allowed:
        raise Refused(f"resolution {resolution[:40]!r}: expected one of {', '.join(allowed)}")
    if not (reason := reason.strip()[:200]):
        raise Refused("say why: what is settled here needs a reason")
    fact, lines = _resolved(session, row, Resolution(resolution))
    ledger.post(session, row.site_id, f"resolved:{row.id}", fact, lines, now, by=by, note=reason)
    row.resolution, row.resolved_at, row.resolved_by, row.reason = resolution, now, by, reason
    audit(session, now, by, "reconciliation", str(row.id), kind=row.kind, resolution=resolution, reason=reason)
    asked.done(session, str(row.id), now)
    return row


def _resolved(session: Session, row: Unreconciled, resolution: Resolution) -> tuple[Fact, Postings]:
    kind, ours, theirs = Outcome(row.kind), row.ours_paise or 0, row.theirs_paise or 0
    try:
        if resolution is Resolution.GOES_BACK and kind in OF_CARDS:
            return card_goes_back(ours, theirs)
        if resolution is Resolution.GIVEN_UP:
            return given_up(kind, ours, theirs)
    except ValueError as error:
        raise Refused(str(error)) from error
    if resolution is Resolution.GOES_BACK:
        _, lines = _paid_out(session.get_one(SettlementLine, row.line_id), ours=False)
        return Fact.STRANGE_GOES_BACK, rules.undone(lines)
    return Fact.NEVER_SETTLED, ()


def _paid_out(line: SettlementLine, *, ours: bool) -> tuple[Fact, Postings]:
    """What a line does to the books; ours: it is of a payment, or refund, of ours."""
    if line.refund_ref:
        fact = Fact.SETTLED_REFUND if ours else Fact.SETTLED_STRANGE_REFUND
        return fact, rules.postings(fact, total=line.amount_paise)
    fact = Fact.SETTLED if ours else Fact.SETTLED_STRANGE
    net = line.amount_paise - line.fee_paise - line.fee_gst_paise
    parts = {"net": net, "fee": line.fee_paise, "fee_gst": line.fee_gst_paise, "gross": line.amount_paise}
    return fact, rules.postings(fact, **parts)


def _came_later(session: Session, line: SettlementLine, now: datetime) -> None:
    key = _missing_key(line.provider, line.payment_ref)
    open_item = select(Unreconciled).where(Unreconciled.key == key, Unreconciled.resolution.is_(None))
    row = None if line.refund_ref else session.scalar(open_item.with_for_update())
    if row is not None:
        row.resolution, row.resolved_at, row.resolved_by = str(Resolution.CAME_LATER), now, line.provider
        row.reason = f"paid out by {line.utr}"


def _missing_key(provider: str, payment_ref: str) -> str:
    return f"missing:{provider}:{payment_ref}"


def queue(
    session: Session, key: str, kind: Outcome, site_id: str, now: datetime, payment_ref: str, *,
    stay_id: str | None = None, line_id: int | None = None, ours_paise: int | None = None,
    theirs_paise: int | None = None,
) -> bool:  # fmt: skip
    row = {
        "key": key, "kind": str(kind), "site_id": site_id, "line_id": line_id, "payment_ref": payment_ref,
        "stay_id": stay_id, "ours_paise": ours_paise, "theirs_paise": theirs_paise, "found_at": now,
        "resolved_by": "", "reason": "",
    }  # fmt: skip
    return insert_once(session, Unreconciled, row)
