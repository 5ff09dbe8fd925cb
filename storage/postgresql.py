"""How PostgreSQL's values are read."""

from typing import Any

from psycopg import DataError
from psycopg.abc import Buffer
from psycopg.types.datetime import TimestamptzLoader


class Time(TimestamptzLoader):
    """Leaves as a text what Python has no time for, such as infinity: else it fails the whole listing that it is in."""

    def load(self, data: Buffer) -> Any:
        try:
            return super().load(data)
        except DataError:
            return bytes(data).decode()
