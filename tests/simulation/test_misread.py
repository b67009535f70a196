"""A plate read wrongly at one of the gates, on the real processes: nobody is trapped, and he pays his own stay."""

from __future__ import annotations

import dataclasses
import threading

import pytest

from edge.simulation.demo.drivers import Driver, Links, Visit
from edge.simulation.demo.plans import Pays

pytestmark = [pytest.mark.slow]


class Repainted(Driver):
    """Leaves under another plate than he came with, as if the exit had misread it beyond all likeness."""

    def _leave(self) -> None:
        self.visit.plan = dataclasses.replace(self.visit.plan, plate="DL09ZZ8888")
        super()._leave()


def test_a_driver_whose_plate_fits_no_entry_types_his_ticket_code_pays_and_leaves(town):
    here = town("embedded", seed=4)
    plan = here.next_plan(Pays.AT_EXIT)
    visits: list[Visit] = []
    driver = Repainted(plan, here.park, Links(), threading.Event(), visits.append)
    driver.start()
    here.finished([driver])
    here.wait_for(lambda: here.wait_known(plan)[plan.plate][0]["exited_at"], "central to know that he left")
    (stay,) = here.park.stays()
    assert stay["plate"] == plan.plate
    assert stay["paid_paise"] == stay["amount_paise"] > 0
    assert "joined by ticket code" in stay["review"]
