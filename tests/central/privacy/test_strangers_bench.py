"""The measuring of strangers' forms tells a figure for each, in the form all benchmarks have."""

from __future__ import annotations

from central.bench import strangers
from central.bench.__main__ import COLUMNS


def test_each_form_is_measured_with_plates_that_are_here_beside_plates_that_are_not(tmp_path, monkeypatch):
    monkeypatch.setattr(strangers, "INSIDE", 60)
    monkeypatch.setattr(strangers, "PAIRS", 4)
    told = strangers.figures(tmp_path)
    assert len(told) == 4 and all(tuple(one) == COLUMNS and one["value"] > 0 for one in told)
