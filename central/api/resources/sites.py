"""Car parks, with how full they are; and the token's own page."""

from __future__ import annotations

from pydantic import Field

from central.api.desk import Asked
from central.api.operations import get
from central.api.words import Answer, Instant, SitePath
from central.store.reads import api as reads
from central.store.schema import Site

TAG = "Sites"


class SiteAnswer(Answer):
    id: str
    name: str
    timezone: str
    capacity: int | None = Field(description="Vehicles it holds; null where nobody has said.")
    occupied: int = Field(description="Vehicles inside now.")
    free: int | None = Field(description="Never below 0; null where the capacity is not known.")
    address: str
    legal_name: str
    gstin: str


class SiteList(Answer):
    sites: list[SiteAnswer]


class TokenAnswer(Answer):
    """Who the token is. sites: those it is for."""

    name: str
    scopes: list[str]
    sites: list[str]
    expires_at: Instant | None


@get("/token", None, TokenAnswer, "Token")
def get_token(at: Asked) -> TokenAnswer:
    """The token that asks"""
    return TokenAnswer(
        name=at.token.name, scopes=at.token.scopes, sites=list(at.sites), expires_at=at.token.expires_at
    )  # fmt: skip


@get("/sites", "sites:read", SiteList, TAG)
def list_sites(at: Asked) -> SiteList:
    """The sites the token is for"""
    inside = reads.inside(at.session, tuple(at.sites))
    return SiteList(sites=[_answer(site, inside.get(site.id, 0)) for site in at.sites.values()])


@get("/sites/<site>", "sites:read", SiteAnswer, TAG)
def get_site(at: Asked, path: SitePath) -> SiteAnswer:
    """One site"""
    site = at.site(path.site)
    return _answer(site, reads.inside(at.session, [site.id]).get(site.id, 0))


def _answer(site: Site, occupied: int) -> SiteAnswer:
    return SiteAnswer(
        id=site.id,
        name=site.name,
        timezone=site.timezone,
        capacity=site.capacity,
        occupied=occupied,
        free=None if site.capacity is None else max(0, site.capacity - occupied),
        address=site.address,
        legal_name=site.legal_name,
        gstin=site.gstin,
    )
