"""What the page can ask of the studio; everything is asked in the name of a user and answered for that user alone."""

import logging
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast, get_args

from backends.base import Backend
from model_configs.registry import Registry
from model_configs.schema import MediaKind, ModelConfig, ModelConfigError, Seed, Text, ValuesError
from storage.database import log_damage, log_safe
from storage.drafts import DraftStore
from storage.errors import (
    DatabaseFaultError,
    InvalidCursorError,
    MediaRefusedError,
    MediaStoreError,
    StorageError,
    UnreadableJobError,
    WorkspaceNotFoundError,
)
from storage.jobs.store import DamagedJob, Job, JobPage, JobStore, NewJob
from storage.media.store import MediaInfo, MediaStore, check_kind
from storage.preferences import PreferenceStore
from storage.workspaces import Workspace, WorkspaceStore
from studio.deleted_workspaces import DeletedWorkspaces
from studio.errors import (
    InputMissingError,
    InvalidValuesError,
    JobDamagedError,
    JobNotFoundError,
    ModelNotFoundError,
    WildcardError,
)
from studio.inputs import drafts, restore
from studio.inputs import send_on as sending
from studio.inputs.cross_model import adapt
from studio.inputs.restore import RestorePlan, SeedMode, TextMode
from studio.inputs.reuse_event import ReuseJobInput
from studio.inputs.wildcards import Wildcards
from studio.jobs.readiness import missing, ready_backend

log = logging.getLogger(__name__)

SEEDS = 2**32
"""How many seeds a random one is drawn from: short enough to be read out, more than anyone tries."""


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file that a form hands in: where it lies, and what its user calls it."""

    path: Path
    name: str


class Engine(Protocol):
    """What runs jobs in the background; it is told ids only."""

    def enqueue(self, job_id: str) -> None: ...

    def cancel(self, job_id: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Recalled:
    """A user's drafts as plans, by model, and their files; those `waiting` have files that cannot be reached now."""

    plans: Mapping[str, RestorePlan]
    files: Mapping[str, MediaInfo]
    waiting: frozenset[str]


@dataclass(frozen=True, slots=True)
class StudioContext:
    """The studio behind the page: model configs, stores, backends and the engine that runs jobs."""

    registry: Registry
    jobs: JobStore
    workspaces: WorkspaceStore
    media: MediaStore
    drafts: DraftStore
    preferences: PreferenceStore
    backends: Mapping[str, Backend]
    engine: Engine
    wildcards: Wildcards
    trash_days: int
    """How long a deleted job can be put back."""
    deleted_workspaces: DeletedWorkspaces = field(default_factory=DeletedWorkspaces)

    def models(self) -> tuple[ModelConfig, ...]:
        """All models, first those that run here and now: set up, and without a file to bring along."""
        return tuple(sorted(self.registry.models.values(), key=self._effort))

    def _effort(self, config: ModelConfig) -> tuple[bool, bool]:
        needs_file = any(config.parameters[name].required for name in config.media())
        return missing(config, self.backends) is not None, needs_file

    def model(self, model_id: str) -> ModelConfig:
        """The config of that id; ModelNotFoundError when it is gone."""
        try:
            return self.registry.models[model_id]
        except KeyError:
            raise ModelNotFoundError(model_id) from None

    def model_name(self, made: Job | DamagedJob | ReuseJobInput) -> str:
        """What the model of a job is called, or was when the job was made."""
        config = self.registry.models.get(made.model_id or "")
        snapshot = {} if isinstance(made, DamagedJob) else made.config_snapshot or {}
        name = config.name if config else snapshot.get("name")
        return name if isinstance(name, str) else made.model_id or "Unknown model"

    def seed_mode(self, user_id: str) -> SeedMode:
        """Which seed a reuse brings unless it is said: the one that the job ran with, or a new one."""
        return "new" if self.preferences.get(user_id, "seed") == "new" else "exact"

    def workspace(self, user_id: str, workspace_id: str | None) -> Workspace:
        """The user's workspace of that id, or the user's first one."""
        own = self.workspaces.list(user_id)
        chosen = next((workspace for workspace in own if workspace.id == workspace_id), None)
        return chosen or self.workspaces.ensure_default(user_id)

    def last_workspace(self, user_id: str) -> Workspace:
        """The one that the user was in last."""
        return self.workspace(user_id, self.preferences.get(user_id, "workspace"))

    def remember_workspace(self, user_id: str, workspace_id: str) -> None:
        """Have the next page open with it; where that cannot be kept just now, with the one before."""
        try:
            self.preferences.set(user_id, "workspace", self.workspace(user_id, workspace_id).id)
        except DatabaseFaultError as error:
            log.warning("the workspace that %s is in is not kept: %s", log_safe(user_id), error)

    def delete_workspace(self, user_id: str, workspace_id: str) -> Workspace:
        """Delete an empty workspace that is not the only one; `put_back_workspace` undoes it."""
        deleted = self.workspaces.delete(user_id, workspace_id)
        self.deleted_workspaces.add(user_id, deleted)
        return deleted.workspace

    def put_back_workspace(self, user_id: str, workspace_id: str) -> Workspace:
        """Undo a deletion; raises WorkspaceError when the name is taken, or when it was too long ago."""
        deleted = self.deleted_workspaces.get(user_id, workspace_id)
        if deleted is None:  # the server was started anew since
            raise WorkspaceNotFoundError("This workspace cannot be put back any more: make it anew.")
        return self.workspaces.put_back(user_id, deleted)

    def check(self, user_id: str, model_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """The options that a job with these values stores: checked, its files taken into the media store.

        Raises BackendNotReadyError, or InvalidValuesError with a sentence for each field; a text that names a wildcard
        file which is not there is one. Good files are kept either way, so that correcting a number costs no second
        upload.
        """
        config = self.model(model_id)
        ready_backend(config, self.backends)
        stored, problems = dict(values), dict[str, str]()
        shown = config.visible({**config.defaults(), **values})
        for name, kind in config.media().items():
            try:
                stored[name] = self._keep(user_id, kind, values.get(name)) if name in shown else None
            except StorageError as error:
                problems[name] = f"{config.parameters[name].label}: {error}"
                stored[name] = None
        try:
            options = config.check(stored)
        except ValuesError as error:
            raise InvalidValuesError({**error.problems, **problems}) from error
        for name in _wildcard_texts(config, options):
            try:
                self.wildcards.check(options[name])
            except WildcardError as error:
                problems[name] = str(error)
        if problems:
            raise InvalidValuesError(problems)
        return options

    def submit(self, user_id: str, workspace_id: str | None, model_id: str, values: Mapping[str, Any]) -> Job:
        """Make a job of these values and hand it to the engine; raises what `check` raises, and then makes nothing."""
        options = self.check(user_id, model_id, values)
        config = self.model(model_id)
        media = config.media()
        inputs = {name: options[name] for name in media if options.get(name) is not None}
        first = {
            kind: next((key for name, key in inputs.items() if media[name] == kind), None) for kind in media.values()
        }
        seed = _resolved_seed(config, options)
        prompt = options.get("prompt")
        job = self.jobs.create(
            NewJob(
                user_id=user_id,
                workspace_id=self.workspace(user_id, workspace_id).id,
                type=config.type,
                model_id=config.id,
                model_version=config.version,
                prompt=prompt if isinstance(prompt, str) else None,
                options=options,
                image_input_path=first.get("image"),
                video_input_path=first.get("video"),
                audio_input_path=first.get("audio"),
                seed=seed,
                resolved={} if seed is None else self._resolved_texts(config, options, seed),
                config_snapshot=config.snapshot(),
                media=tuple(dict.fromkeys(inputs.values())),
                parent_job_id=self.jobs.maker(user_id, tuple(inputs.values())),
                endpoint_id=None,
            )
        )
        self.engine.enqueue(job.id)
        return job

    def _resolved_texts(self, config: ModelConfig, options: Mapping[str, Any], seed: int) -> dict[str, str]:
        """The texts that the model gets where they are not those that were entered."""
        resolved, problems = dict[str, str](), dict[str, str]()
        for name, longest in _wildcard_texts(config, options).items():
            try:
                resolved[name] = self.wildcards.resolve(options[name], seed, name, longest)
            except WildcardError as error:
                problems[name] = str(error)
        if problems:
            raise InvalidValuesError(problems)
        return {name: text for name, text in resolved.items() if text != options[name]}

    def problem(self, job: Job | DamagedJob) -> str:
        """What of a job's record cannot be right, in words; empty when nothing is known to be wrong."""
        config = self.registry.models.get(job.model_id or "")
        if isinstance(job, DamagedJob) or config is None or job.model_version <= config.version:
            return job.problem
        unknown = f"model_version is {job.model_version}, {config.name} has {config.version}"
        log_damage("job", job.id, unknown)
        return ", ".join(filter(None, (job.problem, unknown)))

    def damaged(self, user_id: str) -> tuple[str, ...]:
        """A sentence about each of the user's records that cannot be read and is no job."""
        stores = (self.workspaces, self.drafts, self.preferences)
        return tuple(sentence for store in stores for sentence in store.damaged(user_id))

    def page(self, user_id: str, workspace_id: str | None, cursor: str | None = None, **filters: Any) -> JobPage:
        """A page of jobs, with the filters of `JobStore.page`; a cursor that means nothing is the first page."""
        try:
            return self.jobs.page(user_id, workspace_id, cursor=cursor, **filters)
        except InvalidCursorError:
            return self.jobs.page(user_id, workspace_id, **filters)

    def cancel(self, user_id: str, job_id: str) -> None:
        """Stop a job that waits or runs; one that has ended stays as it is."""
        if self.jobs.request_cancel(user_id, job_id):
            self.engine.cancel(job_id)

    def cancel_all(self, user_id: str, workspace_id: str) -> None:
        """Stop everything that waits or runs in a workspace."""
        for job_id in self.jobs.request_cancel_all(user_id, workspace_id):
            self.engine.cancel(job_id)

    def reuse_job_input(self, user_id: str, job_id: str) -> ReuseJobInput:
        """The event that brings the job's inputs back; raises JobNotFoundError when the user has no such job.

        A record that cannot be read whole still gives what can: model and prompt, marked as incomplete.
        """
        try:
            found = self.jobs.get(user_id, job_id)
            event = _event(*found) if found else None
        except (UnreadableJobError, ValueError):
            log.error("job %s cannot be read, its model and prompt are reused", log_safe(job_id))
            return self._basic_reuse(user_id, job_id)
        if event is None:
            log.warning("reuse of job %s, which %s does not have", log_safe(job_id), user_id)
            raise JobNotFoundError(job_id)
        if event.incomplete:
            log.error("job %s has options that are not a JSON object, they are treated as empty", log_safe(job_id))
        texts = {value for value in event.options.values() if isinstance(value, str)}
        later = self.files(user_id, texts - event.files.keys())  # such as one that the job's archive did not have
        return event.model_copy(update={"files": event.files | later}) if later else event

    def _basic_reuse(self, user_id: str, job_id: str) -> ReuseJobInput:
        try:
            basics = self.jobs.basics(user_id, job_id)
        except UnreadableJobError as error:
            raise JobDamagedError from error
        if basics is None:
            raise JobNotFoundError(job_id)
        return ReuseJobInput(
            job_id=job_id,
            model_id=basics.model_id,
            type=_known_type(basics.type),
            prompt=basics.prompt,
            incomplete=True,
        )

    def target(self, event: ReuseJobInput, selected_model_id: str, model_id: str | None = None) -> ModelConfig:
        """The model that takes the event: `model_id` if one is asked for, else its own, else the selected one."""
        if model_id is not None:
            return self.model(model_id)
        return self.registry.models.get(event.model_id) or self.model(selected_model_id)

    def restore(
        self,
        event: ReuseJobInput,
        selected_model_id: str,
        seed: SeedMode = "exact",
        text: TextMode = "authored",
        model_id: str | None = None,
    ) -> tuple[RestorePlan, dict[str, MediaInfo]]:
        """What the form of the event's `target` shows for it, and its files."""
        config = self.target(event, selected_model_id, model_id)
        own = self.registry.models.get(event.model_id)
        fitting = adapt(event, own or _snapshot(event), config)
        if own is None:  # the report says that the model is gone
            fitting = fitting.model_copy(update={"model_id": event.model_id})
        files = self.media.there(event.files)
        plan = restore.plan(fitting, config, files, seed, text)
        if plan.report.lost:
            lost = " · ".join(line.detail for line in plan.report.lost)
            log.warning("reuse of job %s: %s", log_safe(event.job_id), log_safe(lost))
        return plan, files

    def send_on(
        self, user_id: str, job_id: str, model_id: str, name: str, *, shows: bool = False
    ) -> tuple[RestorePlan, dict[str, MediaInfo]]:
        """A plan that puts the job's result into one input of a model and leaves the others as they are.

        Unless it is said that the input `shows`, what must be chosen for that is in the plan.
        """
        job, config = self.jobs.look(user_id, job_id), self.model(model_id)
        if not isinstance(job, Job) or job.result_url is None:
            raise JobNotFoundError(job_id)
        files = self.files(user_id, {job.result_url})
        if job.result_url not in files:
            raise InputMissingError("the result")
        chosen = sending.choices_for(config, name) if name in config.media() else None
        if chosen is None:
            raise ModelNotFoundError(model_id)
        check_kind(files[job.result_url].kind, config.media()[name])
        if shows:
            chosen = {}
        values = {**chosen, name: job.result_url}
        plan = RestorePlan(
            job_id=job_id,
            model_id=model_id,
            type=config.type,
            visible=dict.fromkeys(values, True),
            values=values,
        )
        return plan, files

    def reset(self, model_id: str) -> RestorePlan:
        """The plan that puts every input of the model back to its default."""
        return drafts.plan(self.model(model_id), {}, {})

    def hold(
        self, user_id: str, config: ModelConfig, values: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """What a form holds, as JSON: files by their keys in the media store, `None` for one that it does not take.

        With it a sentence for each file that is not taken, for a job would not take it either.
        """
        held = {name: value for name, value in values.items() if name in config.parameters}
        refused = dict[str, str]()
        for name, kind in config.media().items():
            if name not in values:
                continue
            try:
                held[name] = self._keep(user_id, kind, values.get(name))
            except MediaRefusedError as error:
                log.info("the form of %s holds a file that is not kept: %s", config.id, error)
                held[name], refused[name] = None, f"{config.parameters[name].label}: {error}"
        return held, refused

    def keep_draft(self, user_id: str, model_id: str, held: Mapping[str, Any], *, part: bool = False) -> None:
        """Remember what the form, or a part of it, holds, as `hold` gives it; a form at its defaults needs no draft."""
        config = self.model(model_id)
        if part:
            held = {**self.drafts.all(user_id).get(model_id, {}), **held}
        if {**config.defaults(), **held} == config.defaults():
            self.drafts.delete(user_id, model_id)
        else:
            media = {held[name] for name in config.media() if held.get(name)}
            self.drafts.save(user_id, model_id, held, media)

    def recall_drafts(self, user_id: str) -> Recalled:
        """The forms as the user left them; only of models that are still there."""
        models = self.registry.models
        kept = {id_: held for id_, held in self.drafts.all(user_id).items() if id_ in models}
        keys = {id_: _keys_in(models[id_], held) for id_, held in kept.items()}
        waiting = set()
        try:
            files = self.files(user_id, set().union(*keys.values()))
        except MediaStoreError as error:
            log.warning("drafts with files wait: %s", error)
            files, waiting = {}, {id_ for id_ in kept if keys[id_]}
        plans = {id_: drafts.plan(models[id_], held, files) for id_, held in kept.items() if id_ not in waiting}
        return Recalled(plans, files, frozenset(waiting))

    def files(self, user_id: str, keys: Collection[str]) -> dict[str, MediaInfo]:
        """Those of the keys that are files the user may see."""
        return self.media.find_many(user_id, keys)

    def _keep(self, user_id: str, kind: MediaKind, given: GivenFile | None) -> str | None:
        """The key of the file in the media store; one that is there already is neither read nor copied."""
        if given is None:
            return None
        key = self.media.key_of(given.path)
        if key is None and self.media.uploaded(user_id, given.path):
            return self.media.put(user_id, given.path, given.name, kind=kind).key
        stored = self.media.find(user_id, key) if key else None
        if stored is None:
            raise MediaRefusedError("the file is not there any more, choose it again")
        if stored.kind != kind:
            raise MediaRefusedError(f"this is {stored.kind}, {kind} is needed")
        return stored.key


def _keys_in(config: ModelConfig, held: Mapping[str, Any]) -> set[str]:
    """What a draft holds as files."""
    today = drafts.held_today(config, held)
    return {value for name in config.media() if isinstance(value := today.get(name), str)}


def _resolved_seed(config: ModelConfig, options: Mapping[str, Any]) -> int | None:
    """The seed the job runs with: the one asked for, or a random one where a seed shows and is left open."""
    for name, parameter in config.parameters.items():
        if isinstance(parameter, Seed) and name in options:
            asked: int | None = options[name]
            return secrets.randbelow(min(SEEDS, parameter.maximum + 1)) if asked is None else asked
    return None


def _wildcard_texts(config: ModelConfig, options: Mapping[str, Any]) -> dict[str, int]:
    """The texts that wildcards are drawn in, and how long each may be; a model that has any always has a seed."""
    texts = {name: parameter for name, parameter in config.parameters.items() if isinstance(parameter, Text)}
    return {name: text.max_length for name, text in texts.items() if text.wildcards and name in options}


def _event(job: Job, files: dict[str, MediaInfo]) -> ReuseJobInput:
    """Raises ValueError where SQLite holds what its column should not, such as a text for a seed."""
    return ReuseJobInput(
        job_id=job.id,
        model_id=job.model_id,
        type=_known_type(job.type),
        prompt=job.prompt,
        options=job.options or {},
        image_input_path=job.image_input_path,
        video_input_path=job.video_input_path,
        audio_input_path=job.audio_input_path,
        files=files,
        seed=job.seed,
        resolved=job.resolved,
        config_snapshot=job.config_snapshot,
        incomplete=job.options is None,
    )


def _snapshot(event: ReuseJobInput) -> ModelConfig | None:
    """The model as it was when the job was made, for one that is gone."""
    try:
        return ModelConfig.model_validate(event.config_snapshot)
    except (ValueError, ModelConfigError, RecursionError):
        return None


def _known_type(text: str) -> MediaKind | None:
    return cast(MediaKind, text) if text in get_args(MediaKind) else None
