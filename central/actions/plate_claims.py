"""Drivers' vehicles: a plate is claimed at a site with proof, hangs on the driver's account there, and is let go.

Proof is the ticket or pay link of a stay of that very plate, shown only where the vehicle stands; or a person's check.
A claim over what is somebody else's always waits for a person, and the present owner is told.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.actions import accounts, recipients, telling
from central.actions.access import normal_plate
from central.actions.audit import audit
from central.actions.errors import Refused
from central.actions.login import who
from central.actions.people_accounts import account_at, adopt, is_theirs, own_account
from central.actions.people_changes import held
from central.actions.records import lock_site
from central.actions.tariffs import held_site
from central.actions.violations import said
from central.rules.stay_table import INSIDE, Status
from central.rules.telling import Event
from central.store.schema import Account, PlateClaim, Stay, User
from edge.protocol.ids import uuid7

LIVE, WAITING, REFUSED, WITHDRAWN, ENDED = "live", "waiting", "refused", "withdrawn", "ended"
TICKET, OFFICE = "ticket", "office"
MOST = 20
_OPEN = (LIVE, WAITING)
_NO_PROOF = "that code and that plate are not of one vehicle that is here now: look at both again, or ask the office"
# the code is still good for who has just driven out
_SINCE_EXIT = timedelta(hours=1)


def claim_with_ticket(session: Session, user_id: str, stay_id: str | None, plate: str, now: datetime) -> PlateClaim:
    """Claims the plate of the stay whose ticket or pay link the driver holds. stay_id: None where it is of none."""
    plate, known = normal_plate(plate), None if stay_id is None else session.get(Stay, stay_id)
    if known is None:
        raise Refused(_NO_PROOF)
    lock_site(session, known.site_id)
    row = session.get_one(Stay, known.joined_to or known.id, populate_existing=True)
    here = Status(row.status) in INSIDE or (row.exited_at is not None and now - row.exited_at < _SINCE_EXIT)
    if row.plate != plate or not here:
        raise Refused(_NO_PROOF)
    user = held(session, user_id)
    claim = _open_claim(session, user, row.site_id, plate, TICKET, now)
    if claim.state == WAITING:
        claim.proof, claim.stay_id = TICKET, row.id
        if _free(session, user, claim):
            _make_live(session, user, claim, now, who(user))
        else:
            _tell_owner(session, claim, now)
    return claim


def claim_at_office(session: Session, user_id: str, site_id: str, plate: str, words: str, now: datetime) -> PlateClaim:
    """Asks the office to look: whether the plate is known, or somebody's, is not told."""
    plate, words = normal_plate(plate), " ".join(words.replace("\0", "").split())[:300]
    held_site(session, site_id)
    user = held(session, user_id)
    claim = _open_claim(session, user, site_id, plate, OFFICE, now)
    if claim.state == WAITING:
        claim.words = words or claim.words
        _tell_owner(session, claim, now)
    return claim


def approve(
    session: Session, claim_id: str, now: datetime, by: str, *, reason: str, with_account: bool = False
) -> PlateClaim:
    """A person has looked: the plate is this driver's from now on, and no longer anybody else's.

    with_account: an account that the office keeps for it, its wallet and passes, becomes the driver's too
    """
    claim, reason = _waiting(session, claim_id), said(reason)
    user = held(session, claim.user_id)
    before = _owner(session, claim)
    if before is not None:
        _tell_owner(session, claim, now, decided=True)
        _let_go(session, before, ENDED, "it was approved as another driver's", now, by)
    if with_account:
        vehicle = accounts.vehicle_of(session, claim.site_id, claim.plate)
        if vehicle is None:
            raise Refused("no account of the office has this plate")
        adopt(session, user, session.get_one(Account, vehicle.account_id), now, by)
    claim.decided_at, claim.decided_by, claim.reason = now, by, reason
    _make_live(session, user, claim, now, by)
    return claim


def refuse(session: Session, claim_id: str, now: datetime, by: str, *, reason: str) -> PlateClaim:
    claim, reason = _waiting(session, claim_id), said(reason)
    claim.state, claim.decided_at, claim.decided_by, claim.reason = REFUSED, now, by, reason
    audit(session, now, by, "plate claim refused", f"claim/{claim.id}", why=reason)
    return claim


def let_go(session: Session, claim_id: str, now: datetime, by: str, *, reason: str, user_id: str | None = None) -> None:
    """The vehicle is sold, or the claim withdrawn. user_id: of the driver whose it must be, None for the office."""
    claim = session.get(PlateClaim, claim_id)
    if claim is None or (user_id is not None and claim.user_id != user_id):
        raise Refused("there is no such vehicle")
    lock_site(session, claim.site_id)
    session.refresh(claim, with_for_update=True)
    if claim.state not in _OPEN:
        raise Refused("this vehicle was let go already")
    _let_go(session, claim, ENDED if claim.state == LIVE else WITHDRAWN, reason, now, by)


def _open_claim(session: Session, user: User, site_id: str, plate: str, proof: str, now: datetime) -> PlateClaim:
    """The driver's claim of that plate, a new one that waits where there is none."""
    mine = select(PlateClaim).where(PlateClaim.user_id == user.id, PlateClaim.state.in_(_OPEN))
    known = session.scalar(mine.where(PlateClaim.site_id == site_id, PlateClaim.plate == plate))
    if known is not None:
        return known
    if (session.scalar(select(func.count()).select_from(mine.subquery())) or 0) >= MOST:
        raise Refused(f"you have {MOST} vehicles already: let one go first")
    claim = PlateClaim(
        id=uuid7(), user_id=user.id, site_id=site_id, plate=plate, state=WAITING, proof=proof, words="", made_at=now,
        decided_by="", reason="",
    )  # fmt: skip
    session.add(claim)
    session.flush()
    audit(session, now, who(user), "plate claimed", f"claim/{claim.id}", site=site_id, proof=proof)
    return claim


def _make_live(session: Session, user: User, claim: PlateClaim, now: datetime, by: str) -> None:
    account = own_account(session, user, claim.site_id, now)
    vehicle = accounts.vehicle_of(session, claim.site_id, claim.plate)
    if vehicle is not None and vehicle.account_id != account.id:
        accounts.unregister(session, vehicle.account_id, vehicle.id, now, by)
        session.flush()
    accounts.register(session, account.id, claim.plate, now, by)
    stay = None if claim.stay_id is None else session.get(Stay, claim.stay_id)
    claim.state, claim.account_id = LIVE, account.id
    claim.since = (stay and stay.entered_at) or now
    session.flush()
    audit(session, now, by, "plate claim live", f"claim/{claim.id}", account=account.id)


def _let_go(session: Session, claim: PlateClaim, state: str, reason: str, now: datetime, by: str) -> None:
    vehicle = accounts.vehicle_of(session, claim.site_id, claim.plate)
    if claim.state == LIVE and vehicle is not None and vehicle.account_id == claim.account_id:
        accounts.unregister(session, vehicle.account_id, vehicle.id, now, by)
    claim.state, claim.ended_at, claim.reason = state, now, " ".join(reason.split())[:200]
    session.flush()
    audit(session, now, by, f"plate claim {state}", f"claim/{claim.id}", why=claim.reason)


def _free(session: Session, user: User, claim: PlateClaim) -> bool:
    """Nobody else has the plate, and no account of the office does, unless it is this very person's."""
    vehicle = accounts.vehicle_of(session, claim.site_id, claim.plate)
    if _owner(session, claim) is not None:
        return False
    if vehicle is None:
        return True
    account = session.get_one(Account, vehicle.account_id)
    mine = account_at(session, user, claim.site_id)
    return account.user_id == user.id or (mine is None and is_theirs(user, account))


def _owner(session: Session, claim: PlateClaim) -> PlateClaim | None:
    """Whose the plate is now, where it is another driver's."""
    live = select(PlateClaim).where(PlateClaim.site_id == claim.site_id, PlateClaim.plate == claim.plate)
    return session.scalar(live.where(PlateClaim.state == LIVE, PlateClaim.user_id != claim.user_id).with_for_update())


def _tell_owner(session: Session, claim: PlateClaim, now: datetime, *, decided: bool = False) -> None:
    """Whoever has the plate hears that another claims it, and once more when that is so."""
    to = recipients.of_plate(session, claim.site_id, claim.plate)
    key = f"{claim.id}:decided" if decided else claim.id
    telling.tell(session, Event.CLAIM, key, to, claim.site_id, now, plate=claim.plate, decided=decided)


def _waiting(session: Session, claim_id: str) -> PlateClaim:
    claim = session.get(PlateClaim, claim_id)
    if claim is None:
        raise Refused("there is no such claim")
    lock_site(session, claim.site_id)
    session.refresh(claim, with_for_update=True)
    if claim.state != WAITING:
        raise Refused("this claim does not wait any more")
    return claim
