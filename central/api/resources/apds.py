"""What we know, in the words of the Alliance for Parking Data Standards' API 4.0: read only, and only what is so."""

from __future__ import annotations

from datetime import datetime

from central.actions.tariffs import read_tariff, tariff_at
from central.api import paging
from central.api.desk import Asked
from central.api.operations import get
from central.api.problem import Failed
from central.api.resources.apds_rates import collections, not_told
from central.api.resources.apds_words import (
    Credential,
    CredentialIdentifier,
    Demand,
    DemandType,
    HierarchyElementReference,
    Place,
    PlaceList,
    Quote,
    RateTable,
    RateTablePage,
    Reference,
    Session,
    SessionPage,
    Supply,
    Words,
)
from central.api.resources.shared import stay as stay_of
from central.api.resources.tariffs import PriceQuery, priced, tariff
from central.api.words import IdPath, Name, SitePageQuery, SitePath
from central.rules.stay_table import Status
from central.store.reads import api as reads
from central.store.schema import Site, Stay, TariffVersion

TAG = "APDS"
_SEEN_INSIDE = [str(status) for status in Status if status not in (Status.VOID, Status.PREPAID, Status.UNMATCHED)]


class QuoteQuery(PriceQuery):
    place: Name


@get("/apds/places", "sites:read", PlaceList, TAG)
def list_apds_places(at: Asked) -> PlaceList:
    """The sites, as APDS Places with supply and demand"""
    inside = reads.inside(at.session, tuple(at.sites))
    return PlaceList(data=[_place(site, inside.get(site.id, 0), at.now) for site in at.sites.values()])


@get("/apds/places/<site>", "sites:read", Place, TAG)
def get_apds_place(at: Asked, path: SitePath) -> Place:
    """One site, as an APDS Place"""
    site = at.site(path.site)
    return _place(site, reads.inside(at.session, [site.id]).get(site.id, 0), at.now)


@get("/apds/rates", "tariffs:read", RateTablePage, TAG)
def list_apds_rates(at: Asked, query: SitePageQuery) -> RateTablePage:
    """Tariffs, as APDS RateTables"""
    before = paging.place(query.cursor, str)
    rows, older = reads.newest(at.session, TariffVersion, at.among(query.site), query.limit, before)
    return RateTablePage(data=[_rates(row) for row in rows], next_cursor=older and paging.cursor(older))


@get("/apds/rates/<id>", "tariffs:read", RateTable, TAG)
def get_apds_rate(at: Asked, path: IdPath) -> RateTable:
    """One tariff, as an APDS RateTable"""
    return _rates(tariff(at, path.id))


@get("/apds/sessions", "stays:read", SessionPage, TAG)
def list_apds_sessions(at: Asked, query: SitePageQuery) -> SessionPage:
    """Stays, as APDS Sessions; their credentials are number plates, so it needs plates:read too"""
    at.need("plates:read", "sessions")
    before = paging.place(query.cursor, str)
    rows, older = reads.newest(
        at.session, Stay, at.among(query.site), query.limit, before, status=_SEEN_INSIDE
    )  # fmt: skip
    return SessionPage(data=[_session(row) for row in rows], next_cursor=older and paging.cursor(older))


@get("/apds/sessions/<id>", "stays:read", Session, TAG)
def get_apds_session(at: Asked, path: IdPath) -> Session:
    """One stay, as an APDS Session"""
    at.need("plates:read", "session")
    row = stay_of(at, path.id)
    if row.status not in _SEEN_INSIDE:
        raise Failed(404, "that stay is no session: its vehicle was not seen coming in")
    return _session(row)


@get("/apds/quotes", "tariffs:read", Quote, TAG)
def get_apds_quote(at: Asked, query: QuoteQuery) -> Quote:
    """What a stay would cost, as an APDS Quote"""
    site = at.site(query.place)
    row = tariff_at(at.session, site.id, query.entered_at)
    if row is None:
        raise Failed(404, f"site {site.id!r} had no tariff then")
    return Quote(
        hierarchyElement=_of_site(site.id),
        rateTable=Reference(id=row.id, version=row.version, className="RateTable"),
        startTime=query.entered_at,
        endTime=query.left_at,
        value=priced(row, query).total_paise / 100,
    )


def _of_site(site_id: str) -> Reference:
    return Reference(id=site_id, version=1, className="Place")


def _place(site: Site, occupied: int, now: datetime) -> Place:
    minute = now.replace(second=0, microsecond=0)
    return Place(
        id=site.id,
        version=1,
        layer=1,
        name=[Words(string=site.name)],
        timeZone=site.timezone,
        hierarchyElementReference=HierarchyElementReference(
            elementId=_of_site(site.id),
            supply=[] if site.capacity is None else [Supply(supplyQuantity=site.capacity)],
            demandTable=[Demand(timestamp=minute, demandType=[DemandType(count=occupied, recordDateTime=minute)])],
        ),
    )


def _rates(row: TariffVersion) -> RateTable:
    prices = read_tariff(row)
    return RateTable(
        id=row.id,
        version=row.version,
        rateTableName=[Words(string=prices.id)],
        hierarchyElement=_of_site(row.site_id),
        validityStart=row.valid_from,
        validityEnd=row.valid_to,
        rateLineCollections=collections(prices),
        additionalInformation=[Words(string=text) for text in not_told(prices)],
    )


def _session(row: Stay) -> Session:
    if row.plate is not None:
        of_vehicle = CredentialIdentifier(id=row.plate, className="NumberPlate")
        credential = Credential(type="licensePlate", credentialAssignedType="vehicle", identifier=of_vehicle)
    else:
        of_stay = CredentialIdentifier(id=row.id, className="Stay")
        credential = Credential(type="electronicID", credentialAssignedType="other", identifier=of_stay)
    return Session(
        id=row.id,
        version=row.version,
        actualStart=row.entered_at or row.created_at,
        actualEnd=row.exited_at or row.closed_at,
        initiator=Reference(id=row.site_id, version=1, className="Organisation"),
        hierarchyElement=_of_site(row.site_id),
        identifiedCredentials=[credential],
    )
