"""Messages that nobody has read yet, found without those that were, however many."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    unread = sa.text("read_at IS NULL")
    op.create_index(
        "ix_notification_unread", "notification", ["recipient", "channel", "due_at"], sqlite_where=unread,
        postgresql_where=unread,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_notification_unread", table_name="notification")
