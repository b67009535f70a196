"""Parking on account: a firm's terms, which stays go on its account, and how what it pays is spread. Pure.

Which tax: parking is supplied where the car park is, as a right to use immovable property (IGST Act 2017, section
12(3)), so CGST and SGST wherever the firm is. Where a site's adviser takes it for a service like any other, it is
supplied where a registered buyer is (section 12(2)). A special economic zone is always charged IGST (section 7(5)).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from central.rules.invoice import gst_split
from central.rules.ledger import Split
from central.rules.money import rupees
from central.rules.stay import Stay, request_exit
from central.rules.stay_table import Status

MOST_CREDIT_PAISE = 100_00_00_000_00  # Rs 100 crore: above it somebody mistyped
_GSTIN = re.compile(r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]Z[0-9A-Z]")
_BASE36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_STATE_NOT_TOLD = "00"
# GST's codes: 01 to 38 are states and union territories, 97 is other territory
_STATES = {f"{number:02d}" for number in (*range(1, 39), 97)}


class Supply(StrEnum):
    """Where the parking of a firm is supplied, which decides its tax."""

    SITE = "site"
    RECIPIENT = "recipient"
    SEZ = "sez"


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed with a firm.

    gstin               "" where it has none
    state_code          GST code of the state it is billed in, "" where it is not told
    credit_limit_paise  the most that it may owe, invoiced or not
    invoice_day         day of the month on which the month before is invoiced; the last, where the month is shorter
    payment_days        from the invoice's date until it is overdue
    """

    legal_name: str
    gstin: str
    address: str
    state_code: str
    supply: Supply
    credit_limit_paise: int
    invoice_day: int
    payment_days: int


def checked(terms: Terms) -> Terms:
    """The terms as they are kept; ValueError names what is wrong and what was expected."""
    name, address = (
        " ".join(terms.legal_name.split()),
        "\n".join(filter(None, map(str.strip, terms.address.split("\n")))),
    )
    gstin = re.sub(r"\s", "", terms.gstin).upper()
    if not 2 <= len(name) <= 120:
        raise ValueError(f"legal name {name[:40]!r}: expected 2 to 120 characters")
    if len(address) > 300:
        raise ValueError(f"billing address: {len(address)} characters, expected 300 at most")
    if gstin and not sound_gstin(gstin):
        raise ValueError(f"GSTIN {gstin[:20]!r}: expected 15 characters such as 27AAPFU0939F1ZV, with its check digit")
    state = terms.state_code.strip() or gstin[:2]
    if state and state not in _STATES:
        raise ValueError(f"state code {state[:20]!r}: expected a GST state code such as 07 or 27")
    if gstin and state != gstin[:2]:
        raise ValueError(f"state code {state}: the GSTIN is of state {gstin[:2]}")
    if terms.supply is Supply.RECIPIENT and not gstin:
        raise ValueError("place of supply: a firm without a GSTIN is supplied where the car park is")
    for what, value, least, most in (
        ("invoice day", terms.invoice_day, 1, 31),
        ("payment days", terms.payment_days, 0, 180),
    ):
        if not least <= value <= most:
            raise ValueError(f"{what} {value}: expected {least} to {most}")
    if not 0 <= terms.credit_limit_paise <= MOST_CREDIT_PAISE:
        raise ValueError(f"credit limit {rupees(terms.credit_limit_paise)}: expected ₹0 to {rupees(MOST_CREDIT_PAISE)}")
    return replace(terms, legal_name=name, address=address, gstin=gstin, state_code=state)


def sound_gstin(text: str) -> bool:
    """Whether it is written as a GSTIN is, and its check digit (base 36, weights 1 and 2) is right."""
    if not _GSTIN.fullmatch(text) or text[:2] not in _STATES:
        return False
    products = [_BASE36.index(one) * (1 + at % 2) for at, one in enumerate(text[:14])]
    return _BASE36[-sum(sum(divmod(one, 36)) for one in products) % 36] == text[14]


def places(supply: Supply, site_state: str, buyer_state: str) -> tuple[str, str]:
    """The supplier's state and the place of supply, GST codes; "00" where the site's is not told: both are one then."""
    here = site_state if re.fullmatch(r"[0-9]{2}", site_state) else _STATE_NOT_TOLD
    elsewhere = supply is Supply.RECIPIENT and buyer_state and here != _STATE_NOT_TOLD
    return here, buyer_state if elsewhere else here


def split(taxable: int, tax: int, rounding: int, supply: Supply, site_state: str, buyer_state: str) -> Split:
    """An amount with its tax as a firm is charged it; int paise. States as `places` takes them."""
    gst = gst_split(tax, *places(supply, site_state, buyer_state), sez=supply is Supply.SEZ)
    return Split(taxable, gst.cgst_paise, gst.sgst_paise, gst.igst_paise, rounding)


@dataclass(frozen=True, slots=True)
class AtExit:
    """What is known when something is asked of a member's stay.

    plate      the stay's, a member's
    read       what the exit read, None: nothing
    alike      the two are but alike
    under_way  a payment of the amount has begun and its end is not known
    owes_paise  what the firm owes already, invoiced or not; below 0 where it has paid ahead
    """

    plate: str
    read: str | None
    alike: bool
    under_way: bool
    suspended: bool
    due_paise: int
    owes_paise: int
    limit_paise: int


def goes_on_account(at: AtExit) -> tuple[bool, str]:
    """Whether the amount goes on account; where it does not and the firm and staff should know, why."""
    if at.read != at.plate or at.alike or at.under_way or at.due_paise <= 0:
        return False, ""
    if at.suspended:
        return False, "the account is suspended"
    if at.owes_paise + at.due_paise > at.limit_paise:
        return False, f"{rupees(at.due_paise)} more would be above the credit limit of {rupees(at.limit_paise)}"
    return True, ""


def owes_again(stay: Stay) -> Stay:
    """A stay that was settled on account, once it is taken off: owing, inside, at the exit or gone."""
    if stay.status is Status.CLOSED and stay.exited_at is not None:
        return replace(stay, status=Status.LEFT_OWING, permit_until=None)
    if stay.status is not Status.PAID:
        return stay
    owing = replace(stay, status=Status.OPEN, permit_until=None)
    return request_exit(owing, stay.requested_at) if stay.waiting else replace(owing, stopped_at=None)


def spread(paise: int, owed: Iterable[tuple[str, int]]) -> tuple[list[tuple[str, int]], int]:
    """How money goes over invoices, (id, what is open of it) in the order to be used; and what is left over."""
    parts, left = [], paise
    for invoice, open_paise in owed:
        part = min(left, open_paise)
        if part > 0:
            parts.append((invoice, part))
            left -= part
    return parts, left
