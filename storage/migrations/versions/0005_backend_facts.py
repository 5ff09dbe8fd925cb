"""What backends tell of a job: steps, what it ran with and cost, why it failed, and a picture in the making."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

COLUMNS: dict[str, Any] = {
    "progress_step": sa.Integer(),
    "progress_of": sa.Integer(),
    "progress_rate": sa.Float(),
    "error_fields": sa.Text(),
    "error_detail": sa.Text(),
    "texts": sa.Text(),
    "ran_with": sa.Text(),
    "spent_seconds": sa.Float(),
}


def upgrade() -> None:
    for name, type_ in COLUMNS.items():
        op.add_column("job", sa.Column(name, type_, nullable=True))
    op.create_table(
        "job_preview",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job_id", name="pk_job_preview"),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_job_preview_job_id", ondelete="CASCADE"),
    )


def downgrade() -> None:
    op.drop_table("job_preview")
    for name in COLUMNS:
        op.drop_column("job", name)
