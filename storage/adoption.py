"""Gives the work of one user to another, such as an anonymous visitor's to the account that they got."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, delete, func, select, update

from storage import tables
from storage.damage import readable
from storage.database import insert_missing, writing
from storage.presets import free_name
from storage.tables import folded

_JOB = tables.table(tables.Job)
_WORKSPACE = tables.table(tables.Workspace)
_OWNER = tables.table(tables.MediaOwner)
_PRESET = tables.table(tables.Preset)
_DRAFT = tables.table(tables.Draft)
_DRAFT_MEDIA = tables.table(tables.DraftMedia)


@dataclass(frozen=True, slots=True)
class Adopted:
    """How much changed its owner."""

    jobs: int
    workspaces: int
    presets: int
    drafts: int
    files: int


@dataclass(frozen=True, slots=True)
class Owner:
    """A user with jobs; `last` is when the newest was made."""

    user_id: str
    jobs: int
    last: datetime


class Adoption:
    """Moves work between users; for the operator, who may name any user."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def owners(self) -> tuple[Owner, ...]:
        """The users with jobs, how many, and the time of the last; the one who made a job last is first."""
        last = func.max(_JOB.c.created_at).label("last")
        found = select(_JOB.c.user_id, func.count().label("jobs"), last).group_by(_JOB.c.user_id).order_by(last.desc())
        with self._engine.connect() as connection:
            rows = readable(connection.execute(found), "owner")
            return tuple(Owner(row.user_id, row.jobs, row.last) for row in rows)

    def adopt(self, user_id: str, by: str) -> Adopted:
        """Give all jobs, with their workspaces, presets, drafts and files, to `by`; what runs goes on. All or nothing.

        A workspace goes into the other's own of its name, and a preset of a name that the other has gets a number. The
        draft of a model stays where the other has one of it, and so do preferences.
        """
        with writing(self._engine) as connection:
            drafts = _give_drafts(connection, user_id, by)
            files = _give_files(connection, user_id, by)
            workspaces = _give_workspaces(connection, user_id, by)
            presets = _give_presets(connection, user_id, by)
            jobs = connection.execute(update(_JOB).where(_JOB.c.user_id == user_id).values(user_id=by)).rowcount
        return Adopted(jobs, workspaces, presets, drafts, files)


def _give_drafts(connection: Connection, user_id: str, by: str) -> int:
    theirs = select(_DRAFT.c.model_id).where(_DRAFT.c.user_id == by)
    own = select(_DRAFT).where(_DRAFT.c.user_id == user_id, _DRAFT.c.model_id.not_in(theirs))
    rows = [dict(row._mapping) for row in readable(connection.execute(own), "draft")]
    given = [row["model_id"] for row in rows]
    insert_missing(connection, _DRAFT, [{**row, "user_id": by} for row in rows])
    for table, change in ((_DRAFT_MEDIA, update(_DRAFT_MEDIA).values(user_id=by)), (_DRAFT, delete(_DRAFT))):
        connection.execute(change.where(table.c.user_id == user_id, table.c.model_id.in_(given)))
    return len(rows)


def _give_files(connection: Connection, user_id: str, by: str) -> int:
    own = select(_OWNER.c.media_key, _OWNER.c.name, _OWNER.c.created_at).where(_OWNER.c.user_id == user_id)
    rows = [{"user_id": by, **row._mapping} for row in readable(connection.execute(own), "file")]
    insert_missing(connection, _OWNER, rows)
    in_drafts = select(_DRAFT_MEDIA.c.media_key).where(_DRAFT_MEDIA.c.user_id == user_id)
    connection.execute(delete(_OWNER).where(_OWNER.c.user_id == user_id, _OWNER.c.media_key.not_in(in_drafts)))
    return len(rows)


def _give_presets(connection: Connection, user_id: str, by: str) -> int:
    """Give the presets, with a number where the other has one of that name in the workspace."""
    columns = (_PRESET.c[name] for name in ("id", "workspace_id", "name", "folded_name", "user_id"))
    found = select(*columns).where(_PRESET.c.user_id.in_((user_id, by))).order_by(_PRESET.c.updated_at)
    every = list(readable(connection.execute(found), "preset"))
    taken: dict[str | None, set[str]] = {row.workspace_id: set() for row in every}
    for row in every:
        if row.user_id == by:
            taken[row.workspace_id].add(row.folded_name)
    own = [row for row in every if row.user_id == user_id]
    for row in own:
        name = free_name(row.name, taken[row.workspace_id])
        values = {"user_id": by, "name": name, "folded_name": folded(name)}
        connection.execute(update(_PRESET).where(_PRESET.c.id == row.id).values(values))
        taken[row.workspace_id].add(folded(name))
    return len(own)


def _give_workspaces(connection: Connection, user_id: str, by: str) -> int:
    others = select(_WORKSPACE.c.id, _WORKSPACE.c.folded_name).where(_WORKSPACE.c.user_id == by)
    there = {row.folded_name: row.id for row in readable(connection.execute(others), "workspace")}
    own = select(_WORKSPACE.c.id, _WORKSPACE.c.folded_name).where(_WORKSPACE.c.user_id == user_id)
    rows = list(readable(connection.execute(own), "workspace"))
    for row in rows:
        if (same := there.get(row.folded_name)) is None:
            connection.execute(update(_WORKSPACE).where(_WORKSPACE.c.id == row.id).values(user_id=by))
            continue
        for table in (_JOB, _PRESET):
            connection.execute(update(table).where(table.c.workspace_id == row.id).values(workspace_id=same))
        connection.execute(delete(_WORKSPACE).where(_WORKSPACE.c.id == row.id))
    return len(rows)
