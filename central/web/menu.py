"""The staff's way around: what each role may open, in groups, with what waits there for a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import request
from flask_babel import lazy_gettext as _l

from central.payments.mock_upi import MockUpi
from central.web import account
from central.web.office import office

#   group      page                       its name                who may
_PAGES = (
    ("",       "dashboard.show",          _l("Today"),            "supervisor"),
    ("",       "lanes.show",              _l("Lanes"),            "lanes.see"),
    ("",       "review.listed",           _l("Review"),           "stays.see"),
    ("",       "stays.listed",            _l("Stays"),            "stays.see"),
    ("money",  "money.home",              _l("Till and books"),   "money.till"),
    ("money",  "money.odd",               _l("Odd money"),        "money.books"),
    ("money",  "violations.listed",       _l("Violations"),       "violations.see"),
    ("money",  "reports.show",            _l("Reports"),          "supervisor"),
    ("money",  "psp_console.show",        _l("Mock payments"),    "administrator"),
    ("people", "accounts.listed",         _l("Accounts"),         "accounts.see"),
    ("people", "accounts.passes",         _l("Passes"),           "passes.sell"),
    ("people", "claims.listed",           _l("Claims"),           "claims.decide"),
    ("people", "corporate.listed",        _l("Firms"),            "supervisor"),
    ("people", "coupons.listed",          _l("Coupons"),          "coupons.see"),
    ("people", "notifications.mine",      _l("Messages"),         "supervisor"),
    ("people", "people.listed",           _l("Users"),            "people.write"),
    ("set-up", "gates.listed",            _l("Gates"),            "supervisor"),
    ("set-up", "unapplied.listed",        _l("Quarantine"),       "quarantine.see"),
    ("set-up", "lists.listed",            _l("Access list"),      "supervisor"),
    ("set-up", "tariffs.listed",          _l("Tariffs"),          "tariffs.see"),
    ("set-up", "audit.listed",            _l("Audit"),            "manager"),
    ("set-up", "retention.show",          _l("Retention"),        "manager"),
    ("set-up", "integrations.listed",     _l("Integrations"),     "administrator"),
)  # fmt: skip
_GROUPS = (("", ""), ("money", _l("Money")), ("people", _l("People")), ("set-up", _l("Set-up")))
# which of what waits (`central.store.reads.review.What`) is seen to on a page
_WAITING = {"money.odd": "money", "claims.listed": "claim", "unapplied.listed": "message"}
_EVERYTHING = "review.listed"
_MOCK = "psp_console.show"  # only where payments are pretended


@dataclass(frozen=True, slots=True)
class Entry:
    """view: of url_for; here: it is the page being looked at; waiting: things there for a person."""

    view: str
    text: str
    here: bool
    waiting: int


@dataclass(frozen=True, slots=True)
class Group:
    """Of entries. text "" for those that stand open."""

    text: str
    entries: tuple[Entry, ...]

    @property
    def here(self) -> bool:
        return any(entry.here for entry in self.entries)

    @property
    def waiting(self) -> int:
        return sum(entry.waiting for entry in self.entries)


def groups(waiting: Mapping[str, int], calls: int) -> list[Group]:
    """Those that the visitor may open; an empty group is left out.

    waiting: how many of each kind; calls: lanes where a driver waits
    """
    counts = {view: waiting.get(kind, 0) for view, kind in _WAITING.items()} | {
        _EVERYTHING: sum(waiting.values()), "lanes.show": calls,
    }  # fmt: skip
    here = _here()
    found = [
        Group(
            str(text),
            tuple(
                Entry(view, str(name), view == here, counts.get(view, 0))
                for of, view, name, permission in _PAGES
                if of == group and account.may(permission) and (view != _MOCK or office().provider.name == MockUpi.name)
            ),
        )
        for group, text in _GROUPS
    ]
    return [group for group in found if group.entries]


def _here() -> str | None:
    """The page of the menu that the request belongs to: itself, else the first of its blueprint."""
    views = [view for _group, view, _name, _permission in _PAGES]
    if request.endpoint in views:
        return request.endpoint
    return next((view for view in views if view.split(".")[0] == request.blueprint), None)
