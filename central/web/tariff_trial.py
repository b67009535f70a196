"""The simulator's form: what was typed, made into a stay that can be priced. Each refusal names its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from central.actions.errors import Refused
from central.rules.quote import (
    AmountCoupon,
    Coupon,
    EarlierStay,
    FreeUntilCoupon,
    MinutesCoupon,
    PassCover,
    PercentCoupon,
    PricedStay,
)
from central.rules.tariff import Tariff

LONGEST = timedelta(days=366)
COUPONS = ("amount", "minutes", "percent", "free_until")


@dataclass(frozen=True, slots=True)
class Trial:
    """A stay to be priced at `left_at`."""

    stay: PricedStay
    left_at: datetime


def trial(typed: Mapping[str, str], tariff: Tariff, found: EarlierStay | None = None) -> Trial:
    """The stay of a form. found: the plate's earlier stay, where the form names none itself."""
    entered = entry(typed, tariff)
    left = instant(typed, "left", _("Leaves"), tariff.zone)
    if left < entered:
        raise Refused(_("Leaves: before it comes in: expected a later time."))
    if left - entered > LONGEST:
        raise Refused(_("Leaves: expected at most %(days)s days after it comes in.", days=LONGEST.days))
    vehicle_class = typed.get("class") or tariff.vehicle_classes[0]
    if vehicle_class not in tariff.vehicle_classes:
        raise Refused(
            _("Vehicle: expected one this tariff prices: %(classes)s.", classes=", ".join(tariff.vehicle_classes))
        )
    kind = typed.get("pass", "").strip()
    stay = PricedStay(
        entered_at=entered,
        vehicle_class=vehicle_class,
        lost_ticket="lost" in typed,
        coupons=_coupons(typed, tariff.zone),
        pass_cover=PassCover(kind[:40], percent_bp=_percent(typed, "pass_percent", _("Pass pays"))) if kind else None,
        earlier=_earlier(typed, entered, tariff.zone) or found,
        paid_paise=paise(typed, "paid", _("Paid before")),
    )
    return Trial(stay, left)


def entry(typed: Mapping[str, str], tariff: Tariff) -> datetime:
    """When the vehicle comes in."""
    return instant(typed, "entered", _("Comes in"), tariff.zone)


def instant(typed: Mapping[str, str], field: str, label: str, zone: ZoneInfo) -> datetime:
    """A time of the site's wall, as a browser sends it."""
    text = typed.get(field, "").strip()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is not None or not 2000 <= at.year < 2200:
        raise Refused(_("%(label)s: %(text)s: expected a time such as 2026-11-24T10:00.", label=label, text=text[:40]))
    return at.replace(tzinfo=zone).astimezone(UTC)


def paise(typed: Mapping[str, str], field: str, label: str) -> int:
    """An amount in rupees, nothing typed being none."""
    text = typed.get(field, "").strip().replace(",", "")
    if not re.fullmatch(r"(\d{1,7}(\.\d{1,2})?)?", text, re.ASCII):
        raise Refused(_("%(label)s: %(text)s: expected rupees such as 50 or 49.50.", label=label, text=text[:40]))
    whole, _dot, part = text.partition(".")
    return int(whole or 0) * 100 + int(part.ljust(2, "0") or 0)


def _coupons(typed: Mapping[str, str], zone: ZoneInfo) -> tuple[Coupon, ...]:
    kind, label, code = typed.get("coupon", ""), _("Coupon"), "TRIAL"
    if not kind:
        return ()
    if kind not in COUPONS:
        raise Refused(_("Coupon: %(kind)s is not a kind of it.", kind=kind[:40]))
    if not typed.get("worth", "").strip():
        raise Refused(_("Coupon: its worth is missing: expected rupees, minutes, per cent or a time."))
    match kind:
        case "amount":
            return (AmountCoupon(code, paise(typed, "worth", label)),)
        case "minutes":
            return (MinutesCoupon(code, _minutes(typed, "worth", label)),)
        case "percent":
            return (PercentCoupon(code, _percent(typed, "worth", label)),)
        case _:
            return (FreeUntilCoupon(code, instant(typed, "worth", label, zone)),)


def _earlier(typed: Mapping[str, str], entered: datetime, zone: ZoneInfo) -> EarlierStay | None:
    if not typed.get("earlier_left", "").strip():
        return None
    label = _("Earlier stay, left")
    left = instant(typed, "earlier_left", label, zone)
    if left > entered:
        raise Refused(_("%(label)s: after this stay comes in: expected an earlier time.", label=label))
    parked = _minutes(typed, "earlier_minutes", _("Earlier stay, minutes parked"))
    return EarlierStay(left, parked, paise(typed, "earlier_paid", _("Earlier stay, paid")))


def _minutes(typed: Mapping[str, str], field: str, label: str) -> int:
    text = typed.get(field, "").strip()
    if not re.fullmatch(r"\d{1,6}", text, re.ASCII):
        raise Refused(_("%(label)s: %(text)s: expected whole minutes such as 60.", label=label, text=text[:40]))
    return int(text)


def _percent(typed: Mapping[str, str], field: str, label: str) -> int:
    """Basis points; nothing typed being all."""
    text = typed.get(field, "").strip() or "100"
    if not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", text, re.ASCII) or float(text) > 100:
        raise Refused(_("%(label)s: %(text)s: expected per cent from 0 to 100.", label=label, text=text[:40]))
    whole, _dot, part = text.partition(".")
    return int(whole) * 100 + int(part.ljust(2, "0") or 0)
