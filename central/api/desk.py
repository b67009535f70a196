"""What every operation of the API works with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Protocol, TypeVar

from flask import current_app
from sqlalchemy.orm import Session

from central.api.problem import Failed
from central.links import Links
from central.payments.provider import PaymentProvider
from central.settings import Settings
from central.store.database import Database
from central.store.reads import sites
from central.store.schema import ApiToken, Site

EXTENSION = "parkmeter.api"
Row = TypeVar("Row")


class Desk(Protocol):
    """What the application is wired to; the pages' office is one."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def provider(self) -> PaymentProvider: ...
    @property
    def links(self) -> Links: ...
    def now(self) -> datetime: ...


def desk() -> Desk:
    """The running application's."""
    return current_app.extensions[EXTENSION]


@dataclass
class Asked:
    """One request that is being done: its transaction, its token and its time.

    by  how its token is named wherever it is written down who did something
    """

    session: Session
    token: ApiToken
    now: datetime

    @property
    def by(self) -> str:
        return f"api:{self.token.name}"

    def may(self, scope: str) -> bool:
        return scope in self.token.scopes

    @cached_property
    def sites(self) -> dict[str, Site]:
        """The sites its token is for, by id."""
        known = {site.id: site for site in sites.sites(self.session)}
        return {name: site for name, site in known.items() if not self.token.sites or name in self.token.sites}

    def among(self, wanted: str | None) -> tuple[str, ...]:
        """The sites to look in: the one that is wanted, else all. Failed (404) for another's."""
        return tuple(self.sites) if wanted is None else (self.site(wanted).id,)

    def site(self, site_id: str) -> Site:
        site = self.sites.get(site_id)
        if site is None:
            raise Failed(404, f"there is no site {site_id!r}, or the token is not for it")
        return site

    def seen(self, row: Row | None, what: str, site_id: str | None = None) -> Row:
        """The row, where it is of a site of the token's: its own, or the one named. Failed (404) as if not there."""
        if row is None or (site_id or getattr(row, "site_id", None)) not in self.sites:
            raise Failed(404, f"there is no such {what}")
        return row

    def need(self, scope: str, what: str) -> None:
        """Failed (403) where the token has not that scope too."""
        if not self.may(scope):
            raise Failed(403, f"{what}: expected a token with the scope {scope}")
