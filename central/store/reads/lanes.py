"""The live lanes: each gate as it last said it is, its last vehicle and its last order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.store.schema import Audit, Gate, GateEvent, Image, Site

# so far back the last vehicle is looked for among a gate's events
_LOOK_BACK = 60
# a health report says only that it is alive; what became of an order is shown with the order
_NO_NEWS = ("gate.health", "command.done")


@dataclass(frozen=True, slots=True)
class LastEvent:
    """Of a gate. at: when it happened, type: the wire's word, data: its facts."""

    at: datetime
    type: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LastOrder:
    """An order given to a gate from a page.

    outcome  the gate's verdict, "" while it has not answered
    image    hash of what its camera showed then, None where that has not come
    """

    at: datetime
    by: str
    name: str
    reason: str
    outcome: str
    refused_why: str
    image: str | None = None


@dataclass(frozen=True, slots=True)
class LaneNow:
    """One gate as its card shows it.

    status            "online", "lost", "stopped" or "new"; status_at: since when
    boom, mode        the gate's words, "" before it was heard
    message           what its display is about, "screen" or "screen: reason"
    inputs            wires by name, True is active; {} before it was heard
    outbox            events that central has not acknowledged
    plate, confidence  of the vehicle there now, else of the last one
    here              True while that vehicle is still there
    image             hash of the newest picture that has come, None for none
    """

    site_id: str
    site_name: str
    zone: ZoneInfo
    id: str
    name: str
    lane: str
    status: str
    status_at: datetime | None
    boom: str
    mode: str
    message: str
    inputs: dict[str, bool]
    faults: tuple[str, ...]
    outbox: int
    plate: str | None
    confidence: float | None
    here: bool
    image: str | None
    event: LastEvent | None
    order: LastOrder | None

    @property
    def online(self) -> bool:
        return self.status == "online"


def lanes(session: Session) -> list[LaneNow]:
    """Every gate, by site and name."""
    gates = select(Gate, Site).join(Site, Site.id == Gate.site_id).order_by(Site.name, Gate.lane, Gate.name, Gate.id)
    return [_lane(session, gate, site) for gate, site in session.execute(gates)]


def lane(session: Session, site_id: str, gate_id: str) -> LaneNow | None:
    """One gate; None when there is no such."""
    gate = session.get(Gate, (site_id, gate_id))
    return None if gate is None else _lane(session, gate, session.get_one(Site, site_id))


def _lane(session: Session, gate: Gate, site: Site) -> LaneNow:
    state, events = gate.state, _events(session, gate)
    here = state.get("visit") is not None
    seen = state.get("plate") if here else next((event.data["plate"] for event in events if _of_vehicle(event)), None)
    pictures = [state.get("image") if here else None, *(event.data.get("image") for event in events)]
    return LaneNow(
        site_id=site.id,
        site_name=site.name,
        zone=ZoneInfo(site.timezone),
        id=gate.id,
        name=gate.name,
        lane=gate.lane,
        status=gate.status,
        status_at=gate.status_at,
        boom=state.get("boom", ""),
        mode=state.get("mode", ""),
        message=state.get("message", ""),
        inputs=state.get("inputs", {}),
        faults=tuple(state.get("faults", ())),
        outbox=state.get("outbox", 0),
        plate=seen["text"] if seen else None,
        confidence=seen.get("confidence") if seen else None,
        here=here,
        image=_first_stored(session, pictures),
        event=events[0] if events else None,
        order=next(iter(orders(session, gate.site_id, gate.id, most=2)), None),
    )


def _events(session: Session, gate: Gate) -> list[LastEvent]:
    """The gate's latest, newest first, but for those that are no news."""
    newest = (
        select(GateEvent.at, GateEvent.type, GateEvent.data)
        .where(GateEvent.site_id == gate.site_id, GateEvent.gate_id == gate.id)
        .order_by(GateEvent.received_at.desc())
        .limit(_LOOK_BACK)
    )
    return [LastEvent(*row) for row in session.execute(newest) if row.type not in _NO_NEWS]


def _of_vehicle(event: LastEvent) -> bool:
    return "plate" in event.data


def _first_stored(session: Session, pictures: Iterable[str | None]) -> str | None:
    wanted = [picture for picture in pictures if picture]
    stored = stored_images(session, wanted)
    return next((picture for picture in wanted if picture in stored), None)


def stored_images(session: Session, hashes: Sequence[str | None]) -> set[str]:
    """Those of the pictures that have been uploaded."""
    wanted = [picture for picture in hashes if picture]
    if not wanted:
        return set()
    return set(session.scalars(select(Image.sha256).where(Image.sha256.in_(wanted))))


def orders(session: Session, site_id: str, gate_id: str, most: int = 5) -> list[LastOrder]:
    """The latest orders to a gate, newest first."""
    subject = f"{site_id}/{gate_id}"
    lines = select(Audit).where(Audit.subject == subject, Audit.what.startswith("order "))
    # each order has at most two lines of what became of it
    newest = list(session.scalars(lines.order_by(Audit.id.desc()).limit(3 * most)))
    given = [line for line in newest if line.by != subject][:most]
    stored = stored_images(session, [line.detail.get("image") for line in given])
    return [_told(line, newest, subject, stored) for line in given]


def _told(given: Audit, newest: Sequence[Audit], subject: str, stored: set[str]) -> LastOrder:
    cmd_id, image = given.detail.get("cmd_id"), given.detail.get("image")
    reply = next((line for line in newest if line.by == subject and line.detail.get("cmd_id") == cmd_id), None)
    return LastOrder(
        at=given.at,
        by=given.by,
        name=given.what.removeprefix("order "),
        reason=str(given.detail.get("reason", "")),
        outcome=reply.what.removeprefix("order ") if reply else "",
        refused_why=str(reply.detail.get("reason") or "") if reply else "",
        image=image if image in stored else None,
    )
