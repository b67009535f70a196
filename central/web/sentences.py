"""What happened, said in a line: the words of `central.web.words` with the facts that came along."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from central.rules.money import rupees
from central.web.reasons import reasons
from central.web.violation_words import TOLD
from central.web.words import HOW, NOTE, ORDER, OUTCOME, REASON, SCREEN, say


def screen(message: str) -> str:
    """A gate's "help: unread" as "Help wanted: plate not read"."""
    what, _colon, why = message.partition(": ")
    return f"{say(SCREEN, what)}: {say(REASON, why)}" if why else say(SCREEN, what)


def about_event(kind: str, facts: Mapping[str, Any]) -> str:
    """The rest of a sentence about a gate's event; never its ticket, which opens the stay."""
    match kind:
        case "gate.notice":
            return _join(str(facts.get("code", "")).replace("_", " "), say(REASON, facts.get("detail")))
        case "command.done":
            return _join(
                say(ORDER, facts.get("name")), say(OUTCOME, facts.get("verdict")), reasons(facts.get("reason"))
            )
        case "gate.started":
            return _join(_("version %(version)s", version=facts.get("version", "?")), facts.get("reason"))
        case "passage.ended":
            return str(facts.get("outcome", "")).replace("_", " ")
        case "entry.refused":
            return say(REASON, facts.get("reason"))
    plate = facts.get("plate") or {}
    if "plate" not in facts:
        return say(HOW, facts.get("how"))
    read = _join(plate.get("text"), _percent(plate.get("confidence"))) if plate else _("plate not read")
    raw = plate.get("raw")
    raw = _("reader saw %(raw)s", raw=raw) if raw and raw != plate.get("text") else ""
    how = facts.get("how")
    return _join(read, raw, say(HOW, how) if how not in ("plate", "unread") else "")


def about_note(kind: str, detail: Mapping[str, Any]) -> str:
    """The rest of a sentence about a line of central's."""
    amount = detail.get("amount_paise")
    return _join(
        rupees(amount) if isinstance(amount, int) else "",
        say(HOW, detail.get("how")),
        _("read as %(plate)s", plate=detail["read"]) if detail.get("read") else "",
        _("receipt %(serial)s", serial=detail["receipt"]) if detail.get("receipt") else "",
        _("code %(code)s", code=detail["code"]) if detail.get("code") else "",
        NOTE.get(detail.get("what"), ""),
        _("was %(plate)s", plate=detail["was"]) if detail.get("was") else "",
        detail.get("is"),
        reasons(detail.get("why")),
    )


def about_step(detail: Mapping[str, Any]) -> str:
    """The rest of a sentence about what was done with a violation."""
    return _join(say(TOLD, detail.get("how")), reasons(detail.get("why")))


def _percent(share: Any) -> str:
    return f"{share:.0%}" if isinstance(share, int | float) else ""


def _join(*parts: Any) -> str:
    return ", ".join(str(part) for part in parts if part)
