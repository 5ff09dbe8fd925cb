"""Forms that users save under a name."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_NOT_DELETED = sa.text("deleted_at IS NULL")
_DELETED = sa.text("deleted_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "preset",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded_name", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("values", sa.Text(), nullable=False),
        sa.Column("config_snapshot", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_preset"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_preset_workspace_id", ondelete="SET NULL"),
    )
    op.create_index(
        "ix_preset_user_id_folded_name",
        "preset",
        ["user_id", "folded_name"],
        unique=True,
        sqlite_where=_NOT_DELETED,
        postgresql_where=_NOT_DELETED,
    )
    op.create_index("ix_preset_deleted_at", "preset", ["deleted_at"], sqlite_where=_DELETED, postgresql_where=_DELETED)
    op.create_index("ix_preset_workspace_id", "preset", ["workspace_id"])
    op.create_table(
        "preset_media",
        sa.Column("preset_id", sa.Text(), nullable=False),
        sa.Column("media_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("preset_id", "media_key", name="pk_preset_media"),
        sa.ForeignKeyConstraint(["preset_id"], ["preset.id"], name="fk_preset_media_preset_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["media_key"], ["media.key"], name="fk_preset_media_media_key"),
    )
    op.create_index("ix_preset_media_media_key", "preset_media", ["media_key"])


def downgrade() -> None:
    op.drop_table("preset_media")
    op.drop_table("preset")
