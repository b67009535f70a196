"""What a driver without an account sees and may do, holding a ticket or a pay link of one stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import billing, settling
from central.actions.records import as_rule, find, lock_site, look_up
from central.rules import stay as rules
from central.rules.due import AttemptStatus
from central.rules.quote import Line
from central.rules.stay_table import INSIDE, Status
from central.store.schema import Attempt, Due, OddDecision, Receipt, Site, Stay


@dataclass(frozen=True, slots=True)
class Bill:
    """One stay as its driver sees it.

    site_name, zone   of the car park
    status            word of `central.rules.stay_table`
    entered_at        None when its entry is not known
    stopped_at        the clock stands still since, None while it runs
    permit_until      the exit opens until then; None: it does not
    due_id            what can be paid now, None where nothing is
    amount_paise      to be paid now, 0 where nothing is
    priced            False where no price can be told: no tariff, or none for its class
    lines             how the amount came about, tax included where the tariff says so
    tax_paise, tax_rate_bp, tax_included   of that amount
    holds_until       the amount holds until then
    attempt           latest try to pay what is due, or what was paid last: word of `central.rules.due`, "" for none
    attempt_id, attempt_at   of it: its id, and when it was begun
    failure_code      the bank's, where that try failed
    receipt_ids       of what was paid, oldest first
    at_exit           its vehicle stands at an exit and waits
    """

    stay_id: str
    site_name: str
    zone: ZoneInfo
    plate: str | None
    status: str
    entered_at: datetime | None
    stopped_at: datetime | None
    exited_at: datetime | None
    permit_until: datetime | None
    due_id: str | None
    amount_paise: int
    priced: bool
    lines: tuple[Line, ...]
    tax_paise: int
    tax_rate_bp: int
    tax_included: bool
    holds_until: datetime | None
    attempt: str
    attempt_id: str | None
    attempt_at: datetime | None
    failure_code: str
    receipt_ids: tuple[str, ...]
    at_exit: bool

    @property
    def inside(self) -> bool:
        return self.status in INSIDE

    @property
    def unmatched(self) -> bool:
        return self.status == Status.UNMATCHED

    @property
    def begun(self) -> bool:
        """A payment was opened and the bank has not heard from the payer, or we not from the bank."""
        return self.attempt in (AttemptStatus.CREATED, AttemptStatus.PENDING)

    @property
    def waiting(self) -> bool:
        """The bank has not said yet whether the money was taken."""
        return self.attempt == AttemptStatus.UNKNOWN

    @property
    def declined(self) -> bool:
        return self.attempt == AttemptStatus.FAILED

    @property
    def other_amount(self) -> bool:
        """Money came, but not the amount that was asked for: a person must look."""
        return self.attempt == AttemptStatus.MISMATCH

    def permitted(self, now: datetime) -> bool:
        if self.permit_until is None:
            return self.status == Status.EXEMPT
        return now <= self.permit_until

    def parked_for(self, now: datetime) -> timedelta | None:
        """How long the stay's clock has run."""
        if self.entered_at is None:
            return None
        return max(timedelta(), (self.stopped_at or self.exited_at or now) - self.entered_at)


def known(session: Session, stay_id: str) -> bool:
    """True where there is such a stay."""
    return session.get(Stay, stay_id) is not None


def bill(session: Session, stay_id: str, now: datetime) -> Bill:
    """The stay and what it owes at `now`. A running amount is only shown: `ask_price` makes it hold."""
    row = look_up(session, stay_id)
    site = session.get_one(Site, row.site_id)
    due = billing.unpaid_due(session, row.id, hold=False)
    live = due is not None and due.expires_at is not None and now < due.expires_at
    if live:
        quote = billing.quote_from_json(due.quote)
    elif as_rule(row).permitted(now) or not (row.status in INSIDE or row.status == Status.LEFT_OWING):
        quote = None
    else:
        quote = billing.quote_of(session, row, now)
    attempt = _latest_attempt(session, row.id)
    if attempt and due and attempt.due_id != due.id and attempt.state != AttemptStatus.UNKNOWN:
        attempt = None  # how an earlier amount was paid, or not
    receipts = select(Receipt.id).join(Due).where(Receipt.stay_id == row.id, Due.kind == billing.OF_STAY)
    return Bill(
        stay_id=row.id,
        site_name=site.name,
        zone=ZoneInfo(site.timezone),
        plate=row.plate,
        status=row.status,
        entered_at=row.entered_at,
        stopped_at=row.stopped_at,
        exited_at=row.exited_at,
        permit_until=row.permit_until,
        due_id=due.id if live else None,
        amount_paise=quote.total_paise if quote else 0,
        priced=quote is not None,
        lines=quote.lines if quote else (),
        tax_paise=quote.tax_paise if quote else 0,
        tax_rate_bp=quote.tax_rate_bp if quote else 0,
        tax_included=quote.tax_included if quote else True,
        holds_until=due.expires_at if live else None,
        attempt=attempt.state if attempt else "",
        attempt_id=attempt.id if attempt else None,
        attempt_at=attempt.created_at if attempt else None,
        failure_code=attempt.failure_code if attempt else "",
        receipt_ids=tuple(session.scalars(receipts.order_by(Receipt.issued_at))),
        at_exit=row.requested_at is not None and row.exited_at is None and not as_rule(row).withdrawn,
    )


def ask_price(session: Session, stay_id: str, now: datetime) -> Due | None:
    """What the driver is to pay now, held for a while; None where nothing is."""
    site = lock_site(session, session.get_one(Stay, stay_id).site_id)
    row = find(session, site.id, stay_id)
    if rules.Stay.permitted(as_rule(row), now) and row.status != Status.QUOTED:
        return None
    return settling.pay_quote(session, row, now)


def receipt_of(session: Session, stay_id: str, receipt_id: str) -> tuple[Receipt, Stay, Site] | None:
    """A receipt of that very stay, with what is printed on it."""
    receipt = session.get(Receipt, receipt_id)
    if receipt is None or not known(session, stay_id):
        return None
    row = look_up(session, stay_id)
    if receipt.stay_id != row.id:
        return None
    return receipt, row, session.get_one(Site, row.site_id)


def _latest_attempt(session: Session, stay_id: str) -> Attempt | None:
    of_stay = select(Attempt).join(Due, Due.id == Attempt.due_id)
    # one of another amount that goes back is over: the driver can pay anew
    goes_back = select(OddDecision.attempt_id).where(OddDecision.attempt_id == Attempt.id, OddDecision.taken_paise == 0)
    of_stay = of_stay.where(Due.stay_id == stay_id, Due.kind == billing.OF_STAY, ~goes_back.exists())
    return session.scalar(of_stay.order_by(Attempt.created_at.desc(), Attempt.id.desc()).limit(1))
