"""What the driver at the lane is shown: derived from the lane, never more than that driver may see. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from edge.protocol.messages import ExitHow
from edge.rules.access import Reason
from edge.rules.lane.state import Lane, LaneRules
from edge.rules.lane.visit import Stage, Visit

FAREWELL_S = 8.0  # so long the last vehicle's screen stays when nobody follows


class Screen(StrEnum):
    """What the display is about."""

    WELCOME = "welcome"
    READING = "reading"
    WAIT = "wait"  # central is being asked
    TICKET = "ticket"  # an entry is open
    GO = "go"  # an exit is open
    PAY = "pay"
    BUTTON = "button"  # press it
    REFUSED = "refused"
    HELP = "help"  # a person is on the way, or has to be called
    HELD = "held"  # a person holds the boom open
    FAREWELL = "farewell"
    FIRE = "fire"
    STOPPED = "stopped"
    OUT_OF_ORDER = "out_of_order"


@dataclass(frozen=True, slots=True)
class Display:
    """One screen.

    visit         whose it is, None for nobody's
    plate         as read, None when it was not
    ticket        the stay's bearer token, for the QR at an entry
    pay_url       for the QR at an exit; amount_paise: what is due; until: how long that holds
    entered_at, stopped_at  the stay that is billed, aware
    reason        why it waits or was refused
    note          a sentence of central's
    called        the driver has called for help
    paid          what was asked of this driver here has been paid
    """

    screen: Screen = Screen.WELCOME
    visit: str | None = None
    plate: str | None = None
    ticket: str | None = None
    amount_paise: int | None = None
    pay_url: str | None = None
    entered_at: datetime | None = None
    stopped_at: datetime | None = None
    until: datetime | None = None
    reason: Reason | None = None
    note: str = ""
    called: bool = False
    paid: bool = False


_AT_STAGE = {
    Stage.WATCHING: Screen.READING,
    Stage.DECIDING: Screen.READING,
    Stage.ASKING: Screen.HELP,
    Stage.REFUSED: Screen.REFUSED,
    Stage.REQUESTING: Screen.WAIT,
    Stage.QUOTED: Screen.PAY,
    Stage.GRANTING: Screen.READING,
    Stage.STALLED: Screen.BUTTON,
}


def display(
    lane: Lane, rules: LaneRules, now: float, *, fire: bool = False, stopped: bool = False, out_of_order: bool = False
) -> Display:
    """The screen for the lane as it is at monotonic time `now`; an alarm or a fault of the boom comes first."""
    if fire:
        return Display(Screen.FIRE)
    if stopped:
        return Display(Screen.STOPPED)
    if out_of_order:
        return Display(Screen.OUT_OF_ORDER, called=lane.visit is not None and lane.visit.helped is not None)
    if lane.visit is not None:
        if lane.held and lane.visit.grant is None:
            return _of(lane.visit, Screen.HELD)
        return _of(lane.visit, _screen(lane.visit, rules))
    if lane.crossing is not None and lane.crossing.grant is not None:
        return _of(lane.crossing, _let_through(rules))
    if lane.crossing is not None and lane.raised:
        return _of(lane.crossing, Screen.HELD)
    if lane.last is not None and lane.last.grant is not None and now - lane.last_at < FAREWELL_S:
        # the ticket stays for a slow phone; an exit has nothing left to read
        return _of(lane.last, Screen.TICKET if rules.direction == "entry" else Screen.FAREWELL)
    return Display(Screen.HELD if lane.held else Screen.WELCOME)


def _screen(visit: Visit, rules: LaneRules) -> Screen:
    if visit.stage is Stage.OPEN:
        return _let_through(rules)
    offers_ticket = rules.direction == "entry" and rules.button == "admit"
    if visit.stage is Stage.ASKING and visit.reason is Reason.UNREAD and offers_ticket:
        return Screen.BUTTON
    return _AT_STAGE[visit.stage]


def _let_through(rules: LaneRules) -> Screen:
    return Screen.TICKET if rules.direction == "entry" else Screen.GO


def _of(visit: Visit, screen: Screen) -> Display:
    quote = visit.quote
    return Display(
        screen=screen,
        visit=visit.id,
        plate=visit.plate.text if visit.plate else None,
        ticket=visit.grant.ticket if visit.grant and screen is Screen.TICKET else None,
        amount_paise=quote.amount_paise if quote and screen is Screen.PAY else None,
        pay_url=quote.pay_url if quote and screen in (Screen.PAY, Screen.HELP) else None,
        entered_at=visit.entered_at,
        stopped_at=quote.stopped_at if quote else None,
        until=quote.expires_at if quote else None,
        reason=visit.reason,
        note=quote.note if quote else "",
        called=visit.helped is not None,
        paid=screen in (Screen.GO, Screen.FAREWELL) and visit.how is ExitHow.PERMIT and _asked_for_money(visit),
    )


def _asked_for_money(visit: Visit) -> bool:
    return visit.quote is not None and visit.quote.amount_paise > 0
