"""A gap in a gate's events is judged by the gate's own word, no longer by how long it lasts."""

import sqlalchemy as sa
from alembic import op

import central.store.base

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("ack_cursor") as table:
        table.drop_column("gap_since")


def downgrade() -> None:
    with op.batch_alter_table("ack_cursor") as table:
        table.add_column(sa.Column("gap_since", central.store.base.UtcDateTime(timezone=True), nullable=True))
