"""`ledger-catch-up`, as an administrator types it: says what it would book, books it, and never twice."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from central.__main__ import main
from central.store.schema import Attempt
from edge.protocol.messages import ExitHow
from tests.central.car_park import CarPark, minutes
from tests.central.ledger.books import Psp, balances
from tests.central.ledger.unguarded import forget_books
from tests.central.visits import enter, leave, request


@pytest.fixture
def park(sqlite, settings, monkeypatch) -> CarPark:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{sqlite.url.database}")
    monkeypatch.delenv("PARKMETER_CONFIG", raising=False)
    return CarPark(sqlite, settings)


@pytest.fixture
def catch_up(settings, capsys):
    """Runs the command: its exit status, what it printed, and what it complained of."""

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main(["ledger-catch-up", *words, "--data", str(settings.data_dir)])
        return status, *capsys.readouterr()

    return run


def from_before_the_books(park: CarPark) -> dict[str, int]:
    """A payment, one with its duplicate given back, an unpaid exit, none of them booked; what the books had been."""
    psp = Psp()
    for number, payments in enumerate((["p1"], ["p2", "p3"], [])):
        text = f"DL1CA{number:04}"
        stay_id, _ = enter(park, 0, text)
        request(park, 45, text, stay_id)
        reference = psp.begin(park.db, park.dues(stay_id)[0].id, minutes(45))
        for payment in payments:
            psp.hear(park.db, psp.event(reference, "captured", minutes(46), payment=payment), minutes(46))
        leave(park, 47, text, stay_id, how=ExitHow.OPEN_AND_BILL)
    psp.give_back(park.db, minutes(50))
    before = balances(park.db)
    with park.db.begin() as session:
        forget_books(session)
    return before


def test_a_dry_run_says_what_would_be_booked_and_writes_nothing(park, catch_up):
    before = from_before_the_books(park)
    status, said, _ = catch_up("--dry-run")
    assert status == 0 and "delhi: 2 entries would be booked: paid by upi" in said
    assert "delhi: 1 entry would be booked: left without paying" in said
    assert "nothing is written" in said and "the books are sound" in said
    again = catch_up("--dry-run")
    assert again[:2] == (status, said)
    status, said, _ = catch_up()
    assert status == 0 and "2 entries booked: paid by upi" in said and balances(park.db) == before


def test_again_it_books_nothing(park, catch_up):
    before = from_before_the_books(park)
    catch_up()
    assert catch_up()[:2] == (0, "delhi: the books know everything\nthe books are sound\n")
    assert balances(park.db) == before


def test_books_that_are_not_sound_are_said_to_be_so_and_end_with_2(park, catch_up):
    from_before_the_books(park)
    catch_up()
    with park.db.begin() as session:
        session.scalars(select(Attempt).where(Attempt.applied)).first().captured_paise = 1
    status, said, complaint = catch_up()
    assert status == 2 and "not sound: the provider holds" in said and "not sound" in complaint


def test_without_a_site_there_is_nothing_to_book(sqlite, settings, monkeypatch, catch_up):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{sqlite.url.database}")
    status, _, complaint = catch_up()
    assert status == 2 and "there is no site yet" in complaint
