"""Daily roll-ups for dashboards and reports, samples of occupancy and of gates' health."""

import sqlalchemy as sa
from alembic import op

import central.store.base

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

Instant = central.store.base.UtcDateTime(timezone=True)


def upgrade() -> None:
    # None: the jobs count what is there already
    op.add_column("site", sa.Column("figured_at", Instant, nullable=True))
    op.create_index(op.f("ix_ledger_entry_stay_id"), "ledger_entry", ["stay_id"])
    op.create_index(op.f("ix_ledger_entry_site_id_kind_day"), "ledger_entry", ["site_id", "kind", "day"])
    op.create_index(op.f("ix_attempt_state_id"), "attempt", ["state", "id"])
    op.create_index(op.f("ix_due_state_stay_id"), "due", ["state", "stay_id"])
    joined = sa.text("joined_to IS NOT NULL")
    op.create_index("ix_stay_joined_to", "stay", ["joined_to"], sqlite_where=joined, postgresql_where=joined)
    op.create_table(
        "day_figure",
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("figure", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("hour", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_day_figure_site_id")),
        sa.PrimaryKeyConstraint("site_id", "figure", "by", "day", "hour", "name", name=op.f("pk_day_figure")),
    )
    op.create_table(
        "occupancy_sample",
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("inside", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_occupancy_sample_site_id")),
        sa.PrimaryKeyConstraint("site_id", "at", name=op.f("pk_occupancy_sample")),
    )
    op.create_table(
        "gate_sample",
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("gate_id", sa.String(length=32), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("health", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "gate_id"], ["gate.site_id", "gate.id"], name=op.f("fk_gate_sample_site_id_gate_id")
        ),
        sa.PrimaryKeyConstraint("site_id", "gate_id", "at", name=op.f("pk_gate_sample")),
    )
    op.create_index(op.f("ix_gate_sample_at"), "gate_sample", ["at"])


def downgrade() -> None:
    op.drop_table("gate_sample")
    op.drop_table("occupancy_sample")
    op.drop_table("day_figure")
    op.drop_index("ix_stay_joined_to", "stay")
    op.drop_index(op.f("ix_due_state_stay_id"), "due")
    op.drop_index(op.f("ix_attempt_state_id"), "attempt")
    op.drop_index(op.f("ix_ledger_entry_site_id_kind_day"), "ledger_entry")
    op.drop_index(op.f("ix_ledger_entry_stay_id"), "ledger_entry")
    op.drop_column("site", "figured_at")
