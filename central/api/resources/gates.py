"""Barriers: how they are, what is wrong with them, and orders to them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from central.actions import lanes as actions
from central.api.desk import Asked
from central.api.operations import get, post
from central.api.words import Answer, Body, Instant, Name, Query, Reason, SitePath
from central.store.reads import faults, lanes, sites
from central.store.schema import Gate

TAG = "Gates"


class GateQuery(Query):
    site: Name | None = None


class GatePath(SitePath):
    gate: Name


class FaultAnswer(Answer):
    code: str
    severity: str
    since: Instant
    detail: str


class OrderAnswer(Answer):
    """The order given last. outcome: "" until the gate has answered."""

    name: str
    by: str
    reason: str
    at: Instant
    outcome: str


class GateAnswer(Answer):
    """boom, mode: the gate's own words, null before it was heard; inputs: its wires by name, true is active."""

    site: str
    id: str
    name: str
    lane: str
    status: Literal["new", "online", "lost", "stopped"]
    status_at: Instant | None
    version: str | None
    boom: str | None
    mode: str | None
    inputs: dict[str, bool]
    waiting_events: int | None = Field(description="Events that central has not acknowledged.")
    uptime_s: float | None
    temperature_c: float | None
    health_at: Instant | None
    faults: list[FaultAnswer]
    last_order: OrderAnswer | None


class GateList(Answer):
    gates: list[GateAnswer]


class CommandBody(Body):
    command: Literal["open", "hold", "release", "close", "reset_fault"]
    reason: Reason


class CommandAnswer(Answer):
    """The order is on its way; what became of it stands in the gate's last_order."""

    id: str
    command: str


@get("/gates", "gates:read", GateList, TAG)
def list_gates(at: Asked, query: GateQuery) -> GateList:
    """Every gate of the token's sites"""
    among = at.among(query.site)
    return GateList(gates=[_answer(at, gate) for gate in sites.gates(at.session) if gate.site_id in among])


@get("/sites/<site>/gates/<gate>", "gates:read", GateAnswer, TAG)
def get_gate(at: Asked, path: GatePath) -> GateAnswer:
    """One gate"""
    return _answer(at, _gate(at, path))


@post("/sites/<site>/gates/<gate>/commands", "gates:command", CommandAnswer, TAG, status=202)
def order_gate(at: Asked, path: GatePath, body: CommandBody) -> CommandAnswer:
    """Order a gate, with a reason. The order is signed, good for seconds, and written down."""
    gate = _gate(at, path)
    ordered = actions.order(at.session, gate.site_id, gate.id, body.command, at.now, by=at.by, reason=body.reason)
    return CommandAnswer(id=ordered, command=body.command)


def _gate(at: Asked, path: GatePath) -> Gate:
    site = at.site(path.site)
    found = [one for one in sites.gates(at.session) if (one.site_id, one.id) == (site.id, path.gate)]
    return at.seen(found[0] if found else None, "gate")


def _answer(at: Asked, gate: Gate) -> GateAnswer:
    state, health = gate.state, gate.health
    found = lanes.lane(at.session, gate.site_id, gate.id)
    order = found.order
    return GateAnswer(
        site=gate.site_id,
        id=gate.id,
        name=gate.name,
        lane=gate.lane,
        status=gate.status,
        status_at=gate.status_at,
        version=gate.about.get("version"),
        boom=state.get("boom"),
        mode=state.get("mode"),
        inputs=state.get("inputs", {}),
        waiting_events=state.get("outbox"),
        uptime_s=health.get("uptime_s"),
        temperature_c=health.get("temperature_c"),
        health_at=gate.health_at,
        faults=[
            FaultAnswer(code=one.code, severity=one.severity, since=one.since, detail=one.detail)
            for one in faults.active_faults(at.session, gate.site_id, gate.id)
        ],
        last_order=None
        if order is None
        else OrderAnswer(name=order.name, by=order.by, reason=order.reason, at=order.at, outcome=order.outcome),
    )
