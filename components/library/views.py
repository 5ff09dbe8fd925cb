"""What the JS components show: stored objects as JSON. Every text in it is untrusted and shown as text."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, cast, get_args

from components.addresses import choice_url, media_url, output_name, preview_url
from components.api_types import File, Listed, ListedChoice
from components.library import job_facts
from components.library.filters import Filters
from components.library.near import Found, Near
from components.whole_numbers import to_page
from media_kinds import MediaKind
from model_configs.kinds import Images, Mask
from model_configs.schema import (
    Audio,
    Choice,
    Choices,
    Image,
    ModelConfig,
    Parameter,
    Video,
    files_in,
)
from storage.jobs.activity import Activity
from storage.jobs.store import DamagedJob, Job, Lineage, Link, LinkKind, Queue
from storage.media.blobs import is_key
from storage.media.formats import kind_of
from storage.media.store import MediaInfo
from storage.tables import storable
from storage.workspaces import Workspace
from studio import choice_lists
from studio.context import StudioContext
from studio.inputs.diff import Difference
from studio.inputs.restore import RestorePlan
from studio.inputs.send_on import targets
from studio.jobs.outlook import Outlook

Previews = Mapping[str, datetime]
"""The jobs that have a live preview, each with the time of that."""

NO_PREVIEWS: Previews = MappingProxyType({})
NO_LINEAGE = Lineage((), 0, (), 0)
_HOW = {
    LinkKind.REUSE: "Inputs reused",
    LinkKind.SWEEP: "Of one sweep",
    LinkKind.RETRY: "Tried again",
    LinkKind.IMPORT: "Read from its file",
}
_SHOWN = 5000  # characters
_HIDDEN: Mapping[str, Any] = {"kind": "text", "text": "Not shown", "url": None, "urls": []}


class Views:
    """Draws for one studio; `root` is the path under which a proxy publishes it."""

    def __init__(self, context: StudioContext, root: str = "") -> None:
        self._context = context
        self._root = root.rstrip("/")

    def url(self, key: str) -> str:
        """Where the page finds the media object."""
        return self._root + media_url(key)

    def choices(self, model_id: str, name: str, listed: choice_lists.Listed) -> Listed:
        """The choices of a parameter, with the addresses of their pictures."""
        choices: list[ListedChoice] = [
            {
                "value": choice,
                "label": choice,
                "picture": self._root + choice_url(model_id, name, choice) if choice in listed.pictured else None,
            }
            for choice in listed.choices
        ]
        return cast(Listed, sendable({"choices": choices, "hint": listed.hint}))

    def gallery(
        self,
        workspace: Workspace,
        found: Found,
        near: Near | None,
        filters: Filters,
    ) -> dict[str, Any]:
        """Those of a workspace's jobs that are near the user's screen, or of those that the filters ask for.

        How far those are that wait or run is not in it: `moves` says that. Without `near` the gallery begins again with
        them.
        """
        return {
            "workspace": {"id": workspace.id, "name": workspace.name},
            "cards": [self._still(job) for job in found.page.jobs],
            "near": near and near.told(),
            "next": found.page.next,
            "previous": found.page.previous,
            "total": found.first.total,
            "exact": found.first.exact,
            "filters": {
                "asked": filters.asked,
                "active": filters.active,
                "search": filters.search,
                "notes": list(self._context.query(filters.search).notes),
                "chosen": replace(filters, search="").active,
                "trashed": filters.trashed,
                "sort": filters.sort,
                "narrowed": filters.narrowing().keys() > {"trashed"},
            },
            "trash_days": self._context.trash_days,
        }

    def stage(
        self, job: Job | None, workspace: Workspace, queue: Queue, paused: bool, last: Job | DamagedJob | None = None
    ) -> dict[str, Any]:
        """The job to follow, the one that has finished `last`, and what waits or runs in the workspace: the first, and
        how many more. How far they are is not in it: `moves` says that.
        """
        models = self._context.models()
        return {
            "job": job and self._still(job),
            "last": last and self._still(last),
            "queue": [self._still(one) for one in queue.jobs],
            "paused": paused,
            "more": max(0, queue.total - len(queue.jobs)),
            "workspace": workspace.id,
            "targets": [
                {**asdict(target), "kind": kind} for kind in get_args(MediaKind) for target in targets(models, kind)
            ],
        }

    def moves(self, job: Job, previews: Previews, outlook: Outlook) -> dict[str, Any]:
        """What changes by itself of a job that waits or runs: how far it is, its picture, and when it will be done."""
        places, place = outlook.places.values(), outlook.places.get(job.id)
        ends = {"first": place is not None and place == min(places), "last": place is not None and place == max(places)}
        return sendable({**self._progress(job, previews), "turn": job_facts.turn(job, outlook), **ends})

    def activity(self, activity: Activity) -> dict[str, Any]:
        """What the user's jobs do in all workspaces, for whoever looks at something else."""
        ended = [{"id": one.job_id, "status": one.status, "at": one.at.isoformat()} for one in activity.ended]
        return {**asdict(activity), "ended": ended}

    def card(self, job: Job | DamagedJob, previews: Previews = NO_PREVIEWS) -> dict[str, Any]:
        """What a card shows of a job, and what it says of one that is damaged."""
        still = self._still(job)
        return still if isinstance(job, DamagedJob) else {**still, **sendable(self._progress(job, previews))}

    def _progress(self, job: Job, previews: Previews) -> dict[str, Any]:
        return {
            "progress": job.progress,
            "progress_text": job.progress_text,
            "steps": job_facts.steps(job),
            "left": job_facts.left(job),
            "making": self._making(job, previews),
        }

    def _still(self, job: Job | DamagedJob) -> dict[str, Any]:
        """A card without what changes by itself."""
        if isinstance(job, DamagedJob):
            return self._damaged(job)
        title = self._context.title(job)
        outputs = [self._output(job, place, title) for place, one in enumerate(job.outputs) if is_key(one.key)]
        result = outputs[0] if outputs else None
        card = {
            "id": job.id,
            "workspace_id": job.workspace_id,
            "status": job.status,
            "type": job.type,
            "model_id": job.model_id,
            "model_name": self._context.model_name(job),
            "title": title,
            "prompt": _short(job.prompt),
            "resolved": job.resolved.get("prompt"),
            "has_resolved_texts": bool(job.resolved),
            "media": bool(job.media),
            "seed": job.seed,
            "created_at": job.created_at.isoformat(),
            "deleted": job.deleted_at is not None,
            "favourite": job.favourite,
            "rating": job.rating,
            "labels": list(job.labels),
            "preview": result and result["preview"],
            "result": result,
            "outputs": outputs,
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
            "resolved",
            "seed",
            "rating",
            "created_at",
            "workspace_id",
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
            "title": self._context.title(job),
            "prompt": _short(job.prompt),
            "has_resolved_texts": False,
            "labels": [],
            "outputs": [],
            "media": False,
            "favourite": False,
            "deleted": False,
            "error": said,
        }

    def details(
        self, job: Job | DamagedJob, files: Mapping[str, MediaInfo], lineage: Lineage = NO_LINEAGE
    ) -> dict[str, Any]:
        """Everything about a job; `files` are those of its media that exist, `lineage` has the jobs around it."""
        if isinstance(job, DamagedJob):
            unknown = dict.fromkeys(("finished_at", "deleted_at", "duration_s", "log"))
            return {**self._damaged(job), **unknown, "inputs": [], **self._lineage(NO_LINEAGE)}
        took = job.completed_at - job.started_at if job.completed_at and job.started_at else None
        card = self.card(job)
        details = {
            **card,
            "outputs": [{**one, "about": _about(files.get(job.outputs[one["place"]].key))} for one in card["outputs"]],
            "prompt": job.prompt,
            "inputs": self._inputs(job, files),
            "finished_at": job.completed_at and job.completed_at.isoformat(),
            "deleted_at": job.deleted_at and job.deleted_at.isoformat(),
            "duration_s": took and took.total_seconds(),
            "ran": [{"label": name, "text": text} for name, text in job_facts.ran(job)],
            "wrong": list(job_facts.wrong_fields(job, self._labels(job))),
            "log": job.error_detail,
            **self._lineage(lineage, job),
        }
        return sendable(details)

    def _lineage(self, lineage: Lineage, job: Job | None = None) -> dict[str, Any]:
        return {
            "sources": self._linked(lineage.sources, job),
            "source_count": lineage.source_count,
            "uses": self._linked(lineage.uses),
            "use_count": lineage.use_count,
        }

    def _linked(self, links: Iterable[Link], child: Job | None = None) -> list[dict[str, Any]]:
        """Other jobs, each once, and how they belong to this one: the child of all links, unless each of them is."""
        linked: dict[str, dict[str, Any]] = {}
        for link in links:
            card = self.card(link.job)
            names = ("id", "status", "type", "model_name", "title", "prompt", "preview", "deleted")
            one = linked.setdefault(link.job.id, {**{name: card[name] for name in names}, "how": []})
            one["how"].append(self._how(link, child or link.job))
        return list(linked.values())

    def _how(self, link: Link, child: Job | DamagedJob) -> str:
        if link.kind is not LinkKind.INPUT:
            return _HOW[link.kind]
        config = self._config(child) if isinstance(child, Job) else None
        parameter = config.parameters.get(link.parameter) if config else None
        return f"Result as {parameter.label if parameter else link.parameter}"

    def values(self, plan: RestorePlan, config: ModelConfig, files: Mapping[str, MediaInfo]) -> dict[str, Any]:
        """The values of a plan as endpoints answer them: files in place of their keys."""
        media = config.media()
        return {
            name: self._files_value(value, files) if name in media else value for name, value in plan.values.items()
        }

    def _files_value(self, value: Any, files: Mapping[str, MediaInfo]) -> Any:
        if isinstance(value, list):
            return [self.file(files[key]) for key in value]
        return None if value is None else self.file(files[value])

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
                "why_not": one.why_not,
                "now": self._shown(config.parameters[one.name], one.now, files) if one.shows_now else _HIDDEN,
                "then": self._shown(config.parameters[one.name], one.then, files) if one.shows_then else _HIDDEN,
            }
            for one in differences
        ]

    def _shown(self, parameter: Parameter | None, value: Any, files: Mapping[str, MediaInfo]) -> dict[str, Any]:
        shown: dict[str, Any] = {"kind": parameter.kind if parameter else "text", "url": None, "urls": []}
        if isinstance(parameter, Image | Video | Audio | Mask):
            file = files.get(value) if isinstance(value, str) else None
            return shown | {"text": _file_text(value, file), "url": file and self.url(file.key)}
        if isinstance(parameter, Images):
            return shown | {"text": _file_texts(value, files), "urls": self._urls(value, files)}
        return shown | {"text": _text(value, parameter)}

    def _urls(self, value: Any, files: Mapping[str, MediaInfo]) -> list[str]:
        return [self.url(key) for key in files_in(value) if key in files]

    def file(self, info: MediaInfo) -> File:
        """A stored file, under the name its user gave it."""
        url = self.url(info.key)
        return {"file": info.key, "name": info.name, "url": url, "size": info.size, "mime_type": info.mime}

    def _output(self, job: Job, place: int, title: str) -> dict[str, Any]:
        key, seed = job.outputs[place].key, job.outputs[place].seed
        return {
            "place": place,
            "url": self.url(key),
            "preview": f"{self.url(key)}?preview",
            "kind": kind_of(key),
            "name": output_name(job, place, title),
            "seed": seed,
        }

    def _making(self, job: Job, previews: Previews) -> str | None:
        """Where the page finds the live preview; another address for each, or it would show the first."""
        at = previews.get(job.id)
        return None if at is None else f"{self._root}{preview_url(job.id)}?at={at.timestamp():.3f}"

    def _config(self, job: Job) -> ModelConfig | None:
        return ModelConfig.of_snapshot(job.config_snapshot) or self._context.find_model(job.model_id)

    def _labels(self, job: Job) -> dict[str, str]:
        config = self._config(job) if job.error_fields else None
        return {name: parameter.label for name, parameter in config.parameters.items()} if config else {}

    def _inputs(self, job: Job, files: Mapping[str, MediaInfo]) -> list[dict[str, Any]]:
        config = self._config(job)
        return [
            self._input(name, value, config.parameters.get(name) if config else None, files)
            | {"resolved": job.resolved.get(name)}
            for name, value in (job.options or {}).items()
        ]

    def _input(
        self, name: str, value: Any, parameter: Parameter | None, files: Mapping[str, MediaInfo]
    ) -> dict[str, Any]:
        label = parameter.label if parameter else name
        return {"name": name, "label": label, **self._shown(parameter, value, files), "hidden": False}


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
    if isinstance(value, int) and not isinstance(value, bool):
        return to_page(value)
    return value


def _about(file: MediaInfo | None) -> dict[str, Any] | None:
    return None if file is None else {name: getattr(file, name) for name in ("width", "height", "duration", "size")}


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


def _file_texts(value: Any, files: Mapping[str, MediaInfo]) -> str:
    return ", ".join(_file_text(key, files.get(key)) for key in files_in(value)) or "—"


def _text(value: Any, parameter: Parameter | None) -> str:
    """A value as people read it: a choice by its label, a switch as on or off."""
    if isinstance(value, list):
        return ", ".join(_text(one, parameter) for one in value) or "—"
    if value is None:
        return "—"
    if isinstance(parameter, Choice | Choices):
        return next((option.label for option in parameter.choices if option.value == value), str(value))
    if isinstance(value, dict) and value.keys() == {"width", "height"}:
        return f"{value['width']} × {value['height']}"
    if isinstance(value, dict):
        return " · ".join(str(part) for part in value.values())
    if isinstance(value, bool):
        return "On" if value else "Off"
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)
