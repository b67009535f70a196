"""What gates report of vehicles, applied to stays: an entry, a wish to leave, a change of mind, an exit."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from central.actions import billing, news, records, violation_watch, wallet, webhooks_out
from central.actions.entries import vehicle_entered
from central.actions.linking import link_unmatched
from central.actions.occurrence import Occurrence
from central.actions.passes import follow_pass, has_pass
from central.actions.records import applied_to, as_rule, ask_review, note, put
from central.actions.settling import mark_paid, pay_quote, settle
from central.actions.waiting import forgotten_since
from central.rules import stay as rules
from central.rules.arrivals import whose_exit
from central.rules.matching import Ambiguous, Exact, Near, OpenStay, match
from central.rules.stay_table import Status
from central.store.schema import GateEvent, Stay
from edge.protocol.messages import Exited, ExitHow, ExitRequested, ExitWithdrawn

__all__ = [
    "exit_requested",
    "exit_withdrawn",
    "link_unmatched",
    "mark_paid",
    "pay_quote",
    "vehicle_entered",
    "vehicle_exited",
]

# from the moment an exit lets a vehicle go until it is seen to have passed
ROLL_OUT = timedelta(minutes=2)


def exit_requested(session: Session, at: Occurrence, facts: ExitRequested) -> None:
    """A vehicle stands at the exit: its clock stops and its gate is told what is due. Asked again, it is told again."""
    site = records.lock_site(session, at.gate.site_id)
    row, doubt, alike = _whose_request(session, at, facts)
    if row is None:
        # named by the visit, so that an exit asking again finds it again; or by the stay whose entry is yet to come
        row = records.new_stay(session, at.event.session or facts.request, site.id, at.received_at)
        stay = rules.unmatched(row.id, facts.plate.text if facts.plate else None, facts.vehicle_class)
    else:
        stay = as_rule(row)
    at = at.as_early_as(row.entered_at)
    stay = rules.request_exit(stay, at.at)
    for withdrawn in session.scalars(
        select(GateEvent.at).where(GateEvent.request == facts.request, GateEvent.type == "exit.withdrawn")
    ):
        stay = rules.withdraw(stay, withdrawn)
    if stay.requested_at == at.at:
        # asked again, the visit is of the stay that it was taken to be of, however surely
        row.exit_alike = alike or (row.exit_alike and row.exit_request == facts.request)
        row.exit_request, row.exit_gate = facts.request, at.gate.id
        if forgotten_since(session, at):
            stay = rules.gate_restarted(stay)
        row.exit_image = row.exit_image or facts.image
    for why in filter(None, (doubt, at.doubt)):
        ask_review(row, why)
    put(session, row, stay, at.received_at)
    applied_to(session, at, row)
    read = facts.plate.text if facts.plate else None
    note(session, row, at.at, "exit requested", at.by, read=read, request=facts.request)
    settle(session, row, at.received_at)
    wallet.pay_at_exit(session, row, at.received_at)
    violation_watch.at_exit(session, at, row, facts)
    webhooks_out.stay_changed(session, "stay.exit_requested", row, at.received_at)


def exit_withdrawn(session: Session, at: Occurrence, facts: ExitWithdrawn) -> None:
    """The vehicle backed away. Told before its request, it waits for it: the request looks back."""
    records.lock_site(session, at.gate.site_id)
    row = records.with_request(session, at.gate.site_id, facts.request)
    if row is None:
        return
    put(session, row, rules.withdraw(as_rule(row), at.at), at.received_at)
    applied_to(session, at, row)
    note(session, row, at.at, "exit withdrawn", at.by, request=facts.request)
    follow_pass(session, row, at.received_at)


def vehicle_exited(session: Session, at: Occurrence, facts: Exited) -> None:
    """A stay ends: closed, or owing where it held no permit. An exit nobody's entry fits is kept for a person."""
    site = records.lock_site(session, at.gate.site_id)
    row, named = _whose_exit(session, at, facts), at.event.session or facts.request or at.event.id
    if row is not None and _but_alike(row, facts):
        # whoever it was has neither paid this stay's bill nor shown its plate: the stay is not ended, nor billed
        _visit_was_anothers(session, row, at)
        named = facts.request or at.event.id
        row = records.find(session, site.id, named)
    if row is None:
        row = records.new_stay(session, named, site.id, at.received_at)
        stay = rules.unmatched(row.id, facts.plate.text if facts.plate else None, "car")
        ask_review(row, "an exit that no entry fits")
    else:
        stay = as_rule(row)
    at = at.as_early_as(row.entered_at)
    if stay.exited_at is not None:
        ask_review(row, "seen leaving twice")
        applied_to(session, at, row)
        note(session, row, at.at, "exited again", at.by, how=str(facts.how))
        return
    granted_at = at.at - ROLL_OUT if facts.how is ExitHow.PERMIT else None
    row.exit_gate, row.exit_how, row.exit_image = at.gate.id, str(facts.how), facts.image or row.exit_image
    row.exit_request = row.exit_request or facts.request
    stay = rules.leave(stay, at.at, granted_at)
    put(session, row, stay, at.received_at)
    applied_to(session, at, row)
    note(session, row, at.at, "exited", at.by, how=str(facts.how))
    settle(session, row, at.received_at)
    if row.status == Status.LEFT_OWING and facts.how is not ExitHow.OPEN_AND_BILL:
        ask_review(row, f"left without paying ({str(facts.how).replace('_', ' ')})")
    if at.doubt:
        ask_review(row, at.doubt)
    violation_watch.at_exit(session, at, row, facts)
    news.exited(session, row, at.received_at)
    webhooks_out.stay_changed(session, "stay.exited", row, at.received_at)


def _whose_request(session: Session, at: Occurrence, facts: ExitRequested) -> tuple[Stay | None, str, bool]:
    """The stay an exit request is about, why a person should look at it, and whether the plates are but alike."""
    site_id = at.gate.site_id
    known = records.with_request(session, site_id, facts.request) or records.find(session, site_id, at.event.session)
    if known is not None or at.event.session is not None:
        return known, "", False
    plate = facts.plate.text if facts.plate else None
    candidates = records.entered_before(session, site_id, plate, at.at)
    exact = whose_exit(at.at, [as_rule(row) for row in candidates])
    if exact is not None:
        return records.hold(session, exact.id), "", False
    found = match(plate, [OpenStay(*row) for row in records.inside(session, site_id)], facts.vehicle_class)
    match found:
        case Near() | Exact():
            row = records.hold(session, found.id)
            if row.entered_at is not None and row.entered_at <= at.at:
                why_not = _not_to_be_shown(session, at, row) if isinstance(found, Near) else ""
                if not why_not:
                    return row, f"plate read as {plate} at the exit", isinstance(found, Near)
                return None, f"plate {plate} at the exit is like {row.plate}, whose stay {row.id} {why_not}", False
        case Ambiguous():
            return None, f"plate {plate} at the exit fits {len(found.ids)} stays", False
    return None, "an exit that no entry fits", False


def _not_to_be_shown(session: Session, at: Occurrence, row: Stay) -> str:
    """Why a vehicle with a plate like the stay's is not told its price, "" where it is.

    Where nothing is due the answer would open the exit, and at another exit it would be given to somebody else.
    """
    stay = as_rule(row)
    if stay.waiting and row.exit_gate != at.gate.id:
        return f"stands at {row.exit_gate}"
    owing = stay.status in (Status.OPEN, Status.QUOTED, Status.OVERSTAYED)
    if not owing or stay.permitted(at.at) or has_pass(session, row, at.at):
        return "owes nothing"
    quote = billing.quote_of(session, row, at.at)
    return "" if quote is not None and quote.total_paise > 0 else "owes nothing that is known"


def _but_alike(row: Stay, facts: Exited) -> bool:
    """Whether who has left was only taken to be this stay's vehicle, by a plate like its own, and did not pay."""
    if facts.how is ExitHow.PERMIT or (facts.plate is not None and facts.plate.text == row.plate):
        return False
    if None not in (facts.request, row.exit_request) and facts.request != row.exit_request:
        return facts.plate is not None  # since then the stay's own vehicle has come to an exit
    return row.exit_alike and row.status in (Status.OPEN, Status.QUOTED, Status.OVERSTAYED)


def _visit_was_anothers(session: Session, row: Stay, at: Occurrence) -> None:
    if row.exit_alike:
        # its clock runs as if nobody had come to the exit
        put(session, row, rules.quote_expired(rules.withdraw(as_rule(row), at.at)), at.received_at)
    ask_review(row, f"one with a plate like {row.plate} has left without paying")
    note(session, row, at.at, "exit was another's", at.by, request=row.exit_request)


def _whose_exit(session: Session, at: Occurrence, facts: Exited) -> Stay | None:
    """The stay that has left. Only an exact plate will do where the gate names neither stay nor request."""
    site_id = at.gate.site_id
    known = records.find(session, site_id, at.event.session) or records.with_request(session, site_id, facts.request)
    if known is not None or at.event.session is not None or facts.plate is None:
        return known
    candidates = records.entered_before(session, site_id, facts.plate.text, at.at)
    exact = whose_exit(at.at, [as_rule(row) for row in candidates])
    return None if exact is None else records.hold(session, exact.id)
