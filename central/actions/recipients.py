"""Whom a message can go to, by the word that stands for it: where it is reached, and what it has chosen."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from central.actions.errors import Refused
from central.actions.people_contacts import normal_contact
from central.rules import people
from central.rules import telling as rules
from central.rules.telling import Channel, Event, Quiet
from central.store.schema import Account, AccountVehicle, GuestContact, NotificationChoice, Site, Stay, User, Violation

ACCOUNT, GUEST, NOTICE, USER, SITE, ADDRESS = "account", "guest", "notice", "user", "site", "address"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to be told.

    ref       "account/ID", "guest/ID" (a contact given for one stay), "notice/ID" (who appealed against it),
              "user/ID" (of the staff), "site/ID" (a site's own webhook), "address/ADDRESS" (nobody we know yet)
    name      "" where none is known
    email, phone  "" where there is none that would reach anybody
    events    what it may be told of at all
    language  "en" or "hi";  quiet: None for no quiet hours
    chosen, muted  as `central.rules.telling.channels` takes them
    """

    ref: str
    name: str = ""
    email: str = ""
    phone: str = ""
    events: frozenset[Event] = frozenset()
    language: str = "en"
    quiet: Quiet | None = None
    chosen: dict[str, list[str]] = field(default_factory=dict)
    muted: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        return self.ref.partition("/")[0]

    @property
    def reachable(self) -> tuple[Channel, ...]:
        """By what it can be told."""
        if self.kind == SITE:
            return (Channel.WEBHOOK,)
        has_pages = self.kind in (ACCOUNT, USER)
        known = {
            Channel.INBOX: has_pages, Channel.EMAIL: self.email, Channel.SMS: self.phone, Channel.PUSH: has_pages,
        }  # fmt: skip
        return tuple(channel for channel, there in known.items() if there)

    def channels(self, event: Event) -> tuple[Channel, ...]:
        """By what it is told of an event."""
        return rules.channels(event, self.reachable, self.chosen, self.muted) if event in self.events else ()

    def address(self, channel: Channel) -> str:
        return {Channel.EMAIL: self.email, Channel.SMS: self.phone}.get(channel, "")


def find(session: Session, ref: str) -> Recipient | None:
    """Who a word stands for, as it is now; None where it is gone."""
    kind, _, name = ref.partition("/")
    if kind == ADDRESS:
        return at_address(name)
    table = {ACCOUNT: Account, GUEST: GuestContact, NOTICE: Violation, USER: User, SITE: Site}.get(kind)
    row = None if table is None else session.get(table, name)
    return None if row is None else _of(session, row)


def at_address(text: str, language: str = "en") -> Recipient:
    """An e-mail address or a mobile number as such."""
    return Recipient(f"{ADDRESS}/{text}", events=rules.OF_ADDRESS, language=language, **_reached(text))


def of_account(session: Session, account_id: str) -> list[Recipient]:
    return [_of(session, session.get_one(Account, account_id))]


def of_stay(session: Session, row: Stay) -> list[Recipient]:
    """The account whose vehicle has exactly its plate, and the guest who gave an address for it."""
    guest = contact_of(session, row.id)
    return [*of_plate(session, row.site_id, row.plate), *([] if guest is None else [_of(session, guest)])]


def of_plate(session: Session, site_id: str, plate: str | None) -> list[Recipient]:
    """The account to which exactly that plate is registered at the site."""
    registered = select(AccountVehicle.account_id).where(
        AccountVehicle.site_id == site_id, AccountVehicle.plate == plate
    )
    account_id = None if plate is None else session.scalar(registered)
    return [] if account_id is None else of_account(session, account_id)


def contact_of(session: Session, stay_id: str) -> GuestContact | None:
    """Where the guest of a stay, or of an exit that was joined to it, wants to be told."""
    joined = select(Stay.id).where(Stay.joined_to == stay_id)
    given = select(GuestContact).where(or_(GuestContact.stay_id == stay_id, GuestContact.stay_id.in_(joined)))
    live = given.where(GuestContact.ended_at.is_(None)).order_by(GuestContact.given_at.desc(), GuestContact.id.desc())
    return session.scalar(live.limit(1))


def of_violation(session: Session, made: Violation) -> list[Recipient]:
    """Those of its stay, the account of exactly its plate, and whoever appealed and asked to be answered."""
    if made.stay_id is None:
        found = of_plate(session, made.site_id, made.plate)
    else:
        found = of_stay(session, session.get_one(Stay, made.stay_id))
    return [*found, *([_of(session, made)] if made.appeal_contact else [])]


def staff(session: Session, role: str, site_id: str) -> list[Recipient]:
    """Everybody who works at the site, or everywhere, with that role or one above it."""
    above = people.STAFF[: people.STAFF.index(role) + 1]
    there = or_(User.site_id.is_(None), User.site_id == site_id)
    among = select(User).where(User.active, User.role.in_(above), there).order_by(User.id)
    return [_of(session, user) for user in session.scalars(among)]


def of_site(session: Session, site_id: str) -> list[Recipient]:
    return [_of(session, session.get_one(Site, site_id))]


def _of(session: Session, row: Account | GuestContact | Violation | User | Site) -> Recipient:
    match row:
        case Account():
            kind, events, who = ACCOUNT, rules.OF_ACCOUNT, _holder(session, row)
        case GuestContact():
            kind, events = GUEST, rules.OF_GUEST_MORE if row.more else rules.OF_GUEST
            events = events if row.ended_at is None else frozenset()
            who = {"email": row.email, "phone": row.phone, "language": row.language}
        case Violation():
            kind, events, who = NOTICE, frozenset({Event.DECISION}), _reached(row.appeal_contact)
        case User():
            kind, events = USER, rules.OF_STAFF if row.active else frozenset()
            who = {"name": row.name, "language": row.language, **_reached(row.email, row.phone)}
        case Site():
            kind, events, who = SITE, rules.OF_STAFF, {"name": row.name}
    ref = f"{kind}/{row.id}"
    choice = session.get(NotificationChoice, ref)
    if choice is not None:
        quiet = None if choice.quiet_from is None else Quiet(choice.quiet_from, choice.quiet_until)
        chosen = {"quiet": quiet, "chosen": choice.channels, "muted": tuple(choice.muted)}
        who |= chosen | {"language": choice.language}
    return Recipient(ref=ref, events=events, **who)


def _holder(session: Session, row: Account) -> dict[str, str]:
    """Where the office wrote that its holder is reached, else where the driver who has it logs in."""
    user = None if row.user_id is None else session.get(User, row.user_id)
    own = (None, None) if user is None else (user.email, user.phone)
    reached = _reached(*own) | _reached(row.email, row.phone)
    return {"name": row.name, "language": "en" if user is None else user.language, **reached}


def _reached(*written: str | None) -> dict[str, str]:
    """Address and number in what somebody wrote down, those that can be right."""
    found = {}
    for text in filter(None, written):
        try:
            contact = normal_contact(text)
        except Refused:
            continue
        found[contact.kind] = contact.value
    return found
