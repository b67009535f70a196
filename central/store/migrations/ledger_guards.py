"""The triggers by which the database itself keeps the books: balanced, once written never changed, closed days shut.

An entry is written last: its insertion proves that its postings sum to zero, and no posting is taken after it. A
posting without an entry does not outlive its transaction, as its foreign key is checked at the end. PostgreSQL checks
the sum once more at the end of the transaction, because two of them may write at once.
A later migration that makes one of these tables anew (on SQLite, any batch of changes) must lay these again.
"""

from __future__ import annotations

KEPT = ("ledger_entry", "ledger_posting", "ledger_day")

_UNBALANCED = """(SELECT count(*) FROM ledger_posting WHERE entry_id = NEW.id) < 2
    OR (SELECT sum(paise) FROM ledger_posting WHERE entry_id = NEW.id) <> 0
    OR EXISTS (SELECT 1 FROM ledger_posting WHERE entry_id = NEW.id AND site_id <> NEW.site_id)"""
_CLOSED = "EXISTS (SELECT 1 FROM ledger_day WHERE site_id = NEW.site_id AND day >= NEW.day)"


def sqlite() -> list[str]:
    """Its triggers have no deferred kind; and REPLACE deletes a row without asking the triggers of a deletion."""
    return [
        _sqlite("ledger_entry_balanced", "BEFORE INSERT ON ledger_entry", _UNBALANCED, "postings do not sum to zero"),
        _sqlite("ledger_entry_day_open", "BEFORE INSERT ON ledger_entry", _CLOSED, "this day is closed"),
        _sqlite(
            "ledger_entry_once",
            "BEFORE INSERT ON ledger_entry",
            "EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.id OR key = NEW.key)",
            "written already",
        ),
        _sqlite(
            "ledger_posting_first",
            "BEFORE INSERT ON ledger_posting",
            "EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.entry_id)"
            # -1 stands for a number that is yet to be given
            " OR (NEW.id <> -1 AND EXISTS (SELECT 1 FROM ledger_posting WHERE id = NEW.id))",
            "its entry is written already",
        ),
        _sqlite(
            "ledger_posting_whole",
            "AFTER INSERT ON ledger_posting",
            "typeof(NEW.paise) <> 'integer' OR NEW.paise = 0 OR NEW.id < 1",
            "expected whole paise, not 0",
        ),
        _sqlite(
            "ledger_day_once",
            "BEFORE INSERT ON ledger_day",
            "EXISTS (SELECT 1 FROM ledger_day WHERE site_id = NEW.site_id AND day >= NEW.day)",
            "this day is closed",
        ),
        *(
            _sqlite(f"{table}_no_{change}", f"BEFORE {change.upper()} ON {table}", "1", "what is written stays")
            for table in KEPT
            for change in ("update", "delete")
        ),
    ]


def _sqlite(name: str, when: str, wrong: str, why: str) -> str:
    table = when.split()[-1]
    return f"CREATE TRIGGER {name} {when} WHEN {wrong} BEGIN SELECT RAISE(ABORT, '{table}: {why}'); END"


def postgresql() -> list[str]:
    return [
        _function(
            "ledger_entry_guard", [(_UNBALANCED, "postings do not sum to zero"), (_CLOSED, "this day is closed")]
        ),
        "CREATE TRIGGER ledger_entry_guard BEFORE INSERT ON ledger_entry"
        " FOR EACH ROW EXECUTE FUNCTION ledger_entry_guard()",
        _function(
            "ledger_posting_guard",
            [
                ("EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.entry_id)", "its entry is written already"),
                ("NEW.paise = 0", "expected whole paise, not 0"),
            ],
        ),
        "CREATE TRIGGER ledger_posting_guard BEFORE INSERT ON ledger_posting"
        " FOR EACH ROW EXECUTE FUNCTION ledger_posting_guard()",
        _function(
            "ledger_posting_balanced",
            [
                (
                    "(SELECT sum(paise) FROM ledger_posting WHERE entry_id = NEW.entry_id) <> 0",
                    "the entry is not balanced",
                )
            ],
        ),
        "CREATE CONSTRAINT TRIGGER ledger_posting_balanced AFTER INSERT ON ledger_posting"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_posting_balanced()",
        _function("ledger_day_guard", [(_CLOSED, "this day is closed")]),
        "CREATE TRIGGER ledger_day_guard BEFORE INSERT ON ledger_day FOR EACH ROW EXECUTE FUNCTION ledger_day_guard()",
        _function("ledger_kept", [("true", "what is written stays")]),
        *(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION ledger_kept()"
            for table in KEPT
        ),
    ]


def _function(name: str, wrongs: list[tuple[str, str]]) -> str:
    raised = "\n".join(
        f"IF {wrong} THEN RAISE check_violation USING MESSAGE = TG_TABLE_NAME || ': {why}'; END IF;"
        for wrong, why in wrongs
    )
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {raised} RETURN NEW; END $$"


POSTGRESQL_FUNCTIONS = (
    "ledger_entry_guard", "ledger_posting_guard", "ledger_posting_balanced", "ledger_day_guard", "ledger_kept",
)  # fmt: skip
