"""Workspaces: each user's own, with names that differ in more than upper and lower case."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Table,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from storage import tables
from storage.damage import damaged, log_damage, problem_of
from storage.database import insert_missing
from storage.errors import LastWorkspaceError, WorkspaceNameError, WorkspaceNotEmptyError, WorkspaceNotFoundError
from storage.tables import Damaged, folded, now

_DEFAULT_NAME = "My workspace"
LONGEST_NAME = 80
_WORKSPACE = tables.table(tables.Workspace)
_OWN = select(*(_WORKSPACE.c[name] for name in ("id", "name", "created_at")))
_OWN = _OWN.where(_WORKSPACE.c.user_id == bindparam("user_id")).order_by(_WORKSPACE.c.created_at, _WORKSPACE.c.id)
_JOB = tables.table(tables.Job)
_PRESET = tables.table(tables.Preset)


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace; one with a damaged name or time still leads to its jobs, and can be renamed."""

    id: str
    name: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeletedWorkspace:
    """What `WorkspaceStore.put_back` needs: the workspace, and the ids of its jobs, all of which were in the bin.

    Those of its presets too.
    """

    workspace: Workspace
    jobs: tuple[str, ...]
    presets: tuple[str, ...] = ()


class WorkspaceStore:
    """The workspaces of all users; another user's counts as one that does not exist."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(self, user_id: str) -> tuple[Workspace, ...]:
        """Oldest first; one whose id is damaged is logged and left out."""
        with self._engine.connect() as connection:
            rows = connection.execute(_OWN, {"user_id": user_id}).all()
        for row in rows:
            if problem := problem_of(row):
                log_damage("workspace", row.id, problem)
        return tuple(_workspace(row) for row in rows if not isinstance(row.id, Damaged))

    def damaged(self, user_id: str) -> tuple[str, ...]:
        """A sentence about each that cannot be read whole."""
        with self._engine.connect() as connection:
            return damaged(connection.execute(_OWN, {"user_id": user_id}), "workspace")

    def ensure_default(self, user_id: str) -> Workspace:
        """The user's oldest workspace, made when there is none."""
        for name in (_DEFAULT_NAME, f"{_DEFAULT_NAME} {uuid4()}"):  # one with a damaged id may have the first name
            if own := self.list(user_id):
                break
            with self._engine.begin() as connection:
                insert_missing(connection, _WORKSPACE, [_row(user_id, name)])
        return (own or self.list(user_id))[0]

    def create(self, user_id: str, name: str) -> Workspace:
        """Make a workspace; raises WorkspaceNameError."""
        row = _row(user_id, _clean(name))
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(_WORKSPACE).values(row))
                return _get(connection, user_id, row["id"])
        except IntegrityError as error:
            raise _taken(name) from error

    def rename(self, user_id: str, workspace_id: str, name: str) -> Workspace:
        """Give a workspace another name; raises WorkspaceNameError or WorkspaceNotFoundError."""
        clean = _clean(name)
        change = update(_WORKSPACE).where(_WORKSPACE.c.id == workspace_id, _WORKSPACE.c.user_id == user_id)
        try:
            with self._engine.begin() as connection:
                connection.execute(change.values(name=clean, folded_name=folded(clean)))
                return _get(connection, user_id, workspace_id)
        except IntegrityError as error:
            raise _taken(name) from error

    def delete(self, user_id: str, workspace_id: str) -> DeletedWorkspace:
        """Delete an empty workspace that is not the only one.

        Trashed jobs do not count, and one that is taken back goes to another workspace. Presets belong to none then.
        """
        own = (_WORKSPACE.c.id == workspace_id) & (_WORKSPACE.c.user_id == user_id)
        its_jobs, in_bin = _in_it(_JOB, user_id, workspace_id), _JOB.c.deleted_at.is_not(None)
        with self._engine.begin() as connection:
            leave = update(_JOB).where(its_jobs, in_bin).values(workspace_id=None).returning(_JOB.c.id)
            jobs = connection.execute(leave).scalars().all()
            presets = (
                connection.execute(select(_PRESET.c.id).where(_in_it(_PRESET, user_id, workspace_id))).scalars().all()
            )
            workspace = _get(connection, user_id, workspace_id)
            if not connection.execute(delete(_WORKSPACE).where(own, ~exists().where(its_jobs))).rowcount:
                raise _not_empty(workspace, connection.execute(select(func.count()).where(its_jobs)).scalar_one())
            if connection.execute(_OWN, {"user_id": user_id}).first() is None:
                raise LastWorkspaceError(f"“{workspace.name}” is your only workspace: make another one first.")
        return DeletedWorkspace(workspace, _undamaged(jobs), _undamaged(presets))

    def put_back(self, user_id: str, deleted: DeletedWorkspace) -> Workspace:
        """Undo a delete: its presets, and those of its jobs that are still in the bin, are in the workspace again.

        Its name may be taken meanwhile, which raises WorkspaceNameError.
        """
        workspace = deleted.workspace
        row = _row(user_id, workspace.name) | {"id": workspace.id}
        row |= {"created_at": workspace.created_at or row["created_at"]}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(_WORKSPACE).values(row))
                _rejoin(connection, _JOB, user_id, workspace.id, deleted.jobs)
                _rejoin(connection, _PRESET, user_id, workspace.id, deleted.presets)
        except IntegrityError as error:
            raise _taken(workspace.name) from error
        return workspace


def _in_it(table: Table, user_id: str, workspace_id: str) -> ColumnElement[bool]:
    """The user's rows that are in the workspace."""
    return (table.c.user_id == user_id) & (table.c.workspace_id == workspace_id)


def _rejoin(connection: Connection, table: Table, user_id: str, workspace_id: str, ids: Sequence[str]) -> None:
    """Put those of the user's rows into the workspace that are in none."""
    row = (table.c.id == bindparam("row_id")) & (table.c.user_id == user_id) & table.c.workspace_id.is_(None)
    if ids:
        rejoin = update(table).where(row).values(workspace_id=workspace_id)
        connection.execute(rejoin, [{"row_id": each} for each in ids])


def _undamaged(ids: Sequence[Any]) -> tuple[str, ...]:
    return tuple(each for each in ids if not isinstance(each, Damaged))


def _get(connection: Connection, user_id: str, workspace_id: str) -> Workspace:
    row = connection.execute(_OWN.where(_WORKSPACE.c.id == workspace_id), {"user_id": user_id}).first()
    if row is None:
        raise WorkspaceNotFoundError("This workspace does not exist.")
    return _workspace(row)


def _workspace(row: Row[Any]) -> Workspace:
    name, created_at = (None if isinstance(value, Damaged) else value for value in (row.name, row.created_at))
    return Workspace(row.id, f"Damaged workspace {row.id[:8]}" if name is None else name, created_at)


def _row(user_id: str, name: str) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "user_id": user_id,
        "name": name,
        "folded_name": folded(name),
        "created_at": now(),
    }


def in_one_line(name: str) -> str:
    """The name with runs of whitespace as one space, and none at its ends."""
    return " ".join(name.split())


def _clean(name: str) -> str:
    clean = in_one_line(name)
    if not 1 <= len(clean) <= LONGEST_NAME:
        raise WorkspaceNameError(f"A workspace's name has 1 to {LONGEST_NAME} characters; this one has {len(clean)}.")
    return clean


def _not_empty(workspace: Workspace, count: int) -> WorkspaceNotEmptyError:
    has, them, each = ("a job", "it", "its") if count == 1 else (f"{count} jobs", "them", "each")
    sentence = f"“{workspace.name}” still has {has}: delete {them} first, with the bin on {each} card."
    return WorkspaceNotEmptyError(f"{sentence} Deleted jobs can be put back.")


def _taken(name: str) -> WorkspaceNameError:
    return WorkspaceNameError(f"There is a workspace “{_clean(name)}” already.")
