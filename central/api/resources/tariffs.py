"""Tariffs, and what a stay of any length would cost by one."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from central.actions.tariffs import read_tariff
from central.api import paging
from central.api.desk import Asked
from central.api.operations import get
from central.api.problem import Failed
from central.api.resources.shared import LineAnswer, lined
from central.api.words import INR, Answer, Currency, IdPath, Instant, Page, Paise, Query, SitePageQuery
from central.rules.pricing import price
from central.rules.quote import PricedStay, Quote
from central.rules.tariff import TariffError
from central.store.reads import api as reads
from central.store.schema import TariffVersion
from edge.protocol.messages import VehicleClass

TAG = "Tariffs"
LONGEST = timedelta(days=366)


class TariffAnswer(Answer):
    """One version of a site's prices; it never changes. toml: the whole of it as text."""

    id: str
    site: str
    version: int
    valid_from: Instant
    valid_to: Instant | None
    vehicle_classes: list[str]
    tax_included: bool
    tax_rate_bp: int
    currency: Currency
    toml: str


class TariffPage(Page):
    tariffs: list[TariffAnswer]


class PriceQuery(Query):
    entered_at: Instant
    left_at: Instant = Field(description="At most 366 days after entered_at.")
    vehicle_class: VehicleClass = "car"


class PriceAnswer(Answer):
    tariff_id: str
    minutes: int
    total_paise: Paise
    tax_paise: Paise
    currency: Currency
    lines: list[LineAnswer]


@get("/tariffs", "tariffs:read", TariffPage, TAG)
def list_tariffs(at: Asked, query: SitePageQuery) -> TariffPage:
    """Tariffs, those loaded last first"""
    before = paging.place(query.cursor, str)
    rows, older = reads.newest(at.session, TariffVersion, at.among(query.site), query.limit, before)
    return TariffPage(tariffs=[_answer(row) for row in rows], next_cursor=older and paging.cursor(older))


@get("/tariffs/<id>", "tariffs:read", TariffAnswer, TAG)
def get_tariff(at: Asked, path: IdPath) -> TariffAnswer:
    """One version of a site's prices"""
    return _answer(tariff(at, path.id))


@get("/tariffs/<id>/price", "tariffs:read", PriceAnswer, TAG)
def preview_price(at: Asked, path: IdPath, query: PriceQuery) -> PriceAnswer:
    """What a stay would cost"""
    row = tariff(at, path.id)
    quote = priced(row, query)
    return PriceAnswer(
        tariff_id=row.id,
        minutes=quote.minutes,
        total_paise=quote.total_paise,
        tax_paise=quote.tax_paise,
        currency=INR,
        lines=[lined(line) for line in quote.lines],
    )


def tariff(at: Asked, tariff_id: str) -> TariffVersion:
    """A tariff of the token's sites."""
    return at.seen(reads.one(at.session, TariffVersion, tariff_id), "tariff")


def priced(row: TariffVersion, query: PriceQuery) -> Quote:
    """The price of such a stay. Failed (409) where the tariff has none."""
    if not timedelta(0) <= query.left_at - query.entered_at <= LONGEST:
        raise Failed(409, f"left_at: expected up to {LONGEST.days} days after entered_at")
    prices = read_tariff(row)
    if query.vehicle_class not in prices.vehicle_classes:
        raise Failed(409, f"vehicle_class: expected one this tariff prices: {', '.join(prices.vehicle_classes)}")
    try:
        return price(prices, PricedStay(query.entered_at, query.vehicle_class), query.left_at)
    except TariffError as error:
        raise Failed(409, f"tariff: {error}") from error


def _answer(row: TariffVersion) -> TariffAnswer:
    prices = read_tariff(row)
    return TariffAnswer(
        id=row.id,
        site=row.site_id,
        version=row.version,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        vehicle_classes=list(prices.vehicle_classes),
        tax_included=prices.tax_included,
        tax_rate_bp=prices.tax_rate_bp,
        currency=INR,
        toml=row.toml,
    )
