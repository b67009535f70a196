"""People who log in: drivers beside staff, their sessions, codes and second factors."""

import sqlalchemy as sa
from alembic import op

import central.store.base

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

Instant = central.store.base.UtcDateTime(timezone=True)
RowNumber = central.store.base.RowNumber
_NEW = ("plate_claim", "invitation", "recovery_code", "one_time_code", "login_event", "user_session")


def upgrade() -> None:
    with op.batch_alter_table("user_account") as table:
        table.alter_column("email", existing_type=sa.String(), nullable=True)
        table.drop_constraint("uq_user_account_fs_uniquifier", type_="unique")
        table.drop_column("fs_uniquifier")
        table.add_column(sa.Column("phone", sa.String(), nullable=True))
        table.add_column(sa.Column("site_id", sa.String(length=32), nullable=True))
        table.add_column(sa.Column("language", sa.String(length=40), nullable=False, server_default="en"))
        table.add_column(sa.Column("totp_sealed", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("totp_since", Instant, nullable=True))
        table.add_column(sa.Column("totp_step", sa.Integer(), nullable=False, server_default="0"))
        table.add_column(sa.Column("erase_asked_at", Instant, nullable=True))
        table.add_column(sa.Column("erased_at", Instant, nullable=True))
        table.create_unique_constraint("uq_user_account_phone", ["phone"])
        table.create_foreign_key("fk_user_account_site_id", "site", ["site_id"], ["id"])
    op.create_index("ix_user_account_role", "user_account", ["role"])
    op.execute(
        "ALTER TABLE account ADD COLUMN user_id VARCHAR(36) CONSTRAINT fk_account_user_id REFERENCES user_account (id)"
    )
    op.create_index("uq_account_user_id_site_id", "account", ["user_id", "site_id"], unique=True)
    _sessions()
    _codes()
    _claims()


def _sessions() -> None:
    op.create_table(
        "user_session",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("begun_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("ended_at", Instant, nullable=True),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_user_session_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_user_session"),
        sa.UniqueConstraint("token_hash", name="uq_user_session_token_hash"),
    )
    op.create_index("ix_user_session_user_id_ended_at", "user_session", ["user_id", "ended_at"])
    op.create_table(
        "login_event",
        sa.Column("id", RowNumber, autoincrement=True, nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_login_event_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_login_event"),
    )
    op.create_index("ix_login_event_user_id_at", "login_event", ["user_id", "at"])
    op.create_index("ix_login_event_at", "login_event", ["at"])


def _codes() -> None:
    op.create_table(
        "one_time_code",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=True),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("sent_to", sa.String(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_one_time_code_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_one_time_code"),
    )
    op.create_index("ix_one_time_code_sent_to_made_at", "one_time_code", ["sent_to", "made_at"])
    op.create_index("ix_one_time_code_expires_at", "one_time_code", ["expires_at"])
    op.create_table(
        "recovery_code",
        sa.Column("id", RowNumber, autoincrement=True, nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("used_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_recovery_code_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_recovery_code"),
        sa.UniqueConstraint("user_id", "code_hash", name="uq_recovery_code_user_id_code_hash"),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=True),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("used_at", Instant, nullable=True),
        sa.Column("withdrawn_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_invitation_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
        sa.UniqueConstraint("token_hash", name="uq_invitation_token_hash"),
    )
    op.create_index("ix_invitation_email", "invitation", ["email"])


def _claims() -> None:
    op.create_table(
        "plate_claim",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("site_id", sa.String(length=32), nullable=False),
        sa.Column("plate", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("proof", sa.String(length=40), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("stay_id", sa.String(length=36), nullable=True),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("since", Instant, nullable=True),
        sa.Column("decided_at", Instant, nullable=True),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("ended_at", Instant, nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_plate_claim_account_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_plate_claim_site_id"),
        sa.ForeignKeyConstraint(["stay_id"], ["stay.id"], name="fk_plate_claim_stay_id"),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name="fk_plate_claim_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plate_claim"),
    )
    op.create_index("ix_plate_claim_user_id_id", "plate_claim", ["user_id", "id"])
    op.create_index("ix_plate_claim_site_id_state_id", "plate_claim", ["site_id", "state", "id"])
    live = sa.text("state = 'live'")
    op.create_index(
        "uq_plate_claim_live",
        "plate_claim",
        ["site_id", "plate"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )


def downgrade() -> None:
    op.drop_index("uq_account_user_id_site_id", "account")
    op.drop_column("account", "user_id")
    for name in _NEW:
        op.drop_table(name)
    # drivers had no account before, and whoever has no e-mail could not log in
    op.execute("DELETE FROM user_account WHERE role = 'driver' OR email IS NULL")
    op.drop_index("ix_user_account_role", "user_account")
    with op.batch_alter_table("user_account") as table:
        table.add_column(sa.Column("fs_uniquifier", sa.String(), nullable=False, server_default=""))
        for name in ("phone", "site_id", "language", "totp_sealed", "totp_since", "totp_step", "erase_asked_at"):
            table.drop_column(name)
        table.drop_column("erased_at")
        table.alter_column("email", existing_type=sa.String(), nullable=False)
    op.execute("UPDATE user_account SET fs_uniquifier = id")
    with op.batch_alter_table("user_account") as table:
        table.create_unique_constraint("uq_user_account_fs_uniquifier", ["fs_uniquifier"])
