"""Since when every media object has a row: what is older and has none belongs to another database."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    milestone = op.create_table(
        "milestone",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_milestone"),
    )
    op.bulk_insert(milestone, [{"name": "media", "at": datetime.now(UTC)}])
    # As text, for SQLite may hold what is no time; that counts as damaged when it is read.
    op.execute("UPDATE milestone SET at = coalesce((SELECT min(created_at) FROM media), at)")


def downgrade() -> None:
    op.drop_table("milestone")
