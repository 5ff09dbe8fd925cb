"""Which models each worker keeps loaded, and which of them it is asked to let go of."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "loaded_model",
        sa.Column("worker_id", sa.Text(), nullable=False),
        sa.Column("process", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("megabytes", sa.Integer(), nullable=False),
        sa.Column("gpu_megabytes", sa.Integer(), nullable=False),
        sa.Column("unwanted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["worker_id"], ["worker.id"], name="fk_loaded_model_worker_id_worker", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("worker_id", "process", name="pk_loaded_model"),
    )


def downgrade() -> None:
    op.drop_table("loaded_model")
