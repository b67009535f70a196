"""The journal's lines and the mirror's stays, as far as the caller may see them."""

from __future__ import annotations

from pathlib import Path

from flask import Response
from werkzeug.exceptions import Forbidden

from edge.http import records
from edge.http.door import Caller
from edge.http.keys import Scope
from edge.http.masking import masked, shown
from edge.http.models import Form, Journal, JournalQuestion, Line, Sessions, SessionsQuestion, Stay
from edge.http.operations import CSV
from edge.http.table import table
from edge.journal.event_log import LogRow
from edge.journal.mirror import MirrorRow


def lines(path: Path, asked: JournalQuestion, caller: Caller) -> Journal | Response:
    """The lines asked for; JournalError when they can't be read."""
    plates = _may_ask(asked.plate, caller)
    rows = records.lines(path, asked)
    found = [line(row, plates=plates) for row in rows]
    more = found[-1].n if len(found) == asked.limit else None
    if asked.form is Form.JSON:
        return Journal(lines=found, next=more)
    headers = {"Content-Disposition": "attachment; filename=journal.csv"}
    if more is not None:
        headers["Link"] = f'<?before={more}>; rel="next"'
    return Response(table(found), headers=headers, content_type=CSV)


def sessions(path: Path, asked: SessionsQuestion, caller: Caller) -> Sessions:
    """The stays asked for; JournalError when they can't be read."""
    plates = _may_ask(asked.plate, caller)
    page = records.stays(path, asked)
    return Sessions(inside=page.inside, stays=[_stay(row, plates) for row in page.stays], next=page.next)


def line(row: LogRow, *, plates: bool) -> Line:
    """A line of the journal for staff."""
    event = row.event
    return Line(
        n=row.n,
        waiting=row.waiting,
        id=event.id,
        type=event.type,
        wall=event.wall,
        clock=event.clock,
        boot=event.boot,
        mono_ms=event.mono_ms,
        session=event.session,
        data=shown(event.model_dump(mode="json")["data"], plates=plates),
    )


def _stay(row: MirrorRow, plates: bool) -> Stay:
    state = row.state
    return Stay(
        session=state.session,
        plate=state.plate if plates or state.plate is None else masked(state.plate),
        vehicle_class=state.vehicle_class,
        entered_at=state.entered_at,
        status=state.status,
        permit_until=state.permit_until,
        amount_paise=state.quote.amount_paise if state.quote else None,
        passed=row.passed,
        local=row.local,
    )


def _may_ask(plate: str | None, caller: Caller) -> bool:
    # whether somebody with a given plate was here is the plate itself, to who can try them
    if plate is not None and not caller.may(Scope.PLATES):
        raise Forbidden(f"plate: expected a token or certificate with the scope {Scope.PLATES} to ask by one")
    return caller.may(Scope.PLATES)
