"""Money given back by card, odd captures decided, the card terminal's payouts, and settlement files fetched."""

import sqlalchemy as sa
from alembic import op

import central.store.base

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

Instant = central.store.base.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.add_column("refund", sa.Column("rrn", sa.String(), nullable=True))
    op.add_column("refund", sa.Column("sent_at", Instant, nullable=True))
    # whatever the provider may have been asked for before can't be held back
    op.execute("UPDATE refund SET sent_at = created_at")
    op.create_index("uq_refund_rrn", "refund", ["rrn"], unique=True)
    op.create_table(
        "card_payout",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("gross_paise", sa.BigInteger(), nullable=False),
        sa.Column("fee_paise", sa.BigInteger(), nullable=False),
        sa.Column("fee_gst_paise", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.String(length=10), nullable=False),
        sa.Column("bank_ref", sa.String(), nullable=False),
        sa.Column("recorded_at", Instant, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("struck_at", Instant, nullable=True),
        sa.Column("struck_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_card_payout_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_payout")),
    )
    op.create_index(op.f("ix_card_payout_site_id_id"), "card_payout", ["site_id", "id"])
    stands = sa.text("struck_at IS NULL")
    op.create_index(
        "uq_card_payout_batch", "card_payout", ["site_id", "day", "batch"], unique=True, sqlite_where=stands,
        postgresql_where=stands,
    )  # fmt: skip
    op.create_table(
        "odd_decision",
        sa.Column("attempt_id", sa.String(length=36), nullable=False),
        sa.Column("way", sa.String(length=40), nullable=False),
        sa.Column("taken_paise", sa.BigInteger(), nullable=False),
        sa.Column("back_paise", sa.BigInteger(), nullable=False),
        sa.Column("refund_id", sa.String(length=36), nullable=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_odd_decision_attempt_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("fk_odd_decision_refund_id")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_odd_decision")),
    )
    op.create_index(op.f("ix_odd_decision_at"), "odd_decision", ["at"])
    op.create_index(op.f("ix_odd_decision_refund_id"), "odd_decision", ["refund_id"])
    op.create_table(
        "settlement_day",
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("asked_at", Instant, nullable=True),
        sa.Column("problem", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_settlement_day_site_id")),
        sa.PrimaryKeyConstraint("provider", "day", name=op.f("pk_settlement_day")),
    )


def downgrade() -> None:
    op.drop_table("settlement_day")
    op.drop_table("odd_decision")
    op.drop_table("card_payout")
    op.drop_index("uq_refund_rrn", "refund")
    op.drop_column("refund", "sent_at")
    op.drop_column("refund", "rrn")
