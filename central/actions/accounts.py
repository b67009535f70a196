"""Accounts of people and firms at a site, and the vehicles registered to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import repeats
from central.actions.access import normal_plate
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.records import lock_site
from central.actions.tariffs import held_site
from central.store.schema import Account, AccountVehicle
from edge.protocol.ids import uuid7


def open_account(
    session: Session, site_id: str, name: str, now: datetime, by: str, *, phone: str = "", email: str = "",
    key: str | None = None,
) -> Account:  # fmt: skip
    """An account at a site, with an empty wallet."""
    site, name = held_site(session, site_id), name.strip()
    asked = repeats.request(session, "open account", key, site=site.id, name=name, phone=phone, email=email)
    if asked.before is not None:
        return session.get_one(Account, asked.before)
    if not 2 <= len(name) <= 80:
        raise Refused(f"account {name[:40]!r}: expected a name of 2 to 80 characters")
    account = Account(
        id=uuid7(), site_id=site.id, name=name, phone=phone.strip()[:40], email=email.strip()[:254], created_at=now,
        by=by,
    )  # fmt: skip
    session.add(account)
    session.flush()
    audit(session, now, by, "account opened", f"account/{account.id}", site=site.id)
    asked.done(session, account.id, now)
    return account


def register(session: Session, account_id: str, plate: str, now: datetime, by: str) -> AccountVehicle:
    """A vehicle of the account; its wallet does not pay by itself until its owner switches that on."""
    account, plate = held(session, account_id), normal_plate(plate)
    known = vehicle_of(session, account.site_id, plate)
    if known is not None:
        if known.account_id != account.id:
            raise Refused(f"plate {plate} is registered to another account")
        return known
    vehicle = AccountVehicle(
        id=uuid7(), account_id=account.id, site_id=account.site_id, plate=plate, pays_itself=False, changed_at=now
    )
    session.add(vehicle)
    session.flush()
    audit(session, now, by, "vehicle registered", f"account/{account.id}", plate=plate)
    return vehicle


def unregister(session: Session, account_id: str, vehicle_id: str, now: datetime, by: str) -> None:
    vehicle = _vehicle(session, account_id, vehicle_id)
    session.delete(vehicle)
    audit(session, now, by, "vehicle taken off", f"account/{account_id}", plate=vehicle.plate)


def switch(session: Session, account_id: str, vehicle_id: str, on: bool, now: datetime, by: str) -> None:
    """Whether the wallet pays for that vehicle at the exit by itself."""
    vehicle = _vehicle(session, account_id, vehicle_id)
    vehicle.pays_itself, vehicle.changed_at = on, now
    audit(session, now, by, "wallet pays itself" if on else "wallet asks", f"account/{account_id}", plate=vehicle.plate)


def held(session: Session, account_id: str) -> Account:
    """The account, and its site, held until the transaction ends."""
    known = session.get(Account, account_id)
    if known is None:
        raise Refused("there is no such account")
    lock_site(session, known.site_id)
    return session.get_one(Account, account_id, with_for_update=True, populate_existing=True)


def vehicle_of(session: Session, site_id: str, plate: str) -> AccountVehicle | None:
    return session.scalar(
        select(AccountVehicle).where(AccountVehicle.site_id == site_id, AccountVehicle.plate == plate)
    )


def _vehicle(session: Session, account_id: str, vehicle_id: str) -> AccountVehicle:
    held(session, account_id)
    vehicle = session.get(AccountVehicle, vehicle_id)
    if vehicle is None or vehicle.account_id != account_id:
        raise Refused("there is no such vehicle")
    return vehicle
