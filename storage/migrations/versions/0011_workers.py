"""Who works and on which job, so that several may, and which older studios may go on working beside newer ones."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("job", sa.Column("worker_id", sa.Text(), nullable=True))
    op.create_table(
        "worker",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_worker"),
    )
    oldest = op.create_table(
        "oldest_schema",
        sa.Column("revision", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("revision", name="pk_oldest_schema"),
    )
    op.bulk_insert(oldest, [{"revision": revision}])


def downgrade() -> None:
    op.drop_table("oldest_schema")
    op.drop_table("worker")
    op.drop_column("job", "worker_id")
