"""Large libraries: an index for each way to list jobs, and one of the letters of their prompts."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

FILTERS = ("", "model_id", "type", "status", "favourite")
LISTED = [
    [name for name in ("user_id", workspace, filtered, "created_at", "id") if name]
    for workspace in ("", "workspace_id")
    for filtered in FILTERS
]
NEEDED = (["workspace_id"], ["parent_job_id"], ["user_id", "result_url"])

# A place is the time of a job in milliseconds, or the first free one after: as an integer key it outlives VACUUM, and
# the index gives what it finds in its order. The tokens of the index are what a job is listed by, each with a letter of
# its own before it, and the one, two, three and six letters that follow each other, all as hexadecimal text.
PLACE = """
    CAST(strftime('%s', substr({job}.created_at, 1, 19)) AS INTEGER) * 1000
    + CAST(substr({job}.created_at, 21, 3) AS INTEGER)
"""
FREE_PLACE = f"""
    SELECT coalesce(
        (
            SELECT taken.place + 1 FROM job_text_place AS taken
            WHERE taken.place >= first.place
                AND EXISTS (SELECT 1 FROM job_text_place WHERE place = first.place)
                AND NOT EXISTS (SELECT 1 FROM job_text_place AS after WHERE after.place = taken.place + 1)
            ORDER BY taken.place LIMIT 1
        ),
        first.place
    )
    FROM (SELECT {PLACE.format(job="new")} AS place) AS first
"""
FACETS = {"user_id": "u", "workspace_id": "w", "model_id": "m", "type": "t", "status": "s", "favourite": "v"}
GRAMS = (1, 2, 3, 6)
FACET_WORDS = " || ' ' || ".join(f"'{mark}' || hex({{job}}.{name})" for name, mark in FACETS.items())
GRAM_WORDS = " || ' ' || ".join(f"hex(substr(rest, 1, {length}))" for length in GRAMS)
WORDS = f"""
    (
        WITH RECURSIVE letters(rest) AS (
            SELECT CAST({{job}}.folded_prompt AS TEXT)
            UNION ALL SELECT substr(rest, 2) FROM letters WHERE substr(rest, 2, 1) <> ''
        )
        SELECT {FACET_WORDS} || ' ' || group_concat({GRAM_WORDS}, ' ') FROM letters
    )
"""
HAS_PLACE = "{job}.deleted_at IS NULL AND strftime('%s', substr({job}.created_at, 1, 19)) IS NOT NULL"
INDEXED = ("folded_prompt", "created_at", "deleted_at", *FACETS)
ADD = f"""
    INSERT INTO job_text_place (place, job_id) SELECT ({FREE_PLACE}), new.id WHERE {HAS_PLACE.format(job="new")};
    INSERT INTO job_text (rowid, words)
    SELECT place, {WORDS.format(job="new")} FROM job_text_place WHERE job_id = new.id;
"""
REMOVE = f"""
    INSERT INTO job_text (job_text, rowid, words)
    SELECT 'delete', place, {WORDS.format(job="old")} FROM job_text_place WHERE job_id = old.id;
    DELETE FROM job_text_place WHERE job_id = old.id;
"""
SQLITE_SEARCH = (
    "CREATE TABLE job_text_place (place INTEGER PRIMARY KEY, job_id TEXT NOT NULL UNIQUE)",
    "CREATE VIRTUAL TABLE job_text USING fts5 (words, content='', tokenize='ascii', detail='none', columnsize=0)",
    f"CREATE TRIGGER job_text_insert AFTER INSERT ON job BEGIN {ADD} END",
    f"CREATE TRIGGER job_text_delete AFTER DELETE ON job BEGIN {REMOVE} END",
    f"CREATE TRIGGER job_text_update AFTER UPDATE OF {', '.join(INDEXED)} ON job BEGIN {REMOVE} {ADD} END",
    "UPDATE job SET folded_prompt = folded_prompt",
)
VALUES = {"favourite": "favourite::int"}
FOLLOWING = tuple(enumerate(("two", "three", "four", "five", "six"), start=1))
WORDED = ", ".join((*FACETS, "folded_prompt"))
POSTGRESQL_SEARCH = (
    f"""
    CREATE FUNCTION job_words (
        user_id text, workspace_id text, model_id text, type text, status text, favourite boolean, folded_prompt text
    ) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT array_agg(DISTINCT word) FROM (
            SELECT unnest(ARRAY[{", ".join(f"'{name}=' || {VALUES.get(name, name)}" for name in FACETS)}]) AS word
            UNION ALL
            SELECT unnest(ARRAY[one, one || two, one || two || three, one || two || three || four || five || six])
            FROM (
                SELECT one, {", ".join(f"lead(one, {n}) OVER (ORDER BY n) AS {name}" for n, name in FOLLOWING)}
                FROM unnest(string_to_array(folded_prompt, NULL)) WITH ORDINALITY AS letter (one, n)
            ) AS letters
        ) AS words
        WHERE word IS NOT NULL
    $$
    """,
    f"CREATE INDEX job_text ON job USING gin (job_words({WORDED}))",
)


def upgrade() -> None:
    op.drop_index("ix_job_user_id_workspace_id_created_at_id", "job")
    listed = sa.text("deleted_at IS NULL")
    for columns in LISTED:
        name = f"ix_job_{'_'.join(columns)}"
        op.create_index(name, "job", columns, sqlite_where=listed, postgresql_where=listed)
    for columns in NEEDED:
        op.create_index(f"ix_job_{'_'.join(columns)}", "job", columns)
    in_bin = sa.text("deleted_at IS NOT NULL")
    op.create_index("ix_job_deleted_at", "job", ["deleted_at"], sqlite_where=in_bin, postgresql_where=in_bin)
    op.create_index("ix_media_owner_media_key", "media_owner", ["media_key"])
    for statement in SQLITE_SEARCH if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_SEARCH:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for what in ("TRIGGER job_text_insert", "TRIGGER job_text_delete", "TRIGGER job_text_update"):
            op.execute(f"DROP {what}")
        op.execute("DROP TABLE job_text")
        op.execute("DROP TABLE job_text_place")
    else:
        op.drop_index("job_text", "job")
        op.execute("DROP FUNCTION job_words")
    op.drop_index("ix_media_owner_media_key", "media_owner")
    for columns in (*LISTED, *NEEDED, ["deleted_at"]):
        op.drop_index(f"ix_job_{'_'.join(columns)}", "job")
    op.create_index("ix_job_user_id_workspace_id_created_at_id", "job", ["user_id", "workspace_id", "created_at", "id"])
