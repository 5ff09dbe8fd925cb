"""Preferences: what a user chose to have each time."""

from sqlalchemy import Engine, select

from storage import tables
from storage.database import put_row, whole

_PREFERENCE = tables.table(tables.Preference)


class PreferenceStore:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, user_id: str, name: str) -> str | None:
        return self.all(user_id).get(name)

    def set(self, user_id: str, name: str, value: str) -> None:
        with self._engine.begin() as connection:
            put_row(connection, _PREFERENCE, {"user_id": user_id, "name": name, "value": value})

    def all(self, user_id: str) -> dict[str, str]:
        mine = select(_PREFERENCE.c.name, _PREFERENCE.c.value).where(_PREFERENCE.c.user_id == user_id)
        with self._engine.connect() as connection:
            return {row.name: row.value for row in whole(connection.execute(mine), f"preference of {user_id}")}
