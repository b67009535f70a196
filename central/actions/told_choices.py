"""What recipients choose to be told: language, quiet hours, channels by event; and where a guest wants the receipt."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from central.actions import news, recipients
from central.actions.errors import Refused
from central.actions.people_contacts import normal_email, normal_phone
from central.actions.records import lock_site, look_up
from central.rules.telling import LANGUAGES, Channel
from central.store.schema import GuestContact, NotificationChoice, Stay
from edge.protocol.ids import uuid7

# a stay's page is anybody's who has its ticket: it is no machine for writing to strangers
MOST_CONTACTS = 5


def choose(
    session: Session,
    ref: str,
    language: str,
    quiet: tuple[str, str],
    channels: Mapping[str, Collection[str]],
    now: datetime,
) -> None:
    """Everything at once, as on the page: an event that is left out of `channels` is told by none.

    quiet  from and until, "22:00" and "07:00"; both "" for no quiet hours
    """
    to = recipients.find(session, ref)
    if to is None:
        raise Refused("there is nobody to be told here any more")
    begins, ends = (_minute(text) for text in quiet)
    if (begins is None) != (ends is None):
        raise Refused("quiet hours: expected both, from and until, or neither")
    chosen = {}
    for event in to.events:
        wanted = channels.get(event, ())
        chosen[str(event)] = [str(channel) for channel in to.reachable if channel in wanted]
    row = _row(session, to)
    row.language, row.quiet_from, row.quiet_until = _language(language), begins, ends
    row.channels, row.muted, row.changed_at = chosen, [], now


def stop_email(session: Session, ref: str, now: datetime) -> None:
    """No e-mail any more, whatever is told; the choices made before stay."""
    to = recipients.find(session, ref)
    if to is not None and Channel.EMAIL not in to.muted:
        row = _row(session, to)
        row.muted, row.changed_at = [*row.muted, str(Channel.EMAIL)], now


def give_contact(
    session: Session, stay_id: str, email: str, phone: str, language: str, more: bool, now: datetime
) -> GuestContact:
    """The driver of a stay wants the receipt there; what was paid before is sent at once. Another takes its place."""
    email, phone = email.strip(), phone.strip()
    if not email and not phone:
        raise Refused("expected an e-mail address or a mobile number", field="email")
    email, phone = (normal_email(email) if email else ""), (normal_phone(phone) if phone else "")
    lock_site(session, session.get_one(Stay, stay_id).site_id)
    row, before = look_up(session, stay_id), recipients.contact_of(session, look_up(session, stay_id).id)
    if before is not None and (before.email, before.phone, before.more) == (email, phone, more):
        return before
    given = select(func.count()).select_from(GuestContact).where(GuestContact.stay_id == row.id)
    if (session.scalar(given) or 0) >= MOST_CONTACTS:
        raise Refused("the address was changed too often: ask at the car park")
    if before is not None:
        before.ended_at = now
    made = GuestContact(
        id=uuid7(), stay_id=row.id, email=email, phone=phone, language=_language(language), more=more, given_at=now
    )
    session.add(made)
    session.flush()
    if before is None or (before.email, before.phone) != (email, phone):
        news.receipts_to(session, row, now)
    return made


def _row(session: Session, to: recipients.Recipient) -> NotificationChoice:
    row = session.get(NotificationChoice, to.ref, with_for_update=True)
    if row is None:
        row = NotificationChoice(recipient=to.ref, language=to.language, channels={}, muted=[])
        session.add(row)
    return row


def _language(language: str) -> str:
    if language not in LANGUAGES:
        raise Refused(f"language {language[:10]!r}: expected one of {', '.join(LANGUAGES)}")
    return language


def _minute(text: str) -> int | None:
    if not text.strip():
        return None
    try:
        at = time.fromisoformat(text.strip())
    except ValueError as error:
        raise Refused(f"quiet hours {text[:20]!r}: expected a time such as 22:00") from error
    return at.hour * 60 + at.minute
