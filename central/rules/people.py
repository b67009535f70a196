"""Roles, and what each may do: one table. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import date, timedelta

ADMINISTRATOR, MANAGER, SUPERVISOR, ATTENDANT, DRIVER = (
    "administrator", "manager", "supervisor", "attendant", "driver",
)  # fmt: skip
STAFF = (ADMINISTRATOR, MANAGER, SUPERVISOR, ATTENDANT)  # the highest first

# what each role may do beside what the roles below it may; a role's own word is "that role or above"
_BESIDE: dict[str, tuple[str, ...]] = {
    ATTENDANT: (
        ATTENDANT, "lanes.see", "lanes.open", "stays.see", "stays.correct", "money.till", "accounts.see",
        "accounts.vehicles", "passes.sell", "coupons.at_till", "tariffs.see", "violations.see", "quarantine.see",
    ),
    SUPERVISOR: (
        SUPERVISOR, "lanes.order", "money.books", "money.refund", "accounts.open", "accounts.pay_out",
        "passes.give_up", "coupons.see", "violations.decide", "quarantine.clear", "claims.decide",
    ),
    MANAGER: (
        MANAGER, "money.close", "money.settle", "money.safe", "passes.products", "coupons.write", "tariffs.write",
        "violations.rules",
    ),
    ADMINISTRATOR: (ADMINISTRATOR, "people.write"),
}  # fmt: skip

#   role     may
ALLOWED: dict[str, frozenset[str]] = {
    role: frozenset(word for below in STAFF[STAFF.index(role) :] for word in _BESIDE[below]) for role in STAFF
} | {DRIVER: frozenset()}
WORDS = ALLOWED[ADMINISTRATOR]

# how long one log-in lasts: a shift for staff, a month on a driver's own phone
LASTS = dict.fromkeys(STAFF, timedelta(hours=12)) | {DRIVER: timedelta(days=30)}

SHORTEST_PASSWORD = dict.fromkeys(STAFF, 12) | {DRIVER: 8}


def may(role: str, what: str) -> bool:
    """Whether a role may do something; ValueError for a word that is not in the table."""
    if what not in WORDS:
        raise ValueError(f"permission {what!r}: expected one of {', '.join(sorted(WORDS))}")
    return what in ALLOWED[role]


def least_role(what: str) -> str:
    """The lowest role that may do it."""
    return next(role for role in reversed(STAFF) if may(role, what))


def must_enrol(role: str, login_count: int, has_second_factor: bool, required_for: Collection[str]) -> bool:
    """Whether nothing but the second factor's page is open: from the second log-in on, where the role needs one."""
    return role in required_for and not has_second_factor and login_count > 1


def invoices_kept_until(financial_year: int) -> date:
    """Until when a tax invoice of that year (2026: April 2026 to March 2027) has to be kept.

    CGST Act 2017, section 36: 72 months from the due date of the year's annual return, which is 31 December after it.
    """
    return date(financial_year + 7, 12, 31)


_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
             ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))  # fmt: skip
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
            ("CrOS", "ChromeOS"), ("Mac OS X", "Mac"), ("Linux", "Linux"))  # fmt: skip


def device_words(user_agent: str) -> str:
    """A device as its owner knows it again, "Chrome on Android"; never what the header says word for word."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or (re.sub(r"[^A-Za-z-].*", "", user_agent)[:40] or "unknown device")
