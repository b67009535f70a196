"""Every word of a provider, however doubled and shuffled, ends in one kept payment; all else goes back."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from central.actions.billing import paid_paise
from central.actions.errors import Refused
from central.actions.gates import add_gate, add_site
from central.actions.inbox import keep_event
from central.actions.occurrence import Occurrence
from central.actions.settling import pay_quote
from central.actions.stays import vehicle_entered
from central.actions.tariffs import load_tariff
from central.payments import service
from central.payments.provider import Order, Placed, ProviderEvent, ProviderUnavailable
from central.store.database import Database
from central.store.migrations import upgrade
from central.store.schema import Attempt, Due, Gate, Job, PaymentEvent, Receipt, Refund, Stay, StayEvent
from edge.protocol import ids
from edge.protocol.messages import Entered, Event, PlateSeen

TARIFF = Path("config/tariffs/delhi-example.toml").read_text()
ENTERED = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
NOW = ENTERED + timedelta(minutes=40)  # Rs 170
KEEP_OPEN = timedelta(minutes=10)


class Psp:
    """A provider in memory: says of its orders what a test tells it to."""

    name = "psp"

    def __init__(self) -> None:
        self.away = False
        self.orders: dict[str, Order] = {}
        self.told: dict[str, list[ProviderEvent]] = {}
        self.refunds: dict[str, int] = {}
        self.refunded: list[str] = []

    def place(self, order: Order, now: datetime) -> Placed:
        if self.away:
            raise ProviderUnavailable("away")
        self.orders[order.reference] = order
        return Placed(f"o-{order.reference}", f"upi://pay?tr={order.reference}", f"http://psp/{order.reference}")

    def events(self, order_ref: str) -> list[ProviderEvent]:
        if self.away:
            raise ProviderUnavailable("away")
        return self.told.get(order_ref.removeprefix("o-"), [])

    def refund(self, reference: str, payment_ref: str, amount_paise: int) -> str:
        self.refunds[reference] = amount_paise
        self.refunded.append(payment_ref)
        return f"r-{reference}"

    def say(self, reference: str, status: str, code: str = "00", payment: str = "1") -> ProviderEvent:
        amount, event_id = self.orders[reference].amount_paise, f"{reference}:{payment}:{status}"
        event = ProviderEvent(event_id, reference, f"p-{payment}", status, code, amount, "asha.k@okbank", NOW, "{}")
        self.told.setdefault(reference, []).append(event)
        return event


@pytest.fixture
def psp():
    return Psp()


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('payments') / 'central.db'}")
    upgrade(database.engine)
    with database.begin() as session:
        add_site(session, "delhi", ENTERED, "test")
        load_tariff(session, "delhi", TARIFF, ENTERED, "test")
        add_gate(session, "delhi", "entry-1", ENTERED, "test", lane="entry")
    yield database
    database.close()


_numbers = itertools.count(1000)
_seqs = itertools.count(1)
JOURNAL = ids.uuid7()


def due_of_a_parked_car(database: Database) -> str:
    """A car that entered at ENTERED and asks at NOW what it owes."""
    stay_id = ids.uuid7()
    facts = Entered(plate=PlateSeen(text=f"DL01AB{next(_numbers)}"), ticket=ids.ticket())
    event = Event(
        id=ids.uuid7(), gate="entry-1", journal=JOURNAL, stream="money", seq=next(_seqs), boot=JOURNAL, mono_ms=0,
        wall=ENTERED, type="vehicle.entered", session=stay_id, data=facts.model_dump(mode="json"),
    )  # fmt: skip
    with database.begin() as session:
        gate = session.get_one(Gate, ("delhi", "entry-1"))
        occurrence = Occurrence.of(event, gate, ENTERED)
        keep_event(session, occurrence)
        vehicle_entered(session, occurrence, facts)
    with database.begin() as session:
        due = pay_quote(session, session.get_one(Stay, stay_id), NOW)
        assert due is not None and due.amount_paise == 170_00
        return due.id


def start(database: Database, psp: Psp, due_id: str, now: datetime = NOW) -> str:
    offer = service.start_attempt(database, psp, due_id, "http://127.0.0.1/p/x", KEEP_OPEN, now)
    return offer.attempt_id.replace("-", "")


def hear(database: Database, event: ProviderEvent, now: datetime = NOW) -> str:
    with database.begin() as session:
        return service.apply_event(session, "psp", event, now)


def run_refunds(database: Database, psp: Psp, due_id: str) -> None:
    with database.read() as session:
        of_due = select(Refund.id).join(Attempt).where(Attempt.due_id == due_id, Refund.state == "requested")
        waiting = list(session.scalars(of_due))
    for refund_id in waiting:
        service.send_refund(database, psp, refund_id, NOW)


def books(database: Database, due_id: str) -> dict:
    """What a due looks like from outside, with no ids or times in it."""
    with database.read() as session:
        due = session.get_one(Due, due_id)
        attempts = list(session.scalars(select(Attempt).where(Attempt.due_id == due_id)))
        captured = sum(attempt.captured_paise or 0 for attempt in attempts)
        refunds = list(session.scalars(select(Refund).join(Attempt).where(Attempt.due_id == due_id)))
        paid_notes = select(func.count()).where(StayEvent.stay_id == due.stay_id, StayEvent.kind == "paid")
        return {
            "due": due.state,
            "status": session.get_one(Stay, due.stay_id).status,
            "applied": sum(attempt.applied for attempt in attempts),
            "kept_paise": captured - sum(refund.amount_paise for refund in refunds),
            "receipts": session.scalar(select(func.count()).where(Receipt.due_id == due_id)),
            "paid_notes": session.scalar(paid_notes),
        }


PAID_ONCE = {"due": "paid", "status": "paid", "applied": 1, "kept_paise": 170_00, "receipts": 1, "paid_notes": 1}


def test_a_capture_pays_the_stay_and_gives_one_receipt(database, psp):
    due_id = due_of_a_parked_car(database)
    reference = start(database, psp, due_id)
    assert psp.orders[reference].amount_paise == 170_00
    assert hear(database, psp.say(reference, "captured")) == "captured"
    assert books(database, due_id) == PAID_ONCE


def test_pressing_pay_again_offers_the_same_attempt(database, psp):
    due_id = due_of_a_parked_car(database)
    assert start(database, psp, due_id) == start(database, psp, due_id)
    assert len(psp.orders) == 1


def test_the_same_capture_by_webhook_and_poll_counts_once(database, psp):
    due_id = due_of_a_parked_car(database)
    reference = start(database, psp, due_id)
    event = psp.say(reference, "captured")
    assert [hear(database, event), hear(database, event)] == ["captured", "known already"]
    attempt_id = service._attempt_id(reference)
    assert service.poll_attempt(database, psp, attempt_id, NOW) is None
    assert books(database, due_id) == PAID_ONCE


def test_declined_and_then_paid_by_a_second_attempt(database, psp):
    due_id = due_of_a_parked_car(database)
    first = start(database, psp, due_id)
    assert hear(database, psp.say(first, "failed", "U30")) == "failed"
    assert books(database, due_id)["due"] == "quoted"
    second = start(database, psp, due_id)
    assert second != first
    hear(database, psp.say(second, "captured"))
    assert books(database, due_id) == PAID_ONCE


def test_two_captures_of_one_due_keep_the_first_and_refund_the_second(database, psp):
    due_id = due_of_a_parked_car(database)
    first = start(database, psp, due_id)
    hear(database, psp.say(first, "failed", "U30"))
    second = start(database, psp, due_id)
    hear(database, psp.say(second, "captured", payment="2"))
    assert hear(database, psp.say(first, "captured", payment="1")) == "duplicate"
    run_refunds(database, psp, due_id)
    assert list(psp.refunds.values()) == [170_00]
    assert books(database, due_id) == PAID_ONCE
    run_refunds(database, psp, due_id)
    assert len(psp.refunds) == 1


def test_one_code_paid_from_two_phones_keeps_one_payment_and_gives_the_other_back(database, psp):
    due_id = due_of_a_parked_car(database)
    reference = start(database, psp, due_id)
    hear(database, psp.say(reference, "captured", payment="1"))
    assert hear(database, psp.say(reference, "captured", payment="2")) == "duplicate"
    assert hear(database, psp.say(reference, "failed", payment="3")) == "captured"
    run_refunds(database, psp, due_id)
    assert psp.refunded == ["p-2"]
    with database.read() as session:
        kept = session.scalar(select(Attempt).where(Attempt.due_id == due_id))
        assert (kept.payment_ref, kept.applied) == ("p-1", True)
        assert paid_paise(session, session.get_one(Due, due_id).stay_id) == 170_00


def test_an_unknown_answer_is_never_final(database, psp):
    due_id = due_of_a_parked_car(database)
    reference = start(database, psp, due_id)
    assert hear(database, psp.say(reference, "pending", "RB")) == "unknown"
    later = NOW + KEEP_OPEN + timedelta(hours=3)
    assert service.poll_attempt(database, psp, service._attempt_id(reference), later) is not None
    assert hear(database, psp.say(reference, "captured"), later) == "captured"
    assert books(database, due_id)["due"] == "paid"


def test_an_attempt_nobody_pays_expires_and_is_still_asked_about(database, psp):
    due_id = due_of_a_parked_car(database)
    attempt_id = service._attempt_id(start(database, psp, due_id))
    assert service.poll_attempt(database, psp, attempt_id, NOW + KEEP_OPEN) is not None
    with database.read() as session:
        assert session.get_one(Attempt, attempt_id).state == "expired"
    assert service.poll_attempt(database, psp, attempt_id, NOW + KEEP_OPEN + timedelta(days=2)) is None


def test_a_provider_that_is_away_leaves_an_attempt_that_the_next_press_goes_on_with(database, psp):
    due_id = due_of_a_parked_car(database)
    psp.away = True
    with pytest.raises(ProviderUnavailable):
        start(database, psp, due_id)
    psp.away = False
    start(database, psp, due_id)
    with database.read() as session:
        assert session.scalar(select(func.count()).where(Attempt.due_id == due_id)) == 1


def test_nothing_more_can_be_paid_on_a_paid_due(database, psp):
    due_id = due_of_a_parked_car(database)
    hear(database, psp.say(start(database, psp, due_id), "captured"))
    with pytest.raises(Refused, match="paid"):
        start(database, psp, due_id)


def test_a_payment_of_no_attempt_of_ours_is_kept_and_changes_nothing(database, psp):
    psp.orders["f" * 32] = Order("f" * 32, 100, "", "", NOW)
    assert hear(database, psp.say("f" * 32, "captured")) == "no such attempt"
    with database.read() as session:
        kept = session.scalar(select(PaymentEvent.outcome).where(PaymentEvent.provider_event_id.startswith("f" * 32)))
    assert kept == "no such attempt"


def test_each_attempt_has_a_job_that_asks_about_it(database, psp):
    due_id = due_of_a_parked_car(database)
    attempt_id = service._attempt_id(start(database, psp, due_id))
    with database.read() as session:
        job = session.scalar(select(Job).where(Job.key == f"{service.POLL}:{attempt_id}"))
        assert job.payload == {"attempt_id": attempt_id}


@pytest.mark.parametrize(
    ("payer", "shown"), [("asha.k@okbank", "a****k@okbank"), ("", ""), ("x@y", "x****x@y"), ("no-at-sign", "")]
)
def test_a_payer_is_shown_masked(payer, shown):
    assert service.masked(payer) == shown


SAYINGS = st.lists(
    st.tuples(st.sampled_from([0, 1, 2]), st.sampled_from(["captured", "failed", "pending"])), min_size=1, max_size=8
)


@settings(max_examples=20)
@given(sayings=SAYINGS, shuffle=st.randoms(use_true_random=False))
def test_shuffled_and_doubled_words_keep_one_payment_and_give_the_rest_back(database, sayings, shuffle):
    psp = Psp()
    due_id = due_of_a_parked_car(database)
    references = []
    for _ in range(3):
        references.append(start(database, psp, due_id))
        hear(database, psp.say(references[-1], "failed", "U30", payment="first"))
    events = [psp.say(references[which], status, payment=str(which)) for which, status in sayings]
    script = [*events, *events]
    shuffle.shuffle(script)
    for event in script:
        hear(database, event)
    run_refunds(database, psp, due_id)
    if any(status == "captured" for _, status in sayings):
        assert books(database, due_id) == PAID_ONCE
    else:
        owed = books(database, due_id)
        assert (owed["due"], owed["applied"], owed["kept_paise"], owed["receipts"]) == ("quoted", 0, 0, 0)
