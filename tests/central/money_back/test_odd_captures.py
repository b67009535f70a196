"""Money of another amount than was asked for: given back whole, taken as a part, or taken and the rest given back."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from central.actions import accounts, credit_notes, guest, wallet
from central.actions.billing import lines_from_json, paid_paise
from central.actions.errors import Refused
from central.actions.receipts import issue_receipt
from central.payments import odd_captures, service
from central.rules import invoice as invoice_rules
from central.store.reads import captures
from central.store.schema import Attempt, Audit, Due, Job, OddDecision, Receipt, Refund, Stay
from edge.protocol.messages import ExitHow, SessionStatus
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.ledger.books import Psp, balances
from tests.central.money_back.till import ROOPA, waits
from tests.central.visits import leave, timeline


@pytest.fixture
def psp() -> Psp:
    return Psp()


def came(park: CarPark, psp: Psp, paise: int, due_id: str) -> str:
    """So much is captured for a due of Rs 170; the attempt."""
    reference = psp.begin(park.db, due_id, minutes(45))
    assert psp.hear(park.db, psp.event(reference, "captured", minutes(46), paise=paise), minutes(46)) == "mismatch"
    with park.db.read() as session:
        return session.scalars(select(Attempt.id).where(Attempt.due_id == due_id).order_by(Attempt.id)).all()[-1]


def decide(park: CarPark, attempt_id: str, way: str, reason: str = "rang the driver", **given) -> OddDecision:
    with park.db.begin() as session:
        return odd_captures.decide(session, attempt_id, way, minutes(50), by=ROOPA, reason=reason, **given)


def ways(park: CarPark, attempt_id: str) -> list[str]:
    with park.db.read() as session:
        return [str(one.way) for one in odd_captures.choices(session, session.get_one(Attempt, attempt_id))]


def receipts(park: CarPark, stay_id: str) -> list[Receipt]:
    with park.db.read() as session:
        return list(session.scalars(select(Receipt).where(Receipt.stay_id == stay_id).order_by(Receipt.id)))


def true(receipt: Receipt) -> bool:
    """The receipt recomputes to its paise."""
    totals = invoice_rules.recompute(lines_from_json(receipt.lines), receipt.tax_rate_bp, receipt.tax_included)
    tax = receipt.cgst_paise + receipt.sgst_paise + receipt.igst_paise
    wanted = (receipt.taxable_paise, tax, receipt.rounding_paise, receipt.total_paise)
    return (totals.taxable_paise, totals.tax_paise, totals.rounding_paise, totals.total_paise) == wanted


def test_it_waits_for_a_person_and_belongs_to_its_payer(park, psp):
    stay_id, due_id = waits(park)
    attempt_id = came(park, psp, 15_000, due_id)
    assert "₹150 came where another amount was asked for" in park.stay(stay_id).review
    assert balances(park.db) == {"psp_clearing": 150.0, "customer_credit": -150.0}
    with park.db.read() as session:
        [row] = captures.odd(session, decided=False).rows
        assert (row.attempt.id, row.site_id, row.decision) == (attempt_id, SITE, None)


def test_all_of_it_goes_back_and_the_driver_can_pay_anew(park, psp):
    stay_id, due_id = waits(park)
    decide(park, came(park, psp, 15_000, due_id), "back")
    assert park.stay(stay_id).review is None
    psp.give_back(park.db, minutes(61))
    assert [paise for _, paise in psp.refunds.values()] == [15_000] and balances(park.db) == {}
    with park.db.read() as session:
        assert not guest.bill(session, stay_id, minutes(51)).other_amount
    again = psp.begin(park.db, due_id, minutes(52))
    assert psp.hear(park.db, psp.event(again, "captured", minutes(53), payment="p2"), minutes(53)) == "captured"
    assert balances(park.db)["psp_clearing"] == 170
    with park.db.read() as session:
        assert session.scalar(select(Audit.what).where(Audit.by == ROOPA)) == "odd capture"


def test_what_goes_back_whole_waits_ten_minutes_and_can_be_held_back_until_it_is_sent(park, psp):
    stay_id, due_id = waits(park)
    attempt_id = came(park, psp, 15_000, due_id)
    decide(park, attempt_id, "back")
    with park.db.read() as session:
        job = session.scalars(select(Job).where(Job.kind == service.REFUND)).one()
        refund_id = session.scalars(select(Refund.id)).one()
    assert job.run_at == minutes(60)
    before = balances(park.db)
    with park.db.begin() as session:
        odd_captures.hold_back(session, attempt_id, minutes(55), by=ROOPA, reason="the wrong one")
    service.send_refund(park.db, psp, refund_id, minutes(60))
    assert psp.refunds == {} and balances(park.db) == before
    assert "₹150 came" in park.stay(stay_id).review and ways(park, attempt_id) == ["part", "back"]
    with park.db.read() as session:
        assert session.scalars(select(Job).where(Job.kind == service.REFUND)).all() == []


def test_what_has_been_sent_can_not_be_held_back(park, psp):
    _, due_id = waits(park)
    attempt_id = came(park, psp, 15_000, due_id)
    decide(park, attempt_id, "back")
    psp.give_back(park.db, minutes(60))
    with pytest.raises(Refused, match="has been sent back"), park.db.begin() as session:
        odd_captures.hold_back(session, attempt_id, minutes(61), by=ROOPA, reason="the wrong one")


def test_too_little_counts_as_a_part_and_the_rest_is_asked_for_at_the_exit(park, psp):
    stay_id, due_id = waits(park)
    decide(park, came(park, psp, 15_000, due_id), "part")
    told = park.told(stay_id)
    assert told.status == SessionStatus.QUOTED and told.quote.amount_paise == 2_000, "nothing opens yet"
    [paid, rest] = park.dues(stay_id)
    assert (paid.state, paid.amount_paise, rest.state, rest.amount_paise) == ("paid", 15_000, "quoted", 2_000)
    [receipt] = receipts(park, stay_id)
    assert receipt.total_paise == 15_000 and true(receipt)
    assert "Paid in part: ₹20 is still to be paid" in [line["text"] for line in receipt.lines]
    assert balances(park.db)["psp_clearing"] == 150 and "customer_credit" not in balances(park.db)
    reference = psp.begin(park.db, rest.id, minutes(51))
    assert psp.hear(park.db, psp.event(reference, "captured", minutes(52), payment="p2"), minutes(52)) == "captured"
    assert park.told(stay_id).status == SessionStatus.PAID
    assert [one.total_paise for one in receipts(park, stay_id)] == [15_000, 2_000]
    assert all(true(one) for one in receipts(park, stay_id))
    assert balances(park.db)["psp_clearing"] == 170
    assert "paid in part" in timeline(park, stay_id)


def test_a_part_of_what_a_vehicle_left_owing_leaves_the_rest_owed(park, psp):
    stay_id, due_id = waits(park)
    attempt_id = came(park, psp, 15_000, due_id)
    leave(park, 47, session=stay_id, how=ExitHow.OPEN_AND_BILL)
    assert balances(park.db)["receivable"] == 170
    decide(park, attempt_id, "part")
    after = balances(park.db)
    assert (after["receivable"], after["psp_clearing"]) == (20, 150) and "customer_credit" not in after
    assert park.stay(stay_id).status == "left_owing"


def test_too_much_pays_what_was_asked_and_the_difference_goes_back(park, psp):
    stay_id, due_id = waits(park)
    attempt_id = came(park, psp, 20_000, due_id)
    assert ways(park, attempt_id) == ["taken", "back"]
    decide(park, attempt_id, "taken")
    assert park.told(stay_id).status == SessionStatus.PAID
    [receipt] = receipts(park, stay_id)
    assert receipt.total_paise == 17_000 and true(receipt)
    assert balances(park.db)["customer_credit"] == -30
    psp.give_back(park.db, minutes(51))
    assert [paise for _, paise in psp.refunds.values()] == [3_000]
    after = balances(park.db)
    assert after["psp_clearing"] == 170 and "customer_credit" not in after
    with park.db.read() as session:
        assert paid_paise(session, stay_id) == 17_000, "what was too much was never paid for the stay"
        assert session.get_one(Due, due_id).state == "paid"


def test_what_was_taken_goes_back_by_its_receipt_to_the_same_payment(park, psp):
    stay_id, due_id = waits(park)
    decide(park, came(park, psp, 20_000, due_id), "taken")
    [receipt] = receipts(park, stay_id)
    with park.db.begin() as session:
        credit_notes.issue(session, receipt.id, 17_000, minutes(60), by=ROOPA, reason="a complaint")
    psp.give_back(park.db, minutes(61))
    assert sorted(paise for _, paise in psp.refunds.values()) == [3_000, 17_000]
    assert balances(park.db) == {"revenue": -144.06, "refunds": 144.06}
    with park.db.read() as session:
        assert paid_paise(session, stay_id) == 0


def test_once_the_due_is_paid_otherwise_it_can_only_go_back(park, psp):
    _, due_id = waits(park)
    attempt_id = came(park, psp, 20_000, due_id)
    other = psp.begin(park.db, due_id, minutes(47))
    psp.hear(park.db, psp.event(other, "captured", minutes(48), payment="p2"), minutes(48))
    assert ways(park, attempt_id) == ["back"]
    with pytest.raises(Refused, match="'taken' can't be done with this payment: expected one of back"):
        decide(park, attempt_id, "taken")
    decide(park, attempt_id, "back")
    psp.give_back(park.db, minutes(61))
    assert balances(park.db)["psp_clearing"] == 170


def test_a_decision_is_made_once_by_one_person_with_a_reason(park, psp):
    _, due_id = waits(park)
    attempt_id = came(park, psp, 20_000, due_id)
    with pytest.raises(Refused, match="say why"):
        decide(park, attempt_id, "taken", " ")
    decide(park, attempt_id, "taken", key="a-form-sent-twice")
    before = balances(park.db)
    assert decide(park, attempt_id, "taken", key="a-form-sent-twice").way == "taken"
    with pytest.raises(Refused, match="decided about already, by roopa"):
        decide(park, attempt_id, "back")
    with pytest.raises(Refused, match=r"^409 "):
        decide(park, attempt_id, "back", key="a-form-sent-twice")
    assert balances(park.db) == before and ways(park, attempt_id) == []
    with pytest.raises(Refused, match="no such payment"):
        decide(park, "none", "back")
    with pytest.raises(Refused, match="only what goes back whole"), park.db.begin() as session:
        odd_captures.hold_back(session, attempt_id, minutes(55), by=ROOPA, reason="x")


def test_the_providers_late_words_change_nothing_of_a_decision(park, psp):
    stay_id, due_id = waits(park)
    attempt_id = came(park, psp, 15_000, due_id)
    decide(park, attempt_id, "part")
    before = balances(park.db)
    reference = attempt_id.replace("-", "")
    for status in ("failed", "pending", "captured"):
        event = psp.event(reference, status, minutes(55), paise=15_000)
        psp.hear(park.db, event, minutes(55))
    assert balances(park.db) == before
    with park.db.begin() as session:
        due = session.get_one(Due, due_id)
        assert issue_receipt(session, session.get_one(Stay, stay_id), due, minutes(56)).total_paise == 15_000


def test_a_second_payment_of_such_a_code_goes_back_by_itself_and_the_first_still_waits(park, psp):
    _, due_id = waits(park)
    attempt_id = came(park, psp, 15_000, due_id)
    second = psp.event(attempt_id.replace("-", ""), "captured", minutes(47), payment="p2", paise=15_000)
    assert psp.hear(park.db, second, minutes(47)) == "duplicate"
    assert balances(park.db)["customer_credit"] == -300
    psp.give_back(park.db, minutes(48))
    assert balances(park.db) == {"psp_clearing": 150.0, "customer_credit": -150.0}
    decide(park, attempt_id, "part")
    assert balances(park.db)["psp_clearing"] == 150


def test_of_two_who_decide_at_one_moment_one_is_heard(park, psp):
    _, due_id = waits(park)
    attempt_id = came(park, psp, 20_000, due_id)
    start = threading.Barrier(2)

    def decided(way: str) -> str:
        start.wait(10)
        try:
            return decide(park, attempt_id, way).way
        except Refused as error:
            return str(error)

    with ThreadPoolExecutor(2) as staff:
        answers = sorted(staff.map(decided, ("taken", "back")), key=len)
    assert answers[0] in ("taken", "back") and "decided about already" in answers[1]
    psp.give_back(park.db, minutes(61))
    assert [paise for _, paise in psp.refunds.values()] == [20_000 if answers[0] == "back" else 3_000]
    balances(park.db)


def test_too_much_for_a_wallet_fills_it_with_what_was_asked_and_too_little_goes_back(park, psp):
    with park.db.begin() as session:
        mine = accounts.open_account(session, SITE, "Asha Rao", minutes(0), "office").id
    with park.db.begin() as session:
        due_id = wallet.top_up(session, mine, 50_000, minutes(0)).id
    low, high = came(park, psp, 40_000, due_id), came(park, psp, 60_000, due_id)
    assert (ways(park, low), ways(park, high)) == (["back"], ["taken", "back"])
    decide(park, high, "taken")
    decide(park, low, "back")
    psp.give_back(park.db, minutes(61))
    assert balances(park.db) == {"psp_clearing": 500.0, "wallet": -500.0}
