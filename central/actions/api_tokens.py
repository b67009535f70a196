"""Tokens of integrations: made by staff, shown once, stored hashed, each with its scopes, its sites and its end."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from central import keys
from central.actions.audit import audit
from central.actions.errors import Refused
from central.store.schema import ApiToken, Site
from edge.protocol.ids import uuid7

PREFIX = "pmk_"  # so that a scanner for leaked secrets knows one
LONGEST = timedelta(days=3660)
_USED_EVERY = timedelta(minutes=1)

N_ = str  # marks a sentence for the pages' catalogue of languages
#   scope              what it lets a program do
SCOPES: dict[str, str] = {
    "sites:read":      N_("see sites, their capacity and how full they are"),
    "gates:read":      N_("see gates, their health and what is wrong with them"),
    "gates:command":   N_("order gates to open, hold, close or reset, with a reason"),
    "stays:read":      N_("see stays and their prices"),
    "stays:write":     N_("open and close stays by hand, with a reason"),
    "plates:read":     N_("see whole number plates, and search by them"),
    "payments:read":   N_("see dues, payments, receipts and refunds"),
    "payments:write":  N_("ask for a price and begin payments"),
    "refunds:write":   N_("give money back"),
    "passes:read":     N_("see passes and what is sold"),
    "passes:write":    N_("sell passes"),
    "accounts:read":   N_("see accounts and their vehicles"),
    "accounts:write":  N_("open accounts, register vehicles"),
    "coupons:read":    N_("see coupons and shops"),
    "coupons:write":   N_("validate parking for a shop's visitors"),
    "access:read":     N_("see the access list"),
    "access:write":    N_("change the access list"),
    "violations:read": N_("see violations"),
    "violations:write": N_("raise violations, and waive them"),
    "tariffs:read":    N_("see tariffs and try prices"),
    "events:read":     N_("read what happened"),
    "webhooks:read":   N_("see webhooks and their deliveries"),
    "webhooks:write":  N_("add, end and repeat webhooks"),
}  # fmt: skip


def make_token(
    session: Session,
    name: str,
    scopes: Sequence[str],
    sites: Sequence[str],
    now: datetime,
    by: str,
    *,
    lasts: timedelta | None,
) -> tuple[ApiToken, str]:
    """A token for a program, and its text, which is told this once. sites: () is every site; lasts: None for ever."""
    name = " ".join(name.split())
    if not 2 <= len(name) <= 60 or not name.isprintable():
        raise Refused(f"token {name[:40]!r}: expected a name of 2 to 60 characters")
    taken = select(ApiToken.id).where(ApiToken.name == name, ApiToken.ended_at.is_(None))
    if session.scalar(taken) is not None:
        raise Refused(f"there is a token {name!r} already: end it first, or choose another name")
    strange = sorted(set(scopes) - set(SCOPES))
    if strange or not scopes:
        got = repr(strange[0][:40]) if strange else "none"
        raise Refused(f"scope {got}: expected one or more of {', '.join(SCOPES)}")
    known = set(session.scalars(select(Site.id).where(Site.id.in_(sites))))
    if unknown := sorted(set(sites) - known):
        raise Refused(f"site {unknown[0][:40]!r} is not known")
    if lasts is not None and not timedelta(0) < lasts <= LONGEST:
        raise Refused(f"token: expected it to last 1 to {LONGEST.days} days")
    text = PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(
        id=uuid7(),
        name=name,
        token_hash=keys.digest(text),
        scopes=[scope for scope in SCOPES if scope in scopes],
        sites=sorted(known),
        created_at=now,
        by=by,
        expires_at=None if lasts is None else now + lasts,
    )
    session.add(token)
    session.flush()
    audit(
        session, now, by, "api token made", f"api-token/{token.id}", name=name, scopes=token.scopes, sites=token.sites
    )
    return token, text


def end_token(session: Session, token_id: str, now: datetime, by: str) -> ApiToken:
    """It lets nobody in any more; ending it again changes nothing."""
    token = session.get(ApiToken, token_id, with_for_update=True)
    if token is None:
        raise Refused("there is no such token")
    if token.ended_at is None:
        token.ended_at, token.ended_by = now, by
        audit(session, now, by, "api token ended", f"api-token/{token.id}", name=token.name)
    return token


def token_named(session: Session, name: str) -> ApiToken:
    """The live token of that name; Refused where there is none."""
    token = session.scalar(select(ApiToken).where(ApiToken.name == name, ApiToken.ended_at.is_(None)))
    if token is None:
        raise Refused(f"there is no token {name[:60]!r}")
    return token


def token_with(session: Session, text: str, now: datetime) -> ApiToken | None:
    """The token of that text, where it is good now."""
    token = session.scalar(select(ApiToken).where(ApiToken.token_hash == keys.digest(text)))
    if token is None or token.ended_at is not None or (token.expires_at is not None and token.expires_at <= now):
        return None
    return token


def to_be_noted(token: ApiToken, now: datetime) -> bool:
    """True where its last use on record is long enough ago to write a new one."""
    return token.last_used_at is None or now - token.last_used_at >= _USED_EVERY


def note_use(session: Session, token_id: str, now: datetime) -> None:
    session.get_one(ApiToken, token_id).last_used_at = now
