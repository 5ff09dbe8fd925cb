"""Jobs have labels, and a preset's name is its own in its workspace alone."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_NOT_DELETED = sa.text("deleted_at IS NULL")
_LABELLED = sa.text("labels IS NOT NULL")
_BY_USER = ["user_id", "folded_name"]
_BY_WORKSPACE = ["user_id", "workspace_id", "folded_name"]

# The oldest keeps its name.
_TAKEN = """
    SELECT id, name FROM preset AS mine WHERE deleted_at IS NULL AND EXISTS (
        SELECT 1 FROM preset AS other WHERE other.deleted_at IS NULL AND other.user_id = mine.user_id
        AND other.folded_name = mine.folded_name AND (other.updated_at, other.id) < (mine.updated_at, mine.id)
    )
"""


def upgrade() -> None:
    op.add_column("job", sa.Column("labels", sa.Text(), nullable=True))
    op.create_index("ix_job_user_id", "job", ["user_id"], sqlite_where=_LABELLED, postgresql_where=_LABELLED)
    _presets(before=_BY_USER, after=_BY_WORKSPACE)


def downgrade() -> None:
    """What a search finds by its labels it finds by them until the job's text is written again."""
    connection = op.get_bind()
    rename = sa.text("UPDATE preset SET name = :name, folded_name = :folded WHERE id = :id")
    for id_, name in connection.execute(sa.text(_TAKEN)).all():
        numbered = f"{name[:40]} ({id_})"
        connection.execute(rename, {"id": id_, "name": numbered, "folded": numbered.casefold()})
    _presets(before=_BY_WORKSPACE, after=_BY_USER)
    op.drop_index("ix_job_user_id", "job")
    op.drop_column("job", "labels")


def _presets(before: list[str], after: list[str]) -> None:
    op.drop_index(f"ix_preset_{'_'.join(before)}", "preset")
    op.create_index(
        f"ix_preset_{'_'.join(after)}",
        "preset",
        after,
        unique=True,
        sqlite_where=_NOT_DELETED,
        postgresql_where=_NOT_DELETED,
    )
