"""Drivers: each one's visit told from beginning to end, as a generator that yields how long he waits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from central.actions import guest, linking
from central.actions.errors import Refused
from central.payments import service
from central.payments.provider import ProviderUnavailable
from edge.rules.display import Screen
from edge.simulation.world.traffic import Phase
from tests.simulation.world.central import Away, Central
from tests.simulation.world.gate import Gate
from tests.simulation.world.plans import Plan
from tests.simulation.world.psp import APPROVED, DECLINED, UNKNOWN

GLANCE_S = 0.5
SOON_S = 5.0


@dataclass(slots=True)
class Driver:
    """One driver on his way.

    in_at, out_at  when he passed the gates
    paid_at        when central told him that he has paid, last
    needs_person   his display asks for a person;  was_helped: it has, some time
    """

    plan: Plan
    entry: Gate
    exit: Gate
    central: Central
    dice: Random
    in_at: float | None = None
    out_at: float | None = None
    paid_at: float | None = None
    came_out_at: float | None = None
    needs_person: bool = False
    was_helped: bool = False
    ticket: str = ""
    here: Gate | None = None
    backed_out: set[str] = field(default_factory=set)

    @property
    def now(self) -> float:
        return self.central.timeline.now

    def visit(self) -> Iterator[float]:
        plan = self.plan
        yield from self._through(self.entry)
        yield plan.parks_s
        if plan.pays.startswith("before"):
            yield from self._pay_before()
            if self.dice.random() < 0.2:
                yield self.dice.uniform(600, 2400)  # dawdles, may be over the grace
        if plan.pays == "before and again":
            yield from self._pay_before()
        self.came_out_at = self.now
        yield from self._through(self.exit)

    def passed(self, gate: Gate) -> None:
        if gate is self.entry:
            self.in_at = self.now
        else:
            self.out_at = self.now

    # -- in a lane

    def _through(self, gate: Gate) -> Iterator[float]:
        """Drives up to a gate and does what its display asks for, until he is past it."""
        wavers = self.plan.backs_out if gate is self.entry else self.plan.balks
        yield from self._arrive(gate)
        self.here = gate
        while not self._is_past(gate):
            yield GLANCE_S
            if self.plan.name in self.backed_out:
                self.backed_out.discard(self.plan.name)
                yield self.dice.uniform(5.0, 60.0)
                yield from self._arrive(gate)
                continue
            vehicle = gate.lane.vehicle(self.plan.name)
            if vehicle is None or gate.lane.foremost is not vehicle or gate.life is None:
                continue
            if vehicle.phase not in (Phase.AT_LINE, Phase.PASSING):
                continue
            if wavers and vehicle.phase is Phase.AT_LINE and self._may_back_out(gate):
                wavers = False
                gate.lane.back_out(self.plan.name)
                continue
            yield from self._look(gate)
        self.here = None

    def _arrive(self, gate: Gate) -> Iterator[float]:
        while not gate.lane.may_turn_in:
            yield 2.0
        gate.lane.arrive(self.plan.name, {"class": self.plan.vehicle_class}, tailgates=self._tailgates(gate))

    def _tailgates(self, gate: Gate) -> bool:
        # nobody can count who follows others through the open boom of a gate that is dead or dies
        sound = gate.life is not None and gate.power.cut_in is None
        return self.plan.tailgates and gate is self.entry and sound and not gate.lane.empty

    def _is_past(self, gate: Gate) -> bool:
        return (self.in_at if gate is self.entry else self.out_at) is not None

    def _may_back_out(self, gate: Gate) -> bool:
        alone = len(gate.lane.world.vehicles) == 1
        return alone and gate.life.panel.display.screen in (Screen.TICKET, Screen.PAY)

    def _look(self, gate: Gate) -> Iterator[float]:
        shown = gate.life.panel.display
        if shown.screen not in (Screen.HELP, Screen.REFUSED):
            self.needs_person = False
        if shown.ticket and gate is self.entry:
            self.ticket = shown.ticket
        if shown.screen is Screen.BUTTON:
            gate.lane.press()
            yield 2.0
        elif shown.screen is Screen.PAY and shown.pay_url:
            yield from self._pay(self._stay_of(shown.pay_url))
        elif shown.screen is Screen.HELP and shown.pay_url and self.ticket and not self.needs_person:
            yield from self._enter_ticket(self._stay_of(shown.pay_url))
        elif shown.screen in (Screen.HELP, Screen.REFUSED):
            self.needs_person = self.was_helped = True

    # -- on his phone

    def _stay_of(self, pay_url: str) -> str:
        stay = self.central.links.stay_of(pay_url.rsplit("/", 1)[-1])
        assert stay is not None, "the display shows a link that is none of central's"
        return stay

    def _enter_ticket(self, unmatched: str) -> Iterator[float]:
        try:
            now = self.central.timeline.utc
            self.central.web(lambda session: linking.link_unmatched(session, unmatched, self.ticket, now))
            yield SOON_S
        except Refused:
            self.needs_person = self.was_helped = True
        except Away:
            yield SOON_S

    def _pay_before(self) -> Iterator[float]:
        """Scans the ticket's code where he parks."""
        for _ in range(20):
            try:
                row = self.central.web(lambda session: linking.stay_with_ticket(session, self.ticket), write=False)
            except Away:
                row = None
            if row is not None:
                yield from self._pay(row.id)
                return
            yield 20.0

    def _pay(self, stay_id: str) -> Iterator[float]:
        """Pays what the page asks for, trying until the page says that nothing is due."""
        for turn in range(12):
            try:
                reference = self._open_page(stay_id)
            except (Away, ProviderUnavailable):
                yield SOON_S
                continue
            if reference is None:
                self.paid_at = self.now
                return
            yield self.dice.uniform(1.0, 20.0)
            done = self._press_pay(reference, turn)
            yield from self._wait_for_bank(stay_id, done)
            if self.here is not None and self.here.life and self.here.life.panel.display.screen is not Screen.PAY:
                return

    def _open_page(self, stay_id: str) -> str | None:
        """The reference of an order for what is due now; None where nothing is."""
        now = self.central.timeline.utc
        due = self.central.web(lambda session: guest.ask_price(session, stay_id, now))
        if due is None:
            return None
        central, keep_open = self.central, timedelta(minutes=10)
        try:
            offer = central.call(
                lambda: service.start_attempt(central.db, central.psp, due.id, "http://page", keep_open, now)
            )
        except Refused:
            return None
        return offer.attempt_id.replace("-", "")

    def _press_pay(self, reference: str, turn: int) -> str:
        psp, late_s = self.central.psp, self.dice.choice([3.0, 30.0, 300.0])
        if turn == 0 and self.plan.pays == "declined first":
            return psp.pay(reference, DECLINED)
        if turn == 0 and self.plan.pays == "declined, charged later":
            return psp.pay(reference, DECLINED, APPROVED, late_s)
        if turn == 0 and self.plan.pays == "unknown first":
            return psp.pay(reference, UNKNOWN, self.dice.choice([APPROVED, DECLINED]), late_s)
        return psp.pay(reference, APPROVED)

    def _wait_for_bank(self, stay_id: str, answer: str) -> Iterator[float]:
        if answer in (APPROVED, "refused"):
            self.paid_at = self.now
            yield SOON_S
        elif answer == UNKNOWN:
            yield self.dice.choice([10.0, 150.0])  # some do pay again
        else:
            yield SOON_S
