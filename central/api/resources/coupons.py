"""Coupons, the shops that give them, and the till that validates a visitor's parking."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from central.actions import coupons as actions
from central.actions.linking import normal_ticket
from central.api import paging
from central.api.desk import Asked
from central.api.operations import get, post
from central.api.problem import Failed
from central.api.words import Answer, Body, Id, IdPath, Instant, Page, SitePageQuery
from central.store.reads import api as reads
from central.store.reads import coupons as books
from central.store.schema import Coupon, Shop
from edge.protocol.ids import TICKET_LENGTH

TAG = "Coupons"


class CouponAnswer(Answer):
    """value: paise of an amount, minutes, basis points of a percent, or the minute of the day of a free_until."""

    id: str
    site: str
    name: str
    kind: str
    value: int
    valid_from: Instant | None
    valid_to: Instant | None
    vehicle_classes: list[str] = Field(description="Those it is for; none named: every class.")
    stackable: bool
    uses_in_all: int | None
    uses_a_day: int | None
    uses_of_one_stay: int
    shop_id: str | None
    shop_name: str | None
    ended_at: Instant | None


class CouponPage(Page):
    coupons: list[CouponAnswer]


class ValidationBody(Body):
    coupon_id: Id = Field(description="A coupon that a shop gives.")
    ticket_or_plate: Annotated[str, StringConstraints(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9 .-]+$")] = (
        Field(description="The visitor's ticket code; or the exact plate, with the scope plates:read.")
    )


class ValidationAnswer(Answer):
    """What was given. It counts when the visitor leaves; nothing opens by it."""

    id: str
    coupon_id: str
    state: str
    at: Instant


@get("/coupons", "coupons:read", CouponPage, TAG)
def list_coupons(at: Asked, query: SitePageQuery) -> CouponPage:
    """Coupons, the newest first. Their codes are worth money, and are not shown."""
    before = paging.place(query.cursor, str)
    rows, older = reads.newest(at.session, Coupon, at.among(query.site), query.limit, before)
    return CouponPage(coupons=[_answer(at, row) for row in rows], next_cursor=older and paging.cursor(older))


@get("/coupons/<id>", "coupons:read", CouponAnswer, TAG)
def get_coupon(at: Asked, path: IdPath) -> CouponAnswer:
    """One coupon"""
    return _answer(at, at.seen(books.coupon(at.session, path.id), "coupon"))


@post("/validations", "coupons:write", ValidationAnswer, TAG)
def validate_parking(at: Asked, body: ValidationBody) -> ValidationAnswer:
    """A shop's till lowers what its visitor will have to pay"""
    coupon = at.seen(books.coupon(at.session, body.coupon_id), "coupon")
    shop = None if coupon.shop_id is None else reads.one(at.session, Shop, coupon.shop_id)
    if shop is None or shop.ended_at is not None:
        raise Failed(409, "this coupon is not one that a shop gives")
    if len(normal_ticket(body.ticket_or_plate)) != TICKET_LENGTH:
        at.need("plates:read", "ticket_or_plate: by plate")
    use = actions.validate(at.session, shop, coupon.id, body.ticket_or_plate, at.now)
    return ValidationAnswer(id=use.id, coupon_id=coupon.id, state=use.state, at=use.at)


def _answer(at: Asked, row: Coupon) -> CouponAnswer:
    same = ("id", "name", "kind", "value", "valid_from", "valid_to", "vehicle_classes", "stackable", "ended_at")
    shop = None if row.shop_id is None else reads.one(at.session, Shop, row.shop_id)
    return CouponAnswer(
        **{name: getattr(row, name) for name in same},
        site=row.site_id,
        uses_in_all=row.per_code,
        uses_a_day=row.per_day,
        uses_of_one_stay=row.per_stay,
        shop_id=row.shop_id,
        shop_name=shop and shop.name,
    )
