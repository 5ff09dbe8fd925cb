"""Preferences: choices of a user that last, such as the model that the page opens with."""

from typing import Any

from sqlalchemy import Engine, Select, select

from storage import tables
from storage.damage import damaged, readable
from storage.database import put_row

_PREFERENCE = tables.table(tables.Preference)


class PreferenceStore:
    """A text for each user and name."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, user_id: str, name: str) -> str | None:
        """The preference of that name; `None` when it was never set."""
        return self.all(user_id).get(name)

    def set(self, user_id: str, name: str, value: str) -> None:
        """Set the preference, in place of the value before."""
        with self._engine.begin() as connection:
            put_row(connection, _PREFERENCE, {"user_id": user_id, "name": name, "value": value})

    def all(self, user_id: str) -> dict[str, str]:
        """The user's preferences by name; damaged ones are logged and left out."""
        with self._engine.connect() as connection:
            rows = readable(connection.execute(_select(user_id)), f"preference of {user_id}")
            return {row.name: row.value for row in rows}

    def damaged(self, user_id: str) -> tuple[str, ...]:
        """A sentence about each damaged preference of the user."""
        with self._engine.connect() as connection:
            return damaged(connection.execute(_select(user_id)), "preference")


def _select(user_id: str) -> Select[Any]:
    return select(_PREFERENCE.c.name, _PREFERENCE.c.value).where(_PREFERENCE.c.user_id == user_id)
