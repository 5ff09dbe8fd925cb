"""Read Fooocus' `log.html`, one in each of its folders: by default its pictures have no metadata of their own.

The log has a button for each picture that copies its settings as JSON (Fooocus, modules/private_logger.py).
"""

from urllib.parse import unquote

NAME = "log.html"
MAX_BYTES = 32 * 2**20
"""The largest log that is read, in bytes."""

_PART_START, _COPY_CALL = '<div id="', "to_clipboard('"
_MAX_PARTS = 100_000


def parse(log: bytes) -> dict[str, bytes]:
    """The settings of each picture as JSON, by its `key`; empty for a file that is no such log."""
    found: dict[str, bytes] = {}
    for part in log[:MAX_BYTES].decode(errors="replace").split(_PART_START, _MAX_PARTS)[1:]:
        key, _, rest = part.partition('"')
        copied = rest.partition(_COPY_CALL)[2].partition("'")[0]
        if copied:
            found.setdefault(key, unquote(copied).encode())
    return found


def key(name: str) -> str:
    """The id that the log has for the picture of this name."""
    return name.replace(".", "_")
