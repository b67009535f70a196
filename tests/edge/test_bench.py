"""The benchmarks: how figures are judged and told, and that each runs for real, if only for a moment."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from edge.bench import __main__ as bench
from edge.bench import journal as journal_bench
from edge.bench.figures import Bar, BenchError, Figure, all_hold, middle, percentile, rounded, table
from edge.bench.journal import RawLog, interleaved
from edge.bench.machine import machine
from edge.bench.passages import commits_in, commits_of_entry
from edge.bench.timed_vision import ran_between


def test_a_bar_holds_at_its_limit_and_not_beyond():
    assert Bar("value", "<=", 60).holds(60, None)
    assert not Bar("value", "<", 3).holds(3, None)
    assert Bar("ratio", ">=", 0.8).holds(1, 0.8)
    assert not Bar("ratio", ">=", 0.8).holds(1, 0.79)


def test_a_bar_on_a_ratio_that_was_not_measured_does_not_hold():
    assert not Bar("ratio", "<=", 1.2).holds(1, None)
    assert not Bar("value", "<=", 60).holds(float("nan"), None)


def test_a_figure_without_a_bar_is_told_and_fails_nothing():
    free, missed = Figure("a", 1.0, "ms"), Figure("b", 51.0, "ms", bar=Bar("value", "<=", 50))
    assert free.told()["holds"] is None and all_hold([free])
    assert missed.told() | {"bar": "<= 50", "holds": False} == missed.told() and not all_hold([free, missed])


def test_every_figure_is_told_with_the_same_keys_and_json_can_say_it():
    told = Figure("single", 3374.4, "events/s", "raw", 0.8274, Bar("ratio", ">=", 0.8)).told()
    assert json.loads(json.dumps(told)) == {
        "what": "single",
        "value": 3374.0,
        "unit": "events/s",
        "baseline": "raw",
        "ratio": 0.827,
        "bar": "ratio >= 0.8",
        "holds": True,
    }


def test_a_figure_that_misses_its_bar_stands_out_in_the_table():
    lines = table("gate", {"cores": "4"}, [Figure("memory", 77.0, "MB", bar=Bar("value", "<=", 60))]).splitlines()
    assert lines[0] == "gate: cores 4"
    assert lines[-1].split() == ["memory", "77.0", "MB", "<=", "60", "NO"]


def test_the_99th_percentile_of_few_values_is_the_largest():
    assert percentile([3.0, 1.0, 2.0], 0.99) == 3.0
    assert percentile(range(1, 201), 0.99) == 198
    with pytest.raises(BenchError, match="nothing was measured"):
        percentile([], 0.5)


def test_fewer_than_five_runs_make_no_median():
    assert middle([5.0, 1.0, 3.0, 2.0, 4.0]) == 3.0
    with pytest.raises(BenchError, match="4 measurements"):
        middle([1.0, 2.0, 3.0, 4.0])


@pytest.mark.parametrize(("value", "shown"), [(0.04567, 0.0457), (51.26, 51.3), (3374.4, 3374.0), (0.0, 0.0)])
def test_three_figures_are_shown(value, shown):
    assert rounded(value) == shown


def test_what_is_compared_runs_in_turns_and_the_first_round_counts_for_neither():
    ran: list[str] = []
    one, other = interleaved(3, lambda: ran.append("a"), lambda: ran.append("b"))
    assert "".join(ran) == "abbaabba"
    assert len(one) == len(other) == 3


def test_the_baseline_writes_rows_that_the_journal_would_have_written(tmp_path):
    log = RawLog(tmp_path / "raw.db", {"v": 1, "id": "", "seq": 0})
    log.write(3)
    log.write_ready(2)
    rows = log._connection.execute("SELECT seq, body FROM events JOIN outbox USING (n, seq) ORDER BY n").fetchall()
    assert [seq for seq, _ in rows] == [1, 2, 3, 4, 5]
    assert [json.loads(body)["seq"] for _, body in rows] == [1, 2, 3, 0, 0]
    assert log._connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
    log.close()


def test_networks_count_only_as_far_as_they_ran_within_the_time_asked_for(tmp_path):
    times = tmp_path / "times"
    times.write_text("1.0 2.0\n2.5 3.0\n9.0 10.0\n")
    assert ran_between(times, 1.5, 2.75) == pytest.approx(0.75)


def test_commits_of_the_gate_s_health_are_no_vehicle_s():
    of_health = ["BEGIN", "INSERT INTO events VALUES ('diag', 'gate.health')", "COMMIT"]
    assert commits_in(["BEGIN ", "INSERT INTO grants VALUES ('x')", "COMMIT", *of_health, "BEGIN", "COMMIT;"]) == 2


def test_a_vehicle_is_let_in_by_the_real_controller_and_journal(tmp_path):
    assert commits_of_entry(tmp_path) > 0


def test_the_journal_s_benchmark_tells_one_object_and_its_status_says_whether_its_bars_hold(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(journal_bench, "SINGLES", 5)
    monkeypatch.setattr(journal_bench, "BATCHES", ((10, 5),))
    status = bench.main(["journal", "--json", "--disk", str(tmp_path)])
    told = json.loads(capsys.readouterr().out)
    assert told["name"] == "journal"
    assert set(told["machine"]) == set(machine())
    assert status == (0 if all(figure["holds"] is not False for figure in told["figures"]) else 1)
    assert [figure["what"] for figure in told["figures"]][:3:2] == [
        "single event, in one commit",
        "batch of 10 events, in one commit",
    ]
    assert not list(tmp_path.iterdir())


def test_a_disk_that_is_no_folder_is_refused_in_one_line(tmp_path, capsys):
    assert bench.main(["journal", "--disk", str(tmp_path / "absent")]) == bench.UNABLE
    said = capsys.readouterr().err
    assert "--disk" in said and "expected a writable folder" in said and said.count("\n") == 1


def test_an_unknown_benchmark_is_refused_with_the_known_ones(capsys):
    with pytest.raises(SystemExit):
        bench.main(["jurnal"])
    assert "journal" in capsys.readouterr().err


def test_the_machine_is_told_in_words():
    words = machine()
    assert all(words.values()) and words["cores"] == str(len(os.sched_getaffinity(0)))


def test_no_benchmark_is_without_a_line_in_the_documentation():
    text = (Path(__file__).parents[2] / "docs" / "benchmarks.md").read_text()
    assert all(f"`bench {name}`" in text for name in bench.BENCHES)
