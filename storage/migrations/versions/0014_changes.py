"""Per user a number that grows with each change of a job or workspace: a page that nothing is new for asks no more."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

TABLES = ("job", "workspace")
EVENTS = {"insert": ("new",), "update": ("new", "old"), "delete": ("old",)}

_COUNT = "ON CONFLICT (user_id, place) DO UPDATE SET number = user_change.number + 1"
# Each connection counts in a row of its own, so that no transaction waits for another one.
_PLACE = {"sqlite": "0", "postgresql": "pg_backend_pid()"}


def upgrade() -> None:
    op.create_table(
        "user_change",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "place", name="pk_user_change"),
    )
    make = {"sqlite": _of_rows, "postgresql": _of_statements}[op.get_bind().dialect.name]
    for table in TABLES:
        for event, sides in EVENTS.items():
            make(table, event, sides)


def _of_rows(table: str, event: str, sides: tuple[str, ...]) -> None:
    """SQLite has triggers for each row alone."""
    noted = "".join(_noted("sqlite", f"SELECT {side}.user_id AS user_id") for side in sides)
    op.execute(f"CREATE TRIGGER {table}_change_{event} AFTER {event} ON {table} BEGIN {noted} END")


def _of_statements(table: str, event: str, sides: tuple[str, ...]) -> None:
    name = f"{table}_change_{event}"
    users = " UNION ".join(f"SELECT user_id FROM {side}_rows" for side in sides)
    given = " ".join(f"{side} TABLE AS {side}_rows" for side in sides)
    noted = _noted("postgresql", users)
    op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {noted} RETURN NULL; END $$")
    each = f"REFERENCING {given} FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
    op.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} {each}")


def _noted(dialect: str, users: str) -> str:
    found = f"SELECT DISTINCT user_id, {_PLACE[dialect]}, 1 FROM ({users}) AS changed WHERE user_id IS NOT NULL"
    return f"INSERT INTO user_change (user_id, place, number) {found} {_COUNT};"


def downgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in TABLES:
        for event in EVENTS:
            name = f"{table}_change_{event}"
            op.execute(f"DROP TRIGGER {name}" if is_sqlite else f"DROP FUNCTION {name} CASCADE")
    op.drop_table("user_change")
