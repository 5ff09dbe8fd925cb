"""Drafts: the form of each user and model as it was left, not yet submitted."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Select, Table, delete, insert, select

from storage import tables
from storage.damage import damaged, log_damage, problem_of, readable, sentence
from storage.database import put_row
from storage.errors import DraftError
from storage.jobs.links import LinkKind, Source
from storage.jobs.records import from_json, to_json
from storage.media.store import not_own
from storage.tables import LONGEST_TEXT, now

_NO_OBJECT = "values is no JSON object"
_DRAFT = tables.table(tables.Draft)
_DRAFT_MEDIA = tables.table(tables.DraftMedia)


class DraftStore:
    """One draft for each user and model."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def save(
        self,
        user_id: str,
        model_id: str,
        values: Mapping[str, Any],
        media: Collection[str],
        sources: Sequence[Source] = (),
    ) -> None:
        """Keep the values as the user's draft for the model, in place of the one before.

        `media` are the keys of the files that it needs, all the user's own: none is deleted while the draft is there.
        `sources` are the jobs that the form was filled from; whether they are the user's is checked when a job is made.
        """
        text = to_json("The draft", values, DraftError)
        if len(text) > LONGEST_TEXT:
            raise DraftError(f"This form holds {len(text) / 1e6:.1f} MB of text; a draft keeps at most 1 MB.")
        draft = {"user_id": user_id, "model_id": model_id, "values": text, "updated_at": now()}
        draft["sources"] = json.dumps([astuple(source) for source in sources]) if sources else None
        with self._engine.begin() as connection:
            put_row(connection, _DRAFT, draft)
            connection.execute(delete(_DRAFT_MEDIA).where(_own(_DRAFT_MEDIA, user_id, model_id)))
            _need(connection, user_id, model_id, set(media))

    def all(self, user_id: str) -> dict[str, dict[str, Any]]:
        """The user's drafts by model id; damaged ones are logged and left out."""
        drafts = {}
        with self._engine.connect() as connection:
            for row in readable(connection.execute(_select(user_id)), f"draft of {user_id} for"):
                if (values := from_json(row._mapping["values"])) is None:
                    log_damage(f"draft of {user_id} for", row.model_id, _NO_OBJECT)
                else:
                    drafts[row.model_id] = values
        return drafts

    def sources(self, user_id: str) -> dict[str, tuple[Source, ...]]:
        """By model id, the jobs that the user's drafts were filled from; nothing of those that cannot be read."""
        mine = select(_DRAFT.c.model_id, _DRAFT.c.sources).where(_DRAFT.c.user_id == user_id)
        with self._engine.connect() as connection:
            rows = readable(connection.execute(mine.where(_DRAFT.c.sources.is_not(None))), f"draft of {user_id} for")
            return {row.model_id: tuple(_sources(row.sources)) for row in rows}

    def damaged(self, user_id: str) -> tuple[str, ...]:
        """A sentence about each damaged draft of the user."""
        with self._engine.connect() as connection:
            rows = connection.execute(_select(user_id)).all()
        broken = (row.model_id for row in rows if not problem_of(row) and from_json(row._mapping["values"]) is None)
        return (*damaged(rows, "draft for"), *(sentence("draft for", model_id, _NO_OBJECT) for model_id in broken))

    def delete(self, user_id: str, model_id: str) -> None:
        """Delete the draft, if there is one."""
        with self._engine.begin() as connection:
            connection.execute(delete(_DRAFT).where(_own(_DRAFT, user_id, model_id)))


def _select(user_id: str) -> Select[Any]:
    return select(_DRAFT.c.model_id, _DRAFT.c["values"]).where(_DRAFT.c.user_id == user_id)


def _sources(text: str) -> Iterator[Source]:
    with suppress(ValueError, TypeError, RecursionError):
        for job_id, kind, parameter in json.loads(text):
            yield Source(str(job_id), LinkKind(kind), str(parameter))


def _own(table: Table, user_id: str, model_id: str) -> ColumnElement[bool]:
    return (table.c.user_id == user_id) & (table.c.model_id == model_id)


def _need(connection: Connection, user_id: str, model_id: str, keys: set[str]) -> None:
    if missing := not_own(connection, user_id, keys):
        raise DraftError(f"Not in the media store: {', '.join(missing)}. Upload again what the draft needs.")
    if keys:
        needs = [{"user_id": user_id, "model_id": model_id, "media_key": key} for key in sorted(keys)]
        connection.execute(insert(_DRAFT_MEDIA), needs)
