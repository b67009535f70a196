from __future__ import annotations

from edge.simulation.demo.reckoning import percentile, reckon


def look(*plates: str, violations: int = 0, times: tuple[float, ...] = ()) -> dict:
    return {
        "passed": [{"vehicle": f"v{number}", "plate": plate} for number, plate in enumerate(plates)],
        "violations": [{"what": "struck", "detail": ""}] * violations,
        "stop_to_open_ms": list(times),
    }


def stay(
    plate: str | None, *, left: bool = True, paid: int = 12_000, status: str = "closed", entered: bool = True
) -> dict:
    return {
        "plate": plate,
        "status": status if left else "open",
        "entered_at": "2026-11-01T08:00:00Z" if entered else None,
        "exited_at": "2026-11-01T09:00:00Z" if left else None,
        "paid_paise": paid,
    }


def test_a_day_on_which_all_went_well_is_clean():
    result = reckon(look("A1", "B2", times=(300.0, 500.0)), look("B2", "A1"), [stay("A1"), stay("B2")])
    assert result.clean
    assert (result.entered, result.exited, result.paid, result.lost, result.misread) == (2, 2, 2, 0, 0)
    assert result.stop_to_open_ms == {"p50": 300.0, "p99": 500.0}


def test_a_vehicle_without_a_stay_is_lost():
    result = reckon(look("A1", "B2"), look("A1", "B2"), [stay("A1")])
    assert result.lost == 2  # its entry and its exit
    assert not result.clean


def test_an_exit_that_central_never_heard_of_is_lost():
    assert reckon(look("A1"), look("A1"), [stay("A1", left=False)]).lost == 1


def test_a_stay_under_another_plate_is_a_misread_and_not_lost():
    result = reckon(look("A1", "B2"), look("A1", "B2"), [stay("A1"), stay("8B2")])
    assert (result.misread, result.lost) == (1, 0)
    assert result.clean


def test_a_vehicle_let_in_unread_counts_as_misread():
    assert reckon(look("A1"), look(), [stay(None, left=False)]).misread == 1


def test_a_stay_for_which_nobody_came_is_doubled():
    result = reckon(look("A1"), look("A1"), [stay("A1"), stay("A1")])
    assert (result.doubled, result.lost) == (1, 0)
    assert not result.clean


def test_an_exit_nobodys_entry_fits_is_unmatched_and_known():
    stays = [stay("A1", left=False), stay("4A", status="unmatched", entered=False, paid=0)]
    result = reckon(look("A1"), look("A1"), stays)
    assert (result.unmatched, result.lost) == (1, 0)


def test_a_boom_on_a_vehicle_is_never_clean():
    result = reckon(look("A1", violations=1), look("A1"), [stay("A1")])
    assert result.boom_violations == 1
    assert not result.clean


def test_an_unpaid_stay_is_not_counted_as_paid():
    assert reckon(look("A1"), look("A1"), [stay("A1", paid=0)]).paid == 0


def test_a_percentile_is_a_value_that_was_measured():
    values = [float(value) for value in range(1, 101)]
    assert (percentile(values, 50), percentile(values, 99), percentile([7.0], 99), percentile([], 50)) == (
        50,
        99,
        7,
        None,
    )
