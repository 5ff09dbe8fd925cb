"""On PostgreSQL a change of a job is told by the columns that are written: both rows were compared, texts and all."""

from importlib import import_module
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

CHANGES: Any = import_module("storage.migrations.versions.0014_changes")
BEFORE: Any = import_module("storage.migrations.versions.0016_moves")

NAME = "job_change_update"


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return  # it has been told so since 0016
    BEFORE._drop(NAME)
    noted = CHANGES._noted("postgresql", "SELECT new.user_id UNION SELECT old.user_id")
    op.execute(f"CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {noted} RETURN NULL; END $$")
    columns = [one["name"] for one in sa.inspect(op.get_bind()).get_columns("job")]
    written = ", ".join(name for name in columns if name not in BEFORE.MOVES)
    op.execute(f"CREATE TRIGGER {NAME} AFTER UPDATE OF {written} ON job FOR EACH ROW EXECUTE FUNCTION {NAME}()")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    BEFORE._drop(NAME)
    BEFORE._when_different("job", f"to_jsonb({{}}) - ARRAY{[*BEFORE.MOVES]}")
