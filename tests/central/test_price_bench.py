"""The benchmark of prices tells its figures in the form all benchmarks have, and its exit status is their verdict."""

from __future__ import annotations

import json

from central.bench.__main__ import COLUMNS, main, table


def test_the_benchmark_of_prices_tells_what_it_measured_beside_what(capsys):
    status = main(["price", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["name"] == "price" and {"cpu", "cores", "python"} <= told["machine"].keys()
    assert all(tuple(figure) == COLUMNS and figure["value"] > 0 and figure["baseline"] for figure in told["figures"])
    assert status == (0 if all(figure["holds"] for figure in told["figures"]) else 1)
    assert "price() of a car, airport, 30 days" in table("price", told["figures"])
    month = told["figures"][0]
    assert month["bar"] == "<= 200" and month["holds"], "a price is worked out by the day, not by the minute"
