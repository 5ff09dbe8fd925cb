"""Accounts with their passwords hashed, who is signed in, how much a worker does, and which jobs ended last."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

_PLACED = sa.text("place IS NOT NULL")
_NOT_DELETED = sa.text("deleted_at IS NULL")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_account"),
    )
    op.create_table(
        "login",
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("setting", sa.Text(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_login"),
    )
    op.create_index("ix_login_name", "login", ["name"])
    op.add_column("worker", sa.Column("lanes", sa.Integer(), nullable=True))
    op.create_index(
        "ix_job_user_id_completed_at",
        "job",
        ["user_id", "completed_at"],
        sqlite_where=_NOT_DELETED,
        postgresql_where=_NOT_DELETED,
    )
    op.create_index(
        "ix_job_status_user_id_place",
        "job",
        ["status", "user_id", "place"],
        sqlite_where=_PLACED,
        postgresql_where=_PLACED,
    )


def downgrade() -> None:
    op.drop_index("ix_job_status_user_id_place", "job")
    op.drop_index("ix_job_user_id_completed_at", "job")
    op.drop_column("worker", "lanes")
    op.drop_table("login")
    op.drop_table("account")
