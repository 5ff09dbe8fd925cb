"""Serves stored media and fresh uploads, each to its owner only."""

import mimetypes
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from fastapi import Request
from starlette.responses import FileResponse, Response

from components.guard import not_found
from components.users import user_of_page
from storage.media import MediaStore

MEDIA = "/studio/media"

_SHOWN = ("image/", "video/", "audio/")
_NEVER_SHOWN = "svg"  # an image that may hold scripts
_HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "cross-origin-resource-policy": "same-origin",
}
_FOR_EVER = {"cache-control": "private, max-age=31536000, immutable", "vary": "Cookie"}  # a key names its bytes
_NOT_KEPT = {"cache-control": "private, no-store"}


def media_url(key: str) -> str:
    """Where the page finds a stored media object, below the root path."""
    return f"{MEDIA}/{quote(key)}"


class Files:
    """The file routes; every answer to what is missing or another's is the same 404."""

    def __init__(self, media: MediaStore, uploads: Path) -> None:
        self._media = media
        self._uploads = uploads

    def media(self, request: Request, key: str, download: str | None = None) -> Response:
        """A stored object in the page, or as an attachment called `download`; ranges are served."""
        user = user_of_page(request)
        info = self._media.find(user, key) if user else None
        if info is None:
            return not_found()
        return _send(self._media.local_path(key), info.mime, download or info.name, _FOR_EVER, download is not None)

    def upload(self, request: Request, path: str) -> Response:
        """What a user uploaded, as Gradio asks for it by path, so that a form can show it before it is submitted."""
        user = user_of_page(request)
        try:
            found = Path(path).resolve(strict=True)
        except (OSError, ValueError):  # missing, a circle of links, a NUL
            return not_found()
        if user is None or not found.is_file() or not found.is_relative_to(self._uploads):
            return not_found()
        if not self._media.uploaded(user, found):
            return not_found()
        return _send(found, _guess(found), found.name, _NOT_KEPT, attachment=False)

    def record(self, request: Request, path: str) -> None:
        """Write down that the user of this request uploaded this file."""
        if user := user_of_page(request):
            self._media.record_upload(user, Path(path).resolve())


def _guess(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _send(path: Path, mime: str, name: str, headers: Mapping[str, str], attachment: bool) -> Response:
    shown = mime.startswith(_SHOWN) and _NEVER_SHOWN not in mime
    return FileResponse(
        path,
        media_type=mime if shown else "application/octet-stream",
        headers={**_HEADERS, **headers},
        filename=Path(name).name or path.name,
        content_disposition_type="inline" if shown and not attachment else "attachment",
    )
