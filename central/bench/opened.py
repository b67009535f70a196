"""What a run of the bench opens for itself: log-ins, and links whose code is told once, when they are made."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from central.actions import coupon_book, invitations, tariff_drafts
from central.actions.staff import add_user
from central.bench import holders, million
from central.store.database import Database
from central.store.schema import Shop, User
from central.web import passwords


@dataclass(frozen=True, slots=True)
class Opened:
    """Codes of links: of an invitation, of a shop. draft_id: a tariff that is still written at."""

    invitation: str
    shop: str
    draft_id: str


def links(db: Database, public_url: str) -> Opened:
    """Made anew for each run; those of an earlier run open nothing any more."""
    now = datetime.now(UTC)
    with db.begin() as session:
        _, invitation = invitations.invite(
            session, "invited@example.org", "attendant", million.SITE, now, "bench", public_url
        )
        shop_id = session.scalar(select(Shop.id).limit(1))
        if shop_id is None:
            _, shop = coupon_book.add_shop(session, million.SITE, "Shop", now, "bench")
        else:
            shop = coupon_book.new_link(session, shop_id, now, "bench")
        known = tariff_drafts.drafts(session, million.SITE)
        toml = million.TARIFF.read_text(encoding="utf-8")
        draft = known[0] if known else tariff_drafts.new_draft(session, million.SITE, toml, now, "bench")
        return Opened(invitation, shop, draft.id)


def staff(db: Database, app: Flask) -> FlaskClient:
    """Somebody who may see everything."""
    password, email = secrets.token_urlsafe(16), f"bench-{secrets.token_hex(4)}@example.org"
    with db.begin() as session:
        add_user(session, datetime.now(UTC), "bench", email=email, name="Bench",
                 password_hash=passwords.hashed(password), role="administrator")  # fmt: skip
    return _logged_in(app, email, password)


def driver(db: Database, app: Flask) -> FlaskClient:
    """The one who parks there every day."""
    password = secrets.token_urlsafe(16)
    with db.begin() as session:
        session.get_one(User, holders.DRIVER).password_hash = passwords.hashed(password)
    return _logged_in(app, holders.DRIVERS_EMAIL, password)


def _logged_in(app: Flask, email: str, password: str) -> FlaskClient:
    visitor = app.test_client()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', visitor.get("/login").text).group(1)
    answer = visitor.post("/login", data={"csrf_token": token, "email": email, "password": password})
    if answer.status_code != 303:
        raise RuntimeError(f"the log-in of the bench was answered with {answer.status_code}, expected 303")
    return visitor
