"""Serves stored media and fresh uploads, each to its owner only."""

import mimetypes
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from fastapi import Request
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse

from components.users import user_of_page
from interchange.writers import WriteError, write
from storage.errors import StorageError
from storage.jobs.store import JobStore
from storage.media.formats import OF_EXTENSION
from storage.media.store import MediaInfo, MediaStore
from studio.jobs.previews import Previews
from web.gate.guard import not_found

_SHOWN = ("image/", "video/", "audio/")
_NEVER_SHOWN = "svg"  # an image that may hold scripts
_HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "cross-origin-resource-policy": "same-origin",
}
_IMMUTABLE = {"cache-control": "private, max-age=31536000, immutable", "vary": "Cookie"}  # a key names its bytes
_REVALIDATED = {"cache-control": "private, no-cache", "vary": "Cookie"}
_NO_STORE = {"cache-control": "private, no-store"}
_NO_PLAIN_COPY = "The metadata of this file cannot be taken out: download it as it is."
_RANGE = re.compile(r"bytes=(\d{0,100})-(\d{0,100})", re.ASCII)


PictureOf = Callable[[str, str, str], Path | None]
"""The picture of a choice, by model, parameter and choice."""


class ChoicePictures:
    """The route of the pictures that lie beside the files of choices: whoever may use the models may see them."""

    def __init__(self, picture_of: PictureOf) -> None:
        self._picture_of = picture_of

    def get(self, request: Request, model_id: str, name: str, of: str) -> Response:
        """The picture of the choice `of`, which the browser asks again for when it has changed."""
        found = self._picture_of(model_id, name, of) if user_of_page(request) else None
        if found is None:
            return not_found()
        return FileResponse(found, headers=_content_headers(_guess(found), found.name, attachment=False) | _REVALIDATED)


class JobPreviews:
    """The route of live previews; of another's job, as of one that has none, the answer is 204."""

    def __init__(self, jobs: JobStore) -> None:
        self._jobs = jobs

    def get(self, request: Request, job_id: str) -> Response:
        """The newest one, which nothing keeps. That it has just ended is no error that a browser should tell of."""
        user = user_of_page(request)
        try:
            found = self._jobs.preview(user, job_id) if user else None
        except StorageError as error:
            return PlainTextResponse(str(error), status_code=503, headers=_NO_STORE)
        if found is None:
            return Response(status_code=204, headers={**_HEADERS, **_NO_STORE})
        image, mime = found
        return Response(image, headers={**_content_headers(mime, "preview.webp", attachment=False), **_NO_STORE})


class Files:
    """The file routes; every answer to what is missing or another's is the same 404."""

    def __init__(self, media: MediaStore, previews: Previews, uploads: Path, work: Path) -> None:
        self._media = media
        self._previews = previews
        self._uploads = uploads
        self._work = work

    def media(
        self,
        request: Request,
        key: str,
        download: str | None = None,
        preview: str | None = None,
        plain: str | None = None,
    ) -> Response:
        """A stored object in the page, or as an attachment called `download`; ranges are served.

        With `preview` a small picture of it, with `preview=large` one as large as a screen; 204 until it is rendered.
        With `plain` a copy without metadata.
        """
        user = user_of_page(request)
        try:
            info = self._media.find(user, key) if user else None
            small = self._previews.get(info, preview == "large") if info and preview is not None else None
        except StorageError as error:
            return PlainTextResponse(str(error), status_code=503, headers=_NO_STORE)
        if info is None:
            return not_found()
        if preview is not None:
            return _preview(small)
        name = _named_for(download or info.name, info)
        if plain is not None:
            return self._plain(info, name)
        headers = {**_content_headers(info.mime, name, download is not None), **_IMMUTABLE}
        return self._stream(request, info, {**headers, "etag": f'"{Path(key).stem}"'})

    def _plain(self, info: MediaInfo, name: str) -> Response:
        self._work.mkdir(parents=True, exist_ok=True)
        folder = TemporaryDirectory(dir=self._work)
        copy = Path(folder.name) / "plain"
        try:
            write(self._media.fetch(info.key, Path(folder.name)), copy, None)
        except BaseException as error:
            folder.cleanup()
            if isinstance(error, WriteError):
                return PlainTextResponse(_NO_PLAIN_COPY, status_code=422, headers=_NO_STORE)
            if isinstance(error, StorageError):
                return PlainTextResponse(str(error), status_code=503, headers=_NO_STORE)
            raise
        headers = {**_content_headers(info.mime, name, attachment=True), **_NO_STORE}
        return FileResponse(copy, headers=headers, background=BackgroundTask(folder.cleanup))

    def _stream(self, request: Request, info: MediaInfo, headers: dict[str, str]) -> Response:
        if _has(request.headers.get("if-none-match", ""), headers["etag"]):
            return Response(status_code=304, headers=headers)
        asked = request.headers.get("range", "") if request.method == "GET" else ""
        if request.headers.get("if-range", headers["etag"]) != headers["etag"]:
            asked = ""
        part = range_of(asked, info.size)
        start, stop = part or (0, info.size)
        headers["accept-ranges"] = "bytes"
        if start >= stop:
            return Response(status_code=416, headers={**headers, "content-range": f"bytes */{info.size}"})
        headers["content-length"] = str(stop - start)
        if part is not None:
            headers["content-range"] = f"bytes {start}-{stop - 1}/{info.size}"
        if request.method == "HEAD":
            return Response(headers=headers)
        return StreamingResponse(self._media.read(info.key, start, stop), 200 if part is None else 206, headers)

    def upload(self, request: Request, path: str) -> Response:
        """What a user uploaded, as Gradio asks for it by path, so that a form can show it before it is submitted.

        With `preview` in the query a small picture of it, or 204 until it is stored and rendered.
        Whose it is comes first: else the time of the answer tells everyone whether a file lies there.
        """
        user = user_of_page(request)
        try:
            if user is None or not self._media.uploaded(user, path):
                return not_found()
            if "preview" in request.query_params:
                key = self._media.key_put_from(path)
                info = self._media.find(user, key) if key else None
                return _preview(self._previews.get(info) if info else None)
        except StorageError as error:
            return PlainTextResponse(str(error), status_code=503, headers=_NO_STORE)
        found = Path(path).resolve()
        if not found.is_file() or not found.is_relative_to(self._uploads):
            return not_found()
        headers = {**_content_headers(_guess(found), found.name, attachment=False), **_NO_STORE}
        return FileResponse(found, headers=headers)

    def record(self, request: Request, path: str) -> None:
        """Write down that the user of this request uploaded this file."""
        if user := user_of_page(request):
            self._media.record_upload(user, Path(path).resolve())

    def drop(self, paths: Iterable[str]) -> None:
        """Delete fresh uploads, but for those that somebody has uploaded before; what cannot be goes with a sweep."""
        with suppress(OSError, StorageError):
            for path in map(Path, paths):
                if not self._media.is_upload(path):
                    path.unlink(missing_ok=True)
                    path.parent.rmdir()

    def owns(self, request: Request, path: str) -> bool:
        """Whether the user of this request uploaded the file at this path, or owns it in the store."""
        user, key = user_of_page(request), self._media.key_of(path)
        if user is None:
            return False
        return self._media.owned(user, key) if key else self._media.uploaded(user, path)


def _preview(picture: bytes | None) -> Response:
    if picture is None:
        return Response(status_code=204, headers={**_HEADERS, **_NO_STORE})
    return Response(picture, headers={**_content_headers("image/webp", "preview.webp", attachment=False), **_IMMUTABLE})


def _has(held: str, etag: str) -> bool:
    """Whether a browser holds these bytes already, as its If-None-Match says."""
    return any(one.strip().removeprefix("W/") in (etag, "*") for one in held.split(","))


def _named_for(name: str, info: MediaInfo) -> str:
    """The name with the ending of what the file holds, which its user may have called something else."""
    plain, extension = Path(Path(name).name or "unnamed"), Path(info.key).suffix.removeprefix(".")
    kept = OF_EXTENSION.get(extension)
    if plain.suffix.lower().removeprefix(".") in (extension, *(kept.others if kept else ())):
        return plain.name
    return f"{plain.stem if _guess(plain).startswith(_SHOWN) else plain.name}.{extension}"


def _guess(path: Path) -> str:
    return mimetypes.guess_type(path.name)[0] or "application/octet-stream"


def _content_headers(mime: str, name: str, attachment: bool) -> dict[str, str]:
    """The headers that say what a file is, and that a browser must never run it."""
    shown = mime.startswith(_SHOWN) and _NEVER_SHOWN not in mime
    name = Path(name).name or "unnamed"
    told = f'filename="{name}"' if quote(name) == name else f"filename*=utf-8''{quote(name)}"
    disposition = "inline" if shown and not attachment else "attachment"
    return {
        **_HEADERS,
        "content-type": mime if shown else "application/octet-stream",
        "content-disposition": f"{disposition}; {told}",
    }


def range_of(asked: str, size: int) -> tuple[int, int] | None:
    """From where up to where a Range header asks, nothing when it lies outside; `None` when the whole is to be sent.

    That is so for several ranges at once too, which a server need not give.
    """
    match = _RANGE.fullmatch(asked.strip())
    first, last = match.groups() if match else ("", "")
    if not first:
        return (max(0, size - int(last)), size) if last else None
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last) + 1, size) if last else size
