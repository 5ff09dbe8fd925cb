"""Drafts, preferences, and the texts that a model got."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("job", sa.Column("resolved", sa.Text(), nullable=True))
    op.create_table(
        "draft",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("values", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "model_id", name="pk_draft"),
    )
    op.create_table(
        "draft_media",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("media_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "model_id", "media_key", name="pk_draft_media"),
        sa.ForeignKeyConstraint(
            ["user_id", "model_id"],
            ["draft.user_id", "draft.model_id"],
            name="fk_draft_media_user_id_model_id",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["media_key"], ["media.key"], name="fk_draft_media_media_key"),
    )
    op.create_index("ix_draft_media_media_key", "draft_media", ["media_key"])
    op.create_table(
        "preference",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "name", name="pk_preference"),
    )


def downgrade() -> None:
    for table in ("preference", "draft_media", "draft"):
        op.drop_table(table)
    op.drop_column("job", "resolved")
