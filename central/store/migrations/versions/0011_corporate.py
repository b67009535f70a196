"""Corporate accounts and their monthly invoices."""

import sqlalchemy as sa
from alembic import op

import central.store.base

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

Instant = central.store.base.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.add_column("account_vehicle", sa.Column("on_account_since", Instant, nullable=True))
    op.create_table(
        "corporate_terms",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("legal_name", sa.String(), nullable=False),
        sa.Column("gstin", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("state_code", sa.String(length=2), nullable=False),
        sa.Column("supply", sa.String(length=40), nullable=False),
        sa.Column("credit_limit_paise", sa.BigInteger(), nullable=False),
        sa.Column("invoice_day", sa.Integer(), nullable=False),
        sa.Column("payment_days", sa.Integer(), nullable=False),
        sa.Column("invoiced_to", sa.String(length=7), nullable=False),
        sa.Column("suspended_at", Instant, nullable=True),
        sa.Column("suspended_by", sa.String(), nullable=False),
        sa.Column("suspended_why", sa.String(), nullable=False),
        sa.Column("lifted_until", sa.String(length=10), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_corporate_terms_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_corporate_terms")),
    )
    op.create_table(
        "corporate_invoice",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("serial", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("financial_year", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("issued_at", Instant, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("due_on", sa.String(length=10), nullable=False),
        sa.Column("buyer", sa.JSON(), nullable=False),
        sa.Column("sac", sa.String(length=40), nullable=False),
        sa.Column("supplier_state", sa.String(length=2), nullable=False),
        sa.Column("place_of_supply", sa.String(length=2), nullable=False),
        sa.Column("taxable_paise", sa.BigInteger(), nullable=False),
        sa.Column("cgst_paise", sa.BigInteger(), nullable=False),
        sa.Column("sgst_paise", sa.BigInteger(), nullable=False),
        sa.Column("igst_paise", sa.BigInteger(), nullable=False),
        sa.Column("rounding_paise", sa.BigInteger(), nullable=False),
        sa.Column("total_paise", sa.BigInteger(), nullable=False),
        sa.Column("brought_paise", sa.BigInteger(), nullable=False),
        sa.Column("credited_paise", sa.BigInteger(), nullable=False),
        sa.Column("settled_paise", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_corporate_invoice_account_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_corporate_invoice_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corporate_invoice")),
        sa.UniqueConstraint("account_id", "month", name=op.f("uq_corporate_invoice_account_id_month")),
        sa.UniqueConstraint(
            "site_id", "financial_year", "serial", name=op.f("uq_corporate_invoice_site_id_financial_year_serial")
        ),
    )
    op.create_index(
        "ix_corporate_invoice_open",
        "corporate_invoice",
        ["account_id", "due_on"],
        unique=False,
        sqlite_where=sa.text("settled_paise + credited_paise < total_paise"),
        postgresql_where=sa.text("settled_paise + credited_paise < total_paise"),
    )
    op.create_table(
        "corporate_credit_note",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("serial", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("financial_year", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.String(length=36), nullable=False),
        sa.Column("issued_at", Instant, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("taxable_paise", sa.BigInteger(), nullable=False),
        sa.Column("cgst_paise", sa.BigInteger(), nullable=False),
        sa.Column("sgst_paise", sa.BigInteger(), nullable=False),
        sa.Column("igst_paise", sa.BigInteger(), nullable=False),
        sa.Column("rounding_paise", sa.BigInteger(), nullable=False),
        sa.Column("total_paise", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["corporate_invoice.id"], name=op.f("fk_corporate_credit_note_invoice_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_corporate_credit_note_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corporate_credit_note")),
        sa.UniqueConstraint(
            "site_id", "financial_year", "serial", name=op.f("uq_corporate_credit_note_site_id_financial_year_serial")
        ),
    )
    op.create_index(op.f("ix_corporate_credit_note_invoice_id"), "corporate_credit_note", ["invoice_id"], unique=False)
    op.create_table(
        "corporate_move",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("entry_key", sa.String(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("paise", sa.BigInteger(), nullable=False),
        sa.Column("balance_paise", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("invoice_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_corporate_move_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corporate_move")),
        sa.UniqueConstraint("entry_key", name=op.f("uq_corporate_move_entry_key")),
    )
    op.create_index(op.f("ix_corporate_move_account_id_id"), "corporate_move", ["account_id", "id"], unique=False)
    op.create_table(
        "corporate_line",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("invoice_id", sa.String(length=36), nullable=True),
        sa.Column("credit_id", sa.String(length=36), nullable=True),
        sa.Column("due_id", sa.String(length=36), nullable=False),
        sa.Column("stay_id", sa.String(length=36), nullable=False),
        sa.Column("plate", sa.String(length=16), nullable=False),
        sa.Column("vehicle_class", sa.String(length=40), nullable=False),
        sa.Column("entered_at", Instant, nullable=True),
        sa.Column("left_at", Instant, nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("tax_rate_bp", sa.Integer(), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("taxable_paise", sa.BigInteger(), nullable=False),
        sa.Column("cgst_paise", sa.BigInteger(), nullable=False),
        sa.Column("sgst_paise", sa.BigInteger(), nullable=False),
        sa.Column("igst_paise", sa.BigInteger(), nullable=False),
        sa.Column("rounding_paise", sa.BigInteger(), nullable=False),
        sa.Column("total_paise", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_corporate_line_account_id")),
        sa.ForeignKeyConstraint(["credit_id"], ["corporate_credit_note.id"], name=op.f("fk_corporate_line_credit_id")),
        sa.ForeignKeyConstraint(["due_id"], ["due.id"], name=op.f("fk_corporate_line_due_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["corporate_invoice.id"], name=op.f("fk_corporate_line_invoice_id")),
        sa.ForeignKeyConstraint(["stay_id"], ["stay.id"], name=op.f("fk_corporate_line_stay_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corporate_line")),
    )
    op.create_index(
        op.f("ix_corporate_line_account_id_invoice_id_left_at"),
        "corporate_line",
        ["account_id", "invoice_id", "left_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_corporate_line_invoice_id_left_at"), "corporate_line", ["invoice_id", "left_at"], unique=False
    )
    op.create_index(
        "uq_corporate_line_due_id",
        "corporate_line",
        ["due_id"],
        unique=True,
        sqlite_where=sa.text("credit_id IS NULL"),
        postgresql_where=sa.text("credit_id IS NULL"),
    )
    op.create_table(
        "corporate_payment",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("how", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("paise", sa.BigInteger(), nullable=False),
        sa.Column("left_paise", sa.BigInteger(), nullable=False),
        sa.Column("invoice_id", sa.String(length=36), nullable=True),
        sa.Column("due_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("received_at", Instant, nullable=True),
        sa.Column("reversed_at", Instant, nullable=True),
        sa.Column("reversed_by", sa.String(), nullable=False),
        sa.Column("reversed_why", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_corporate_payment_account_id")),
        sa.ForeignKeyConstraint(["due_id"], ["due.id"], name=op.f("fk_corporate_payment_due_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["corporate_invoice.id"], name=op.f("fk_corporate_payment_invoice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corporate_payment")),
        sa.UniqueConstraint("due_id", name=op.f("uq_corporate_payment_due_id")),
    )
    op.create_index(op.f("ix_corporate_payment_account_id_id"), "corporate_payment", ["account_id", "id"], unique=False)
    op.create_index(
        "ix_corporate_payment_left",
        "corporate_payment",
        ["account_id", "id"],
        unique=False,
        sqlite_where=sa.text("left_paise > 0"),
        postgresql_where=sa.text("left_paise > 0"),
    )
    op.create_index(
        "uq_corporate_payment_reference",
        "corporate_payment",
        ["account_id", "how", "reference"],
        unique=True,
        sqlite_where=sa.text("reversed_at IS NULL AND how IN ('transfer', 'cheque')"),
        postgresql_where=sa.text("reversed_at IS NULL AND how IN ('transfer', 'cheque')"),
    )
    op.create_table(
        "corporate_part",
        sa.Column("payment_id", sa.String(length=36), nullable=False),
        sa.Column("invoice_id", sa.String(length=36), nullable=False),
        sa.Column("paise", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["corporate_invoice.id"], name=op.f("fk_corporate_part_invoice_id")),
        sa.ForeignKeyConstraint(["payment_id"], ["corporate_payment.id"], name=op.f("fk_corporate_part_payment_id")),
        sa.PrimaryKeyConstraint("payment_id", "invoice_id", name=op.f("pk_corporate_part")),
    )
    op.create_index(op.f("ix_corporate_part_invoice_id"), "corporate_part", ["invoice_id"], unique=False)


def downgrade() -> None:
    for table in (
        "corporate_part",
        "corporate_payment",
        "corporate_line",
        "corporate_move",
        "corporate_credit_note",
        "corporate_invoice",
        "corporate_terms",
    ):
        op.drop_table(table)
    op.drop_column("account_vehicle", "on_account_since")
    # to the code before, an amount that a firm owed was not to be asked for again
    op.execute("UPDATE due SET state = 'paid' WHERE state = 'on_account'")
