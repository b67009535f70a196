"""The rows that an erased driver's words stand in, table by table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from central.actions import masking
from central.rules.retention import mask_in
from central.store.schema import (
    Account,
    AccountVehicle,
    Attempt,
    AuditPlate,
    Due,
    GateEvent,
    LoginEvent,
    Notification,
    NotificationChoice,
    OneTimeCode,
    Pass,
    PlateClaim,
    RecoveryCode,
    SavedUpi,
    Stay,
    User,
    UserSession,
    Violation,
)

NOBODY = "Erased on request"


def sites(session: Session, user_id: str) -> set[str]:
    """Where the driver had a vehicle or an account."""
    of_claims = select(PlateClaim.site_id).where(PlateClaim.user_id == user_id)
    of_accounts = select(Account.site_id).where(Account.user_id == user_id)
    return set(session.scalars(of_claims)) | set(session.scalars(of_accounts))


def mask_stays(session: Session, stays: Sequence[Stay], now: datetime) -> None:
    """Their plates go, wherever they stand; how long, how much and when it was paid stays."""
    ids = [row.id for row in stays]
    events = select(GateEvent).where(or_(GateEvent.session.in_(ids), GateEvent.stay_id.in_(ids), GateEvent.id.in_(ids)))
    for event in session.scalars(events):
        event.data, event.masked_at = mask_in(event.data), now
    dues = select(Due.id).where(Due.stay_id.in_(ids))
    session.execute(update(Attempt).where(Attempt.due_id.in_(dues)).values(instrument=""))
    notices = update(Violation).where(Violation.stay_id.in_(ids))
    session.execute(notices.values(appeal="", appeal_contact="").execution_options(synchronize_session=False))
    for row in stays:
        masking.mask_stay(session, row, now)
    session.flush()


def nameless_accounts(session: Session, user: User) -> None:
    """What was bought stays in the books; whose it was does not."""
    accounts = list(session.scalars(select(Account).where(Account.user_id == user.id).with_for_update()))
    ids = [one.id for one in accounts]
    for table in (SavedUpi, AccountVehicle):
        _gone(session, delete(table).where(table.account_id.in_(ids)))
    dues = select(Due.id).where(Due.account_id.in_(ids))
    session.execute(update(Attempt).where(Attempt.due_id.in_(dues)).values(instrument=""))
    for sold in session.scalars(select(Pass).where(Pass.account_id.in_(ids))):
        sold.plates = mask_in({"plates": sold.plates})["plates"]
    refs = [f"account/{one}" for one in ids]
    _gone(session, delete(Notification).where(Notification.recipient.in_(refs)))
    _gone(session, delete(NotificationChoice).where(NotificationChoice.recipient.in_(refs)))
    for one in accounts:
        one.name, one.phone, one.email, one.review = NOBODY, "", "", None
    session.flush()
    for claim in session.scalars(select(PlateClaim).where(PlateClaim.user_id == user.id)):
        claim.account_id = None
    for one in accounts:
        one.user_id = None
    session.flush()


def forget_person(session: Session, user: User) -> None:
    """Claims, log-ins, codes, and what was sent to their addresses; the log's plates of the time they were theirs."""
    for claim in session.scalars(select(PlateClaim).where(PlateClaim.user_id == user.id)):
        begun = and_(AuditPlate.plate == claim.plate, AuditPlate.at >= min(claim.made_at, claim.since or claim.made_at))
        until = AuditPlate.at <= claim.ended_at if claim.ended_at is not None else begun
        _gone(session, delete(AuditPlate).where(begun, until))
    for table in (PlateClaim, LoginEvent, UserSession, RecoveryCode, OneTimeCode):
        _gone(session, delete(table).where(table.user_id == user.id))
    for address in filter(None, (user.email, user.phone)):
        _gone(session, delete(OneTimeCode).where(OneTimeCode.sent_to == address))
        _gone(session, delete(Notification).where(Notification.recipient == f"address/{address}"))


def _gone(session: Session, statement) -> None:
    session.execute(statement.execution_options(synchronize_session=False))
