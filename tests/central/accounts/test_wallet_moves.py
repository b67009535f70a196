"""What a wallet's moves keep of the books: each as its entry says, also those that were booked before they kept it."""

from __future__ import annotations

from alembic import command
from sqlalchemy import select, text, update

from central.actions import ledger, wallet
from central.store import migrations
from central.store.database import Database
from central.store.reads import accounts as reads
from central.store.schema import WalletMove
from tests.central.accounts.test_wallet import account, fill
from tests.central.car_park import minutes
from tests.central.visits import PLATE, enter, request

BEFORE = "0018"
_SITE = "INSERT INTO ledger_entry (id, site_id, key, kind, at, day, by, note) VALUES"
_ROWS = (
    "INSERT INTO ledger_posting (entry_id, site_id, account, paise) VALUES ('e1', 's', 'psp_clearing', 50000)",
    "INSERT INTO ledger_posting (entry_id, site_id, account, paise) VALUES ('e1', 's', 'wallet', -50000)",
    f"{_SITE} ('e1', 's', 'filled:1', 'wallet_filled', '2026-01-01', '2026-01-01', '', '')",
    "INSERT INTO ledger_posting (entry_id, site_id, account, paise) VALUES ('e2', 's', 'wallet', 1700)",
    "INSERT INTO ledger_posting (entry_id, site_id, account, paise) VALUES ('e2', 's', 'revenue', -1700)",
    f"{_SITE} ('e2', 's', 'paid:2', 'paid', '2026-01-02', '2026-01-02', '', '')",
    "INSERT INTO wallet_move (entry_key, account_id, at) VALUES ('filled:1', 'a', '2026-01-01')",
    "INSERT INTO wallet_move (entry_key, account_id, at) VALUES ('paid:2', 'a', '2026-01-02')",
)


def test_a_wallet_holds_what_was_put_in_less_what_it_paid_and_the_books_agree(park):
    mine = account(park, PLATE)
    fill(park, mine, 50_000)
    enter(park, 0)
    request(park, 40)
    with park.db.read() as session:
        moves = reads.account(session, mine).moves
        assert [paise > 0 for _entry, paise in moves] == [False, True]
        assert sum(paise for _entry, paise in moves) == wallet.balance(session, mine) < 50_000
        assert ledger.check(session) == []


def test_a_move_that_says_otherwise_than_the_books_is_found(park):
    mine = account(park, PLATE)
    fill(park, mine, 50_000)
    with park.db.begin() as session:
        key = session.scalar(select(WalletMove.entry_key))
        session.execute(update(WalletMove).values(paise=1))
        assert ledger.check(session) == [f"wallet, {key}: the books say 50000, its move 1"]


def test_moves_of_before_are_told_what_the_books_say_of_them(tmp_path):
    db = Database(f"sqlite:///{tmp_path / 'central.db'}")
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        command.upgrade(migrations._config(connection), BEFORE)
        for row in _ROWS:
            connection.execute(text(row))
        connection.commit()
    migrations.upgrade(db.engine)
    with db.engine.connect() as connection:
        moves = connection.execute(text("SELECT entry_key, paise FROM wallet_move ORDER BY at")).all()
    db.close()
    assert [tuple(move) for move in moves] == [("filled:1", 50_000), ("paid:2", -1_700)]


def test_the_latest_moves_are_shown_first(park):
    mine = account(park, PLATE)
    for at, paise in ((1, 10_000), (2, 20_000), (3, 30_000)):
        fill(park, mine, paise, at)
    with park.db.read() as session:
        latest = reads.account(session, mine, moves=2).moves
    assert [(entry.at, paise) for entry, paise in latest] == [(minutes(3), 30_000), (minutes(2), 20_000)]
