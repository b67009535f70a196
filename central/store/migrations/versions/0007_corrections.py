"""What people corrected on stays, with what was there before; stays paid ahead; lost tickets and disputes."""

import sqlalchemy as sa
from alembic import op

import central.store.base

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    instant = central.store.base.UtcDateTime(timezone=True)
    op.add_column("stay", sa.Column("lost_ticket", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("stay", sa.Column("disputed_at", instant, nullable=True))
    still_here = sa.text("closed_at IS NULL")
    op.create_index("ix_stay_inside", "stay", ["entered_at"], sqlite_where=still_here, postgresql_where=still_here)
    op.create_table(
        "correction",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("stay_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("at", instant, nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("undone_at", instant, nullable=True),
        sa.Column("undone_by", sa.String(), nullable=False),
        sa.Column("undone_reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_correction_site_id")),
        sa.ForeignKeyConstraint(["stay_id"], ["stay.id"], name=op.f("fk_correction_stay_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    op.create_index(op.f("ix_correction_stay_id_at"), "correction", ["stay_id", "at"])
    op.create_index(op.f("ix_correction_site_id_id"), "correction", ["site_id", "id"])
    op.create_table(
        "correction_image",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("correction_id", sa.String(length=36), nullable=False),
        sa.Column("of", sa.String(length=40), nullable=False),
        sa.Column("row_id", sa.String(length=36), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["correction_id"], ["correction.id"], name=op.f("fk_correction_image_correction_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_image")),
    )
    op.create_index(op.f("ix_correction_image_correction_id"), "correction_image", ["correction_id"])
    op.create_index(op.f("ix_correction_image_row_id"), "correction_image", ["row_id"])
    op.create_table(
        "booking",
        sa.Column("stay_id", sa.String(length=36), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("arrive_from", instant, nullable=False),
        sa.Column("arrive_until", instant, nullable=False),
        sa.Column("taken_by", sa.String(length=36), nullable=True),
        sa.Column("ended_at", instant, nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["stay_id"], ["stay.id"], name=op.f("fk_booking_stay_id")),
        sa.ForeignKeyConstraint(["taken_by"], ["stay.id"], name=op.f("fk_booking_taken_by")),
        sa.PrimaryKeyConstraint("stay_id", name=op.f("pk_booking")),
    )
    op.create_index(op.f("ix_booking_ended_at_arrive_until"), "booking", ["ended_at", "arrive_until"])


def downgrade() -> None:
    for table in ("booking", "correction_image", "correction"):
        op.drop_table(table)
    op.drop_index("ix_stay_inside", "stay")
    with op.batch_alter_table("stay") as table:
        table.drop_column("disputed_at")
        table.drop_column("lost_ticket")
