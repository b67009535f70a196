"""The pages' bench at a small size: its car park is sound, and every page that its data leads to is walked."""

from __future__ import annotations

import pytest

from central.actions import corporate_check, ledger
from central.bench import __main__ as bench
from central.bench import million, pages
from central.bench.bulk import load
from central.rules.day_figures import Figure
from central.store.schema import Audit, CorporateInvoice
from tests.central.car_park import START
from tests.central.figures.recount import agrees, total

# pages that this very part of the house must be quick on
OURS = ("/dashboard", "/dashboard/now", "/reports", "/reports/<name>.csv", "/gates", "/gates/<site>/<gate>", "/stays",
        "/stays/<stay_id>", "/money/books", "/p/<token>", "/me", "/me/stays", "/me/messages", "/firm/<token>",
        "/inbox/<token>", "/integrations/webhooks/<endpoint_id>", "/shop/<token>", "/v/<token>/receipt",
        "/tariffs/drafts/<draft_id>", "/invitation/<token>", "/wallet/<token>/top-ups/<due_id>")  # fmt: skip


def test_the_books_and_the_figures_of_a_car_park_made_in_bulk_are_sound(databases, tmp_path):
    # so many that a firm's month is over, whatever the day of START
    million.ready(databases, 6_400, START, tmp_path)
    with databases.read() as session:
        assert ledger.check(session) == []
        assert corporate_check.check(session) == []
        assert session.query(CorporateInvoice).count() > 0
    agrees(databases)
    assert total(databases, million.SITE, Figure.ARRIVALS) == 6_400
    million.ready(databases, 6_400, START, tmp_path)  # it is full already
    assert total(databases, million.SITE, Figure.ARRIVALS) == 6_400


def test_rows_made_in_bulk_get_the_defaults_of_their_columns(databases):
    load(databases, [(Audit, {"at": START, "by": "x", "what": "y", "subject": "z"})])
    with databases.read() as session:
        row = session.query(Audit).one()
        assert (row.detail, row.at) == ({}, START)


@pytest.mark.slow
def test_the_bench_walks_the_pages_in_turns_and_says_what_each_costs(tmp_path, capsys):
    figures = pages.figures(tmp_path, stays=900, few=600, runs=1)
    walked = {figure["what"].split(" at ")[0] for figure in figures}
    assert set(OURS) - walked == set()
    said = capsys.readouterr().err
    assert "/setup/<token> makes the first administrator" in said
    assert all(figure["value"] > 0 for figure in figures)
    assert set(bench.COLUMNS) == set(figures[0])


@pytest.mark.parametrize(
    "words, said",
    [
        (["pages", "--stays", "5"], "expected more than 10,000"),
        (["price", "--stays", "50000"], "of `bench pages` alone"),
    ],
)
def test_what_the_bench_can_not_be_asked_for_is_refused(words, said, capsys):
    with pytest.raises(SystemExit):
        bench.main(words)
    assert said in capsys.readouterr().err
