"""The audit log as a hash chain; retention with proof; who looked at a picture."""

import secrets

import sqlalchemy as sa
from alembic import op

import central.store.base
from central.rules import chain
from central.store.migrations import audit_guards

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

Instant = central.store.base.UtcDateTime(timezone=True)
Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# what waits to be masked, found without reading what has been
UNMASKED = (
    ("ix_stay_unmasked", "stay", "closed_at", "masked_at IS NULL AND closed_at IS NOT NULL"),
    ("ix_gate_event_unmasked", "gate_event", "received_at", "masked_at IS NULL"),
)


def upgrade() -> None:
    op.create_table(
        "audit_link",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("audit_id", Number, nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_link_audit_id")),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_link")),
        sa.UniqueConstraint("audit_id", name=op.f("uq_audit_link_audit_id")),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("audit_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "audit_cut",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_cut")),
    )
    op.create_table(
        "audit_plate",
        sa.Column("id", Number, autoincrement=True, nullable=False),
        sa.Column("audit_id", Number, nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("salt", sa.String(length=40), nullable=False),
        sa.Column("plate", sa.String(length=16), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.ForeignKeyConstraint(["audit_id"], ["audit.id"], name=op.f("fk_audit_plate_audit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_plate")),
    )
    op.create_table(
        "picture_look",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("span", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_picture_look")),
        sa.UniqueConstraint("by", "sha256", "span", name=op.f("uq_picture_look_by_sha256_span")),
    )
    op.create_table(
        "retention_run",
        sa.Column("id", Number, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("before", Instant, nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.String(), nullable=False),
        sa.Column("last_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_run")),
    )
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("of", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("lifted_at", Instant, nullable=True),
        sa.Column("lifted_by", sa.String(), nullable=False),
        sa.Column("lifted_why", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    for table, columns in (
        ("audit_plate", ["audit_id"]),
        ("audit_plate", ["plate"]),
        ("audit_plate", ["at"]),
        ("picture_look", ["sha256", "id"]),
        ("picture_look", ["by", "id"]),
        ("picture_look", ["at"]),
        ("retention_run", ["kind", "id"]),
        ("legal_hold", ["of", "subject"]),
        ("image", ["stored_at"]),
        ("audit", ["by", "id"]),
        ("audit", ["what", "id"]),
    ):
        op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, columns)
    for name, table, column, waits in UNMASKED:
        op.add_column(table, sa.Column("masked_at", Instant, nullable=True))
        op.create_index(name, table, [column], sqlite_where=sa.text(waits), postgresql_where=sa.text(waits))
    disputed = sa.text("disputed_at IS NOT NULL")
    op.create_index("ix_stay_disputed", "stay", ["id"], sqlite_where=disputed, postgresql_where=disputed)
    _seal_plates()
    connection = op.get_bind()
    guards = audit_guards.SQLITE if connection.dialect.name == "sqlite" else audit_guards.POSTGRESQL
    for statement in guards:
        connection.exec_driver_sql(statement)


def _seal_plates() -> None:
    """Plates of rows that were there before leave the log itself, so that they can be forgotten."""
    of = sa.table(
        "audit",
        *(sa.column(name, sa.String()) for name in ("what", "subject")),
        sa.column("id", Number),
        sa.column("at", Instant),
        sa.column("detail", sa.JSON()),
    )
    plates = sa.table(
        "audit_plate",
        *(sa.column(name, sa.String()) for name in ("field", "salt", "plate")),
        sa.column("audit_id", Number),
        sa.column("at", Instant),
    )
    connection, last = op.get_bind(), 0
    wanted = sa.select(of).order_by(of.c.id).limit(1000)
    while rows := connection.execute(wanted.where(of.c.id > last)).all():
        last = rows[-1].id
        for row in rows:
            detail, subject = dict(row.detail), row.subject
            site, slash, plate = subject.rpartition("/")
            if row.what in ("access pass", "access denied", "access removed") and slash:
                subject, detail["plate"] = site, plate
            seals = {}
            for field, plate in chain.plates_in(detail):
                salt = secrets.token_hex(16)
                seals[field] = chain.seal(salt, plate)
                kept = {"audit_id": row.id, "field": field, "salt": salt, "plate": plate, "at": row.at}
                connection.execute(plates.insert().values(**kept))
            if seals:
                changed = {"subject": subject, "detail": chain.with_values(detail, seals)}
                connection.execute(of.update().where(of.c.id == row.id).values(**changed))


def downgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for name in ("audit_no_update", "audit_no_delete", "audit_once"):
            op.execute(f"DROP TRIGGER {name}")
    else:
        for name in ("audit_no_update", "audit_no_delete"):
            op.execute(f"DROP TRIGGER {name} ON audit")
    for name, table, _column, _waits in UNMASKED:
        op.drop_index(name, table)
        op.drop_column(table, "masked_at")
    op.drop_index("ix_image_stored_at", "image")
    op.drop_index("ix_stay_disputed", "stay")
    for name in ("ix_audit_by_id", "ix_audit_what_id"):
        op.drop_index(name, "audit")
    for table in ("legal_hold", "retention_run", "picture_look"):
        op.drop_table(table)
    for table in ("audit_plate", "audit_cut", "audit_head", "audit_link"):
        op.drop_table(table)
    if connection.dialect.name == "postgresql":
        for name in audit_guards.POSTGRESQL_FUNCTIONS:
            op.execute(f"DROP FUNCTION {name}()")
