"""Accounts of people and firms, with their vehicles."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from central.actions import accounts as account_book
from central.actions import wallet
from central.api import paging
from central.api.desk import Asked
from central.api.operations import delete, get, post
from central.api.resources.shared import PLATE, shown
from central.api.words import (
    INR,
    Answer,
    Body,
    Currency,
    Id,
    IdPath,
    Instant,
    Name,
    Page,
    Paise,
    PlateText,
    ShortText,
    SitePageQuery,
)
from central.store.reads import accounts as books
from central.store.reads import api as reads
from central.store.schema import Account

TAG = "Accounts"
Holder = Annotated[ShortText, StringConstraints(min_length=2, max_length=80)]


class VehicleAnswer(Answer):
    """pays_itself: its owner lets the wallet pay for it at the exit."""

    id: str
    plate: str | None = PLATE
    plate_masked: str | None
    pays_itself: bool


class AccountAnswer(Answer):
    id: str
    site: str
    name: str
    phone: str
    email: str
    created_at: Instant
    wallet_paise: Paise
    currency: Currency
    vehicles: list[VehicleAnswer]


class AccountPage(Page):
    accounts: list[AccountAnswer]


class AccountBody(Body):
    site: Name
    name: Holder
    phone: Annotated[ShortText, StringConstraints(max_length=40)] = ""
    email: ShortText = ""


class VehicleBody(Body):
    plate: PlateText


class VehiclePath(IdPath):
    vehicle: Id


@get("/accounts", "accounts:read", AccountPage, TAG)
def list_accounts(at: Asked, query: SitePageQuery) -> AccountPage:
    """Accounts, the newest first"""
    before = paging.place(query.cursor, str)
    rows, older = reads.newest(at.session, Account, at.among(query.site), query.limit, before)
    return AccountPage(accounts=[_account(at, row) for row in rows], next_cursor=older and paging.cursor(older))


@get("/accounts/<id>", "accounts:read", AccountAnswer, TAG)
def get_account(at: Asked, path: IdPath) -> AccountAnswer:
    """One account"""
    return _account(at, _owned(at, path.id))


@post("/accounts", "accounts:write", AccountAnswer, TAG)
def open_account(at: Asked, body: AccountBody) -> AccountAnswer:
    """Open an account"""
    site = at.site(body.site)
    made = account_book.open_account(
        at.session, site.id, body.name, at.now, at.by, phone=body.phone, email=body.email
    )  # fmt: skip
    return _account(at, made)


@post("/accounts/<id>/vehicles", "accounts:write", AccountAnswer, TAG)
def register_vehicle(at: Asked, path: IdPath, body: VehicleBody) -> AccountAnswer:
    """Register a vehicle to an account"""
    row = _owned(at, path.id)
    account_book.register(at.session, row.id, body.plate, at.now, at.by)
    return _account(at, row)


@delete("/accounts/<id>/vehicles/<vehicle>", "accounts:write", TAG)
def unregister_vehicle(at: Asked, path: VehiclePath) -> None:
    """Take a vehicle off an account"""
    account_book.unregister(at.session, _owned(at, path.id).id, path.vehicle, at.now, at.by)


def _owned(at: Asked, account_id: str) -> Account:
    return at.seen(reads.one(at.session, Account, account_id), "account")


def _account(at: Asked, row: Account) -> AccountAnswer:
    return AccountAnswer(
        id=row.id,
        site=row.site_id,
        name=row.name,
        phone=row.phone,
        email=row.email,
        created_at=row.created_at,
        wallet_paise=wallet.balance(at.session, row.id),
        currency=INR,
        vehicles=[
            VehicleAnswer(id=one.id, **shown(at, one.plate), pays_itself=one.pays_itself)
            for one in books.account(at.session, row.id, 0).vehicles
        ],
    )
