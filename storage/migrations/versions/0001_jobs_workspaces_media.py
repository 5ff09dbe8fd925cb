"""Jobs, workspaces, media."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "workspace",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded_name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_workspace"),
        sa.UniqueConstraint("user_id", "folded_name", name="uq_workspace_user_id_folded_name"),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("workspace_id", sa.Text(), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Integer(), nullable=False),
        sa.Column("prompt", sa.Text(), nullable=True),
        sa.Column("folded_prompt", sa.Text(), nullable=True),
        sa.Column("options", sa.Text(), nullable=True),
        sa.Column("image_input_path", sa.Text(), nullable=True),
        sa.Column("video_input_path", sa.Text(), nullable=True),
        sa.Column("audio_input_path", sa.Text(), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("config_snapshot", sa.Text(), nullable=True),
        sa.Column("parent_job_id", sa.Text(), nullable=True),
        sa.Column("endpoint_id", sa.Text(), nullable=True),
        sa.Column("backend_job_id", sa.Text(), nullable=True),
        sa.Column("progress", sa.Float(), nullable=True),
        sa.Column("progress_text", sa.Text(), nullable=True),
        sa.Column("result_url", sa.Text(), nullable=True),
        sa.Column("preview_path", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("cost", sa.Float(), nullable=True),
        sa.Column("favourite", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
        sa.ForeignKeyConstraint(["workspace_id"], ["workspace.id"], name="fk_job_workspace_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["parent_job_id"], ["job.id"], name="fk_job_parent_job_id", ondelete="SET NULL"),
    )
    op.create_index("ix_job_status", "job", ["status"])
    op.create_index("ix_job_user_id_workspace_id_created_at_id", "job", ["user_id", "workspace_id", "created_at", "id"])
    op.create_table(
        "media",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mime", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("duration", sa.Float(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_media"),
    )
    op.create_table(
        "media_owner",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("media_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "media_key", name="pk_media_owner"),
        sa.ForeignKeyConstraint(["media_key"], ["media.key"], name="fk_media_owner_media_key", ondelete="CASCADE"),
    )
    op.create_table(
        "job_media",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("media_key", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("job_id", "media_key", name="pk_job_media"),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"], name="fk_job_media_job_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["media_key"], ["media.key"], name="fk_job_media_media_key"),
    )
    op.create_index("ix_job_media_media_key", "job_media", ["media_key"])
    op.create_table(
        "upload",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "path", name="pk_upload"),
    )


def downgrade() -> None:
    for table in ("upload", "job_media", "media_owner", "media", "job", "workspace"):
        op.drop_table(table)
