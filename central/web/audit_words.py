"""What pages say of the audit log's chain and of retention."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from central.rules.chain import Break
from central.rules.retention import Kind

BROKEN = {
    str(Break.EDITED): _l("A row was changed after it was written."),
    str(Break.DELETED): _l("A row is gone from between others."),
    str(Break.INSERTED): _l("A row was put among older ones."),
    str(Break.TRUNCATED): _l("The newest rows are gone."),
    str(Break.REWRITTEN): _l("The log is not the one whose end was written down outside the database."),
}

KIND = {
    str(Kind.PICTURES): _l("Pictures from gates"),
    str(Kind.STAYS): _l("Plates of ended stays"),
    str(Kind.GATE_EVENTS): _l("Plates in gates' events"),
    str(Kind.NOTICES): _l("Plates of notices without a stay"),
    str(Kind.PASSES): _l("Plates of passes that are over"),
    str(Kind.LISTS): _l("Entries of the access list that are over"),
    str(Kind.CLAIMS): _l("Plates that drivers claimed, and no longer do"),
    str(Kind.AUDIT_PLATES): _l("Plates in the audit log"),
    str(Kind.LOGINS): _l("Log-in history"),
    str(Kind.NOTIFICATIONS): _l("Notifications sent"),
    str(Kind.QUARANTINE): _l("Messages looked at in quarantine"),
    str(Kind.LOOKS): _l("Who looked at which picture"),
    str(Kind.AUDIT): _l("The audit log"),
}

HELD = {
    "disputed": _l("disputed"),
    "a notice is open": _l("a notice is open"),
    "money is owed": _l("money is owed"),
    "a person holds it": _l("a person holds it"),
}
