"""The command that looks through the audit log."""

from __future__ import annotations

import argparse
import json
import sys

from central.actions import audit_chain
from central.actions.audit_chain import Verdict
from central.actions.errors import Refused
from central.admin import now, ready, who
from central.settings import Settings

NOT_SOUND = 1


def check(args: argparse.Namespace, settings: Settings) -> None:
    """Reads the whole log and says what it found; what it found is noted in the log too."""
    db = ready(settings)
    try:
        with db.begin() as session:
            audit_chain.link_new(session)
        with db.read() as session:
            found = audit_chain.check(session, settings.data_dir)
        with db.begin() as session:
            audit_chain.note_check(session, found, now(), who())
    except ValueError as error:
        raise Refused(str(error)) from error
    finally:
        db.close()
    print(json.dumps(as_json(found)) if args.json else in_words(found))
    if found.broken is not None:
        sys.exit(NOT_SOUND)


def as_json(found: Verdict) -> dict:
    broken = found.broken
    said = None if broken is None else {"kind": str(broken.kind), "position": broken.position, "row": broken.entry_id}
    return {"rows": found.rows, "not_linked_yet": found.tail, "heads": found.heads, "broken": said}


def in_words(found: Verdict) -> str:
    """One line: how many rows are sound, or the first that is not and what was done to it."""
    if found.broken is None:
        beside = f"held against {found.heads} heads written down" if found.heads else "no head is written down yet"
        return f"audit log: {found.rows} rows sound, {found.tail} not linked yet, {beside}"
    row = f" (row {found.broken.entry_id})" if found.broken.entry_id is not None else ""
    broken = f"{found.broken.kind} at place {found.broken.position} of its chain{row}"
    return f"audit log: {broken}; {found.rows} rows before it sound"
