"""What was kept long enough goes, and what goes leaves its proof; what is held stays."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from central import images
from central.actions import access, audit_chain, disputes, holds, retention, stay_fixes, violation_raising
from central.actions.audit import audit
from central.actions.billing import lines_from_json
from central.actions.corrections import Who
from central.actions.errors import Refused
from central.rules import retention as rules
from central.rules.chain import Break
from central.rules.invoice import recompute
from central.rules.retention import Kind
from central.rules.violations import Kind as Violated
from central.store.base import Base
from central.store.schema import (
    Audit,
    AuditPlate,
    Correction,
    Gate,
    Image,
    MqttOutbox,
    Quarantine,
    Receipt,
    RetentionRun,
    Stay,
    Violation,
)
from tests.central.car_park import SITE, START, CarPark, minutes
from tests.central.ledger.unguarded import unguarded
from tests.central.violations.notices import watch
from tests.central.visits import enter, leave, request
from tests.central.web.pictures import JPEG, JPEG_NAME

PLATE, OTHER = "MH12AB1234", "KA05MN4321"
WHO = Who("roopa@example.org", "supervisor")
DAY = 24 * 60
LATER = minutes(400 * DAY)


def visit(park: CarPark, plate: str, at: float = 0, **entry) -> str:
    """A whole stay: corrected on the way, paid, left."""
    stay, _ = enter(park, at, text=plate[:-1] + "9", **entry)
    with park.db.begin() as session:
        stay_fixes.plate(session, stay, plate, WHO, "seen on the camera", minutes(at + 1))
    asked = request(park, at + 45, plate, stay)
    park.pay(park.dues(stay)[-1].id, minutes(at + 46))
    leave(park, at + 47, plate, stay, request=asked)
    return stay


def erase(park: CarPark, now=LATER, *kinds: Kind) -> dict[str, int]:
    """Runs each class until nothing is due; how many rows of each."""
    done = {}
    for kind in kinds or Kind:
        while True:
            with park.db.begin() as session:
                rows = retention.run(session, kind, park.settings, now)
            if not rows:
                break
            done[str(kind)] = done.get(str(kind), 0) + rows
    return done


def found(park: CarPark, words: str) -> list[str]:
    """The tables in which a row has these words, however it is written there."""
    hits = []
    with park.db.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(text(f"SELECT * FROM {table.name}")):
                if words.lower() in " ".join(_text(one) for one in row).lower():
                    hits.append(table.name)
                    break
    return hits


def _text(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes | memoryview) else str(value)


def stored(park: CarPark, at, content: bytes = JPEG) -> str:
    name = hashlib.sha256(content).hexdigest()
    images.keep(park.settings.images, name, content)
    with park.db.begin() as session:
        images.remember(session, session.get_one(Gate, (SITE, "entry-1")), name, len(content), at)
    return name


def exists(park: CarPark, name: str) -> bool:
    return images.path_of(park.settings.images, name).is_file()


def test_a_plate_is_found_in_no_table_a_year_after_its_stay_and_its_receipt_adds_up_all_the_same(park):
    watch(park)
    stay = visit(park, PLATE)
    with park.db.begin() as session:
        access.set_rule(session, SITE, PLATE, "pass", minutes(60), "roopa", valid_until=minutes(DAY))
        strange = {"fingerprint": "f" * 64, "topic": "t", "payload": PLATE.encode(), "reason": "r"}
        session.add(Quarantine(received_at=START, seen=True, **strange))
    with park.db.begin() as session:
        session.execute(text("DELETE FROM mqtt_outbox"))  # what is published goes after a day
        session.execute(text(f"UPDATE attempt SET intent = 'upi://pay?tn=Parking%20{PLATE}'"))  # as a provider gave it
    assert {"stay", "gate_event", "stay_event", "correction_image", "audit_plate", "access_rule"} <= set(
        found(park, PLATE)
    )
    assert erase(park, minutes(300 * DAY), Kind.STAYS, Kind.GATE_EVENTS, Kind.AUDIT_PLATES) == {}
    erase(park)
    with park.db.read() as session:
        [told] = session.scalars(select(MqttOutbox).where(MqttOutbox.topic.contains("access")))
        assert PLATE not in told.body  # gates forget it too
    assert found(park, PLATE) == [] and found(park, PLATE[:-1] + "9") == []
    with park.db.read() as session:
        row, receipt = session.get_one(Stay, stay), session.scalars(select(Receipt)).one()
        assert (row.plate, row.masked_at) == ("MHXXXXXX", LATER)
        totals = recompute(lines_from_json(receipt.lines), receipt.tax_rate_bp, receipt.tax_included)
        assert totals.total_paise == receipt.total_paise == 170_00
        again = park.told(stay)
        assert again.status == "closed"


def test_masking_a_stay_leaves_other_words_of_it_alone(park):
    stay, _ = enter(park, text=PLATE)
    with park.db.begin() as session:
        stay_fixes.vehicle_class(session, stay, "bus", WHO, f"a bus is {PLATE}", minutes(1))
    asked = request(park, 45, PLATE, stay)
    park.pay(park.dues(stay)[-1].id, minutes(46))
    leave(park, 47, PLATE, stay, request=asked)
    with park.db.begin() as session:
        session.get_one(Stay, stay).review = f"one with a plate like {OTHER} has left"
    erase(park, LATER, Kind.STAYS)
    with park.db.read() as session:
        fixed = session.scalars(select(Correction).order_by(Correction.id)).all()[-1]
        assert (fixed.detail["is"], session.get_one(Stay, stay).vehicle_class) == ("bus", "bus")
        assert session.get_one(Stay, stay).review == "one with a plate like KAXXXXXX has left"
        assert PLATE not in fixed.reason


def test_every_batch_leaves_a_proof_that_is_linked_into_the_audit_log(park, tmp_path):
    stays = [visit(park, plate, at) for plate, at in ((PLATE, 0), (OTHER, 100))]
    with park.db.begin() as session:
        audit_chain.link_new(session)
    assert erase(park, LATER, Kind.STAYS) == {"stays": 2}
    with park.db.begin() as session:
        audit_chain.link_new(session)
        proof = session.scalars(select(RetentionRun)).one()
        assert (proof.kind, proof.rows, proof.first_id, proof.last_id) == ("stays", 2, *stays)
        assert proof.digest == hashlib.sha256("\n".join(stays).encode()).hexdigest()
        told = session.scalars(select(Audit).where(Audit.what == retention.ERASED)).one()
        assert (told.subject, told.detail["digest"]) == ("stays", proof.digest)
        assert audit_chain.check(session, tmp_path).broken is None


def test_a_batch_is_bounded_and_the_next_goes_on(park, monkeypatch):
    for at in (0, 100, 200):
        visit(park, PLATE, at)
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    with park.db.begin() as session:
        assert [retention.run(session, Kind.STAYS, park.settings, LATER) for _ in range(3)] == [2, 1, 0]


def hold_dispute(park: CarPark, stay: str) -> None:
    with park.db.begin() as session:
        disputes.dispute(session, stay, WHO, "not my car", minutes(60))


def hold_notice(park: CarPark, stay: str) -> None:
    with park.db.begin() as session:
        violation_raising.raise_by_hand(session, stay, Violated.OVERSTAY, "stayed on", minutes(60), WHO.name)


def hold_by_hand(park: CarPark, stay: str) -> None:
    with park.db.begin() as session:
        holds.place(session, holds.STAY, stay, "police asked for it", minutes(60), WHO.name)


def hold_plate(park: CarPark, stay: str) -> None:
    with park.db.begin() as session:
        holds.place(session, holds.PLATE, PLATE, "police asked for it", minutes(60), WHO.name)


@pytest.mark.parametrize("hold", [hold_dispute, hold_notice, hold_by_hand, hold_plate])
def test_what_is_held_is_neither_masked_nor_are_its_pictures_erased(park, hold):
    watch(park)
    name = stored(park, START)
    stay, free = visit(park, PLATE, image=name), visit(park, OTHER, 100)
    hold(park, stay)
    done = erase(park)
    assert done["stays"] == 1 and "pictures" not in done
    with park.db.read() as session:
        assert session.get_one(Stay, stay).plate == PLATE and session.get_one(Stay, free).plate == "KAXXXXXX"
    assert exists(park, name) and "gate_event" in found(park, PLATE)


def test_a_stay_that_owes_money_is_held_until_it_is_paid(park):
    stay, _ = enter(park, text=PLATE)
    leave(park, 45, PLATE, stay, how="open_and_bill")
    assert [due.state for due in park.dues(stay)] == ["quoted"]
    assert erase(park, LATER, Kind.STAYS) == {}
    park.pay(park.dues(stay)[0].id, LATER)
    assert erase(park, LATER + timedelta(days=366), Kind.STAYS) == {"stays": 1}


def test_a_hold_that_is_lifted_holds_no_more(park):
    stay = visit(park, PLATE)
    hold_plate(park, stay)
    with park.db.begin() as session:
        with pytest.raises(Refused, match="held already"):
            holds.place(session, holds.PLATE, PLATE, "once more", LATER, WHO.name)
        held = session.scalar(text("SELECT id FROM legal_hold"))
        holds.lift(session, held, "the court has decided", LATER, WHO.name)
        with pytest.raises(Refused, match="lifted already"):
            holds.lift(session, held, "once more", LATER, WHO.name)
    assert erase(park, LATER, Kind.STAYS) == {"stays": 1}
    erase(park, LATER + timedelta(days=366))
    assert "legal_hold" not in found(park, PLATE)


@pytest.mark.parametrize(
    ("of", "subject", "reason", "said"),
    [
        ("stay", "nothing", "why not", "no such stay"),
        ("plate", "!", "why not", "plate"),
        ("gate", "entry-1", "why not", "expected stay or plate"),
        ("plate", PLATE, " x ", "3 to 200 characters"),
    ],
)
def test_a_hold_that_makes_no_sense_is_refused(park, of, subject, reason, said):
    with pytest.raises(Refused, match=said), park.db.begin() as session:
        holds.place(session, of, subject, reason, START, WHO.name)


def test_a_picture_goes_after_its_days_with_its_file_and_not_while_its_vehicle_is_inside(park):
    old, young = stored(park, START), stored(park, minutes(20 * DAY), JPEG[:-2] + b"x\xff\xd9")
    parked = stored(park, START, JPEG[:-2] + b"y\xff\xd9")
    enter(park, text=OTHER, image=parked)
    assert erase(park, minutes(31 * DAY)) == {"pictures": 1}
    assert [exists(park, name) for name in (old, young, parked)] == [False, True, True]
    with park.db.read() as session:
        assert set(session.scalars(select(Image.sha256))) == {young, parked}


def test_files_that_no_row_knows_are_swept_once_they_are_a_day_old(park):
    known, stray, half, fresh = (stored(park, START, JPEG[:-2] + bytes([n]) + b"\xff\xd9") for n in range(4))
    folder = park.settings.images
    with park.db.begin() as session:
        session.execute(text(f"DELETE FROM image WHERE sha256 <> '{known}'"))
    part = images.path_of(folder, half).rename(images.path_of(folder, half).with_name(f".{half}.jpg.1.ff"))
    for path in (images.path_of(folder, known), images.path_of(folder, stray), part):
        os.utime(path, (START.timestamp(), START.timestamp()))
    os.utime(images.path_of(folder, fresh), (LATER.timestamp(), LATER.timestamp()))
    with park.db.read() as session:
        gone = retention.sweep_orphans(session, folder, LATER)
    assert sorted(gone) == sorted([f"{stray}.jpg", part.name])
    assert exists(park, known) and exists(park, fresh) and not exists(park, stray) and not part.exists()


def test_the_audit_log_goes_after_its_years_and_what_is_left_is_sound(park, tmp_path):
    visit(park, PLATE)
    with park.db.begin() as session:
        audit_chain.link_new(session)
        before = session.scalar(text("SELECT count(*) FROM audit_link"))
    with park.db.read() as session:
        audit_chain.write_head(session, tmp_path, "2026-11-24", START)
    years = START + timedelta(days=8 * 366)
    assert erase(park, years, Kind.AUDIT) == {"audit": before}
    with park.db.begin() as session:
        audit_chain.link_new(session)
        sound = audit_chain.check(session, tmp_path)
        assert (sound.rows, sound.broken) == (2, None)
        assert session.scalars(select(AuditPlate)).all() == []
    with park.db.begin() as session, unguarded(session):
        session.execute(text("DELETE FROM audit_link WHERE position <= (SELECT min(position) FROM audit_link)"))
        session.execute(text("INSERT INTO audit_cut SELECT position - 1, previous, '2026-11-24' FROM audit_link"))
    with park.db.read() as session:
        assert audit_chain.check(session, tmp_path).broken.kind is Break.DELETED


def test_a_log_that_is_erased_too_young_is_found_though_it_says_that_its_time_was_over(park, tmp_path):
    visit(park, PLATE)
    for day in range(3):
        with park.db.begin() as session:
            audit(session, minutes(day * DAY), "asha", "done", "thing")
            session.flush()
            audit_chain.link_new(session)
            audit_chain.write_head(session, tmp_path, f"2026-11-{24 + day}", minutes(day * DAY))
    hasty = park.settings.model_copy(
        update={"retention": park.settings.retention.model_copy(update={"audit_years": 0})}
    )
    with park.db.begin() as session:
        assert retention.run(session, Kind.AUDIT, hasty, minutes(3 * DAY)) > 3
    with park.db.begin() as session:
        audit_chain.link_new(session)
        assert audit_chain.check(session, tmp_path).broken.kind is Break.DELETED


def test_a_notice_of_a_plate_that_never_came_in_is_masked_once_it_has_ended(park):
    with park.db.begin() as session:
        made = violation_raising.raise_on_plate(
            session, SITE, PLATE, "2026-11-24", Violated.BLOCKLISTED, START, "t", happened_at=START
        )
    assert erase(park, LATER, Kind.NOTICES) == {}
    with park.db.begin() as session:
        session.get_one(Violation, made.id).status = "waived"
    assert erase(park, LATER, Kind.NOTICES) == {"notices": 1}
    assert "violation" not in found(park, PLATE)


def test_no_class_of_data_is_without_a_way_and_a_period(settings):
    periods = settings.retention.model_dump()
    assert {*retention.WAYS, Kind.PICTURES, Kind.AUDIT} == set(Kind)
    assert all(rules.kept_for(kind, periods) >= timedelta(days=1) for kind in Kind)


# where a plate stands on its own, and what becomes of it there
FORGOTTEN = {
    "stay.plate", "stay.plate_raw", "violation.plate", "coupon_use.for_plate", "corporate_line.plate",  # with the stay
    "access_rule.plate", "audit_plate.plate", "pass.plates", "plate_claim.plate",  # by classes of their own
    "account_vehicle.plate",  # until its owner lets it go
}  # fmt: skip


def test_no_column_of_a_plate_is_forgotten_by_retention():
    columns = {f"{table.name}.{one.name}" for table in Base.metadata.sorted_tables for one in table.columns}
    named = {name for name in columns if "plate" in name.split(".")[1]}
    assert named == {*FORGOTTEN, "pass_product.plates"}  # of a product it is how many


PLATES = st.from_regex(r"[A-Z]{2}[0-9]{2}[A-Z]{1,2}[0-9]{4}", fullmatch=True)


@given(PLATES, PLATES)
def test_masking_leaves_no_plate_and_nothing_else_is_changed(one, other):
    told = {
        "plate": {"text": one, "raw": other, "confidence": 0.9, "engine": "rapidocr"},
        "plates": [{"plate": one, "class": "car"}, other],
        "was": one,
        "is": "car",
        "why": f"seen {other} here",
        "amount_paise": 100,
    }
    gone = rules.mask_in(told, [other])
    assert one not in str(gone) and other not in str(gone)
    assert (gone["is"], gone["amount_paise"], gone["plate"]["engine"]) == ("car", 100, "rapidocr")
    assert rules.mask_in(gone, [other]) == gone
    assert rules.is_masked(rules.masked(one)) and one not in rules.partly_masked(one)


def test_a_picture_in_two_places_has_one_name(park):
    assert stored(park, START) == JPEG_NAME
