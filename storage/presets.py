"""Presets: forms that a user saved under a name, each in a workspace; a deleted one can be put back for a while."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Engine, Select, delete, func, insert, literal, select, update
from sqlalchemy.exc import IntegrityError

from storage import tables
from storage.damage import damaged, log_damage, problem_of, readable
from storage.database import writing
from storage.errors import PresetError, PresetNameError, PresetNotFoundError, WorkspaceNotFoundError
from storage.jobs.records import from_json, to_json
from storage.media.store import not_own
from storage.tables import LONGEST_TEXT, folded, now
from storage.workspaces import LONGEST_NAME, in_one_line

MOST = 500
"""How many presets a user may have: all are listed at once."""

_NO_OBJECT = "values or config_snapshot is no JSON object"
_PRESET = tables.table(tables.Preset)
_PRESET_MEDIA = tables.table(tables.PresetMedia)
_WORKSPACE = tables.table(tables.Workspace)


@dataclass(frozen=True, slots=True)
class Preset:
    """A preset without its values, as lists need it; it is in no workspace where that was deleted."""

    id: str
    workspace_id: str | None
    name: str
    model_id: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PresetForm:
    """A form's values, and the model's config as it was then."""

    model_id: str
    values: Mapping[str, Any]
    config_snapshot: Mapping[str, Any]


class PresetStore:
    """The presets of all users; names in a workspace differ in more than case. Another user's counts as missing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(self, user_id: str) -> tuple[Preset, ...]:
        """The user's presets, by their names; damaged ones are logged and left out."""
        with self._engine.connect() as connection:
            rows = connection.execute(_select(user_id).order_by(_PRESET.c.folded_name))
            return tuple(Preset(**row._mapping) for row in readable(rows, "preset"))

    def damaged(self, user_id: str) -> tuple[str, ...]:
        """A sentence about each damaged preset of the user."""
        with self._engine.connect() as connection:
            return damaged(connection.execute(_select(user_id)), "preset")

    def get(self, user_id: str, preset_id: str) -> tuple[Preset, PresetForm]:
        """The preset and what it holds; raises PresetNotFoundError, or PresetError for one that cannot be read."""
        contents = select(*(_PRESET.c[name] for name in ("values", "config_snapshot"))).where(_own(user_id, preset_id))
        with self._engine.connect() as connection:
            preset = _get(connection, user_id, preset_id)
            row = connection.execute(contents).one()
        problem = problem_of(row)
        values, snapshot = (None, None) if problem else map(from_json, row)
        if values is None or snapshot is None:
            log_damage("preset", preset_id, problem or _NO_OBJECT)
            raise PresetError(f"The preset “{preset.name}” is damaged: save it again, or delete it.")
        return preset, PresetForm(preset.model_id, values, snapshot)

    def create(
        self, user_id: str, workspace_id: str | None, name: str, form: PresetForm, media: Collection[str]
    ) -> Preset:
        """Save a form under a name; raises PresetError or WorkspaceNotFoundError.

        `media` are the keys of the files that it needs, all the user's own: none is deleted while the preset is there.
        """
        clean = _clean(name)
        row = {"id": str(uuid4()), "user_id": user_id, "workspace_id": workspace_id, **_written(form)}
        try:
            with writing(self._engine) as connection:
                _check_place(connection, user_id, workspace_id)
                connection.execute(insert(_PRESET).values({**row, "name": clean, "folded_name": folded(clean)}))
                _need(connection, user_id, row["id"], media)
                return _get(connection, user_id, row["id"])
        except IntegrityError as error:
            raise _taken(clean) from error

    def overwrite(self, user_id: str, preset_id: str, form: PresetForm, media: Collection[str]) -> tuple[Preset, str]:
        """Replace a preset's form; raises PresetError, and then the old one stays.

        Also returns the id of a deleted preset that keeps the old form.
        """
        with writing(self._engine) as connection:
            before = _keep_deleted(connection, user_id, preset_id)
            connection.execute(update(_PRESET).where(_own(user_id, preset_id)).values(_written(form)))
            preset = _get(connection, user_id, preset_id)
            connection.execute(delete(_PRESET_MEDIA).where(_PRESET_MEDIA.c.preset_id == preset_id))
            _need(connection, user_id, preset_id, media)
        return preset, before

    def rename(self, user_id: str, preset_id: str, name: str) -> Preset:
        """Give it another name; raises PresetNameError or PresetNotFoundError."""
        clean = _clean(name)
        change = update(_PRESET).where(_own(user_id, preset_id)).values(name=clean, folded_name=folded(clean))
        try:
            with self._engine.begin() as connection:
                connection.execute(change)
                return _get(connection, user_id, preset_id)
        except IntegrityError as error:
            raise _taken(clean) from error

    def delete(self, user_id: str, preset_id: str) -> Preset:
        """Delete it; `put_back` undoes that until the sweep after `trash_days`."""
        with self._engine.begin() as connection:
            preset = _get(connection, user_id, preset_id)
            connection.execute(update(_PRESET).where(_own(user_id, preset_id)).values(deleted_at=now()))
        return preset

    def put_back(self, user_id: str, preset_id: str) -> Preset:
        """Undo a delete; raises PresetNameError where the name is taken by now, or PresetNotFoundError."""
        row = (_PRESET.c.id == preset_id) & (_PRESET.c.user_id == user_id)
        try:
            with self._engine.begin() as connection:
                connection.execute(update(_PRESET).where(row).values(deleted_at=None))
                return _get(connection, user_id, preset_id)
        except IntegrityError as error:
            raise PresetNameError("Another preset has this name by now: rename that one first.") from error


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, with a number where it is among the folded names that are taken."""
    numbered = (f"{name[: LONGEST_NAME - 6].rstrip()} ({number})" for number in count(2))
    return next(one for one in chain([name], numbered) if folded(one) not in taken)


def _select(user_id: str) -> Select[Any]:
    columns = (_PRESET.c[name] for name in ("id", "workspace_id", "name", "model_id", "updated_at"))
    return select(*columns).where(_PRESET.c.user_id == user_id, _PRESET.c.deleted_at.is_(None))


def _own(user_id: str, preset_id: str) -> ColumnElement[bool]:
    return (_PRESET.c.id == preset_id) & (_PRESET.c.user_id == user_id) & _PRESET.c.deleted_at.is_(None)


def _get(connection: Connection, user_id: str, preset_id: str) -> Preset:
    row = connection.execute(_select(user_id).where(_PRESET.c.id == preset_id)).first()
    if row is None:
        raise PresetNotFoundError("This preset does not exist. It may have been deleted.")
    if problem := problem_of(row):
        log_damage("preset", preset_id, problem)
        raise PresetError("This preset's record is damaged.")
    return Preset(**row._mapping)


def _keep_deleted(connection: Connection, user_id: str, preset_id: str) -> str:
    """Copy a preset, with its files, to a deleted one, and return that one's id."""
    id_ = str(uuid4())
    _get(connection, user_id, preset_id)
    other = {"id": literal(id_), "deleted_at": literal(now(), _PRESET.c.deleted_at.type)}
    row = select(*(other.get(name, column) for name, column in _PRESET.c.items())).where(_own(user_id, preset_id))
    connection.execute(insert(_PRESET).from_select(_PRESET.c.keys(), row))
    needs = select(literal(id_), _PRESET_MEDIA.c.media_key).where(_PRESET_MEDIA.c.preset_id == preset_id)
    connection.execute(insert(_PRESET_MEDIA).from_select(["preset_id", "media_key"], needs))
    return id_


def _written(form: PresetForm) -> dict[str, Any]:
    values = to_json("The preset", form.values, PresetError)
    if len(values) > LONGEST_TEXT:
        raise PresetError(f"This form holds {len(values) / 1e6:.1f} MB of text; a preset keeps at most 1 MB.")
    snapshot = to_json("The model", form.config_snapshot, PresetError)
    return {"model_id": form.model_id, "values": values, "config_snapshot": snapshot, "updated_at": now()}


def _check_place(connection: Connection, user_id: str, workspace_id: str | None) -> None:
    """Raise PresetError or WorkspaceNotFoundError where the user may have no further preset there."""
    mine = select(_WORKSPACE.c.id).where(_WORKSPACE.c.id == workspace_id, _WORKSPACE.c.user_id == user_id)
    if workspace_id is not None and connection.execute(mine).first() is None:
        raise WorkspaceNotFoundError("This workspace does not exist.")
    own = select(func.count()).where(_PRESET.c.user_id == user_id, _PRESET.c.deleted_at.is_(None))
    if connection.execute(own).scalar_one() >= MOST:
        raise PresetError(f"You have {MOST} presets, as many as are kept: delete one first.")


def _need(connection: Connection, user_id: str, preset_id: str, keys: Collection[str]) -> None:
    if missing := not_own(connection, user_id, keys):
        raise PresetError(f"Not in the media store: {', '.join(missing)}. Upload again what the preset needs.")
    if keys:
        needs = [{"preset_id": preset_id, "media_key": key} for key in sorted(set(keys))]
        connection.execute(insert(_PRESET_MEDIA), needs)


def _clean(name: str) -> str:
    clean = in_one_line(name)
    if not 1 <= len(clean) <= LONGEST_NAME:
        raise PresetNameError(f"A preset's name has 1 to {LONGEST_NAME} characters; this one has {len(clean)}.")
    return clean


def _taken(name: str) -> PresetNameError:
    return PresetNameError(f"There is a preset “{name}” already: choose another name, or overwrite that one.")
