"""Coupons and validations; accounts with passes and wallets, which owe for themselves; kept idempotency keys."""

import sqlalchemy as sa
from alembic import op

import central.store.base

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# a due and its receipt may be an account's, and then of no stay
_OF_STAYS = ("due", "receipt")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("review", sa.String(), nullable=True),
        sa.Column("created_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_account_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_index(op.f("ix_account_site_id"), "account", ["site_id"], unique=False)
    op.execute("ALTER TABLE due ADD COLUMN account_id VARCHAR(36) CONSTRAINT fk_due_account_id REFERENCES account (id)")
    op.create_index(op.f("ix_due_account_id"), "due", ["account_id"])
    for table in _OF_STAYS:
        _let_be_empty(table, True)
    op.create_table(
        "kept_answer",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("body", sa.String(length=64), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_kept_answer")),
    )
    op.create_table(
        "pass_product",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("vehicle_classes", sa.JSON(), nullable=False),
        sa.Column("price_paise", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate_bp", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("plates", sa.Integer(), nullable=False),
        sa.Column("created_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("ended_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_pass_product_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pass_product")),
    )
    op.create_index(op.f("ix_pass_product_site_id"), "pass_product", ["site_id"], unique=False)
    op.create_table(
        "shop",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("ended_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_shop_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_shop_token_hash")),
    )
    op.create_index(op.f("ix_shop_site_id"), "shop", ["site_id"], unique=False)
    op.create_table(
        "account_vehicle",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("plate", sa.String(length=16), nullable=False),
        sa.Column("pays_itself", sa.Boolean(), nullable=False),
        sa.Column("changed_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_vehicle_account_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_account_vehicle_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_vehicle")),
        sa.UniqueConstraint("site_id", "plate", name=op.f("uq_account_vehicle_site_id_plate")),
    )
    op.create_index(op.f("ix_account_vehicle_account_id"), "account_vehicle", ["account_id"], unique=False)
    op.create_table(
        "coupon",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("valid_from", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("valid_to", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("vehicle_classes", sa.JSON(), nullable=False),
        sa.Column("stackable", sa.Boolean(), nullable=False),
        sa.Column("per_code", sa.Integer(), nullable=True),
        sa.Column("per_day", sa.Integer(), nullable=True),
        sa.Column("per_stay", sa.Integer(), nullable=False),
        sa.Column("shop_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("ended_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["shop_id"], ["shop.id"], name=op.f("fk_coupon_shop_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_coupon_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon")),
        sa.UniqueConstraint("site_id", "code", name=op.f("uq_coupon_site_id_code")),
    )
    op.create_index(op.f("ix_coupon_shop_id"), "coupon", ["shop_id"], unique=False)
    op.create_table(
        "saved_upi",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("upi_id", sa.String(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_saved_upi_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_upi")),
        sa.UniqueConstraint("account_id", "upi_id", name=op.f("uq_saved_upi_account_id_upi_id")),
    )
    op.create_index(
        "uq_saved_upi_default",
        "saved_upi",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("is_default"),
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "wallet_move",
        sa.Column("entry_key", sa.String(), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_wallet_move_account_id")),
        sa.PrimaryKeyConstraint("entry_key", name=op.f("pk_wallet_move")),
    )
    op.create_index(op.f("ix_wallet_move_account_id"), "wallet_move", ["account_id"], unique=False)
    op.create_table(
        "coupon_use",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("coupon_id", sa.String(length=36), nullable=False),
        sa.Column("stay_id", sa.String(length=36), nullable=False),
        sa.Column("day", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("due_id", sa.String(length=36), nullable=True),
        sa.Column("at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("changed_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["coupon_id"], ["coupon.id"], name=op.f("fk_coupon_use_coupon_id")),
        sa.ForeignKeyConstraint(["due_id"], ["due.id"], name=op.f("fk_coupon_use_due_id")),
        sa.ForeignKeyConstraint(["stay_id"], ["stay.id"], name=op.f("fk_coupon_use_stay_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_use")),
    )
    op.create_index(op.f("ix_coupon_use_coupon_id_id"), "coupon_use", ["coupon_id", "id"], unique=False)
    op.create_index(
        "ix_coupon_use_live",
        "coupon_use",
        ["coupon_id", "day"],
        unique=False,
        sqlite_where=sa.text("state <> 'returned'"),
        postgresql_where=sa.text("state <> 'returned'"),
    )
    op.create_index(op.f("ix_coupon_use_stay_id"), "coupon_use", ["stay_id"], unique=False)
    op.create_table(
        "pass",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("product_id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("plates", sa.JSON(), nullable=False),
        sa.Column("valid_from", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("valid_until", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("due_id", sa.String(length=36), nullable=False),
        sa.Column("renews", sa.String(length=36), nullable=True),
        sa.Column("created_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("changed_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_pass_account_id")),
        sa.ForeignKeyConstraint(["due_id"], ["due.id"], name=op.f("fk_pass_due_id")),
        sa.ForeignKeyConstraint(["product_id"], ["pass_product.id"], name=op.f("fk_pass_product_id")),
        sa.ForeignKeyConstraint(["renews"], ["pass.id"], name=op.f("fk_pass_renews")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_pass_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pass")),
        sa.UniqueConstraint("due_id", name=op.f("uq_pass_due_id")),
        sa.UniqueConstraint("renews", name=op.f("uq_pass_renews")),
    )
    op.create_index(op.f("ix_pass_account_id"), "pass", ["account_id"], unique=False)
    op.create_index(op.f("ix_pass_state_valid_until"), "pass", ["state", "valid_until"], unique=False)
    op.create_table(
        "pass_reminder",
        sa.Column("pass_id", sa.String(length=36), nullable=False),
        sa.Column("made_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["pass_id"], ["pass.id"], name=op.f("fk_pass_reminder_pass_id")),
        sa.PrimaryKeyConstraint("pass_id", name=op.f("pk_pass_reminder")),
    )


def downgrade() -> None:
    for table in (
        "pass_reminder",
        "pass",
        "coupon_use",
        "wallet_move",
        "saved_upi",
        "coupon",
        "account_vehicle",
        "shop",
        "pass_product",
        "kept_answer",
    ):
        op.drop_table(table)
    for table in _OF_STAYS:
        _let_be_empty(table, False)
    op.drop_index(op.f("ix_due_account_id"), table_name="due")
    if op.get_bind().dialect.name == "sqlite":
        _rewrite("due", " CONSTRAINT fk_due_account_id REFERENCES account (id)", "")
    op.drop_column("due", "account_id")
    op.drop_table("account")


def _let_be_empty(table: str, empty: bool) -> None:
    """Whether a table's stay_id may be NULL. Refused by the database where it may not be, and is.

    SQLite can't say so in an ALTER; making the table anew would break what points to it. Editing its text is what its
    manual gives for dropping a NOT NULL (https://www.sqlite.org/lang_altertable.html, section 7).
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.alter_column(table, "stay_id", existing_type=sa.String(length=36), nullable=empty)
        return
    loose, strict = "stay_id VARCHAR(36)", "stay_id VARCHAR(36) NOT NULL"
    _rewrite(table, *((strict, loose) if empty else (loose, strict)))


def _rewrite(table: str, old: str, new: str) -> None:
    connection = op.get_bind()
    version = connection.exec_driver_sql("PRAGMA schema_version").scalar()
    connection.exec_driver_sql("PRAGMA writable_schema = ON")
    connection.exec_driver_sql(
        "UPDATE sqlite_master SET sql = replace(sql, ?, ?) WHERE type = 'table' AND name = ?", (old, new, table)
    )
    connection.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    connection.exec_driver_sql("PRAGMA writable_schema = RESET")
