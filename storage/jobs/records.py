"""The frozen objects that the job store returns, and their texts as JSON."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote

from storage.errors import InvalidCursorError, StorageError
from storage.jobs.links import LinkKind, Source
from storage.jobs.sorting import Sort
from storage.tables import JobStatus

_DEEPEST = 50  # lists and objects in each other; a condition in a config snapshot has some ten


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
    endpoint_id: str | None = None
    resolved: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJob(_Inputs):
    """What a user asked for: `options` as entered, `seed` as resolved, `media` the keys of all inputs.

    `resolved` has, by parameter, the texts that the model gets where they are not those that were entered; `sources`
    are the jobs that it comes from.
    """

    options: dict[str, Any]
    config_snapshot: dict[str, Any]
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Output:
    """A file that a job made, by its media key, and the seed that it was made with where it has one of its own."""

    key: str
    seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(_Inputs):
    """A job as it was when it was read; `None` options or snapshot: what is stored is not a JSON object.

    `progress` is 0..1, and `progress_rate` in steps a second; `result_url` and `preview_path` are media keys. `outputs`
    are the files that it made, each once, the first being the result; `texts` are what the model gave besides, and
    `ran_with` versions and the like, by name; `cost` is in US dollars, and `rating` is 1 to 5. `file_names` has
    what its user calls the files of `media`, by their keys. A job has no workspace when that was deleted while the job
    lay in the bin. `problem` says what of its texts means nothing.
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
    progress_step: int | None = None
    progress_of: int | None = None
    progress_rate: float | None = None
    error_fields: dict[str, Any] | None = None
    error_detail: str | None = None
    texts: dict[str, Any] | None = None
    ran_with: dict[str, Any] | None = None
    spent_seconds: float | None = None
    outputs: tuple[Output, ...] = ()
    rating: int | None = None
    labels: tuple[str, ...] = ()
    file_names: dict[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class DamagedJob:
    """A job whose row cannot be read: what is wrong, and what may be read all the same.

    An id that is damaged itself is spelled out, and finds no job.
    """

    id: str
    problem: str
    model_id: str | None
    type: str | None
    prompt: str | None


@dataclass(frozen=True, slots=True)
class Link:
    """How a job belongs together with another; `parameter` is the input that took what the parent made, else empty."""

    job: Job | DamagedJob
    kind: LinkKind
    parameter: str


@dataclass(frozen=True, slots=True)
class Lineage:
    """The jobs that a job came from, and those that came from it: the newest of each, and how many there are."""

    sources: tuple[Link, ...]
    source_count: int
    uses: tuple[Link, ...]
    use_count: int


@dataclass(frozen=True, slots=True)
class JobBasics:
    """The little of a damaged job that a form can still be filled from."""

    id: str
    model_id: str
    prompt: str | None
    type: str


@dataclass(frozen=True, slots=True)
class JobPage:
    """Some jobs, in the order that was asked for.

    `next` is the cursor of the page after, and `previous` of that before, with `newer`. `total` counts what all
    pages hold when it is `exact`; else there are more than that.
    """

    jobs: tuple[Job | DamagedJob, ...]
    next: str | None
    previous: str | None
    total: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Queue:
    """The first of the jobs that run or wait, and how many do in all."""

    jobs: tuple[Job, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after the job at this time, or the newest, and after so many jobs whose place is damaged.

    `key` is that job's where the list is sorted by something else before the time.
    """

    after: tuple[datetime, str] | None = None
    skip: int = 0
    key: int | str | None = None


START = Place()
"""The place of the first page."""


def to_json(what: str, value: Mapping[str, Any], refusal: type[StorageError]) -> str:
    """Raises `refusal` for what JSON cannot say, `what` being the subject of its message."""
    try:
        return json.dumps(dict(value), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise refusal(f"{what} cannot be kept as JSON: {error}.") from error


def from_json(text: str | None) -> dict[str, Any] | None:
    """`None` for anything but an object, and for one nested so deep that a recursive function would fail."""
    try:
        value = json.loads(text or "", parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and _is_shallow(value) else None


@lru_cache(maxsize=16)
def snapshot_from_json(text: str | None) -> dict[str, Any] | None:
    """The same for a model config, which stands in every job of its model: they all get one, to be read only."""
    return from_json(text)


def _refuse(constant: str) -> None:
    raise ValueError(f"JSON has no {constant}")


def _is_shallow(value: Any) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return True
    return False


def texts_from_json(text: str | None) -> dict[str, str] | None:
    """`None` when what is stored is not an object of texts."""
    value = from_json(text)
    return value if value is not None and all(isinstance(each, str) for each in value.values()) else None


def outputs_from_json(text: str) -> tuple[Output, ...] | None:
    """`None` when what is stored is no list of files."""
    found = from_json(text)
    outputs = found.get("outputs") if found else None
    if not isinstance(outputs, list) or not all(map(_is_output, outputs)):
        return None
    return tuple(Output(one["key"], one["seed"]) for one in outputs)


def _is_output(value: Any) -> bool:
    if not isinstance(value, dict) or value.keys() != {"key", "seed"} or not isinstance(value["key"], str):
        return False
    return value["seed"] is None or type(value["seed"]) is int


def to_cursor(place: Place, sort: Sort = "time") -> str:
    """The cursor says what its list is sorted by: it means nothing to another one."""
    key = () if sort == "time" else (sort, quote(str(place.key)))
    after = () if place.after is None else (place.after[0].isoformat(), place.after[1])
    return urlsafe_b64encode(" ".join((*key, str(place.skip), *after)).encode()).decode()


def from_cursor(cursor: str, sort: Sort = "time") -> Place:
    """The place that a cursor names; raises InvalidCursorError for one of another list, or of none."""
    try:
        text, key = urlsafe_b64decode(cursor).decode(), None
        if sort != "time":
            by, written, text = text.split(" ", 2)
            key = _key(by, written, sort)
        skip, *after = text.split(" ", 2)
        if not after:
            return Place(None, _skipped(skip))
        time, job_id = after
        return Place((datetime.fromisoformat(time).astimezone(UTC), job_id), _skipped(skip), key)
    except (ValueError, OverflowError) as error:
        raise InvalidCursorError(f"{cursor[:80]!r} is not the cursor of a page of jobs.") from error


def _key(by: str, written: str, sort: Sort) -> int | str | None:
    if by != sort:
        raise ValueError(f"sorted by {by}")
    if sort == "model":
        return unquote(written)
    key = None if written == "None" else int(written)
    if key is not None and not -(2**63) < key < 2**63:
        raise ValueError(f"no key: {key}")
    return key


def _skipped(text: str) -> int:
    skip = int(text)
    if not 0 <= skip < 2**31:
        raise ValueError(f"not a number of jobs: {skip}")
    return skip
