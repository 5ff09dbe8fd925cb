"""A search looks at all that a job has, not at its prompt alone; and jobs are rated by stars.

The full-text index gets a token for each star, `r1` to `r4` for a job of four; all texts are indexed again.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any

import sqlalchemy as sa
from alembic import op

from storage.jobs.records import from_json
from storage.jobs.search_text import search_text

revision = "0009"
down_revision = "0008"

BEFORE: Any = import_module("storage.migrations.versions.0003_large_libraries")
AT_ONCE = 500
TRIGGERS = ("job_text_insert", "job_text_delete", "job_text_update")
WORDS = f"""
    (
        WITH RECURSIVE letters(rest) AS (
            SELECT CAST({{job}}.folded_prompt AS TEXT)
            UNION ALL SELECT substr(rest, 2) FROM letters WHERE substr(rest, 2, 1) <> ''
        )
        SELECT {BEFORE.FACET_WORDS} || substr(' r1 r2 r3 r4 r5', 1, 3 * coalesce({{job}}.rating, 0))
            || ' ' || group_concat({BEFORE.GRAM_WORDS}, ' ')
        FROM letters
    )
"""
POSTGRESQL_WORDS = f"""
    CREATE FUNCTION job_words (
        user_id text, workspace_id text, model_id text, type text, status text, favourite boolean, rating integer,
        folded_prompt text
    ) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT array_agg(DISTINCT word) FROM (
            SELECT unnest(ARRAY[{", ".join(f"'{n}=' || {BEFORE.VALUES.get(n, n)}" for n in BEFORE.FACETS)}]) AS word
            UNION ALL SELECT 'rating=' || stars FROM generate_series(1, rating) AS stars
            UNION ALL
            SELECT unnest(ARRAY[one, one || two, one || two || three, one || two || three || four || five || six])
            FROM (
                SELECT one, {", ".join(f"lead(one, {n}) OVER (ORDER BY n) AS {name}" for n, name in BEFORE.FOLLOWING)}
                FROM unnest(string_to_array(folded_prompt, NULL)) WITH ORDINALITY AS letter (one, n)
            ) AS letters
        ) AS words
        WHERE word IS NOT NULL
    $$
"""
JOBS = """
    SELECT id, user_id, prompt, options, resolved, model_id, config_snapshot, seed FROM job
    WHERE id > :after ORDER BY id LIMIT :most
"""
FILES = """
    SELECT job_media.job_id, job_media.media_key, media_owner.name FROM job_media
    JOIN job ON job.id = job_media.job_id
    JOIN media_owner ON media_owner.media_key = job_media.media_key AND media_owner.user_id = job.user_id
    WHERE job_media.job_id IN :ids AND job_media.position IS NOT NULL ORDER BY job_media.position
"""

Text = Callable[[sa.Row[Any], dict[str, str]], str | None]


def upgrade() -> None:
    forget_words()
    op.add_column("job", sa.Column("rating", sa.Integer(), nullable=True))
    write(text_of)
    index_words(WORDS, (*BEFORE.INDEXED, "rating"), POSTGRESQL_WORDS, "rating, ")


def downgrade() -> None:
    forget_words()
    op.drop_column("job", "rating")
    write(text_before)
    index_words(BEFORE.WORDS, BEFORE.INDEXED, BEFORE.POSTGRESQL_SEARCH[0], "")


def forget_words() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for trigger in TRIGGERS:
            op.execute(f"DROP TRIGGER {trigger}")
        op.execute("INSERT INTO job_text (job_text) VALUES ('delete-all')")
    else:
        op.execute("DROP INDEX job_text")
        op.execute("DROP FUNCTION job_words")


def index_words(words: str, indexed: Sequence[str], function: str, more: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        add, remove = (
            part.replace(BEFORE.WORDS.format(job=row), words.format(job=row))
            for part, row in ((BEFORE.ADD, "new"), (BEFORE.REMOVE, "old"))
        )
        place = "SELECT job_text_place.place, {} FROM job_text_place JOIN job ON job.id = job_id ORDER BY 1"
        op.execute(f"INSERT INTO job_text (rowid, words) {place.format(words.format(job='job'))}")
        op.execute(f"CREATE TRIGGER job_text_insert AFTER INSERT ON job BEGIN {add} END")
        op.execute(f"CREATE TRIGGER job_text_delete AFTER DELETE ON job BEGIN {remove} END")
        op.execute(
            f"CREATE TRIGGER job_text_update AFTER UPDATE OF {', '.join(indexed)} ON job BEGIN {remove} {add} END"
        )
    else:
        op.execute(function)
        op.execute(
            f"CREATE INDEX job_text ON job USING gin (job_words({', '.join(BEFORE.FACETS)}, {more}folded_prompt))"
        )


def write(text: Text) -> None:
    """Some at a time, for each job its text."""
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":  # it may hold what is no UTF-8
        connection.connection.driver_connection.text_factory = partial(str, encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    update = sa.text("UPDATE job SET folded_prompt = :text WHERE id = :id")
    for rows in batches(connection):
        files: dict[str, dict[str, str]] = {}
        ids: sa.BindParameter[Any] = sa.bindparam("ids", [row.id for row in rows], expanding=True)
        for job_id, key, name in connection.execute(sa.text(FILES).bindparams(ids)):
            files.setdefault(job_id, {})[key] = str(name)
        connection.execute(update, [{"id": row.id, "text": text(row, files.get(row.id, {}))} for row in rows])


def batches(connection: sa.Connection) -> Iterator[Sequence[sa.Row[Any]]]:
    after = ""
    while rows := connection.execute(sa.text(JOBS), {"after": after, "most": AT_ONCE}).all():
        yield rows
        after = rows[-1].id


def text_of(row: sa.Row[Any], files: dict[str, str]) -> str:
    name = read(row.config_snapshot).get("name")
    return search_text(
        prompt=row.prompt if isinstance(row.prompt, str) else None,
        options=read(row.options),
        resolved={name: text for name, text in read(row.resolved).items() if isinstance(text, str)},
        seed=row.seed % 2**64 if isinstance(row.seed, int) else None,
        model=[one for one in (row.model_id, name) if isinstance(one, str)],
        files=files,
    )


def text_before(row: sa.Row[Any], _files: dict[str, str]) -> str | None:
    prompts = (row.prompt, read(row.resolved).get("prompt"))
    folded = (unicodedata.normalize("NFKC", text).casefold() for text in prompts if isinstance(text, str))
    return "\n".join(folded)[:25_000] or None


def read(text: Any) -> Mapping[str, Any]:
    """Nothing of what is no JSON object."""
    return (from_json(text) if isinstance(text, str) else None) or {}
