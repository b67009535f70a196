"""Passes: what is sold, and to whom it was."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from central.actions import pass_sales
from central.api import paging
from central.api.desk import Asked
from central.api.operations import get, post
from central.api.resources.accounts import Holder
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
    Query,
    ShortText,
    SitePageQuery,
)
from central.store.reads import accounts as books
from central.store.reads import api as reads
from central.store.schema import Pass, PassProduct
from edge.protocol.messages import VehicleClass

TAG = "Passes"


class ProductQuery(Query):
    site: Name | None = None


class ProductAnswer(Answer):
    """A pass that is sold: for so many days and hours, and so many plates. The price includes the tax."""

    id: str
    site: str
    name: str
    price_paise: Paise
    currency: Currency
    tax_rate_bp: int
    days: int
    hours: int
    plates: int
    vehicle_classes: list[str]


class ProductList(Answer):
    products: list[ProductAnswer]


class PassPlateAnswer(Answer):
    plate: str | None = PLATE
    plate_masked: str | None
    vehicle_class: str


class PassAnswer(Answer):
    """state: unpaid, paid, lapsed, refunded or dropped. It holds once its due is paid."""

    id: str
    site: str
    product_id: str
    account_id: str
    state: str
    valid_from: Instant
    valid_until: Instant
    due_id: str
    renews: str | None
    plates: list[PassPlateAnswer]


class PassPage(Page):
    passes: list[PassAnswer]


class PassPlateBody(Body):
    plate: PlateText
    vehicle_class: VehicleClass


class PassBody(Body):
    product_id: Id
    holder: Holder
    plates: list[PassPlateBody] = Field(min_length=1, max_length=20)
    begins: Instant
    account_id: Id | None = Field(None, description="Whose it is; left out, an account is opened.")
    phone: Annotated[ShortText, StringConstraints(max_length=40)] = ""
    email: ShortText = ""


@get("/pass-products", "passes:read", ProductList, TAG)
def list_pass_products(at: Asked, query: ProductQuery) -> ProductList:
    """The passes that are sold now"""
    found = [one for site in at.among(query.site) for one in books.products(at.session, site)]
    same = ("id", "name", "price_paise", "tax_rate_bp", "days", "hours", "plates", "vehicle_classes")
    return ProductList(
        products=[
            ProductAnswer(**{name: getattr(one, name) for name in same}, site=one.site_id, currency=INR)
            for one in found
        ]
    )


@get("/passes", "passes:read", PassPage, TAG)
def list_passes(at: Asked, query: SitePageQuery) -> PassPage:
    """Passes, the newest first"""
    before = paging.place(query.cursor, str)
    rows, older = reads.newest(at.session, Pass, at.among(query.site), query.limit, before)
    return PassPage(passes=[_pass(at, row) for row in rows], next_cursor=older and paging.cursor(older))


@get("/passes/<id>", "passes:read", PassAnswer, TAG)
def get_pass(at: Asked, path: IdPath) -> PassAnswer:
    """One pass"""
    return _pass(at, at.seen(reads.one(at.session, Pass, path.id), "pass"))


@post("/passes", "passes:write", PassAnswer, TAG)
def sell_pass(at: Asked, body: PassBody) -> PassAnswer:
    """Sell a pass, to be paid by its due"""
    product = reads.one(at.session, PassProduct, body.product_id)
    at.seen(product, "pass product")
    plates = [(one.plate, one.vehicle_class) for one in body.plates]
    sold = pass_sales.sell(
        at.session, product.id, body.holder, plates, body.begins, at.now, at.by,
        phone=body.phone, email=body.email, account_id=body.account_id,
    )  # fmt: skip
    return _pass(at, sold)


def _pass(at: Asked, row: Pass) -> PassAnswer:
    same = ("id", "product_id", "account_id", "state", "valid_from", "valid_until", "due_id", "renews")
    return PassAnswer(
        **{name: getattr(row, name) for name in same},
        site=row.site_id,
        plates=[PassPlateAnswer(**shown(at, one["plate"]), vehicle_class=one["class"]) for one in row.plates],
    )
