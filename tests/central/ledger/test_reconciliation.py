"""What the provider has paid out against our books: what fits is booked, what does not waits for a person."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from central.actions import settlement as actions
from central.actions.errors import Refused
from central.payments import settlement
from central.store.schema import Audit, Refund, SettlementFile, SettlementLine, Unreconciled
from tests.central.car_park import SITE, CarPark, minutes
from tests.central.ledger.books import Psp, balances, settlement_csv
from tests.central.visits import enter, request

DAY, NEXT_DAY = "2026-11-24", "2026-11-25"
ROOPA = "roopa@example.org"


@pytest.fixture
def psp() -> Psp:
    return Psp()


def begun(park: CarPark, psp: Psp, text: str = "DL1CAB1234") -> str:
    """The reference of a payment of Rs 170 that a driver has opened."""
    stay_id, _ = enter(park, 0, text)
    request(park, 45, text, stay_id)
    return psp.begin(park.db, park.dues(stay_id)[0].id, minutes(45))


def captured(park: CarPark, psp: Psp, text: str = "DL1CAB1234", payment: str = "pay_1") -> str:
    reference = begun(park, psp, text)
    psp.hear(park.db, psp.event(reference, "captured", minutes(46), payment=payment), minutes(46))
    return reference


def take(park: CarPark, *rows: tuple, day: str = DAY, utr: str = "UTR1", now: float = 1500) -> settlement.Taken:
    raw = settlement_csv(day, rows, utr)
    return settlement.take_in(park.db, "mock_upi", raw, SITE, minutes(now), by=ROOPA)


def waiting(park: CarPark) -> list[Unreconciled]:
    with park.db.read() as session:
        return list(session.scalars(select(Unreconciled).where(Unreconciled.resolution.is_(None))))


def resolve(park: CarPark, number: int, how: str, reason: str = "asked the provider") -> Unreconciled:
    with park.db.begin() as session:
        return actions.resolve(session, number, how, minutes(2000), by=ROOPA, reason=reason)


def test_a_payment_that_fits_goes_from_the_provider_to_the_bank_less_its_fee(park, psp):
    reference = captured(park, psp)
    taken = take(park, ("payment", reference, "pay_1", "", 17_000, 50))
    assert (dict(taken.outcomes), taken.known, taken.missing) == ({"matched": 1}, False, 0)
    after = balances(park.db)
    assert (after["bank"], after["psp_fees"], after["gst_input"]) == (169.4, 0.5, 0.1)
    assert "psp_clearing" not in after and waiting(park) == []


def test_the_same_file_again_and_the_same_line_in_a_longer_file_change_nothing(park, psp):
    row = ("payment", captured(park, psp), "pay_1", "", 17_000, 50)
    take(park, row)
    before = balances(park.db)
    assert take(park, row).known
    other = captured(park, psp, "MH12AB1234", "pay_2")
    assert balances(park.db) != before
    taken = take(park, row, ("payment", other, "pay_2", "", 17_000, 0))
    assert dict(taken.outcomes) == {"known": 1, "matched": 1}
    assert balances(park.db)["bank"] == 339.4 and waiting(park) == []
    with park.db.read() as session:
        assert len(session.scalars(select(SettlementFile)).all()) == 2
        assert len(session.scalars(select(SettlementLine)).all()) == 3


def test_a_file_broken_off_half_way_is_gone_on_with(park, psp):
    rows = [("payment", captured(park, psp, f"DL1CA{n:04}", f"pay_{n}"), f"pay_{n}", "", 17_000, 0) for n in range(3)]
    raw = settlement_csv(DAY, rows)
    statement = settlement.read(raw)
    with park.db.begin() as session:
        session.add(
            SettlementFile(
                sha256=statement.sha256, provider="mock_upi", site_id=SITE, day=DAY, utr="UTR1", lines=3,
                net_paise=statement.net_paise, imported_at=minutes(1500), by=ROOPA,
            )
        )  # fmt: skip
    with park.db.begin() as session:
        settlement._take_line(session, "mock_upi", statement, statement.lines[0], minutes(1500))
    assert balances(park.db)["bank"] == 170
    assert dict(take(park, *rows).outcomes) == {"matched": 3}
    assert balances(park.db)["bank"] == 510


def test_a_capture_nobody_told_us_of_is_applied_and_pays_its_due(park, psp):
    reference = begun(park, psp)
    taken = take(park, ("payment", reference, "pay_1", "", 17_000, 0))
    assert dict(taken.outcomes) == {"late": 1}
    [stay] = park.stays()
    assert [due.state for due in park.dues(stay.id)] == ["paid"]
    event = psp.event(reference, "captured", minutes(46), payment="pay_1")
    assert psp.hear(park.db, event, minutes(1501)) == "known already"
    assert balances(park.db)["bank"] == 170 and waiting(park) == []


def test_a_second_payment_of_a_code_found_in_the_file_goes_back_to_its_payer(park, psp):
    reference = captured(park, psp)
    rows = [("payment", reference, f"pay_{n}", "", 17_000, 0) for n in (1, 2)]
    assert dict(take(park, *rows).outcomes) == {"matched": 1, "late": 1}
    psp.give_back(park.db, minutes(1501))
    assert [payment for payment, _ in psp.refunds.values()] == ["pay_2"]
    assert balances(park.db)["psp_clearing"] == -170
    [refund] = psp.refunds
    assert dict(
        take(
            park, ("refund", refund, "pay_2", f"rfnd_{refund}", 17_000, 0), day=NEXT_DAY, utr="UTR2", now=3000
        ).outcomes
    ) == {"matched": 1}
    after = balances(park.db)
    assert after["bank"] == 170 and "psp_clearing" not in after


def test_a_refund_whose_answer_was_lost_is_done_as_the_file_says(park, psp):
    reference = captured(park, psp)
    psp.hear(park.db, psp.event(reference, "captured", minutes(47), payment="pay_2"), minutes(47))
    with park.db.read() as session:
        refund = session.scalars(select(Refund)).one()
    rows = [
        ("payment", reference, "pay_1", "", 17_000, 0),
        ("payment", reference, "pay_2", "", 17_000, 0),
        ("refund", refund.id.replace("-", ""), "pay_2", "rfnd_9", 17_000, 0),
    ]
    assert dict(take(park, *rows).outcomes) == {"matched": 2, "late": 1}
    after = balances(park.db)
    assert after["bank"] == 170 and "customer_credit" not in after


def test_a_payment_of_no_attempt_of_ours_waits_in_suspense(park):
    taken = take(park, ("payment", "z" * 32, "pay_9", "", 9_900, 100))
    assert dict(taken.outcomes) == {"missing_with_us": 1}
    assert balances(park.db) == {"bank": 97.8, "psp_fees": 1.0, "gst_input": 0.2, "suspense": -99.0}
    [item] = waiting(park)
    assert (item.kind, item.payment_ref, item.ours_paise, item.theirs_paise) == (
        "missing_with_us",
        "pay_9",
        None,
        9_900,
    )
    with pytest.raises(Refused, match="expected one of noted, goes_back"):
        resolve(park, item.id, "given_up")
    with pytest.raises(Refused, match="say why"):
        resolve(park, item.id, "goes_back", " ")
    resolve(park, item.id, "goes_back")
    assert balances(park.db) == {} and waiting(park) == []
    with pytest.raises(Refused, match="settled already, by roopa"):
        resolve(park, item.id, "goes_back")
    with park.db.read() as session:
        assert session.scalars(select(Audit.what).where(Audit.by == ROOPA)).all() == [
            "settlement file",
            "reconciliation",
        ]


def test_a_refund_of_no_refund_of_ours_waits_in_suspense(park):
    taken = take(park, ("refund", "z" * 32, "pay_9", "rfnd_9", 9_900, 0))
    assert dict(taken.outcomes) == {"missing_with_us": 1}
    assert balances(park.db) == {"bank": -99.0, "suspense": 99.0}
    resolve(park, waiting(park)[0].id, "goes_back")
    assert balances(park.db) == {}


def test_another_amount_than_ours_is_booked_as_it_came_and_looked_at(park, psp):
    taken = take(park, ("payment", captured(park, psp), "pay_1", "", 15_000, 0))
    assert dict(taken.outcomes) == {"amount_differs": 1}
    assert balances(park.db)["psp_clearing"] == 20
    [item] = waiting(park)
    assert (item.ours_paise, item.theirs_paise) == (17_000, 15_000) and item.stay_id
    resolve(park, item.id, "given_up")
    assert balances(park.db)["write_off"] == 20


def test_a_payment_paid_out_twice_waits_in_suspense(park, psp):
    row = ("payment", captured(park, psp), "pay_1", "", 17_000, 0)
    take(park, row)
    taken = take(park, row, day=NEXT_DAY, utr="UTR2", now=3000)
    assert dict(taken.outcomes) == {"duplicate": 1}
    assert balances(park.db)["suspense"] == -170
    assert [item.kind for item in waiting(park)] == ["duplicate"]
    assert dict(take(park, row, row, day=NEXT_DAY, utr="UTR2", now=3000).outcomes) == {"known": 1, "duplicate": 1}


def test_a_capture_in_no_file_is_queued_until_one_has_it(park, psp):
    first, second = captured(park, psp), captured(park, psp, "MH12AB1234", "pay_2")
    running = take(park, ("payment", first, "pay_1", "", 17_000, 0), now=50)
    assert running.missing == 0, "the day is not over"
    assert take(park, ("payment", first, "pay_1", "", 17_000, 0)).missing == 1
    [item] = waiting(park)
    assert (item.kind, item.payment_ref, item.ours_paise) == ("missing_with_them", "pay_2", 17_000)
    taken = take(park, ("payment", second, "pay_2", "", 17_000, 0), day=NEXT_DAY, utr="UTR2", now=3000)
    assert dict(taken.outcomes) == {"matched": 1} and waiting(park) == []
    with park.db.read() as session:
        row = session.get_one(Unreconciled, item.id)
        assert (row.resolution, row.reason) == ("came_later", "paid out by UTR2")


def test_what_was_given_up_and_comes_all_the_same_is_no_second_revenue(park, psp):
    first, second = captured(park, psp), captured(park, psp, "MH12AB1234", "pay_2")
    take(park, ("payment", first, "pay_1", "", 17_000, 0))
    resolve(park, waiting(park)[0].id, "given_up")
    assert balances(park.db)["write_off"] == 170
    taken = take(park, ("payment", second, "pay_2", "", 17_000, 0), day=NEXT_DAY, utr="UTR2", now=3000)
    assert dict(taken.outcomes) == {"duplicate": 1}
    assert balances(park.db)["suspense"] == -170


def test_a_file_for_a_site_that_is_not_there_is_refused(park):
    with pytest.raises(Refused, match="'x' is not known"):
        settlement.take_in(park.db, "mock_upi", settlement_csv(DAY, [("payment", "a", "p", "", 100, 0)]), "x",
                           minutes(1500), by=ROOPA)  # fmt: skip
