"""All outputs of a job in their order, and the seed of each that has one; a job without them has its result alone."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("job", sa.Column("outputs", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("job", "outputs")
