"""A plate's stays and notices in their order, all else by its state: no history is read whole."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

#   table, columns of an index
ADDED = (
    ("stay", "site_id", "plate", "id"),
    ("violation", "site_id", "plate", "id"),
    ("violation", "site_id", "plate", "status"),
    ("violation", "status", "stay_id", "other_stay_id"),
    ("due", "account_id", "kind", "state"),
    ("pass", "account_id", "state"),
    ("notification", "site_id", "state", "due_at"),
    ("wallet_move", "account_id", "at", "paise"),
    ("webhook_delivery", "endpoint_id", "state"),
    ("quarantine", "seen", "id"),
)
# the beginnings of those
DROPPED = (
    ("violation", "site_id", "plate"),
    ("due", "account_id"),
    ("pass", "account_id"),
    ("wallet_move", "account_id"),
)
_BOOKED = """
    UPDATE wallet_move SET paise = (
        SELECT coalesce(-sum(posting.paise), 0) FROM ledger_entry AS entry
        JOIN ledger_posting AS posting ON posting.entry_id = entry.id
        WHERE entry.key = wallet_move.entry_key AND posting.account = 'wallet'
    )
"""


def upgrade() -> None:
    op.add_column("wallet_move", sa.Column("paise", sa.BigInteger(), server_default="0", nullable=False))
    op.execute(_BOOKED)
    _create(ADDED)
    _drop(DROPPED)


def downgrade() -> None:
    _create(DROPPED)
    _drop(ADDED)
    op.drop_column("wallet_move", "paise")


def _create(indexes: tuple[tuple[str, ...], ...]) -> None:
    for table, *columns in indexes:
        op.create_index(_name(table, columns), table, columns)


def _drop(indexes: tuple[tuple[str, ...], ...]) -> None:
    for table, *columns in indexes:
        op.drop_index(_name(table, columns), table_name=table)


def _name(table: str, columns: list[str]) -> str:
    return f"ix_{'_'.join((table, *columns))}"
