"""The first tables."""

import sqlalchemy as sa
from alembic import op

import central.store.base

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ack_cursor",
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("gate_id", sa.String(length=32), nullable=False),
        sa.Column("journal", sa.String(length=36), nullable=False),
        sa.Column("stream", sa.String(length=40), nullable=False),
        sa.Column("through_seq", sa.BigInteger(), nullable=False),
        sa.Column("gap_since", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("site_id", "gate_id", "journal", "stream", name=op.f("pk_ack_cursor")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    with op.batch_alter_table("audit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_subject"), ["subject"], unique=False)

    op.create_table(
        "image",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("gate_id", sa.String(length=32), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("stored_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_image")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("run_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_until", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("key", name=op.f("uq_job_key")),
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_job_run_at"), ["run_at"], unique=False)

    op.create_table(
        "quarantine",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("received_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=True),
        sa.Column("gate_id", sa.String(length=32), nullable=True),
        sa.Column("journal", sa.String(length=36), nullable=True),
        sa.Column("stream", sa.String(length=40), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("seen", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_quarantine_fingerprint")),
    )
    with op.batch_alter_table("quarantine", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_quarantine_site_id_gate_id_journal_stream_seq"),
            ["site_id", "gate_id", "journal", "stream", "seq"],
            unique=False,
        )

    op.create_table(
        "setup_link",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_setup_link")),
    )
    op.create_table(
        "site",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("hours", sa.JSON(), nullable=False),
        sa.Column("access_version", sa.Integer(), nullable=False),
        sa.Column("invoice_prefix", sa.String(length=4), nullable=False),
        sa.Column("legal_name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("gstin", sa.String(length=40), nullable=False),
        sa.Column("state_code", sa.String(length=2), nullable=False),
        sa.Column("created_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("invoice_prefix", name=op.f("uq_site_invoice_prefix")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(), nullable=False),
        sa.Column("created_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("last_login_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("login_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("email", name=op.f("uq_user_account_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_user_account_fs_uniquifier")),
    )
    op.create_table(
        "access_rule",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("plate", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("vehicle_class", sa.String(length=40), nullable=True),
        sa.Column("valid_from", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("valid_until", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("created_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_access_rule_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_rule")),
        sa.UniqueConstraint("site_id", "plate", name=op.f("uq_access_rule_site_id_plate")),
    )
    op.create_table(
        "gate",
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("lane", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("boot", sa.String(length=36), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("status_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("state_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_event_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_gate_site_id")),
        sa.PrimaryKeyConstraint("site_id", "id", name=op.f("pk_gate")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_gate_token_hash")),
    )
    op.create_table(
        "invoice_counter",
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("financial_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_invoice_counter_site_id")),
        sa.PrimaryKeyConstraint("site_id", "financial_year", name=op.f("pk_invoice_counter")),
    )
    op.create_table(
        "tariff_version",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("valid_from", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("valid_to", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("toml", sa.Text(), nullable=False),
        sa.Column("loaded_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_tariff_version_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tariff_version")),
        sa.UniqueConstraint("site_id", "version", name=op.f("uq_tariff_version_site_id_version")),
    )
    op.create_table(
        "gate_event",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("gate_id", sa.String(length=32), nullable=False),
        sa.Column("journal", sa.String(length=36), nullable=False),
        sa.Column("stream", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("wall", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("clock", sa.String(length=40), nullable=False),
        sa.Column("offline", sa.Boolean(), nullable=False),
        sa.Column("boot", sa.String(length=36), nullable=False),
        sa.Column("mono_ms", sa.BigInteger(), nullable=False),
        sa.Column("received_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("session", sa.String(length=36), nullable=True),
        sa.Column("stay_id", sa.String(length=36), nullable=True),
        sa.Column("request", sa.String(length=36), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "gate_id"], ["gate.site_id", "gate.id"], name=op.f("fk_gate_event_site_id_gate_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_event")),
        sa.UniqueConstraint(
            "site_id",
            "gate_id",
            "journal",
            "stream",
            "seq",
            name=op.f("uq_gate_event_site_id_gate_id_journal_stream_seq"),
        ),
    )
    with op.batch_alter_table("gate_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gate_event_boot_mono_ms"), ["boot", "mono_ms"], unique=False)
        batch_op.create_index(batch_op.f("ix_gate_event_request"), ["request"], unique=False)
        batch_op.create_index(batch_op.f("ix_gate_event_session"), ["session"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_gate_event_site_id_gate_id_received_at"), ["site_id", "gate_id", "received_at"], unique=False
        )

    op.create_table(
        "stay",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("plate", sa.String(length=16), nullable=True),
        sa.Column("plate_raw", sa.String(), nullable=True),
        sa.Column("vehicle_class", sa.String(length=40), nullable=False),
        sa.Column("ticket_hash", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("entered_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("entry_gate", sa.String(length=32), nullable=True),
        sa.Column("entry_how", sa.String(length=40), nullable=True),
        sa.Column("entry_image", sa.String(length=64), nullable=True),
        sa.Column("entry_confidence", sa.Double(), nullable=True),
        sa.Column("requested_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("restarted_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("exit_gate", sa.String(length=32), nullable=True),
        sa.Column("exit_request", sa.String(length=36), nullable=True),
        sa.Column("exit_alike", sa.Boolean(), nullable=False),
        sa.Column("exited_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("exit_how", sa.String(length=40), nullable=True),
        sa.Column("exit_image", sa.String(length=64), nullable=True),
        sa.Column("tariff_id", sa.String(length=36), nullable=True),
        sa.Column("exempt", sa.Boolean(), nullable=False),
        sa.Column("permit_until", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("review", sa.String(), nullable=True),
        sa.Column("closed_reason", sa.String(), nullable=True),
        sa.Column("closed_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("cleared_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("joined_to", sa.String(length=36), nullable=True),
        sa.Column("created_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["site_id", "entry_gate"], ["gate.site_id", "gate.id"], name=op.f("fk_stay_site_id_entry_gate")
        ),
        sa.ForeignKeyConstraint(
            ["site_id", "exit_gate"], ["gate.site_id", "gate.id"], name=op.f("fk_stay_site_id_exit_gate")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_stay_site_id")),
        sa.ForeignKeyConstraint(["tariff_id"], ["tariff_version.id"], name=op.f("fk_stay_tariff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay")),
        sa.UniqueConstraint("ticket_hash", name=op.f("uq_stay_ticket_hash")),
    )
    with op.batch_alter_table("stay", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stay_closed_at"), ["closed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_stay_exit_request"), ["exit_request"], unique=False)
        batch_op.create_index(batch_op.f("ix_stay_site_id_entered_at"), ["site_id", "entered_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_stay_site_id_plate_status"), ["site_id", "plate", "status"], unique=False)
        batch_op.create_index(batch_op.f("ix_stay_site_id_status"), ["site_id", "status"], unique=False)
        batch_op.create_index(
            "ix_stay_review",
            ["site_id", "id"],
            unique=False,
            sqlite_where=sa.text("review IS NOT NULL"),
            postgresql_where=sa.text("review IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_stay_told",
            ["closed_at"],
            unique=False,
            sqlite_where=sa.text("cleared_at IS NULL"),
            postgresql_where=sa.text("cleared_at IS NULL"),
        )

    op.create_table(
        "due",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("stay_id", sa.String(length=36), nullable=False),
        sa.Column("request", sa.String(length=36), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("quote", sa.JSON(), nullable=False),
        sa.Column("earlier_quotes", sa.JSON(), nullable=False),
        sa.Column("quoted_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("paid_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["stay_id"], ["stay.id"], name=op.f("fk_due_stay_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due")),
    )
    with op.batch_alter_table("due", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_due_state_expires_at"), ["state", "expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_due_stay_id_state"), ["stay_id", "state"], unique=False)

    op.create_table(
        "mqtt_outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("stay_id", sa.String(length=36), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("retained", sa.Boolean(), nullable=False),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("created_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("published_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["stay_id"], ["stay.id"], name=op.f("fk_mqtt_outbox_stay_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mqtt_outbox")),
    )
    with op.batch_alter_table("mqtt_outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mqtt_outbox_published_at_id"), ["published_at", "id"], unique=False)

    op.create_table(
        "stay_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("stay_id", sa.String(length=36), nullable=False),
        sa.Column("at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["stay_id"], ["stay.id"], name=op.f("fk_stay_event_stay_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stay_event")),
    )
    with op.batch_alter_table("stay_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_stay_event_stay_id_at"), ["stay_id", "at"], unique=False)

    op.create_table(
        "attempt",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("due_id", sa.String(length=36), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("provider_ref", sa.String(), nullable=True),
        sa.Column("payment_ref", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("captured_paise", sa.BigInteger(), nullable=True),
        sa.Column("created_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("page_url", sa.Text(), nullable=False),
        sa.Column("instrument", sa.String(), nullable=False),
        sa.Column("failure_code", sa.String(), nullable=False),
        sa.Column("applied", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["due_id"], ["due.id"], name=op.f("fk_attempt_due_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("provider", "provider_ref", name=op.f("uq_attempt_provider_provider_ref")),
    )
    with op.batch_alter_table("attempt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_attempt_due_id"), ["due_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_attempt_state_expires_at"), ["state", "expires_at"], unique=False)
        batch_op.create_index(
            "uq_attempt_applied_due_id",
            ["due_id"],
            unique=True,
            sqlite_where=sa.text("applied"),
            postgresql_where=sa.text("applied"),
        )

    op.create_table(
        "receipt",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("serial", sa.String(), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("financial_year", sa.Integer(), nullable=False),
        sa.Column("stay_id", sa.String(length=36), nullable=False),
        sa.Column("due_id", sa.String(length=36), nullable=False),
        sa.Column("issued_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("sac", sa.String(length=40), nullable=False),
        sa.Column("supplier_state", sa.String(length=2), nullable=False),
        sa.Column("place_of_supply", sa.String(length=2), nullable=False),
        sa.Column("tax_rate_bp", sa.Integer(), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("taxable_paise", sa.BigInteger(), nullable=False),
        sa.Column("cgst_paise", sa.BigInteger(), nullable=False),
        sa.Column("sgst_paise", sa.BigInteger(), nullable=False),
        sa.Column("igst_paise", sa.BigInteger(), nullable=False),
        sa.Column("rounding_paise", sa.BigInteger(), nullable=False),
        sa.Column("total_paise", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["due_id"], ["due.id"], name=op.f("fk_receipt_due_id")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_receipt_site_id")),
        sa.ForeignKeyConstraint(["stay_id"], ["stay.id"], name=op.f("fk_receipt_stay_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("due_id", name=op.f("uq_receipt_due_id")),
        sa.UniqueConstraint(
            "site_id", "financial_year", "serial", name=op.f("uq_receipt_site_id_financial_year_serial")
        ),
    )
    with op.batch_alter_table("receipt", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_receipt_stay_id"), ["stay_id"], unique=False)

    op.create_table(
        "payment_event",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("provider_event_id", sa.String(), nullable=False),
        sa.Column("attempt_id", sa.String(length=36), nullable=True),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("received_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_payment_event_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_event")),
        sa.UniqueConstraint("provider", "provider_event_id", name=op.f("uq_payment_event_provider_provider_event_id")),
    )
    with op.batch_alter_table("payment_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_event_attempt_id"), ["attempt_id"], unique=False)

    op.create_table(
        "refund",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("attempt_id", sa.String(length=36), nullable=False),
        sa.Column("payment_ref", sa.String(), nullable=False),
        sa.Column("amount_paise", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("provider_ref", sa.String(), nullable=False),
        sa.Column("created_at", central.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("done_at", central.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f("fk_refund_attempt_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund")),
    )
    with op.batch_alter_table("refund", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_refund_attempt_id"), ["attempt_id"], unique=False)
