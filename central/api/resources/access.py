"""The access list: plates that always may enter, and those that never may."""

from __future__ import annotations

from typing import Literal

from central.actions import access as actions
from central.actions.passes import rule_of
from central.api import paging
from central.api.desk import Asked
from central.api.operations import delete, get, put
from central.api.problem import Failed
from central.api.resources.shared import PLATE, shown
from central.api.words import Answer, Body, Instant, Page, PlateText, ShortText, SitePageQuery, SitePath
from central.store.reads import api as reads
from central.store.schema import AccessRule
from edge.protocol.messages import VehicleClass

TAG = "Access list"
Kind = Literal["pass", "denied"]


class RulePath(SitePath):
    plate: PlateText


class RulesQuery(SitePageQuery):
    kind: Kind | None = None


class RuleAnswer(Answer):
    id: str
    site: str
    plate: str | None = PLATE
    plate_masked: str | None
    kind: Kind
    vehicle_class: str | None
    valid_from: Instant | None
    valid_until: Instant | None
    note: str
    by: str
    created_at: Instant


class RulePage(Page):
    rules: list[RuleAnswer]


class RuleBody(Body):
    kind: Kind
    vehicle_class: VehicleClass | None = None
    valid_from: Instant | None = None
    valid_until: Instant | None = None
    note: ShortText = ""


@get("/access-rules", "access:read", RulePage, TAG)
def list_access_rules(at: Asked, query: RulesQuery) -> RulePage:
    """Plates on the list, those put there last first"""
    before = paging.place(query.cursor, str)
    rows, older = reads.newest(
        at.session, AccessRule, at.among(query.site), query.limit, before, kind=query.kind
    )  # fmt: skip
    return RulePage(rules=[_answer(at, row) for row in rows], next_cursor=older and paging.cursor(older))


@put("/sites/<site>/access-rules/<plate>", "access:write", RuleAnswer, TAG)
def set_access_rule(at: Asked, path: RulePath, body: RuleBody) -> RuleAnswer:
    """Give a plate a pass, or deny it; gates are told at once"""
    site = at.site(path.site)
    rule = actions.set_rule(
        at.session, site.id, path.plate, body.kind, at.now, at.by, vehicle_class=body.vehicle_class,
        valid_from=body.valid_from, valid_until=body.valid_until, note=body.note,
    )  # fmt: skip
    return _answer(at, rule)


@delete("/sites/<site>/access-rules/<plate>", "access:write", TAG)
def remove_access_rule(at: Asked, path: RulePath) -> None:
    """Take a plate off the list"""
    site, plate = at.site(path.site), actions.normal_plate(path.plate)
    if rule_of(at.session, site.id, plate) is None:
        raise Failed(404, "that plate is not on the list")
    actions.remove_rule(at.session, site.id, plate, at.now, at.by)


def _answer(at: Asked, row: AccessRule) -> RuleAnswer:
    same = ("id", "kind", "vehicle_class", "valid_from", "valid_until", "note", "by", "created_at")
    return RuleAnswer(**{name: getattr(row, name) for name in same}, site=row.site_id, **shown(at, row.plate))
