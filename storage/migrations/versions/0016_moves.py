"""How far a job is counts as no change of it, for a page is told that by itself; whether its user has paused does."""

from importlib import import_module
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

BEFORE: Any = import_module("storage.migrations.versions.0014_changes")

MOVES = ("progress", "progress_text", "progress_step", "progress_of", "progress_rate")
"""The columns of a job that are written many times while it runs."""


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    _drop("job_change_update")
    if is_sqlite:
        columns = [one["name"] for one in sa.inspect(op.get_bind()).get_columns("job") if one["name"] not in MOVES]
        _when_written("job", columns)
        _when_written("user_queue", ["paused"])
        BEFORE._of_rows("user_queue", "insert", ("new",))
    else:
        _when_different("job", f"to_jsonb({{}}) - ARRAY{[*MOVES]}")
        _when_different("user_queue", "{}.paused")
        BEFORE._of_statements("user_queue", "insert", ("new",))


def _when_written(table: str, columns: list[str]) -> None:
    """SQLite sees which columns a statement writes."""
    noted = "".join(BEFORE._noted("sqlite", f"SELECT {side}.user_id AS user_id") for side in ("new", "old"))
    written = ", ".join(columns)
    op.execute(f"CREATE TRIGGER {table}_change_update AFTER UPDATE OF {written} ON {table} BEGIN {noted} END")


def _when_different(table: str, seen: str) -> None:
    """PostgreSQL has no list of columns for a trigger that sees all rows of a statement: they are compared."""
    key = {"job": "id", "user_queue": "user_id"}[table]
    pairs = f"new_rows AS after JOIN old_rows AS before ON before.{key} = after.{key}"
    is_other = f"{seen.format('after')} IS DISTINCT FROM {seen.format('before')}"
    users = " UNION ".join(f"SELECT {side}.user_id FROM {pairs} WHERE {is_other}" for side in ("after", "before"))
    name, noted = f"{table}_change_update", BEFORE._noted("postgresql", users)
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {noted} RETURN NULL; END $$")
    each = f"REFERENCING NEW TABLE AS new_rows OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    op.execute(f"CREATE TRIGGER {name} AFTER UPDATE ON {table} {each}")


def downgrade() -> None:
    for name in ("job_change_update", "user_queue_change_update", "user_queue_change_insert"):
        _drop(name)
    make = {"sqlite": BEFORE._of_rows, "postgresql": BEFORE._of_statements}[op.get_bind().dialect.name]
    make("job", "update", ("new", "old"))


def _drop(name: str) -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(f"DROP TRIGGER {name}" if is_sqlite else f"DROP FUNCTION {name} CASCADE")
