"""The books: entries in double entry that the database itself keeps balanced, shifts, credit notes, reconciliation."""

import sqlalchemy as sa
from alembic import op

import central.store.base
from central.store.migrations import ledger_guards

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "credit_note_counter",
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("financial_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_credit_note_counter_site_id")),
        sa.PrimaryKeyConstraint("site_id", "financial_year", name=op.f("pk_credit_note_counter")),
    )
    op.create_table(
        "ledger_day",
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("closed_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("balances", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_ledger_day_site_id")),
        sa.PrimaryKeyConstraint("site_id", "day", name=op.f("pk_ledger_day")),
    )
    op.create_table(
        "ledger_day_sum",
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("debit_paise", sa.BigInteger(), nullable=False),
        sa.Column("credit_paise", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_ledger_day_sum_site_id")),
        sa.PrimaryKeyConstraint("site_id", "day", "account", name=op.f("pk_ledger_day_sum")),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("due_id", sa.String(length=36), nullable=True),
        sa.Column("stay_id", sa.String(length=36), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_ledger_entry_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_entry_key")),
    )
    with op.batch_alter_table("ledger_entry") as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_entry_due_id"), ["due_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ledger_entry_site_id_day"), ["site_id", "day"], unique=False)

    op.create_table(
        "settlement_file",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("utr", sa.String(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("net_paise", sa.BigInteger(), nullable=False),
        sa.Column("imported_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_settlement_file_site_id")),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_settlement_file")),
    )
    op.create_table(
        "shift",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("attendant", sa.String(), nullable=False),
        sa.Column("opened_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("float_paise", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=False),
        sa.Column("counted_paise", sa.BigInteger(), nullable=True),
        sa.Column("expected_paise", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_shift_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    with op.batch_alter_table("shift") as batch_op:
        batch_op.create_index(batch_op.f("ix_shift_site_id_id"), ["site_id", "id"], unique=False)
        batch_op.create_index(
            "uq_shift_open_attendant",
            ["attendant"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "ledger_posting",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("entry_id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("account", sa.String(length=40), nullable=False),
        sa.Column("paise", sa.BigInteger(), nullable=False),
        sa.Column("shift_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["ledger_entry.id"],
            name=op.f("fk_ledger_posting_entry_id"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_ledger_posting_shift_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_posting")),
    )
    with op.batch_alter_table("ledger_posting") as batch_op:
        batch_op.create_index(batch_op.f("ix_ledger_posting_entry_id"), ["entry_id"], unique=False)
        batch_op.create_index(
            "ix_ledger_posting_shift_id",
            ["shift_id"],
            unique=False,
            sqlite_where=sa.text("shift_id IS NOT NULL"),
            postgresql_where=sa.text("shift_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_ledger_posting_site_id_account_id"), ["site_id", "account", "id"], unique=False
        )

    op.create_table(
        "settlement_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("file", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("payment_ref", sa.String(), nullable=False),
        sa.Column("refund_ref", sa.String(), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("fee_paise", sa.BigInteger(), nullable=False),
        sa.Column("fee_gst_paise", sa.BigInteger(), nullable=False),
        sa.Column("utr", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["file"], ["settlement_file.sha256"], name=op.f("fk_settlement_line_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement_line")),
        sa.UniqueConstraint("file", "number", name=op.f("uq_settlement_line_file_number")),
    )
    with op.batch_alter_table("settlement_line") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_settlement_line_provider_payment_ref_refund_ref"),
            ["provider", "payment_ref", "refund_ref"],
            unique=False,
        )

    op.create_table(
        "unreconciled",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("payment_ref", sa.String(), nullable=False),
        sa.Column("stay_id", sa.String(length=36), nullable=True),
        sa.Column("ours_paise", sa.BigInteger(), nullable=True),
        sa.Column("theirs_paise", sa.BigInteger(), nullable=True),
        sa.Column("found_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("resolution", sa.String(length=40), nullable=True),
        sa.Column("resolved_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["settlement_line.id"], name=op.f("fk_unreconciled_line_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_unreconciled_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unreconciled")),
        sa.UniqueConstraint("key", name=op.f("uq_unreconciled_key")),
    )
    with op.batch_alter_table("unreconciled") as batch_op:
        batch_op.create_index(
            "ix_unreconciled_open",
            ["id"],
            unique=False,
            sqlite_where=sa.text("resolution IS NULL"),
            postgresql_where=sa.text("resolution IS NULL"),
        )

    op.create_table(
        "credit_note",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("serial", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("financial_year", sa.Integer(), nullable=False),
        sa.Column("receipt_id", sa.String(length=36), nullable=False),
        sa.Column("refund_id", sa.String(length=36), nullable=False),
        sa.Column("issued_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("amount_before_paise", sa.BigInteger(), nullable=False),
        sa.Column("taxable_paise", sa.BigInteger(), nullable=False),
        sa.Column("cgst_paise", sa.BigInteger(), nullable=False),
        sa.Column("sgst_paise", sa.BigInteger(), nullable=False),
        sa.Column("igst_paise", sa.BigInteger(), nullable=False),
        sa.Column("rounding_paise", sa.BigInteger(), nullable=False),
        sa.Column("total_paise", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name=op.f("fk_credit_note_receipt_id")),
        sa.ForeignKeyConstraint(["refund_id"], ["refund.id"], name=op.f("fk_credit_note_refund_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_credit_note_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_note")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_credit_note_refund_id")),
        sa.UniqueConstraint(
            "site_id", "financial_year", "serial", name=op.f("uq_credit_note_site_id_financial_year_serial")
        ),
    )
    with op.batch_alter_table("credit_note") as batch_op:
        batch_op.create_index(batch_op.f("ix_credit_note_receipt_id"), ["receipt_id"], unique=False)

    connection = op.get_bind()
    guards = ledger_guards.sqlite() if connection.dialect.name == "sqlite" else ledger_guards.postgresql()
    for statement in guards:
        connection.exec_driver_sql(statement)


def downgrade() -> None:
    # their triggers go with them
    for table in (
        "credit_note",
        "unreconciled",
        "settlement_line",
        "ledger_posting",
        "shift",
        "settlement_file",
        "ledger_entry",
        "ledger_day_sum",
        "ledger_day",
        "credit_note_counter",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        for function in ledger_guards.POSTGRESQL_FUNCTIONS:
            op.get_bind().exec_driver_sql(f"DROP FUNCTION {function}()")
