"""Tokens of integrations and webhooks out."""

import sqlalchemy as sa
from alembic import op

import central.store.base

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

Instant = central.store.base.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("sites", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("expires_at", Instant, nullable=True),
        sa.Column("last_used_at", Instant, nullable=True),
        sa.Column("ended_at", Instant, nullable=True),
        sa.Column("ended_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_table(
        "api_answer",
        sa.Column("token_id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["token_id"], ["api_token.id"], name=op.f("fk_api_answer_token_id")),
        sa.PrimaryKeyConstraint("token_id", "key", name=op.f("pk_api_answer")),
    )
    op.create_index(op.f("ix_api_answer_at"), "api_answer", ["at"])
    op.create_table(
        "api_event",
        sa.Column("id", central.store.base.RowNumber, autoincrement=True, nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_api_event_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_event")),
    )
    op.create_index(op.f("ix_api_event_site_id_id"), "api_event", ["site_id", "id"])
    op.create_index(op.f("ix_api_event_at"), "api_event", ["at"])
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("sites", sa.JSON(), nullable=False),
        sa.Column("secret_number", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("ended_at", Instant, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoint")),
    )
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("endpoint_id", sa.String(length=36), nullable=False),
        sa.Column("event_id", central.store.base.RowNumber, nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", Instant, nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("done_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["endpoint_id"], ["webhook_endpoint.id"], name=op.f("fk_webhook_delivery_endpoint_id")),
        sa.ForeignKeyConstraint(["event_id"], ["api_event.id"], name=op.f("fk_webhook_delivery_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
    )
    op.create_index(op.f("ix_webhook_delivery_endpoint_id_id"), "webhook_delivery", ["endpoint_id", "id"])
    op.create_index(op.f("ix_webhook_delivery_event_id"), "webhook_delivery", ["event_id"])
    op.create_index(
        "ix_webhook_delivery_waiting",
        "webhook_delivery",
        ["next_at"],
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )


def downgrade() -> None:
    for table in ("webhook_delivery", "webhook_endpoint", "api_event", "api_answer", "api_token"):
        op.drop_table(table)
