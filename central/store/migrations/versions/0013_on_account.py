"""What coupons, notices, wallets and saved UPI IDs need beside what they had."""

import sqlalchemy as sa
from alembic import op

import central.store.base

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

Instant = central.store.base.UtcDateTime(timezone=True)
# services of agreeing to tolerate an act; what receipts said before stays as they said it
SAC_PENALTY = "999794"


def upgrade() -> None:
    op.add_column("coupon_use", sa.Column("for_plate", sa.String(length=16), nullable=True))
    for table in ("violation_rule", "violation"):
        op.add_column(table, sa.Column("sac", sa.String(length=40), nullable=False, server_default=SAC_PENALTY))
    op.add_column("account", sa.Column("low_wallet_paise", sa.BigInteger(), nullable=True))
    op.add_column("account", sa.Column("wallet_low_since", Instant, nullable=True))
    op.add_column("attempt", sa.Column("asked_upi", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("attempt", "asked_upi")
    op.drop_column("account", "wallet_low_since")
    op.drop_column("account", "low_wallet_paise")
    for table in ("violation", "violation_rule"):
        op.drop_column(table, "sac")
    op.drop_column("coupon_use", "for_plate")
