"""Reads PostgreSQL's values as the studio needs them."""

from typing import Any

from psycopg import DataError
from psycopg.abc import Buffer
from psycopg.types.datetime import TimestamptzLoader


class Time(TimestamptzLoader):
    """Returns times that Python cannot represent, such as infinity, as text: an error would fail the whole listing."""

    def load(self, data: Buffer) -> Any:
        try:
            return super().load(data)
        except DataError:
            return bytes(data).decode()
