"""Serves the results of several jobs as one ZIP file, which is made as it is sent, and a whole job as one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated
from zipfile import ZipFile, ZipInfo

from fastapi import Form, Request
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse

from components.addresses import output_name
from components.users import user_of_page
from storage.errors import StorageError
from storage.jobs.store import Job, JobStore
from storage.media.store import MediaInfo, MediaStore
from studio.errors import JobNotFoundError
from web.gate.guard import not_found

_MOST = 1000  # jobs
_ZIP_BEGINS, _ZIP_ENDS = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)
_HEADERS = {
    "content-type": "application/zip",
    "content-disposition": 'attachment; filename="results.zip"',
    "x-content-type-options": "nosniff",
    "cache-control": "private, no-store",
}


class Results:
    """The route of the ZIP file; another user's jobs are left out like missing ones."""

    def __init__(self, jobs: JobStore, media: MediaStore) -> None:
        self._jobs = jobs
        self._media = media

    def post(self, request: Request, jobs: Annotated[str, Form()]) -> Response:
        """The outputs of the jobs whose ids stand in a form's field, with commas between; 404 where there are none."""
        user = user_of_page(request)
        try:
            files = self._files(user, jobs.split(",")[:_MOST]) if user else {}
        except StorageError as error:
            return PlainTextResponse(str(error), status_code=503)
        return StreamingResponse(self._zipped(files), headers=_HEADERS) if files else not_found()

    def _files(self, user: str, job_ids: list[str]) -> dict[str, tuple[MediaInfo, Job]]:
        """What is there, by the name that it gets."""
        jobs = [job for job in self._jobs.some(user, job_ids) if isinstance(job, Job)]
        there = self._media.find_many(user, {output.key for job in jobs for output in job.outputs})
        named = ((output_name(job, place), output.key, job) for job in jobs for place, output in enumerate(job.outputs))
        return {name: (there[key], job) for name, key, job in named if key in there}

    def _zipped(self, files: dict[str, tuple[MediaInfo, Job]]) -> Iterator[bytes]:
        """Nothing is compressed: pictures, films and sounds are as small as they get."""
        sent = _ZipBuffer()
        with ZipFile(sent, "w") as archive:
            for name, (info, job) in files.items():
                with archive.open(ZipInfo(name, _time_of(job)), "w", force_zip64=True) as member:
                    for chunk in self._media.read(info.key, 0, info.size):
                        member.write(chunk)
                        yield sent.taken()
        yield sent.taken()


def _time_of(job: Job) -> tuple[int, int, int, int, int, int]:
    """When it was made, as near to it as a ZIP can say."""
    made = job.completed_at or job.created_at
    return min(max(made.timetuple()[:6], _ZIP_BEGINS), _ZIP_ENDS)


WriteJob = Callable[[str, str, Path], None]
"""Writes a job of a user to a file; raises JobNotFoundError."""


class WholeJobs:
    """The route of a job with its files, as a ZIP file that any studio imports; another user's counts as missing."""

    def __init__(self, write: WriteJob, work: Path) -> None:
        self._write = write
        self._work = work

    def get(self, request: Request, job_id: str, name: str = "job.zip") -> Response:
        """The ZIP file, called `name`."""
        user = user_of_page(request)
        if user is None:
            return not_found()
        self._work.mkdir(parents=True, exist_ok=True)
        folder = TemporaryDirectory(dir=self._work)
        target = Path(folder.name, "job.zip")
        try:
            self._write(user, job_id, target)
        except BaseException as error:
            folder.cleanup()
            if isinstance(error, JobNotFoundError):
                return not_found()
            if isinstance(error, StorageError):
                return PlainTextResponse(str(error), status_code=503)
            raise
        headers = {one: _HEADERS[one] for one in ("x-content-type-options", "cache-control")}
        done = BackgroundTask(folder.cleanup)
        return FileResponse(
            target, filename=name, media_type=_HEADERS["content-type"], headers=headers, background=done
        )


class _ZipBuffer:
    """A file that keeps what is written to it until it is taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes, /) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """What is left can be taken all the same."""

    def taken(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data
