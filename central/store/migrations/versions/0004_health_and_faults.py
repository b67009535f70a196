"""How each gate is: its latest health and what is wrong with it."""

import sqlalchemy as sa
from alembic import op

import central.store.base

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("gate") as table:
        table.add_column(sa.Column("health", sa.JSON(), nullable=False, server_default="{}"))
        table.add_column(sa.Column("health_at", central.store.base.UtcDateTime(timezone=True), nullable=True))
    with op.batch_alter_table("gate") as table:
        table.alter_column("health", server_default=None)
    op.create_table(
        "gate_fault",
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("gate_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=40), nullable=False),
        sa.Column("since", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("boot", sa.String(length=36), nullable=True),
        sa.Column("heard_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "gate_id"], ["gate.site_id", "gate.id"], name=op.f("fk_gate_fault_site_id_gate")
        ),
        sa.PrimaryKeyConstraint("site_id", "gate_id", "code", name=op.f("pk_gate_fault")),
    )


def downgrade() -> None:
    op.drop_table("gate_fault")
    with op.batch_alter_table("gate") as table:
        table.drop_column("health_at")
        table.drop_column("health")
