"""The triggers by which the database keeps the audit log: no row is changed, none that is linked is deleted.

A link may go only below a cut, which retention writes first. A later migration that makes one of these tables anew (on
SQLite, any batch of changes) must lay these again.
"""

from __future__ import annotations

_KEPT = "what is written stays"
_LINKED = "EXISTS (SELECT 1 FROM audit_link WHERE audit_id = OLD.id)"
_NOT_CUT = "NOT EXISTS (SELECT 1 FROM audit_cut WHERE position >= OLD.position)"

# REPLACE deletes a row without asking the triggers of a deletion; -1 stands for a number that is yet to be given
SQLITE = [
    f"CREATE TRIGGER {name} BEFORE {when} ON {table} WHEN {wrong} BEGIN SELECT RAISE(ABORT, '{table}: {_KEPT}'); END"
    for name, when, table, wrong in (
        ("audit_no_update", "UPDATE", "audit", "1"),
        ("audit_no_delete", "DELETE", "audit", _LINKED),
        ("audit_once", "INSERT", "audit", "NEW.id <> -1 AND EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)"),
        ("audit_link_no_update", "UPDATE", "audit_link", "1"),
        ("audit_link_no_delete", "DELETE", "audit_link", _NOT_CUT),
        (
            "audit_link_once",
            "INSERT",
            "audit_link",
            "EXISTS (SELECT 1 FROM audit_link WHERE position = NEW.position OR audit_id = NEW.audit_id)",
        ),
        ("audit_cut_no_update", "UPDATE", "audit_cut", "1"),
        ("audit_cut_no_delete", "DELETE", "audit_cut", "1"),
        ("audit_cut_once", "INSERT", "audit_cut", "EXISTS (SELECT 1 FROM audit_cut WHERE position >= NEW.position)"),
    )
]

POSTGRESQL_FUNCTIONS = ("audit_kept", "audit_linked_kept", "audit_link_kept")
POSTGRESQL = [
    *(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {wrong} THEN"
        f" RAISE check_violation USING MESSAGE = TG_TABLE_NAME || ': {_KEPT}'; END IF; RETURN OLD; END $$"
        for name, wrong in zip(POSTGRESQL_FUNCTIONS, ("true", _LINKED, _NOT_CUT), strict=True)
    ),
    *(
        f"CREATE TRIGGER {table}_no_{kind} BEFORE {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()"
        for table, kind, when, each, function in (
            ("audit", "update", "UPDATE OR TRUNCATE", "STATEMENT", "audit_kept"),
            ("audit", "delete", "DELETE", "ROW", "audit_linked_kept"),
            ("audit_link", "update", "UPDATE OR TRUNCATE", "STATEMENT", "audit_kept"),
            ("audit_link", "delete", "DELETE", "ROW", "audit_link_kept"),
            ("audit_cut", "update", "UPDATE OR DELETE OR TRUNCATE", "STATEMENT", "audit_kept"),
        )
    ),
]
