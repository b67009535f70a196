"""The command that looks through the log, the jobs that keep it, and rows that were there before there was a chain."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import select, text

from central import jobs, keys
from central.__main__ import main
from central.actions import audit_chain, queue
from central.actions.audit import audit
from central.rules.chain import SEAL
from central.settings import Settings
from central.store import migrations
from central.store.database import Database
from central.store.schema import Audit, AuditHead, AuditLink, AuditPlate, Job, RetentionRun
from tests.central.car_park import START
from tests.central.ledger.unguarded import unguarded

PLATE = "MH12AB1234"


@pytest.fixture
def office(tmp_path, monkeypatch):
    """A data folder made ready, with three rows in its log."""
    for name in ("DATABASE_URL", "MQTT_URL", "PARKMETER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    settings = Settings(data_dir=tmp_path)
    keys.make(settings)
    db = Database(settings.database)
    migrations.upgrade(db.engine)
    with db.begin() as session:
        for number in range(3):
            audit(session, START, "asha", "done", f"thing/{number}")
    yield db
    db.close()


def test_the_command_says_in_one_line_whether_the_log_is_sound(office, tmp_path, capsys):
    assert main(["audit-check", "--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "audit log: 3 rows sound, 0 not linked yet, no head is written down yet\n"
    with office.begin() as session, unguarded(session):
        session.execute(text("UPDATE audit SET by = 'roopa' WHERE subject = 'thing/1'"))
    with pytest.raises(SystemExit) as ended:
        main(["audit-check", "--data", str(tmp_path)])
    assert ended.value.code == 1
    assert capsys.readouterr().out == "audit log: edited at place 2 of its chain (row 2); 1 rows before it sound\n"
    with pytest.raises(SystemExit):
        main(["audit-check", "--json", "--data", str(tmp_path)])
    told = json.loads(capsys.readouterr().out)
    assert told["broken"] == {"kind": "edited", "position": 2, "row": 2}


def test_a_spoilt_file_of_heads_is_one_clear_line(office, tmp_path, capsys):
    (tmp_path / audit_chain.HEADS).write_text("[]\n")
    assert main(["audit-check", "--data", str(tmp_path)]) == 2
    assert "expected a day, a position and a hash in each line" in capsys.readouterr().err


def test_the_jobs_link_check_erase_and_sweep_by_themselves(databases, settings, caplog):
    settings.images.mkdir(parents=True)
    with databases.begin() as session:
        audit(session, START - timedelta(days=9 * 365), "asha", "done", "long ago")
        audit(session, START, "asha", "done", "thing", plate=PLATE)
    desk = jobs.Desk(databases, settings, None)
    ours = ("link_audit", "check_audit", "erase_old", "sweep_files")
    assert set(ours) <= set(jobs.STANDING)
    with databases.begin() as session:
        for kind in ours:
            queue.enqueue(session, kind, kind, {}, START)
    caplog.set_level("INFO", "central.jobs")
    now = START
    for _ in range(8):
        while jobs.run_one(desk, now):
            now += timedelta(milliseconds=1)
        now += timedelta(seconds=6)
    with databases.read() as session:
        assert [job.last_error for job in session.scalars(select(Job))] == [""] * 4
        assert session.scalars(select(RetentionRun.kind)).all() == ["audit"]
        assert session.get_one(AuditHead, 1).position >= 3
        assert audit_chain.check(session, settings.data_dir).broken is None
    assert len(audit_chain.written_heads(settings.data_dir)) == 1
    assert any("audit log: row" in line for line in caplog.messages)


def test_rows_that_were_there_before_are_sealed_and_linked(tmp_path):
    db = Database(f"sqlite:///{tmp_path / 'old.db'}")
    with db.engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        command.upgrade(migrations._config(connection), "0015")
        for what, subject, detail in (
            ("access pass", f"delhi/{PLATE}", {"note": ""}),
            ("vehicle registered", "account/1", {"plate": PLATE}),
            ("day closed", "delhi/2026-11-24", {"balances": {}}),
        ):
            row = {"at": "2026-11-24 04:30:00.000000", "what": what, "subject": subject, "detail": json.dumps(detail)}
            insert = "INSERT INTO audit (at, by, what, subject, detail) VALUES (:at, 'asha', :what, :subject, :detail)"
            connection.execute(text(insert), row)
        connection.commit()
    migrations.upgrade(db.engine)
    with db.begin() as session:
        rows = session.scalars(select(Audit).order_by(Audit.id)).all()
        assert [row.subject for row in rows] == ["delhi", "account/1", "delhi/2026-11-24"]
        assert [row.detail["plate"].startswith(SEAL) for row in rows[:2]] == [True, True]
        assert session.scalars(select(AuditPlate.plate)).all() == [PLATE, PLATE]
        assert audit_chain.link_new(session) == 3
        assert audit_chain.check(session, tmp_path).broken is None
        assert len(session.scalars(select(AuditLink)).all()) == 3
    with db.engine.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        command.downgrade(migrations._config(connection), "0015")
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master WHERE name LIKE 'audit_%'").scalar() == 0
        connection.rollback()
    db.close()


def test_on_postgresql_the_chain_can_be_taken_down_again(postgres_database):
    with postgres_database.engine.connect() as connection:
        command.downgrade(migrations._config(connection), "0015")
        assert connection.execute(text("SELECT to_regclass('audit_link')")).scalar() is None
        connection.rollback()
