"""People who log in, as pages show them: the list of users, one of them, invitations, claims that wait."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from central.rules.people import DRIVER
from central.store.schema import (
    Account,
    AccountVehicle,
    Invitation,
    LoginEvent,
    PlateClaim,
    Site,
    Stay,
    User,
    UserSession,
)

PAGE = 50


@dataclass(frozen=True, slots=True)
class PersonDetail:
    """One person whole. sessions: live, the latest first; history: the latest log-in events."""

    user: User
    sessions: list[UserSession] = field(default_factory=list)
    history: list[LoginEvent] = field(default_factory=list)
    claims: list[tuple[PlateClaim, Site]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ClaimWaiting:
    """A claim for a person to decide.

    holder   the driver who has the plate now, None where nobody has
    account  that the plate is registered to, None where to none
    stay     whose ticket was shown, None where none was
    """

    claim: PlateClaim
    site: Site
    user: User
    holder: User | None
    account: Account | None
    stay: Stay | None


def people(
    session: Session, named: str = "", *, drivers: bool = False, before: str | None = None
) -> tuple[list[User], str | None]:
    """Staff, or drivers, whose name, e-mail or number is like it, newest first; and the `before` of the next page."""
    of_kind = User.role == DRIVER if drivers else User.role != DRIVER
    wanted = select(User).where(of_kind, User.erased_at.is_(None))
    if named:
        text = named.lower()
        digits = "".join(sign for sign in text if sign.isdigit())
        alike = [
            func.lower(User.name).startswith(text, autoescape=True),
            func.lower(User.name).contains(f" {text}", autoescape=True),
            User.email.startswith(text, autoescape=True),
        ]
        if digits:
            alike.append(User.phone.contains(digits))
        wanted = wanted.where(or_(*alike))
    if before:
        wanted = wanted.where(User.id < before)
    found = list(session.scalars(wanted.order_by(User.id.desc()).limit(PAGE + 1)))
    return found[:PAGE], found[PAGE - 1].id if len(found) > PAGE else None


def person(session: Session, user_id: str, history: int = 30) -> PersonDetail | None:
    user = session.get(User, user_id)
    if user is None:
        return None
    live = select(UserSession).where(UserSession.user_id == user.id, UserSession.ended_at.is_(None))
    events = select(LoginEvent).where(LoginEvent.user_id == user.id)
    return PersonDetail(
        user=user,
        sessions=list(session.scalars(live.order_by(UserSession.seen_at.desc(), UserSession.id))),
        history=list(session.scalars(events.order_by(LoginEvent.at.desc(), LoginEvent.id.desc()).limit(history))),
        claims=claims_of(session, user.id),
    )


def claims_of(session: Session, user_id: str) -> list[tuple[PlateClaim, Site]]:
    """A driver's vehicles at sites, those let go too, the latest first."""
    of_it = select(PlateClaim, Site).join(Site, Site.id == PlateClaim.site_id).where(PlateClaim.user_id == user_id)
    return [tuple(row) for row in session.execute(of_it.order_by(PlateClaim.id.desc()).limit(200))]


def invitations(session: Session) -> list[Invitation]:
    """Those that nobody has taken up or withdrawn, the latest first; some may have run out."""
    wanted = select(Invitation).where(Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None))
    return list(session.scalars(wanted.order_by(Invitation.id.desc()).limit(PAGE)))


def claims_waiting(session: Session, after: str | None = None) -> tuple[list[ClaimWaiting], str | None]:
    """The oldest first, and the `after` of the next page."""
    live, holder = aliased(PlateClaim), aliased(User)
    wanted = (
        select(PlateClaim, Site, User, holder, Account, Stay)
        .join(Site, Site.id == PlateClaim.site_id)
        .join(User, User.id == PlateClaim.user_id)
        .outerjoin(
            live, (live.site_id == PlateClaim.site_id) & (live.plate == PlateClaim.plate) & (live.state == "live")
        )
        .outerjoin(holder, holder.id == live.user_id)
        .outerjoin(
            AccountVehicle,
            (AccountVehicle.site_id == PlateClaim.site_id) & (AccountVehicle.plate == PlateClaim.plate),
        )
        .outerjoin(Account, Account.id == AccountVehicle.account_id)
        .outerjoin(Stay, Stay.id == PlateClaim.stay_id)
        .where(PlateClaim.state == "waiting")
    )
    if after:
        wanted = wanted.where(PlateClaim.id > after)
    rows = [ClaimWaiting(*row) for row in session.execute(wanted.order_by(PlateClaim.id).limit(PAGE + 1))]
    return rows[:PAGE], rows[PAGE - 1].claim.id if len(rows) > PAGE else None
