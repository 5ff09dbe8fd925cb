"""What leaves the job store, frozen; and how its texts are written and read."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from storage.errors import InvalidCursorError, StorageError
from storage.tables import JobStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inputs:
    user_id: str
    workspace_id: str | None
    type: str
    model_id: str
    model_version: int
    prompt: str | None = None
    image_input_path: str | None = None
    video_input_path: str | None = None
    audio_input_path: str | None = None
    seed: int | None = None
    media: tuple[str, ...] = ()
    parent_job_id: str | None = None
    endpoint_id: str | None = None
    resolved: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob(_Inputs):
    """What a user asked for: `options` as entered, `seed` as resolved, `media` the keys of all inputs.

    `resolved` has, by parameter, the texts that the model gets where they are not those that were entered.
    """

    options: dict[str, Any]
    config_snapshot: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(_Inputs):
    """A job as it was when it was read; `None` options or snapshot: what is stored is not a JSON object.

    `progress` is 0..1; `result_url` and `preview_path` are media keys. A job has no workspace when that was
    deleted while the job lay in the bin.
    """

    id: str
    status: JobStatus
    options: dict[str, Any] | None
    config_snapshot: dict[str, Any] | None
    progress: float | None
    progress_text: str | None
    result_url: str | None
    preview_path: str | None
    error: str | None
    cost: float | None
    backend_job_id: str | None
    favourite: bool
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class JobBasics:
    id: str
    model_id: str
    prompt: str | None
    type: str


@dataclass(frozen=True, slots=True)
class JobPage:
    """Some jobs, newest first; `next` is the cursor of the page after.

    `total` counts what all pages hold when it is `exact`; else there are more than that.
    """

    jobs: tuple[Job, ...]
    next: str | None
    total: int
    exact: bool = True


def to_json(what: str, value: Mapping[str, Any], refusal: type[StorageError]) -> str:
    """Raises `refusal` for what JSON cannot say, `what` being the subject of its message."""
    try:
        return json.dumps(dict(value), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise refusal(f"{what} cannot be kept as JSON: {error}.") from error


def from_json(text: str | None) -> dict[str, Any] | None:
    try:
        value = json.loads(text or "")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def texts_from_json(text: str | None) -> dict[str, str]:
    """Empty when what is stored is not an object of texts."""
    value = from_json(text) or {}
    return value if all(isinstance(each, str) for each in value.values()) else {}


def to_cursor(created_at: datetime, job_id: str) -> str:
    return urlsafe_b64encode(f"{created_at.isoformat()} {job_id}".encode()).decode()


def from_cursor(cursor: str) -> tuple[datetime, str]:
    try:
        time, job_id = urlsafe_b64decode(cursor).decode().split(" ")
        return datetime.fromisoformat(time).astimezone(UTC), job_id
    except (ValueError, OverflowError) as error:
        raise InvalidCursorError(f"{cursor[:80]!r} is not the cursor of a page of jobs.") from error
