"""The mirror: who is inside and who has paid, as far as this gate was told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.journal.journal import Journal
from edge.protocol.ids import uuid7
from edge.protocol.messages import AccessEntry, AccessList, Ack, SessionStatus
from edge.protocol.topics import Stream
from tests.edge.journal_makers import NOON, at, entered, exited, fresh_journal_path, state

PLATE = "MH12AB1234"
STATUSES = [SessionStatus.OPEN, SessionStatus.PAID, SessionStatus.CLOSED]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.sqlite3"


@pytest.fixture
def journal(path):
    journal = Journal.open(path, gate="exit-1", at=at())
    yield journal
    journal.close()


@pytest.fixture
def mirror(journal):
    return journal.mirror


def acked(journal):
    journal.acknowledge(Ack(journal=journal.uuid, through={s: journal.last_seq(s) for s in Stream}))


def test_a_state_is_found_by_stay_and_by_plate(mirror):
    session, request = uuid7(), uuid7()
    quoted = state(session, 1, SessionStatus.QUOTED, request=request)
    assert mirror.apply_session(quoted, NOON)
    assert mirror.session(session).state == quoted
    assert [row.state for row in mirror.sessions_with_plate(PLATE)] == [quoted]
    assert mirror.session(uuid7()) is None
    assert mirror.sessions_with_plate("DL1CAB0001") == []


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 6), st.sampled_from(STATUSES)), max_size=25))
def test_the_highest_version_wins_in_any_order_and_any_number_of_times(messages):
    with fresh_journal_path() as path:
        journal = Journal.open(path, gate="exit-1", at=at())
        sessions = [uuid7() for _ in range(3)]
        model: dict[str, tuple[int, SessionStatus]] = {}
        with journal.transaction():
            for which, version, status in messages:
                session = sessions[which]
                fresh = session not in model or version > model[session][0]
                assert journal.mirror.apply_session(state(session, version, status), NOON) is fresh
                if fresh:
                    model[session] = version, status
        for session, (version, status) in model.items():
            row = journal.mirror.session(session)
            assert (row.state.version, row.state.status) == (version, status)
        inside = [session for session, (_, status) in model.items() if status is not SessionStatus.CLOSED]
        assert journal.mirror.inside_count() == len(inside)
        assert {row.state.session for row in journal.mirror.sessions_with_plate(PLATE)} == set(inside)
        journal.close()


def test_it_survives_a_restart(path):
    session = uuid7()
    journal = Journal.open(path, gate="exit-1", at=at())
    journal.mirror.apply_session(state(session, 4, SessionStatus.PAID), NOON)
    journal.mirror.mark_passed(session)
    journal.close()
    journal = Journal.open(path, gate="exit-1", at=at())
    assert not journal.mirror.apply_session(state(session, 3), NOON)
    row = journal.mirror.session(session)
    assert row.passed and row.state.version == 4
    journal.close()


def test_a_vehicle_that_enters_here_is_inside_before_central_says_so(journal, mirror):
    session = uuid7()
    journal.record(entered(PLATE), session=session, at=at())
    (row,) = mirror.sessions_with_plate(PLATE)
    assert row.local and row.state.version == 0 and row.state.entered_at == NOON
    assert mirror.inside_count() == 1
    assert mirror.apply_session(state(session, 0), NOON)
    assert not mirror.session(session).local and mirror.inside_count() == 1


def test_a_vehicle_let_in_unread_counts_as_inside(journal, mirror):
    journal.record(entered(None), session=uuid7(), at=at())
    assert mirror.inside_count() == 1


def test_an_entry_recorded_after_central_has_spoken_does_not_undo_it(journal, mirror):
    session = uuid7()
    mirror.apply_session(state(session, 2, SessionStatus.PAID), NOON)
    journal.record(entered(PLATE), session=session, at=at())
    assert mirror.session(session).state.status is SessionStatus.PAID


def test_a_permit_serves_one_exit_only_also_before_central_answers(journal, mirror):
    session = uuid7()
    mirror.apply_session(state(session, 2, SessionStatus.PAID), NOON)
    journal.record(exited(PLATE), session=session, at=at())
    (row,) = mirror.sessions_with_plate(PLATE)
    assert row.passed and mirror.inside_count() == 0
    mirror.apply_session(state(session, 3, SessionStatus.PAID), NOON)
    assert mirror.session(session).passed, "a state sent before central knew of the exit changes nothing"
    mirror.apply_session(state(session, 4, SessionStatus.CLOSED), NOON)
    assert mirror.sessions_with_plate(PLATE) == []


def test_a_stay_a_person_reopens_after_its_exit_can_leave_again(mirror):
    session = uuid7()
    mirror.apply_session(state(session, 1, SessionStatus.PAID), NOON)
    mirror.mark_passed(session)
    mirror.apply_session(state(session, 2, SessionStatus.CLOSED), NOON)
    mirror.apply_session(state(session, 3, SessionStatus.OPEN), NOON)
    (row,) = mirror.sessions_with_plate(PLATE)
    assert not row.passed


def test_the_latest_entry_of_a_plate_comes_first(mirror):
    early, late = state(uuid7(), 1), state(uuid7(), 1).model_copy(update={"entered_at": NOON + timedelta(hours=1)})
    for each in (late, early):
        mirror.apply_session(each, NOON)
    assert [row.state for row in mirror.sessions_with_plate(PLATE)] == [late, early]


def test_an_exit_that_fits_no_entry_is_not_counted_as_inside(mirror):
    request = uuid7()
    mirror.apply_session(state(uuid7(), 1, SessionStatus.UNMATCHED, request=request), NOON)
    assert mirror.inside_count() == 0


def test_clearing_counts_only_for_a_stay_known_to_be_over(mirror):
    here, closed, left = uuid7(), uuid7(), uuid7()
    mirror.apply_session(state(here, 1), NOON)
    mirror.apply_session(state(closed, 1, SessionStatus.CLOSED), NOON)
    mirror.apply_session(state(left, 1), NOON)
    mirror.mark_passed(left)
    assert [mirror.forget(session) for session in (here, closed, left, uuid7())] == [False, True, True, False]
    assert [row.state.session for row in mirror.sessions_with_plate(PLATE)] == [here]


def test_a_sweep_hides_what_central_no_longer_retains(journal, mirror):
    kept, over, unsent = uuid7(), uuid7(), uuid7()
    for session in (kept, over):
        mirror.apply_session(state(session, 1), NOON)
    journal.record(entered(PLATE), session=unsent, at=at())
    assert mirror.sweep({kept}) == 1
    assert {row.state.session for row in mirror.sessions_with_plate(PLATE)} == {kept, unsent}
    assert mirror.sweep({kept}) == 0


def test_a_sweep_hides_an_entry_of_here_once_central_has_had_it(journal, mirror):
    journal.record(entered(PLATE), session=uuid7(), at=at())
    acked(journal)
    assert mirror.sweep(set()) == 1 and mirror.inside_count() == 0


def test_a_stay_that_was_swept_too_early_comes_back_with_the_same_version(mirror):
    session = uuid7()
    mirror.apply_session(state(session, 1), NOON)
    mirror.sweep(set())
    assert mirror.apply_session(state(session, 1), NOON)
    assert mirror.inside_count() == 1


def test_stays_that_are_over_are_forgotten_with_time_and_others_never(journal, mirror):
    here, over = uuid7(), uuid7()
    mirror.apply_session(state(here, 1), NOON)
    mirror.apply_session(state(over, 1, SessionStatus.CLOSED), NOON)
    journal.prune(NOON)
    assert mirror.session(over)
    journal.prune(NOON + timedelta(days=7))
    assert mirror.session(here) and mirror.session(over) is None


def test_newer_lists_replace_older_ones_and_nothing_else(mirror):
    assert mirror.access() is None
    lists = [
        AccessList(site="college", version=v, entries=(AccessEntry(plate=f"X{v}", kind="pass"),)) for v in range(1, 4)
    ]
    assert [mirror.apply_access(lists[n]) for n in (1, 0, 1, 2)] == [True, False, False, True]
    assert mirror.access() == lists[2]
