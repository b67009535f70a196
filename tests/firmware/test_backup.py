"""backup.sh and restore.sh, run for real on real journals: while they are written, on a new machine, and damaged."""

from __future__ import annotations

import os
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest

from edge.journal.journal import Journal, read_journal
from edge.protocol.ids import uuid7
from edge.protocol.messages import Ack
from edge.protocol.topics import Stream
from tests.edge.journal_makers import at, entered, health
from tests.firmware.gate_root import GateRoot, run


@pytest.fixture
def old(folder, pattern):
    """A gate with settings, a key, and a journal of three events, of which central has one."""
    made = GateRoot(folder / "old", like=pattern)
    made.fill_in_settings()
    (made.config.parent / "gate.key").write_text("private\n")
    made.data.mkdir(parents=True)
    with_journal(made)
    return made


def with_journal(made: GateRoot) -> None:
    journal = Journal.open(made.data / "journal.db", gate="entry-1", at=at())
    journal.record(entered(), session=uuid7(), at=at(1))
    journal.acknowledge(Ack(journal=journal.uuid, through={Stream.MONEY: 1}))
    journal.record(entered("KA05HS4495"), session=uuid7(), at=at(2))
    journal.record(health(), at=at(3))
    journal.close()


def backup(made: GateRoot, file: Path, *words: str) -> subprocess.CompletedProcess:
    return run("backup.sh", "--root", made.root, *words, file)


def restore(made: GateRoot, file: Path, *words: str) -> subprocess.CompletedProcess:
    return run("restore.sh", "--root", made.root, *words, file)


def test_a_backup_of_a_gate_that_is_writing_holds_all_that_was_committed(old, folder):
    journal = Journal.open(old.data / "journal.db", gate="entry-1", at=at())
    journal.record(entered("DL01AB0001"), session=uuid7(), at=at(4))  # still in the write-ahead log
    file = folder / "backup.tar"
    ran = backup(old, file)
    journal.close()
    assert ran.returncode == 0, ran.stderr
    assert "3 events wait for central" in ran.stdout
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with tarfile.open(file) as tar:
        names = {name.removeprefix("parkmeter-backup/") for name in tar.getnames()}
        tar.extract("parkmeter-backup/journal.db", folder / "out", filter="data")
    assert {"ABOUT", "MANIFEST.sha256", "etc/edge.toml", "etc/gate.key", "journal.db"} <= names
    with read_journal(folder / "out/parkmeter-backup/journal.db") as view:
        assert view.outbox.depth() == 3


def test_a_new_machine_gets_settings_and_keys_and_begins_a_journal_of_its_own(old, folder, pattern):
    file, new = folder / "backup.tar", GateRoot(folder / "new", like=pattern)
    assert backup(old, file).returncode == 0
    dry = restore(new, file, "--dry-run")
    assert dry.returncode == 0 and not (new.config.parent / "gate.key").exists()
    ran = restore(new, file)
    assert ran.returncode == 0, ran.stderr
    assert new.config.read_text() == old.config.read_text()
    assert (new.config.parent / "gate.key").read_text() == "private\n"
    assert stat.S_IMODE((new.config.parent / "gate.key").stat().st_mode) & 0o007 == 0
    assert not (new.data / "journal.db").exists()


def test_a_journal_that_is_taken_over_counts_on_under_a_new_uuid_with_all_that_was_unsent(old, folder, pattern):
    file, new = folder / "backup.tar", GateRoot(folder / "new", like=pattern)
    assert backup(old, file).returncode == 0
    ran = restore(new, file, "--journal")
    assert ran.returncode == 0, ran.stderr
    with read_journal(old.data / "journal.db") as before, read_journal(new.data / "journal.db") as after:
        assert after.uuid != before.uuid
        waiting = {event.id: event for event in after.outbox.window(10)}
        assert set(waiting) == {event.id for event in before.outbox.window(10)}
        assert sorted((event.stream, event.seq) for event in waiting.values()) == [("diag", 1), ("money", 1)]
    journal = Journal.open(new.data / "journal.db", gate="entry-1", at=at(9))
    journal.close()


def test_what_is_there_already_is_kept_or_set_aside(old, folder):
    file = folder / "backup.tar"
    assert backup(old, file).returncode == 0
    old.config.write_text("# changed since\n")
    ran = restore(old, file, "--journal")
    assert ran.returncode == 1 and "is here already: --replace sets it aside" in ran.stderr
    assert old.config.read_text() == "# changed since\n"
    ran = restore(old, file, "--journal", "--replace")
    assert ran.returncode == 0, ran.stderr
    [aside] = old.config.parent.glob("edge.toml.before-*")
    assert aside.read_text() == "# changed since\n"
    assert list(old.data.glob("journal.db.before-*")) and (old.data / "journal.db").exists()


def test_nothing_is_restored_under_a_running_gate(old, folder):
    file = folder / "backup.tar"
    assert backup(old, file).returncode == 0
    journal = Journal.open(old.data / "journal.db", gate="entry-1", at=at())
    try:
        ran = restore(old, file, "--replace")
    finally:
        journal.close()
    assert ran.returncode == 1 and "the gate runs: systemctl stop" in ran.stderr


def repacked(file: Path, folder: Path, change) -> Path:
    """The backup with something in it changed, and its manifest not."""
    out = folder / "repacked"
    with tarfile.open(file) as tar:
        tar.extractall(out, filter="data")
    change(out / "parkmeter-backup")
    made = folder / "changed.tar"
    with tarfile.open(made, "w") as tar:
        tar.add(out / "parkmeter-backup", "parkmeter-backup")
    return made


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda place: (place / "etc/edge.toml").write_text("# forged\n"), "is damaged: its manifest does not hold"),
        (lambda place: (place / "etc/more").write_text("x"), "holds files that its manifest does not name"),
        (lambda place: (place / "MANIFEST.sha256").unlink(), "has no MANIFEST.sha256"),
        (lambda place: (place / "etc/passwd").symlink_to("/etc/passwd"), "holds links or devices"),
    ],
)
def test_a_backup_that_was_changed_is_refused(old, folder, change, said):
    file = folder / "backup.tar"
    assert backup(old, file).returncode == 0
    before = sorted(os.listdir(old.config.parent))
    ran = restore(old, repacked(file, folder, change), "--replace")
    assert ran.returncode == 1 and said in ran.stderr
    assert sorted(os.listdir(old.config.parent)) == before


@pytest.mark.parametrize("text", [b"no tar at all", b""])
def test_a_file_that_is_no_backup_is_refused(old, folder, text):
    (folder / "x.tar").write_bytes(text)
    ran = restore(old, folder / "x.tar")
    assert ran.returncode == 1 and ran.stderr.count("\n") == 1


def test_a_backup_never_overwrites_another_and_needs_a_journal(old, folder):
    file = folder / "backup.tar"
    file.write_text("mine")
    assert "is there already" in backup(old, file).stderr
    assert file.read_text() == "mine"
    assert "expected the gate's journal" in backup(old, folder / "b.tar", "--data", "/none").stderr
    dry = backup(old, folder / "c.tar", "--dry-run")
    assert dry.returncode == 0 and not (folder / "c.tar").exists()
