"""The order in which a user's jobs wait, whose turn it is, who has paused, and how long the jobs of a model take."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("job", sa.Column("place", sa.BigInteger(), nullable=True))
    op.create_table(
        "user_queue",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("turn", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("paused", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("user_id", name="pk_user_queue"),
    )
    op.create_table(
        "model_time",
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("model_id", name="pk_model_time"),
    )


def downgrade() -> None:
    op.drop_table("model_time")
    op.drop_table("user_queue")
    op.drop_column("job", "place")
