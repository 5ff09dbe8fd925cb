"""Which job came from which: several parents of a job, and how it came from each, in place of one that was guessed.

Of the jobs that are there, those are linked whose input was made by one job alone, before them: see `MADE_BY_ONE`.
"""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

# An input's file is another job's for certain when no second job of the user has made the same bytes, and none had
# them as an input before they were made.
MADE_BY_ONE = """
    WITH found AS (
        SELECT child.id AS child_id, child.user_id, child.options, child.created_at, used.media_key,
            count(*) AS makers, min(maker.id) AS parent_id, min(maker.completed_at) AS made_at
        FROM job_media AS used
        JOIN job AS child ON child.id = used.job_id
        JOIN job_media AS made ON made.media_key = used.media_key AND made.position IS NULL
        JOIN job AS maker ON maker.id = made.job_id AND maker.user_id = child.user_id
        WHERE used.position IS NOT NULL
        GROUP BY child.id, child.user_id, child.options, child.created_at, used.media_key
    )
    SELECT child_id, parent_id, media_key, options FROM found
    WHERE makers = 1 AND made_at <= created_at AND NOT EXISTS (
        SELECT 1 FROM job_media AS earlier JOIN job ON job.id = earlier.job_id
        WHERE earlier.media_key = found.media_key AND earlier.position IS NOT NULL
            AND job.user_id = found.user_id AND job.created_at < found.made_at
    )
"""
TRIGGERS = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'job'"


def upgrade() -> None:
    links = op.create_table(
        "job_link",
        sa.Column("child_id", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parameter", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("child_id", "parent_id", "kind", "parameter", name="pk_job_link"),
        sa.ForeignKeyConstraint(["child_id"], ["job.id"], name="fk_job_link_child_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["parent_id"], ["job.id"], name="fk_job_link_parent_id", ondelete="CASCADE"),
    )
    op.create_index("ix_job_link_parent_id", "job_link", ["parent_id"])
    connection = op.get_bind()
    for row in connection.execute(sa.text(MADE_BY_ONE)).all():
        link = {"child_id": row.child_id, "parent_id": row.parent_id, "kind": "input"}
        op.bulk_insert(links, [{**link, "parameter": name} for name in names_of(row.media_key, row.options)])
    op.add_column("draft", sa.Column("sources", sa.Text(), nullable=True))
    op.drop_index("ix_job_user_id_result_url", "job")
    op.drop_index("ix_job_parent_job_id", "job")
    if connection.dialect.name == "sqlite":  # it drops no column of a foreign key but with its table
        triggers = connection.execute(sa.text(TRIGGERS)).scalars().all()
        with op.batch_alter_table("job", recreate="always") as job:
            job.drop_constraint("fk_job_parent_job_id", type_="foreignkey")
            job.drop_column("parent_job_id")
        for trigger in triggers:
            connection.exec_driver_sql(trigger)
    else:
        op.drop_column("job", "parent_job_id")


def names_of(key: str, options: Any) -> list[str]:
    """The options that hold the file; none where they cannot be read."""
    try:
        found = json.loads(options)
    except (TypeError, ValueError, RecursionError):
        return []
    return [name for name, value in found.items() if value == key] if isinstance(found, dict) else []


def downgrade() -> None:
    op.add_column("job", sa.Column("parent_job_id", sa.Text(), nullable=True))
    parent = "SELECT min(parent_id) FROM job_link WHERE child_id = job.id AND kind = 'input'"
    op.execute(f"UPDATE job SET parent_job_id = ({parent})")
    connection = op.get_bind()
    triggers = connection.execute(sa.text(TRIGGERS)).scalars().all() if connection.dialect.name == "sqlite" else []
    with op.batch_alter_table("job") as job:
        job.create_foreign_key("fk_job_parent_job_id", "job", ["parent_job_id"], ["id"], ondelete="SET NULL")
    for trigger in triggers:
        connection.exec_driver_sql(trigger)
    op.create_index("ix_job_parent_job_id", "job", ["parent_job_id"])
    op.create_index("ix_job_user_id_result_url", "job", ["user_id", "result_url"])
    op.drop_column("draft", "sources")
    op.drop_table("job_link")
