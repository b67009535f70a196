"""Violations and what each site does about them; a due says what it is for."""

import sqlalchemy as sa
from alembic import op

import central.store.base

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

Instant = central.store.base.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.add_column("due", sa.Column("kind", sa.String(length=40), nullable=False, server_default="stay"))
    op.create_table(
        "violation_rule",
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate_bp", sa.Integer(), nullable=False),
        sa.Column("wait_minutes", sa.Integer(), nullable=False),
        sa.Column("pay_within_days", sa.Integer(), nullable=False),
        sa.Column("sure_percent", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_violation_rule_site_id")),
        sa.PrimaryKeyConstraint("site_id", "kind", name=op.f("pk_violation_rule")),
    )
    op.create_table(
        "violation",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("stay_id", sa.String(length=36), nullable=True),
        sa.Column("other_stay_id", sa.String(length=36), nullable=True),
        sa.Column("due_id", sa.String(length=36), nullable=True),
        sa.Column("event_id", sa.String(length=36), nullable=True),
        sa.Column("gate_id", sa.String(length=32), nullable=True),
        sa.Column("plate", sa.String(length=16), nullable=True),
        sa.Column("vehicle_class", sa.String(length=40), nullable=False),
        sa.Column("happened_at", Instant, nullable=False),
        sa.Column("since", Instant, nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("image", sa.String(length=64), nullable=True),
        sa.Column("other_image", sa.String(length=64), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("raised_at", Instant, nullable=False),
        sa.Column("raised_by", sa.String(), nullable=False),
        sa.Column("notified_at", Instant, nullable=True),
        sa.Column("notified_how", sa.String(length=40), nullable=False),
        sa.Column("due_by", Instant, nullable=True),
        sa.Column("appealed_at", Instant, nullable=True),
        sa.Column("appeal", sa.String(), nullable=False),
        sa.Column("appeal_contact", sa.String(), nullable=False),
        sa.Column("decided_at", Instant, nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("paid_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["due_id"], ["due.id"], name=op.f("fk_violation_due_id")),
        sa.ForeignKeyConstraint(["other_stay_id"], ["stay.id"], name=op.f("fk_violation_other_stay_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_violation_site_id")),
        sa.ForeignKeyConstraint(["stay_id"], ["stay.id"], name=op.f("fk_violation_stay_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_violation")),
        sa.UniqueConstraint("key", name=op.f("uq_violation_key")),
    )
    for columns in (
        ["site_id", "id"],
        ["site_id", "status", "id"],
        ["stay_id"],
        ["other_stay_id"],
        ["due_id"],
        ["site_id", "plate"],
    ):
        op.create_index(op.f(f"ix_violation_{'_'.join(columns)}"), "violation", columns)


def downgrade() -> None:
    op.drop_table("violation")
    op.drop_table("violation_rule")
    # they would be taken for the price of their stays
    op.execute("UPDATE due SET state = 'waived' WHERE kind <> 'stay' AND state IN ('open', 'quoted')")
    op.drop_column("due", "kind")
