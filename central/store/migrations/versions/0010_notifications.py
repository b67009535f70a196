"""Notifications: what is to be told, to whom, by which channel, and how each try ended."""

import sqlalchemy as sa
from alembic import op

import central.store.base

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

Instant = central.store.base.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "notification",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=True),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("useful_until", Instant, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claimed_until", Instant, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("sent_at", Instant, nullable=True),
        sa.Column("read_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_notification_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("key", "recipient", "channel", name=op.f("uq_notification_key_recipient_channel")),
    )
    for columns in (["state", "due_at"], ["recipient", "channel", "id"], ["site_id", "state", "id"]):
        op.create_index(op.f(f"ix_notification_{'_'.join(columns)}"), "notification", columns)
    op.create_table(
        "notification_choice",
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("language", sa.String(length=40), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_until", sa.Integer(), nullable=True),
        sa.Column("channels", sa.JSON(), nullable=False),
        sa.Column("muted", sa.JSON(), nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("recipient", name=op.f("pk_notification_choice")),
    )
    op.create_table(
        "guest_contact",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("stay_id", sa.String(length=36), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=40), nullable=False),
        sa.Column("more", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("given_at", Instant, nullable=False),
        sa.Column("ended_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["stay_id"], ["stay.id"], name=op.f("fk_guest_contact_stay_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest_contact")),
    )
    op.create_index(op.f("ix_guest_contact_stay_id"), "guest_contact", ["stay_id"])


def downgrade() -> None:
    op.drop_table("guest_contact")
    op.drop_table("notification_choice")
    op.drop_table("notification")
