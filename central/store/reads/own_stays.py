"""The parking of an account's own vehicles, and what it has booked: what its holder may pay on the account's page."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select, union_all
from sqlalchemy.orm import Session

from central.rules.stay_table import INSIDE, Status
from central.store.schema import AccountVehicle, Booking, Stay

MOST = 12
_LIVE = [str(status) for status in (*INSIDE, Status.LEFT_OWING)]


def booked_by(account_id: str) -> str:
    """The word by which a booking names the account that made it."""
    return f"account/{account_id}"


def own_stays(session: Session, account_id: str) -> list[Stay]:
    """Those that are inside, gone owing, or booked for later; the newest first."""
    return list(session.scalars(_of(account_id).order_by(Stay.id.desc()).limit(MOST)))


def is_own(session: Session, account_id: str, stay_id: str) -> bool:
    return session.scalar(_of(account_id, Stay.id == stay_id)) is not None


def _of(account_id: str, *where: ColumnElement[bool]):
    """A registered plate, exactly, which nobody doubts at the exit; or a booking that the account itself has made."""
    vehicles = (AccountVehicle.site_id == Stay.site_id) & (AccountVehicle.plate == Stay.plate)
    # from the account's few plates to their stays, and never through all that are inside or have left owing
    here = (
        select(Stay.id)
        .join(AccountVehicle, vehicles)
        .where(AccountVehicle.account_id == account_id, Stay.status.in_(_LIVE), Stay.exit_alike.is_(False))
    )
    booked = select(Booking.stay_id).where(Booking.by == booked_by(account_id), Booking.ended_at.is_(None))
    return select(Stay).where(Stay.id.in_(union_all(here, booked)), *where)
