"""What the drawn components show: stored objects as JSON. Every text in it is untrusted and drawn as text."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from components.addresses import media_url, preview_url
from components.library import job_facts
from components.library.filters import Filters
from model_configs.schema import Audio, Choice, Choices, Image, ModelConfig, ModelConfigError, Parameter, Video
from storage.jobs.store import DamagedJob, Job, JobPage, Queue
from storage.media.blobs import is_key
from storage.media.store import MediaInfo
from storage.tables import storable
from storage.workspaces import Workspace
from studio.context import StudioContext
from studio.inputs.diff import Difference
from studio.inputs.restore import RestorePlan
from studio.inputs.send_on import targets

Previews = Mapping[str, datetime]
"""Of which jobs there is a picture in the making, and since when."""

NO_PREVIEWS: Previews = MappingProxyType({})
_SHOWN = 5000  # characters
_HIDDEN = {"kind": "text", "text": "Not shown", "url": None}


class Views:
    """Draws for one studio; `root` is the path under which a proxy publishes it."""

    def __init__(self, context: StudioContext, root: str = "") -> None:
        self._context = context
        self._root = root.rstrip("/")

    def url(self, key: str) -> str:
        """Where the page finds the media object."""
        return self._root + media_url(key)

    def gallery(
        self,
        workspace: Workspace,
        page: JobPage,
        cursor: str | None,
        filters: Filters,
        previews: Previews = NO_PREVIEWS,
    ) -> dict[str, Any]:
        """One page of a workspace's jobs, or of those that the filters ask for."""
        return {
            "workspace": {"id": workspace.id, "name": workspace.name},
            "cards": [{**self.card(job, previews), "deleted": filters.trashed} for job in page.jobs],
            "cursor": cursor,
            "next": page.next,
            "total": page.total,
            "exact": page.exact,
            "filters": {
                "asked": filters.asked,
                "active": filters.active,
                "search": filters.search,
                "chosen": replace(filters, search="").active,
                "trashed": filters.trashed,
                "narrowed": filters.wanted().keys() > {"trashed"},
            },
            "trash_days": self._context.trash_days,
        }

    def stage(
        self, job: Job | None, workspace: Workspace, queue: Queue, previews: Previews = NO_PREVIEWS
    ) -> dict[str, Any]:
        """The job in hand and what else waits or runs in the workspace: the first, and how many more."""
        others = [one for one in queue.jobs if job is None or one.id != job.id]
        in_hand = job is not None and job.completed_at is None and job.workspace_id == workspace.id
        card = job and self.card(job, previews)
        kind = card["result"]["kind"] if card and card["result"] else None
        return {
            "job": card,
            "queue": [self.card(one, previews) for one in others],
            "more": max(0, queue.total - len(others) - in_hand),
            "workspace": workspace.id,
            "targets": [asdict(target) for target in targets(self._context.models(), kind)] if kind else [],
        }

    def card(self, job: Job | DamagedJob, previews: Previews = NO_PREVIEWS) -> dict[str, Any]:
        """What a card shows of a job, and what it says of one that is damaged."""
        if isinstance(job, DamagedJob):
            return self._damaged(job)
        result = job.result_url if is_key(job.result_url or "") else None
        card = {
            "id": job.id,
            "status": job.status,
            "progress": job.progress,
            "progress_text": job.progress_text,
            "steps": job_facts.steps(job),
            "left": job_facts.left(job),
            "making": self._making(job, previews),
            "type": job.type,
            "model_id": job.model_id,
            "model_name": self._context.model_name(job),
            "prompt": _short(job.prompt),
            "drawn": job.resolved.get("prompt"),
            "texts_drawn": bool(job.resolved),
            "media": bool(job.media),
            "seed": job.seed,
            "created_at": job.created_at.isoformat(),
            "favourite": job.favourite,
            "preview": result and f"{self.url(result)}?preview",
            "result": result and self._result(job, result),
            "error": " ".join(filter(None, (_damage(self._context.problem(job)), _short(job.error)))) or None,
        }
        return sendable(card)

    def _damaged(self, job: DamagedJob) -> dict[str, Any]:
        said = f"{_damage(job.problem)} Reuse brings back what can be read."
        nothing = (
            "progress",
            "progress_text",
            "steps",
            "left",
            "making",
            "drawn",
            "seed",
            "created_at",
            "preview",
            "result",
        )
        return {
            **dict.fromkeys(nothing),
            "id": job.id,
            "status": "damaged",
            "type": job.type,
            "model_id": job.model_id,
            "model_name": self._context.model_name(job),
            "prompt": _short(job.prompt),
            "texts_drawn": False,
            "media": False,
            "favourite": False,
            "error": said,
        }

    def details(self, job: Job | DamagedJob, files: Mapping[str, MediaInfo]) -> dict[str, Any]:
        """Everything about a job; `files` are those of its media that exist."""
        if isinstance(job, DamagedJob):
            return self._damaged(job)
        result = files.get(job.result_url or "")
        took = job.completed_at - job.started_at if job.completed_at and job.started_at else None
        details = {
            **self.card(job),
            "prompt": job.prompt,
            "inputs": self._inputs(job, files),
            "finished_at": job.completed_at and job.completed_at.isoformat(),
            "deleted_at": job.deleted_at and job.deleted_at.isoformat(),
            "duration_s": took and took.total_seconds(),
            "about": result and {name: getattr(result, name) for name in ("width", "height", "duration", "size")},
            "ran": [{"label": name, "text": text} for name, text in job_facts.ran(job)],
            "wrong": list(job_facts.wrong_fields(job, self._labels(job))),
            "log": job.error_detail,
        }
        return sendable(details)

    def values(self, plan: RestorePlan, config: ModelConfig, files: Mapping[str, MediaInfo]) -> dict[str, Any]:
        """The values of a plan as the fields take them: files in place of their keys."""
        media = config.media()
        return {
            name: self.file_value(files[value]) if name in media and value is not None else value
            for name, value in plan.values.items()
        }

    def rows(
        self, config: ModelConfig, differences: Iterable[Difference], files: Mapping[str, MediaInfo]
    ) -> list[dict[str, Any]]:
        """The table of what a form holds now and what a job had."""
        return [
            {
                "name": one.name,
                "label": one.label,
                "differs": one.differs,
                "parents": one.parents,
                "now": self._shown(config.parameters[one.name], one.now, files) if one.shows_now else _HIDDEN,
                "then": self._shown(config.parameters[one.name], one.then, files) if one.shows_then else _HIDDEN,
            }
            for one in differences
        ]

    def _shown(self, parameter: Parameter, value: Any, files: Mapping[str, MediaInfo]) -> dict[str, Any]:
        file = files.get(value) if isinstance(value, str) else None
        if isinstance(parameter, Image | Video | Audio):
            return {"kind": parameter.kind, "text": _file_text(value, file), "url": file and self.url(file.key)}
        return {"kind": parameter.kind, "text": _text(value, parameter), "url": None}

    def file_value(self, info: MediaInfo) -> dict[str, Any]:
        """The value of a media field: the stored file itself, under the name its user gave it."""
        return {
            "path": str(self._context.media.local_path(info.key)),
            "url": self.url(info.key),
            "orig_name": info.name,
            "size": info.size,
            "mime_type": info.mime,
            "meta": {"_type": "gradio.FileData"},
        }

    def _result(self, job: Job, key: str) -> dict[str, Any]:
        extension = key.rpartition(".")[2]
        return {"url": self.url(key), "kind": kind_of(extension), "name": f"{job.model_id}-{job.id[:8]}.{extension}"}

    def _making(self, job: Job, previews: Previews) -> str | None:
        """Where the page finds the picture in the making; another address for each, or it would show the first."""
        at = previews.get(job.id)
        return None if at is None else f"{self._root}{preview_url(job.id)}?at={at.timestamp():.3f}"

    def _config(self, job: Job) -> ModelConfig | None:
        return _config_of(job) or self._context.registry.models.get(job.model_id)

    def _labels(self, job: Job) -> dict[str, str]:
        config = self._config(job) if job.error_fields else None
        return {name: parameter.label for name, parameter in config.parameters.items()} if config else {}

    def _inputs(self, job: Job, files: Mapping[str, MediaInfo]) -> list[dict[str, Any]]:
        config = self._config(job)
        return [
            self._input(name, value, config.parameters.get(name) if config else None, files)
            | {"drawn": job.resolved.get(name)}
            for name, value in (job.options or {}).items()
        ]

    def _input(
        self, name: str, value: Any, parameter: Parameter | None, files: Mapping[str, MediaInfo]
    ) -> dict[str, Any]:
        file = files.get(value) if isinstance(value, str) else None
        is_file = isinstance(parameter, Image | Video | Audio)
        return {
            "name": name,
            "label": parameter.label if parameter else name,
            "kind": parameter.kind if parameter else "text",
            "text": _file_text(value, file) if is_file else _text(value, parameter),
            "url": self.url(file.key) if is_file and file else None,
            "hidden": False,
        }


def sendable(value: Mapping[str, Any]) -> dict[str, Any]:
    """The same, with what Gradio cannot send, or a browser not read, as something near to it."""
    return {storable(name): _sendable(inner) for name, inner in value.items()}


def _sendable(value: Any) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return sendable(value)
    if isinstance(value, list | tuple):
        return [_sendable(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, int) and abs(value) >= 2**63:
        return str(value)
    return value


def _damage(problem: str) -> str:
    return problem and f"This job's record is damaged: {problem}."


def _short(text: str | None) -> str | None:
    """As much of a text as a card may have to show; nothing of one that cannot be seen."""
    if text is None or not text.strip():
        return None
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _file_text(value: Any, file: MediaInfo | None) -> str:
    if value is None:
        return "—"
    return file.name if file else "The file is missing"


def _text(value: Any, parameter: Parameter | None) -> str:
    """A value as people read it: a choice by its label, a switch as on or off."""
    if isinstance(value, list):
        return ", ".join(_text(one, parameter) for one in value) or "—"
    if value is None:
        return "—"
    if isinstance(parameter, Choice | Choices):
        return next((option.label for option in parameter.choices if option.value == value), str(value))
    if isinstance(value, dict):
        return " · ".join(str(part) for part in value.values())
    if isinstance(value, bool):
        return "On" if value else "Off"
    return str(value)


def _config_of(job: Job) -> ModelConfig | None:
    """The model as it was when the job was made."""
    try:
        return ModelConfig.model_validate(job.config_snapshot)
    except (ValueError, ModelConfigError, RecursionError):
        return None


def kind_of(extension: str) -> str:
    """What a stored file of this extension is; the store names files by what they were decoded as."""
    if extension in ("mp4", "webm", "mov", "mkv"):
        return "video"
    return "audio" if extension in ("wav", "flac", "mp3", "ogg", "opus", "m4a") else "image"
