"""Drafts of tariffs; and what a version says can no longer be changed, by whomever."""

import sqlalchemy as sa
from alembic import op

import central.store.base

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UNCHANGING = "tariff_version: a version never changes: make a new one"


def upgrade() -> None:
    op.create_table(
        "tariff_draft",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("toml", sa.Text(), nullable=False),
        sa.Column("created_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_tariff_draft_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariff_draft")),
    )
    op.create_index(op.f("ix_tariff_draft_site_id"), "tariff_draft", ["site_id"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER tariff_version_unchanging BEFORE UPDATE OF site_id, version, valid_from, toml "
            f"ON tariff_version BEGIN SELECT RAISE(ABORT, '{UNCHANGING}'); END"
        )
        return
    op.execute(
        "CREATE FUNCTION tariff_version_unchanging() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{UNCHANGING}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
    )
    op.execute(
        "CREATE TRIGGER tariff_version_unchanging BEFORE UPDATE OF site_id, version, valid_from, toml "
        "ON tariff_version FOR EACH ROW EXECUTE FUNCTION tariff_version_unchanging()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TRIGGER tariff_version_unchanging")
    else:
        op.execute("DROP TRIGGER tariff_version_unchanging ON tariff_version")
        op.execute("DROP FUNCTION tariff_version_unchanging")
    op.drop_table("tariff_draft")
