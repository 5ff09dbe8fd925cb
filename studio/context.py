"""The studio's use cases, called by page and endpoints: each takes a user, and touches that user's own alone."""

import logging
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, cast, get_args

from backends.base import Backend
from media_kinds import MediaKind
from model_configs.kinds import Mask, Size
from model_configs.registry import BrokenConfig, Registry
from model_configs.schema import ModelConfig, Seed, Text, ValuesError, files_in
from storage.archive.jobs import JobArchives
from storage.damage import log_damage
from storage.database import log_safe
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
from storage.jobs.activity import Activity
from storage.jobs.labels import Label
from storage.jobs.loaded import Loaded
from storage.jobs.query import Query, parse
from storage.jobs.queue import Move, QueueStore
from storage.jobs.store import DamagedJob, Job, JobPage, JobStore, Lineage, LinkKind, NewJob, Queue, Source
from storage.media.store import MediaInfo, MediaStore, check_kind
from storage.preferences import PreferenceStore
from storage.presets import PresetStore
from storage.tables import JobStatus, now
from storage.workspaces import Workspace, WorkspaceStore
from studio.choice_lists import ChoiceLists, Listed
from studio.deleted_workspaces import DeletedWorkspaces
from studio.errors import (
    CannotRunAgainError,
    InputMissingError,
    InvalidValuesError,
    JobDamagedError,
    JobKeptError,
    JobNotFoundError,
    ModelNotFoundError,
    UnloadError,
    WildcardError,
)
from studio.inputs import drafts, from_file, imported, restore, send_on
from studio.inputs.cross_model import adapt
from studio.inputs.notation import Notation, in_notation
from studio.inputs.restore import RestorePlan, SeedMode, TextMode
from studio.inputs.reuse_event import ReuseJobInput
from studio.inputs.title import title
from studio.inputs.wildcards import Wildcards
from studio.jobs.lanes import Lanes
from studio.jobs.outlook import Outlook, outlook
from studio.jobs.readiness import missing, ready_backend

log = logging.getLogger(__name__)

SEEDS = 2**32
"""How many seeds a random one is chosen from: short enough to be read out, more than anyone tries."""


@dataclass(frozen=True, slots=True)
class GivenFile:
    """An uploaded file: its path on this machine, and its name as the user has it."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A reference to a file in the media store; whether it is there, and the user's, is checked when it is used."""

    key: str


class Engine(Protocol):
    """What runs jobs in the background: it reads the jobs' rows, and keeps models loaded."""

    def loaded(self) -> tuple[Loaded, ...]:
        """The models that are loaded now, on all workers."""

    def unload(self, model_id: str) -> None:
        """Free the model as soon as none of its jobs runs; returns at once."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """A user's drafts as plans by model, and their files; of the models `waiting` the files cannot be reached now."""

    plans: Mapping[str, RestorePlan]
    files: Mapping[str, MediaInfo]
    waiting: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioContext:
    """The studio behind the page: model configs, stores, backends and the engine that runs jobs."""

    registry: Registry
    jobs: JobStore
    workspaces: WorkspaceStore
    media: MediaStore
    archives: JobArchives
    drafts: DraftStore
    preferences: PreferenceStore
    presets: PresetStore
    backends: Mapping[str, Backend]
    engine: Engine
    queue_store: QueueStore
    wildcards: Wildcards
    trash_days: int
    """How many days a deleted job can be put back."""
    deleted_workspaces: DeletedWorkspaces = field(default_factory=DeletedWorkspaces)
    choice_lists: ChoiceLists = field(default_factory=ChoiceLists)
    lanes: Lanes = field(default_factory=Lanes)
    may_unload: bool = True
    """Whether users may free the memory of a model, although all users share it."""

    def models(self) -> tuple[ModelConfig, ...]:
        """All models; those that are set up and need no input file come first."""
        return tuple(sorted(self.registry.models.values(), key=self._effort))

    def _effort(self, config: ModelConfig) -> tuple[bool, bool]:
        needs_file = any(config.parameters[name].required for name in config.media())
        return self.missing(config) is not None, needs_file

    def missing(self, config: ModelConfig) -> str | None:
        """A sentence about what must be set before the model can run here; `None` where nothing is missing."""
        return missing(config, self.backends)

    def model(self, model_id: str) -> ModelConfig:
        """The config of this id; raises ModelNotFoundError."""
        try:
            return self.registry.models[model_id]
        except KeyError:
            raise ModelNotFoundError(model_id) from None

    def loaded(self) -> tuple[Loaded, ...]:
        """The models that are in memory, where a job starts at once; their workers are named to who may unload them."""
        found = (one for one in self.engine.loaded() if one.model_id in self.registry.models)
        return tuple(one if self.may_unload else replace(one, worker="") for one in found)

    def unload(self, model_id: str) -> None:
        """Free the memory of a model as soon as none of its jobs runs; raises UnloadError where users may not."""
        if not self.may_unload:
            raise UnloadError
        self.engine.unload(self.model(model_id).id)

    def choices(self, model_id: str, name: str) -> Listed:
        """The options that a parameter with `choices_from` offers now; none where the model has no such parameter."""
        return self.choice_lists.of(self.model(model_id), name, self.backends)

    def choice_picture(self, model_id: str, name: str, choice: str) -> Path | None:
        """The preview image beside the file of a choice, if there is one."""
        config = self.find_model(model_id)
        return self.choice_lists.picture(config, name, choice) if config else None

    def find_model(self, model_id: str | None) -> ModelConfig | None:
        """The config of this id, if there is one."""
        return self.registry.models.get(model_id or "")

    def broken_models(self) -> tuple[BrokenConfig, ...]:
        """The model files that were left out, and why."""
        return self.registry.broken

    def model_name(self, made: Job | DamagedJob | ReuseJobInput) -> str:
        """The name of the job's model, or the one that it had when the job was made."""
        config = self.registry.models.get(made.model_id or "")
        snapshot = {} if isinstance(made, DamagedJob) else made.config_snapshot or {}
        name = config.name if config else snapshot.get("name")
        return name if isinstance(name, str) else made.model_id or "Unknown model"

    def title(self, made: Job | DamagedJob | ReuseJobInput) -> str:
        """The title of a job without a prompt: what it did, else its model's name."""
        if isinstance(made, DamagedJob):
            return self.model_name(made)
        config = self.registry.models.get(made.model_id) or ModelConfig.of_snapshot(made.config_snapshot)
        names = made.file_names if isinstance(made, Job) else {key: file.name for key, file in made.files.items()}
        return title(config, made.options or {}, names) if config else self.model_name(made)

    def seed_mode(self, user_id: str) -> SeedMode:
        """Which seed a reuse restores by default: the one that the job ran with, or a new one."""
        return "new" if self.preferences.get(user_id, "seed") == "new" else "exact"

    def choose_seed_mode(self, user_id: str, mode: SeedMode) -> None:
        """Set the user's default of `seed_mode`."""
        self.preferences.set(user_id, "seed", mode)

    def last_model(self, user_id: str) -> ModelConfig | None:
        """The model that the user chose last, if it still exists."""
        return self.find_model(self.preferences.get(user_id, "model"))

    def remember_model(self, user_id: str, model_id: str | None) -> None:
        """Open the next page with this model; one that does not exist is ignored."""
        if config := self.find_model(model_id):
            self.preferences.set(user_id, "model", config.id)

    def own_workspaces(self, user_id: str) -> tuple[Workspace, ...]:
        """The user's workspaces, the oldest first."""
        return self.workspaces.list(user_id)

    def create_workspace(self, user_id: str, name: str) -> Workspace:
        """Make a workspace; raises WorkspaceNameError for a name that is empty, too long or taken."""
        return self.workspaces.create(user_id, name)

    def rename_workspace(self, user_id: str, workspace_id: str, name: str) -> Workspace:
        """Give the user's workspace another name; raises WorkspaceError."""
        return self.workspaces.rename(user_id, workspace_id, name)

    def workspace(self, user_id: str, workspace_id: str | None) -> Workspace:
        """The user's workspace of this id; for one that is gone the one that was open last, for `None` the oldest."""
        return self.workspace_and_all(user_id, workspace_id)[0]

    def workspace_and_all(self, user_id: str, workspace_id: str | None) -> tuple[Workspace, tuple[Workspace, ...]]:
        """The same, and all workspaces of the user, the oldest first; one is made where there is none."""
        all_ = self.workspaces.list(user_id) or (self.workspaces.ensure_default(user_id),)
        own = {one.id: one for one in all_}
        if workspace_id is not None and workspace_id not in own:
            workspace_id = self.preferences.get(user_id, "workspace")
        return own.get(workspace_id or "", all_[0]), all_

    def last_workspace(self, user_id: str) -> Workspace:
        """The workspace that the user was in last."""
        return self.workspace(user_id, self.preferences.get(user_id, "workspace"))

    def remember_workspace(self, user_id: str, workspace_id: str) -> None:
        """Open the next page with this workspace; a database fault is logged, not raised."""
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
        if deleted is None:  # the server was restarted since
            raise WorkspaceNotFoundError("This workspace cannot be put back any more: make a new one.")
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
            stored[name], refused = self._keys_of(
                user_id, kind, values.get(name) if name in shown else None, StorageError
            )
            if stored[name] is None:
                stored[name] = config.parameters[name].initial
            if refused:
                problems[name] = f"{config.parameters[name].label}: {refused}"
        try:
            options = config.check(stored)
        except ValuesError as error:
            raise InvalidValuesError({**error.problems, **problems}) from error
        problems |= self._mismatched_masks(user_id, config, options)
        for name in _wildcard_texts(config, options):
            try:
                self.wildcards.check(options[name])
            except WildcardError as error:
                problems[name] = str(error)
        if problems:
            raise InvalidValuesError(problems)
        return options

    def _mismatched_masks(self, user_id: str, config: ModelConfig, options: Mapping[str, Any]) -> dict[str, str]:
        """By parameter, a sentence for each mask whose image is missing or of another size."""
        masks = {name: one for name, one in config.parameters.items() if isinstance(one, Mask) and options.get(name)}
        keys = {key for name, mask in masks.items() for key in (options[name], options.get(mask.of)) if key}
        files = self.files(user_id, keys)
        problems = dict[str, str]()
        for name, mask in masks.items():
            over, other = files.get(options.get(mask.of) or ""), config.parameters[mask.of].label
            given = files[options[name]]
            if over is None:
                problems[name] = f"{mask.label}: there is no {other} that it belongs to"
            elif _sides(over) != _sides(given):
                problems[name] = (
                    f"{mask.label} is of another size than {other}, {given.width} × {given.height} pixels "
                    f"in place of {over.width} × {over.height}: draw it again"
                )
        return problems

    def submit(
        self,
        user_id: str,
        workspace_id: str | None,
        model_id: str,
        values: Mapping[str, Any],
        sources: Sequence[Source] = (),
    ) -> Job:
        """Queue a job with these values; raises what `check` raises, and then queues nothing.

        `sources` are the jobs that the form says it was filled from.
        """
        self.media.check_room(user_id)
        options = self.check(user_id, model_id, values)
        config = self.model(model_id)
        media = config.media()
        inputs = config.files(options)
        first = {
            kind: next((key for name in media if media[name] == kind for key in files_in(options.get(name))), None)
            for kind in media.values()
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
                media=inputs,
                sources=self._sources(user_id, {name: files_in(options.get(name)) for name in media}, sources),
                endpoint_id=None,
            )
        )
        log.info("The job is queued, with %s", job.model_id, extra={"job": job.id, "user": user_id})
        return job

    def _sources(
        self, user_id: str, inputs: Mapping[str, Collection[str]], given: Sequence[Source]
    ) -> tuple[Source, ...]:
        """The given sources; of an input only jobs that made its files, else the one job that can have made them."""
        found = [source for source in given if source.kind is not LinkKind.INPUT]
        producers = self.jobs.producers(user_id, {key for keys in inputs.values() for key in keys})
        for name, keys in inputs.items():
            named = [one.job_id for one in given if one.kind is LinkKind.INPUT and one.parameter == name]
            for made in filter(None, map(producers.get, keys)):
                job_id = next((one for one in named if one in made.jobs), made.certain)
                if job_id is not None:
                    found.append(Source(job_id, LinkKind.INPUT, name))
        return tuple(dict.fromkeys(found))

    def _resolved_texts(self, config: ModelConfig, options: Mapping[str, Any], seed: int) -> dict[str, str]:
        """By parameter, the texts that wildcards change; raises InvalidValuesError."""
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
        """What is wrong with a job's record, in words; empty where nothing is known to be."""
        config = self.registry.models.get(job.model_id or "")
        if isinstance(job, DamagedJob) or config is None or job.model_version <= config.version:
            return job.problem
        unknown = f"model_version is {job.model_version}, {config.name} has {config.version}"
        log_damage("job", job.id, unknown)
        return ", ".join(filter(None, (job.problem, unknown)))

    def damaged(self, user_id: str) -> tuple[str, ...]:
        """A sentence about each of the user's records that cannot be read and is no job."""
        stores = (self.workspaces, self.drafts, self.preferences, self.presets)
        return tuple(sentence for store in stores for sentence in store.damaged(user_id))

    def query(self, text: str) -> Query:
        """The parsed search; the parameters of all models are fields in it."""
        return parse(text, {name for model in self.registry.models.values() for name in _searched_names(model)})

    def page(
        self, user_id: str, workspace_id: str | None, cursor: str | None = None, search: str = "", **filters: Any
    ) -> JobPage:
        """A page of jobs, with the filters of `JobStore.page`; an invalid cursor gives the first page."""
        asked = {**filters, "search": self.query(search), "names": self._names()}
        try:
            return self.jobs.page(user_id, workspace_id, cursor=cursor, **asked)
        except InvalidCursorError:
            return self.jobs.page(user_id, workspace_id, **asked)

    def _names(self) -> dict[str, str]:
        return {id_: config.name for id_, config in self.registry.models.items()}

    def queue(self, user_id: str, workspace_id: str | None) -> Queue:
        """The jobs that wait or run in the user's workspace, with `None` in all."""
        return self.jobs.queue(user_id, workspace_id)

    def activity(self, user_id: str) -> Activity:
        """How many of the user's jobs run and wait, and which have ended last, in all workspaces."""
        return self.jobs.activity(user_id)

    def changes(self, user_id: str) -> int:
        """A number that grows whenever one of the user's jobs or workspaces changes, or the user pauses or goes on.

        Neither a job's progress nor what other users do counts.
        """
        return self.jobs.changes(user_id)

    def outlook(self, user_id: str) -> Outlook:
        """The places of the user's waiting jobs, and estimates of when each of the user's jobs is done."""
        queue = self.queue_store
        running, waiting, paused = queue.running(), queue.waiting(), queue.is_paused(user_id)
        lanes = self.lanes.of_workers(queue.lanes())
        return outlook(user_id, running, waiting, queue.seconds(), lanes, now(), paused)

    def move(self, user_id: str, job_id: str, to: Move) -> None:
        """Move a waiting job within the user's own queue; raises JobNotFoundError.

        A job that has started meanwhile stays as it is.
        """
        if not self.queue_store.move(user_id, job_id, to):
            self.job(user_id, job_id)

    def pause(self, user_id: str, paused: bool) -> None:
        """Hold back the user's waiting jobs, or let them start again; what runs goes on."""
        self.queue_store.pause(user_id, paused)

    def is_paused(self, user_id: str) -> bool:
        """Whether the user's waiting jobs are held back."""
        return self.queue_store.is_paused(user_id)

    def run_again(self, user_id: str, job_id: str) -> Job:
        """Queue the user's job once more, with all its inputs; raises CannotRunAgainError, or what `submit` raises.

        One that did not finish is tried with the seed that it had; one that did gets a new seed if it had been random.
        """
        job = self.job(user_id, job_id)
        event = self.reuse_job_input(user_id, job_id)
        if not isinstance(job, Job) or event.incomplete:
            raise CannotRunAgainError(["Its record is damaged."])
        seed: SeedMode = "new" if job.status == JobStatus.COMPLETED else "exact"
        plan, _ = self.restore(event, event.model_id, seed, model_id=event.model_id)
        if lost := plan.report.lost:
            raise CannotRunAgainError([f"{line.label or line.name}: {line.detail}" for line in lost])
        media = self.model(event.model_id).media()
        values = {name: _stored(value) if name in media else value for name, value in plan.values.items()}
        return self.submit(user_id, job.workspace_id, event.model_id, values, [Source(job_id, LinkKind.RETRY, "")])

    def previews(self, user_id: str) -> Mapping[str, datetime]:
        """The user's running jobs that have a live preview, each with the time of that."""
        return self.jobs.previews(user_id)

    def job(self, user_id: str, job_id: str) -> Job | DamagedJob:
        """The user's job, deleted or not; raises JobNotFoundError."""
        job = self.jobs.find(user_id, job_id)
        if job is None:
            raise JobNotFoundError(job_id)
        return job

    def files_of(self, user_id: str, job: Job | DamagedJob) -> dict[str, MediaInfo]:
        """The job's inputs and outputs that still exist, by their keys."""
        return self.files(user_id, {*job.media, *(one.key for one in job.outputs)}) if isinstance(job, Job) else {}

    def inputs_in_notation(self, user_id: str, job_id: str, notation: Notation, address: str) -> str:
        """The inputs of the user's job as a text; raises JobNotFoundError, or ModelNotFoundError for one unknown."""
        job = self.job(user_id, job_id)
        if isinstance(job, DamagedJob):
            raise JobDamagedError
        config = self.find_model(job.model_id) or ModelConfig.of_snapshot(job.config_snapshot)
        if config is None:
            raise ModelNotFoundError(job.model_id)
        return in_notation(job, config, notation, address)

    def set_favourite(self, user_id: str, job_id: str, favourite: bool) -> None:
        """Mark the user's job, or take the mark away; raises JobNotFoundError."""
        if not self.jobs.set_favourite(user_id, job_id, favourite):
            raise JobNotFoundError(job_id)

    def rate(self, user_id: str, job_id: str, rating: int | None) -> None:
        """Give the user's job 1 to 5 stars, or none; raises JobNotFoundError."""
        if not self.jobs.rate(user_id, job_id, rating):
            raise JobNotFoundError(job_id)

    def set_favourites(self, user_id: str, job_ids: Collection[str], favourite: bool) -> tuple[str, ...]:
        """Mark those of the jobs that the user has, or take the marks away; returns their ids."""
        return self.jobs.set_favourites(user_id, job_ids, favourite)

    def delete_jobs(self, user_id: str, job_ids: Collection[str]) -> tuple[str, ...]:
        """Put the user's jobs into the bin, cancelled if they have not ended; returns the ids of those that went."""
        return self.jobs.trash_all(user_id, job_ids)

    def undelete_jobs(self, user_id: str, job_ids: Collection[str]) -> tuple[str, ...]:
        """Take the user's jobs out of the bin; returns the ids of those that were in it."""
        return self.jobs.untrash_all(user_id, job_ids)

    def label_jobs(self, user_id: str, job_ids: Collection[str], label: str, on: bool) -> tuple[str, ...]:
        """Give jobs a label or take it away; returns the ids of those that changed."""
        return self.jobs.label(user_id, job_ids, label, on)

    def labels(self, user_id: str) -> tuple[Label, ...]:
        """The user's labels by their names, with how many jobs have each."""
        return self.jobs.labels(user_id)

    def rename_label(self, user_id: str, label: str, name: str) -> tuple[str, ...]:
        """Call a label something else in all jobs that have it; returns their ids."""
        return self.jobs.rename_label(user_id, label, name)

    def delete_label(self, user_id: str, label: str) -> tuple[str, ...]:
        """Take a label away from all jobs that have it; returns their ids."""
        return self.jobs.delete_label(user_id, label)

    def move_jobs(self, user_id: str, job_ids: Collection[str], workspace_id: str) -> dict[str, str | None]:
        """Put the user's jobs into another workspace; returns where those were that moved. JobError if it is none."""
        return self.jobs.move(user_id, job_ids, workspace_id)

    def delete_job(self, user_id: str, job_id: str) -> None:
        """Put the user's job into the bin, cancelled if it has not ended; one that is there stays. JobNotFoundError."""
        self.cancel(user_id, job_id)
        if not self.jobs.trash(user_id, job_id):
            self.job(user_id, job_id)

    def delete_job_forever(self, user_id: str, job_id: str) -> None:
        """Delete the user's job, which must be in the bin; raises JobNotFoundError or JobKeptError."""
        if not self.jobs.delete_forever(user_id, job_id):
            self.job(user_id, job_id)
            raise JobKeptError

    def empty_bin(self, user_id: str, workspace_id: str | None) -> int:
        """Delete all of the user's jobs that are in the bin, of a workspace or of all; returns how many."""
        return self.jobs.empty_bin(user_id, workspace_id)

    def undelete_job(self, user_id: str, job_id: str) -> None:
        """Take the user's job out of the bin, where it may not be; raises JobNotFoundError."""
        if not self.jobs.untrash(user_id, job_id):
            self.job(user_id, job_id)

    def cancel(self, user_id: str, job_id: str) -> None:
        """Stop a job that waits or runs; one that has ended stays as it is."""
        if self.jobs.request_cancel(user_id, job_id):
            log.info("The job is cancelled", extra={"job": job_id, "user": user_id})

    def cancel_all(self, user_id: str, workspace_id: str) -> None:
        """Stop everything that waits or runs in a workspace."""
        self.jobs.request_cancel_all(user_id, workspace_id)

    def reuse_job_input(self, user_id: str, job_id: str) -> ReuseJobInput:
        """The event that brings the job's inputs back; raises JobNotFoundError when the user has no such job.

        A record that cannot be read whole still gives what can: model and prompt, marked as incomplete.
        """
        about = {"job": job_id, "user": user_id}
        try:
            found = self.jobs.find_with_files(user_id, job_id)
            event = _event(*found) if found else None
        except (UnreadableJobError, ValueError):
            log.error("job %s cannot be read, its model and prompt are reused", log_safe(job_id), extra=about)
            return self._basic_reuse(user_id, job_id)
        if event is None:
            log.warning("reuse of job %s, which %s does not have", log_safe(job_id), log_safe(user_id), extra=about)
            raise JobNotFoundError(job_id)
        if event.incomplete:
            log.error("job %s has options that are no JSON object, treated as empty", log_safe(job_id), extra=about)
        texts = {text for value in event.options.values() for text in files_in(value)}
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
        """The model that the event is restored in: `model_id` if it is given, else its own, else the selected one."""
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
        form: Mapping[str, Any] | None = None,
    ) -> tuple[RestorePlan, dict[str, MediaInfo]]:
        """The plan that restores the event in its `target`, and the files it names; `form` is as in `restore.plan`."""
        config = self.target(event, selected_model_id, model_id)
        if imported.is_imported(event.model_id):
            text = "authored"  # it is what a model got, and escaped already
        files = self.media.there(event.files)
        plan = restore.plan(self._fitting(event, config), config, files, seed, text, form)
        if plan.report.lost:
            lost = " · ".join(line.detail for line in plan.report.lost)
            name = log_safe(event.preset or event.job_id)
            log.warning("reuse of %s %s: %s", event.what, name, log_safe(lost), extra={"job": event.job_id or None})
        return plan, files

    def _fitting(self, event: ReuseJobInput, config: ModelConfig) -> ReuseJobInput:
        own = self.registry.models.get(event.model_id)
        if imported.is_imported(event.model_id):
            fitting = from_file.reuse_imported(event, config)
            return fitting.model_copy(update={"model_id": event.model_id})
        fitting = adapt(event, own or ModelConfig.of_snapshot(event.config_snapshot), config)
        # The report says that the model is gone.
        return fitting if own else fitting.model_copy(update={"model_id": event.model_id})

    def targets(self, event: ReuseJobInput) -> Iterator[tuple[ModelConfig, int, int]]:
        """The other models that take some of its values: how many of their inputs it fills, and how many they show."""
        files = self.media.there(event.files)
        for config in self.models():
            if config.id != event.model_id:
                report = restore.plan(self._fitting(event, config), config, files).report
                if not report.is_bare:
                    yield config, *report.count

    def send_on(
        self, user_id: str, job_id: str, model_id: str, name: str, *, output: int = 0, shows: bool = False
    ) -> tuple[RestorePlan, dict[str, MediaInfo]]:
        """A plan that puts one of the job's outputs into one input of a model and leaves the others as they are.

        `output` is its index. Unless the input `shows` already, the plan also has the choices that make it show.
        """
        job, config = self.jobs.find(user_id, job_id), self.model(model_id)
        if not isinstance(job, Job) or not job.outputs:
            raise JobNotFoundError(job_id)
        key = job.outputs[output].key if 0 <= output < len(job.outputs) else ""
        files = self.files(user_id, {key})
        if key not in files:
            raise InputMissingError("the result")
        chosen = send_on.choices_for(config, name) if name in config.media() else None
        if chosen is None:
            raise ModelNotFoundError(model_id)
        check_kind(files[key].kind, config.media()[name])
        if shows:
            chosen = {}
        sources = (Source(job_id, LinkKind.INPUT, name),)
        return send_on.plan(config, name, key, chosen, job_id, sources), files

    def reset(self, model_id: str) -> RestorePlan:
        """The plan that puts every input of the model back to its default."""
        return drafts.plan(self.model(model_id), {}, {})

    def store_files(
        self, user_id: str, config: ModelConfig, values: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """A form's values as JSON: its files are put into the media store and named by their keys.

        A file that is refused becomes `None`, and the second mapping has a sentence for its input.
        """
        stored = {name: value for name, value in values.items() if name in config.parameters}
        refused = dict[str, str]()
        for name, kind in config.media().items():
            if name not in values:
                continue
            stored[name], said = self._keys_of(user_id, kind, values.get(name), MediaRefusedError)
            if said:
                log.info("the form of %s holds a file that is not kept: %s", config.id, said)
                refused[name] = f"{config.parameters[name].label}: {said}"
        return stored, refused

    def keep_draft(
        self,
        user_id: str,
        model_id: str,
        values: Mapping[str, Any],
        *,
        part: bool = False,
        sources: Sequence[Source] = (),
    ) -> None:
        """Remember the values of a form, or of a part of it, as `store_files` gives them, and which jobs filled it.

        A form at its defaults that no job has filled needs no draft.
        """
        config = self.model(model_id)
        if part:
            values = {**self.drafts.all(user_id).get(model_id, {}), **values}
        if not sources and {**config.defaults(), **values} == config.defaults():
            self.drafts.delete(user_id, model_id)
        else:
            self.drafts.save(user_id, model_id, values, set(config.files(values)), sources)

    def recall_drafts(self, user_id: str) -> Recalled:
        """The forms as the user left them; only of models that are still there."""
        models = self.registry.models
        kept = {id_: values for id_, values in self.drafts.all(user_id).items() if id_ in models}
        keys = {id_: _keys_in(models[id_], values) for id_, values in kept.items()}
        waiting = set()
        try:
            files = self.files(user_id, set().union(*keys.values()))
        except MediaStoreError as error:
            log.warning("drafts with files wait: %s", error)
            files, waiting = {}, {id_ for id_ in kept if keys[id_]}
        sources = self.drafts.sources(user_id)
        plans = {
            id_: drafts.plan(models[id_], values, files, sources.get(id_, ()))
            for id_, values in kept.items()
            if id_ not in waiting
        }
        return Recalled(plans, files, frozenset(waiting))

    def lineage(self, user_id: str, job_id: str) -> Lineage:
        """The jobs that the user's job came from, and those that came from it."""
        return self.jobs.lineage(user_id, job_id)

    def files(self, user_id: str, keys: Collection[str]) -> dict[str, MediaInfo]:
        """The files of these keys that are the user's."""
        return self.media.find_many(user_id, keys)

    def _keys_of(self, user_id: str, kind: MediaKind, given: Any, refusal: type[StorageError]) -> tuple[Any, str]:
        """The key of a file, or those of a list's files, and a sentence about what is not taken for such a refusal."""
        if not isinstance(given, list):
            try:
                return self._key_of(user_id, kind, given), ""
            except refusal as error:
                return None, str(error)
        keys, refused = list[str](), list[str]()
        for one in given:
            key, said = self._keys_of(user_id, kind, one, refusal)
            if key is not None:
                keys.append(key)
            if said:
                refused.append(f"{one.name}: {said}")
        return keys, ". ".join(said.removesuffix(".") for said in refused)

    def _key_of(self, user_id: str, kind: MediaKind, given: GivenFile | StoredFile | None) -> str | None:
        """The key under which the file is in the media store; one that is there already is neither read nor copied."""
        if given is None:
            return None
        key = given.key if isinstance(given, StoredFile) else self.media.key_of(given.path)
        if isinstance(given, GivenFile) and key is None and self.media.uploaded(user_id, given.path):
            return self.media.put(user_id, given.path, given.name, kind=kind).key
        stored = self.media.find(user_id, key) if key else None
        if stored is None:
            raise MediaRefusedError("the file is not there any more, choose it again")
        if stored.kind != kind:
            raise MediaRefusedError(f"this is {stored.kind}, {kind} is needed")
        return stored.key


def _stored(value: Any) -> Any:
    """The value of a file input of a plan, with references in place of keys."""
    if isinstance(value, list):
        return [StoredFile(key) for key in value]
    return None if value is None else StoredFile(value)


def _sides(file: MediaInfo) -> set[int | None]:
    """Width and height in any order: EXIF may rotate an image, and then its mask has them swapped."""
    return {file.width, file.height}


def _keys_in(config: ModelConfig, values: Mapping[str, Any]) -> set[str]:
    """The keys of a draft's files."""
    today = drafts.current_names(config, values)
    return set(config.files(today))


def _resolved_seed(config: ModelConfig, options: Mapping[str, Any]) -> int | None:
    """The seed the job runs with: the one asked for, or a random one where a seed shows and is left open."""
    for name, parameter in config.parameters.items():
        if isinstance(parameter, Seed) and name in options:
            asked: int | None = options[name]
            return secrets.randbelow(min(SEEDS, parameter.maximum + 1)) if asked is None else asked
    return None


def _searched_names(config: ModelConfig) -> set[str]:
    """The model's inputs, and the sides of a size."""
    sides = {"width", "height"} if any(isinstance(one, Size) for one in config.parameters.values()) else set[str]()
    return {*config.parameters, *sides}


def _wildcard_texts(config: ModelConfig, options: Mapping[str, Any]) -> dict[str, int]:
    """The texts whose wildcards are resolved, and how long each may be; a model that has any always has a seed."""
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


def _known_type(text: str) -> MediaKind | None:
    return cast(MediaKind, text) if text in get_args(MediaKind) else None
