"""What the technician sees: the table of gates and the page of one gate, drawn with rich. Pure: views in, pages out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from edge.diag.site import GateView, shown
from edge.protocol import faults
from edge.protocol.messages import Event

_STATUS = {"online": "bold green", "lost": "bold red", "stopped": "yellow", "unheard": "dim"}
_SEVERITY = {"fault": "bold red", "alarm": "yellow", "info": "dim"}
_LEVEL = {"error": "red", "critical": "bold red", "warning": "yellow"}


def overview(views: Iterable[GateView], now: datetime) -> Table:
    """One line per gate."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", expand=True)
    for title, right in (
        ("gate", False), ("status", False), ("boom", False), ("faults", False), ("waiting", True),
        ("°C", True), ("read", True), ("p50/p95 ms", True), ("heard", True),
    ):  # fmt: skip
        table.add_column(title, justify="right" if right else "left", no_wrap=title != "faults", overflow="fold")
    for view in views:
        state, health = view.state, view.health
        table.add_row(
            f"{view.site}/{view.gate}",
            Text(view.word, style=_STATUS[view.word]),
            _boom(view),
            _codes(view.codes),
            _waiting(view),
            "–" if health is None or health.temperature_c is None else f"{health.temperature_c:.0f}",
            "–" if health is None or health.read_rate is None else f"{health.read_rate:.0%}",
            "–" if health is None else f"{_number(health.read_p50_ms)}/{_number(health.read_p95_ms)}",
            _ago(view.seen_at or (state.wall if state is not None else None), now),
        )
    if not table.row_count:
        table.add_row(Text("no gate is known at this broker", style="dim"))
    return table


def details(view: GateView, now: datetime) -> Group:
    """Everything known of one gate."""
    parts: list[RenderableType] = [overview([view], now)]
    parts.append(_facts("gate", _about(view)))
    parts.append(_faults(view))
    if view.health is not None:
        parts.append(_facts("health", _health(view)))
    if view.events:
        parts.append(_lines("latest events", [_event(event) for event in view.events]))
    if view.log:
        parts.append(
            _lines("log", [Text(f"{line.wall:%H:%M:%S} {shown(line.logger, 40)}: {shown(line.text)}",
                                style=_LEVEL.get(line.level, "")) for line in view.log])
        )  # fmt: skip
    return Group(*parts)


def as_json(view: GateView) -> dict[str, Any]:
    """The same for programs."""
    told = {
        name: None if part is None else part.model_dump(mode="json")
        for name, part in (("about", view.about), ("state", view.state), ("health", view.health))
    }
    active = {code: view.faults[code].model_dump(mode="json") if code in view.faults else None for code in view.codes}
    return {"site": view.site, "gate": view.gate, "status": view.word, "faults": active} | told


def fault_page(code: str) -> RenderableType:
    """What the catalogue says of one code."""
    kind = faults.kind(code)
    rows = {name: value for name, value in asdict(kind).items() if name not in ("code", "lasts")}
    return _facts(shown(code, 40), rows | {"lasts": "until it is mended" if kind.lasts else "told once"})


def _boom(view: GateView) -> str:
    if view.state is None:
        return "–"
    mode = view.state.mode
    return shown(view.state.boom if mode == "normal" else f"{view.state.boom} ({mode})", 30)


def _codes(codes: list[str]) -> Text:
    parts = [Text(shown(code, 40), style=_SEVERITY[faults.kind(code).severity]) for code in codes]
    return Text(", ").join(parts) if parts else Text("none", style="green")


def _waiting(view: GateView) -> str:
    if view.health is not None and view.health.oldest_s >= 60:
        return f"{view.health.outbox} ({_span(view.health.oldest_s)})"
    outbox = view.state.outbox if view.state is not None else None
    return "–" if outbox is None else str(outbox)


def _about(view: GateView) -> dict[str, object]:
    about, state = view.about, view.state
    rows: dict[str, object] = {}
    if about is not None:
        update = f", {about.latest} is there" if about.latest not in ("", about.version) else ""
        rows |= {"name": f"{about.name} ({about.lane})", "version": about.version + update, "reader": about.engine}
        rows |= {"settings": about.config_hash[:12], "display": about.display_url}
    if state is not None:
        rows["inputs active"] = ", ".join(name for name, on in state.inputs.items() if on and name != "valid") or "none"
        if not state.inputs.get("valid", True):
            rows["inputs"] = "can't be read"
        rows["display shows"] = state.message
        if state.plate is not None:
            rows["plate"] = f"{state.plate.text} ({state.plate.confidence:.0%})"
    if view.status is not None:
        rows["boot"] = view.status.boot
    return rows


def _health(view: GateView) -> dict[str, object]:
    health = view.health
    return {
        "up": _span(health.uptime_s),
        "vision": health.vision,
        "reads": health.reads,
        "memory": f"{health.rss_bytes / 2**20:.0f} MB, {health.cpu_percent:.1f} % of a core",
        "disk free": f"{health.disk_free_bytes / 2**30:.1f} GB",
        "decision to relay": f"{health.decision_to_relay_ms:.0f} ms, latest tick {health.latest_tick_ms:.0f} ms late",
        "clock": health.clock,
        "power": ", ".join(health.complaints) or "no complaint",
    }


def _faults(view: GateView) -> Panel:
    table = Table(box=None, show_header=False, pad_edge=False)
    for code in view.codes:
        kind, active = faults.kind(code), view.faults.get(code)
        since = f"since {active.since:%d %b %H:%M} UTC. " if active is not None else ""
        detail = f"{shown(active.detail)}. " if active is not None and active.detail else ""
        table.add_row(Text(shown(code, 40), style=_SEVERITY[kind.severity]), f"{since}{detail}{kind.meaning}")
        table.add_row("", Text(f"→ {kind.remedy}", style="italic"))
    return Panel(table if view.codes else Text("none", style="green"), title="faults", title_align="left")


def _event(event: Event) -> Text:
    told = ", ".join(f"{name}={value}" for name, value in event.data.items() if name != "ticket" and value is not None)
    return Text(f"{event.wall:%H:%M:%S} {shown(event.type, 40)} {shown(told, 120)}")


def _facts(title: str, rows: dict[str, object]) -> Panel:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows.items():
        table.add_row(name, Text(shown(str(value))))
    return Panel(table, title=title, title_align="left")


def _lines(title: str, lines: list[Text]) -> Panel:
    return Panel(Group(*lines), title=title, title_align="left")


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def _ago(at: datetime | None, now: datetime) -> str:
    return "–" if at is None else f"{_span(max(0.0, (now - at).total_seconds()))} ago"


def _span(seconds: float) -> str:
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"
