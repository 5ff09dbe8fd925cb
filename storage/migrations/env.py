"""Alembic's entry: runs on the connection that `storage.database.alembic_config` was given."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from storage import tables


def render_item(type_: str, obj: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write what our column types are to the database, so that old migrations need none of today's code."""
    if type_ == "type" and isinstance(obj, (tables.Utc, tables.Utf8, tables.Status)):
        return f"sa.{obj.impl!r}"
    return False


def include_name(name: str | None, type_: str, _parents: object) -> bool:
    """Leave out what each kind of database has of its own: the full-text index of jobs."""
    return not (type_ in ("table", "index") and (name or "").startswith("job_text"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=tables.Base.metadata,
    render_as_batch=True,  # SQLite changes a column by rebuilding its table
    render_item=render_item,
    include_name=include_name,
)
context.run_migrations()
