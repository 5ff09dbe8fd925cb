"""Fooocus' `log.html`, one in each of its folders: what it says of a picture, which alone says nothing by default.

A picture's part has a button that copies its settings as JSON (Fooocus, modules/private_logger.py).
"""

from urllib.parse import unquote

NAME = "log.html"
LARGEST = 32 * 2**20
"""Bytes of a log that is read."""

_PART, _COPIES = '<div id="', "to_clipboard('"
_MOST = 100_000


def logged(log: bytes) -> dict[str, bytes]:
    """The JSON of each picture by its `key`; none of what is no such log."""
    found: dict[str, bytes] = {}
    for part in log[:LARGEST].decode(errors="replace").split(_PART, _MOST)[1:]:
        key, _, rest = part.partition('"')
        copied = rest.partition(_COPIES)[2].partition("'")[0]
        if copied:
            found.setdefault(key, unquote(copied).encode())
    return found


def key(name: str) -> str:
    """How a log calls the picture of this name."""
    return name.replace(".", "_")
