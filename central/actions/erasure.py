"""Erasing a driver: what the law lets go goes at once, rows of money stay without a name, and what waits says why.

Digital Personal Data Protection Act 2023, section 12: erased on request, unless a law wants it kept. CGST Act 2017,
section 36, wants invoices and the books kept: they carry no name, and no plate once their stay is masked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from central import images
from central.actions import erasure_rows as rows
from central.actions import holds, wallet
from central.actions.audit import audit
from central.actions.billing import UNPAID
from central.actions.errors import Refused
from central.actions.login import who
from central.actions.owners import OF_PASS, OF_WALLET
from central.actions.people_changes import held
from central.actions.records import lock_site
from central.actions.sessions import end_all
from central.rules.passes import PassState
from central.rules.people import DRIVER, invoices_kept_until
from central.rules.stay_table import ENDED, Status
from central.store.reads import me
from central.store.schema import Account, Due, Image, Pass, PlateClaim, Receipt, Stay, User

AT_ONCE = 50
# kinds of what still stands in the way
INSIDE, OWED, WALLET, PASS, HELD = "inside", "owed", "wallet", "pass", "held"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """kind: a word of this module; count: of stays or passes; paise: of money."""

    kind: str
    count: int = 0
    paise: int = 0


def ask(session: Session, user_id: str, now: datetime) -> None:
    """The driver wants to be erased. Staff are switched off instead: the books name who did what."""
    user = held(session, user_id)
    if user.role != DRIVER:
        raise Refused("an account of staff is not erased: an administrator switches it off")
    user.erase_asked_at = user.erase_asked_at or now
    audit(session, now, who(user), "erasure asked for", who(user))


def withdraw(session: Session, user_id: str, now: datetime) -> None:
    """The driver stays after all, as long as nothing is erased."""
    user = held(session, user_id)
    if user.erase_asked_at is not None:
        user.erase_asked_at = None
        audit(session, now, who(user), "erasure withdrawn", who(user))


def asked_for(session: Session) -> list[str]:
    """Ids of who waits to be erased, the longest first."""
    waiting = select(User.id).where(User.erase_asked_at.is_not(None), User.erased_at.is_(None))
    return list(session.scalars(waiting.order_by(User.erase_asked_at, User.id).limit(AT_ONCE)))


def obstacles(session: Session, user_id: str, now: datetime) -> list[Obstacle]:
    """What a driver's erasure waits for; nothing: it may be done."""
    accounts = list(session.scalars(select(Account.id).where(Account.user_id == user_id)))
    inside = _of_theirs(session, user_id, Stay.status.in_(_NOT_OVER))
    on_hold = _of_theirs(session, user_id, Stay.id.in_(holds.held_stays()))
    passes = select(func.count()).select_from(Pass).where(Pass.account_id.in_(accounts), Pass.valid_until > now)
    owed = select(func.coalesce(func.sum(Due.amount_paise), 0)).where(Due.state.in_(UNPAID))
    # a stay that owes anything is on hold for it
    of_stays = owed.where(Due.stay_id.in_(on_hold))
    of_accounts = owed.where(Due.account_id.in_(accounts), Due.kind.not_in((OF_PASS, OF_WALLET)))
    found = (
        Obstacle(INSIDE, count=len(inside)),
        Obstacle(OWED, paise=sum(int(session.scalar(one)) for one in (of_stays, of_accounts))),
        Obstacle(WALLET, paise=sum(wallet.balance(session, one) for one in accounts)),
        Obstacle(PASS, count=session.scalar(passes.where(Pass.state.in_(_HOLDING))) or 0),
        Obstacle(HELD, count=len(on_hold)),
    )
    return [one for one in found if one.count or one.paise]


def _of_theirs(session: Session, user_id: str, which: ColumnElement[bool]) -> set[str]:
    """Ids of a driver's stays that are asked for: one plate after another, as their index has them."""
    found: set[str] = set()
    for claim in me.held(session, user_id):
        found.update(session.scalars(select(Stay.id).where(*me.of_claim(claim), which)))
    return found


def kept_until(session: Session, user_id: str) -> date | None:
    """Until when the invoices of what a driver paid are kept; None where there is none."""
    accounts = select(Account.id).where(Account.user_id == user_id)
    paid = select(func.max(Receipt.financial_year)).join(Due, Due.id == Receipt.due_id)
    years = {session.scalar(paid.where(Due.account_id.in_(accounts), Due.kind != OF_WALLET))}
    years |= {_latest_year(session, claim) for claim in me.held(session, user_id)}
    known = years - {None}
    return invoices_kept_until(max(known)) if known else None


def _latest_year(session: Session, claim: PlateClaim) -> int | None:
    """The financial year of the latest receipt among a claim's stays; None for none."""
    this = session.scalar(select(func.max(Receipt.financial_year)).where(Receipt.site_id == claim.site_id))
    paid = select(Receipt).join(Due, Due.id == Receipt.due_id).join(Stay, Stay.id == Due.stay_id)
    years = paid.where(*me.of_claim(claim)).with_only_columns(Receipt.financial_year)
    # most who park have paid this year, and then the latest stays tell
    lately = session.scalar(years.where(Receipt.financial_year == this).order_by(Stay.id.desc()).limit(1))
    return lately or session.scalar(years.with_only_columns(func.max(Receipt.financial_year)))


def erase(session: Session, user_id: str, now: datetime, pictures: Path) -> bool:
    """Erases a driver who asked for it; False, and nothing done, while something stands in the way.

    pictures: the folder they are files of
    """
    known = session.get(User, user_id)
    if known is None or known.erase_asked_at is None or known.erased_at is not None:
        return False
    for site_id in sorted(rows.sites(session, user_id)):
        lock_site(session, site_id)
    user = held(session, user_id)
    if user.erase_asked_at is None or obstacles(session, user_id, now):
        return False
    name, stays = who(user), list(session.scalars(select(Stay).where(me.of_driver(user_id)).with_for_update(of=Stay)))
    _pictures(session, stays, pictures)
    rows.mask_stays(session, stays, now)
    rows.nameless_accounts(session, user)
    rows.forget_person(session, user)
    end_all(session, user.id, now)
    user.name, user.email, user.phone, user.password_hash = "", None, None, None
    user.totp_sealed, user.totp_since, user.active, user.erased_at = None, None, False, now
    audit(session, now, "central", "driver erased", name, stays=len(stays))
    return True


def _pictures(session: Session, stays: list[Stay], folder: Path) -> None:
    wanted = {one for row in stays for one in (row.entry_image, row.exit_image)} - {None}
    wanted -= set(session.scalars(holds.held_pictures()))
    for name in wanted:
        # first the file: should we end here, its row is found again
        images.path_of(folder, name).unlink(missing_ok=True)
    session.execute(delete(Image).where(Image.sha256.in_(wanted)).execution_options(synchronize_session=False))


_NOT_OVER = [str(status) for status in Status if status not in ENDED]
_HOLDING = (str(PassState.UNPAID), str(PassState.PAID))
