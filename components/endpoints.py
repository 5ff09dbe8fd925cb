"""What the page's scripts and programs ask by name: typed functions, each in the name of who asks.

A program calls them with `gradio_client`, the scripts through `ask` in transport.js. What the studio refuses is an
error whose message is a sentence for people.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, cast

import gradio as gr
from pydantic import Field

from components.api_types import (
    Brought,
    Comparison,
    Filling,
    ImportedFiles,
    JobDetails,
    JobList,
    KeptDraft,
    Label,
    Listed,
    OverwrittenPreset,
    Preset,
    ReadFile,
    Recalled,
    ReuseTarget,
    Submitted,
    Workspace,
)
from components.fillings import Fillings
from components.form.api_info import example_file
from components.form.drafts import DraftKeeper
from components.form.fields import form_values, user_file
from components.form.importable import MAX_SIDECAR
from components.gradio_ext.described_blocks import DescribedBlocks
from components.library.views import Views
from components.users import user_of
from components.whole_numbers import to_page
from media_kinds import MediaKind
from storage.errors import StorageError
from storage.jobs.queue import Move
from storage.jobs.sorting import Sort
from storage.jobs.store import Job, Source
from storage.presets import Preset as SavedPreset
from storage.tables import JobStatus, storable
from studio.context import StudioContext
from studio.errors import InvalidValuesError, StudioError
from studio.folder_import import Fate
from studio.inputs.notation import Notation
from studio.inputs.partial import Part
from studio.inputs.restore import SeedMode, TextMode
from studio.page_import import PageImport
from studio.presets import Presets

_ID = "3c9a2f6e-0d1b-4b7a-9d55-6a1f0e8c7b24"
_VALUES = {"prompt": "a hat on a hill", "seed": 42}

Id = Annotated[str, Field(examples=[_ID])]
JobId = Annotated[str, Field(description="The id of a job", examples=[_ID])]
JobIds = Annotated[
    Sequence[Id],
    Field(min_length=1, max_length=1000, description="Ids of jobs; what the user does not have is left out"),
]
ModelId = Annotated[str, Field(description="The id of a model, such as pattern", examples=["pattern"])]
PresetId = Annotated[str, Field(description="The id of a preset", examples=[_ID])]
Name = Annotated[str, Field(examples=["Portraits"])]
InputName = Annotated[str, Field(examples=["image"])]
UploadedFile = Annotated[
    dict[str, Any],
    Field(
        description='handle_file(…), {"file": path of an upload, "name": …}, or a stored file as it was answered',
        examples=[example_file("image")],
    ),
]
Values = Annotated[
    dict[str, Any],
    Field(
        description='Values by the names of inputs; a file as a reuse gives it, or {"file": path of an upload}',
        examples=[_VALUES],
    ),
]
Now = Annotated[
    dict[str, Any] | None,
    Field(
        description="What the form holds, which stays where another model's job has nothing; else its defaults",
        examples=[_VALUES],
    ),
]
Seed = Annotated[SeedMode | None, Field(description="The seed that comes back; as the user prefers if not given")]
Target = Annotated[ModelId | None, Field(description="The model whose form is filled; the job's own if not given")]
Instead = Annotated[ModelId | None, Field(description="The model to take where the job's own is gone")]
Sources = Annotated[
    Sequence[Source],
    Field(max_length=50, description="The jobs that the form was filled from, as plans name them"),
]
Search = Annotated[
    str, Field(description='Such as: red fox -owl "soft light" model:flux seed:42 steps>20', max_length=1000)
]
Beside = Annotated[str, Field(description="The text that a result's tool laid beside it", max_length=MAX_SIDECAR)]
Text = Annotated[TextMode, Field(description="Texts with wildcards as written, or as the model got them")]


class Endpoints:
    """Every public method is an endpoint of its name, which no model can have: ids of models have no underscore."""

    def __init__(self, context: StudioContext, views: Views) -> None:
        self._context = context
        self._views = views
        self._fillings = Fillings(context, views)
        self._drafts = DraftKeeper(context)
        self._page_import = PageImport(context)
        self._presets = Presets(context)

    def add_to(self, blocks: DescribedBlocks) -> None:
        """Register all of them."""
        for name in vars(type(self)):
            if not name.startswith("_") and name != "add_to":
                blocks.add_endpoint(getattr(self, name), StudioError, StorageError)

    # Jobs

    def list_jobs(
        self,
        request: gr.Request,
        workspace_id: Annotated[Id | None, Field(description="All workspaces if not given")] = None,
        search: Search = "",
        model_id: ModelId | None = None,
        type: MediaKind | None = None,  # noqa: A002 - the field's name
        status: JobStatus | None = None,
        favourite: bool | None = None,
        rating: Annotated[int | None, Field(ge=1, le=5, description="At least so many stars")] = None,
        label: Annotated[Name | None, Field(description="One of list_labels, as a whole")] = None,
        since: datetime | None = None,
        until: datetime | None = None,
        deleted: bool = False,
        limit: Annotated[int, Field(ge=1, le=100)] = 24,
        cursor: Annotated[str | None, Field(description="`next` of the page before")] = None,
        newer: Annotated[bool, Field(description="Those before the cursor `previous`, or the oldest")] = False,
        at: Annotated[datetime | None, Field(description="Begin with those from before this time")] = None,
        sort: Annotated[Sort, Field(description="Newest, best, by model, or what took longest first")] = "time",
    ) -> JobList:
        """The user's jobs, the newest first, unless they are sorted by something else."""
        page = self._context.page(
            user_of(request),
            workspace_id,
            cursor,
            search=search,
            model_id=model_id,
            type=type,
            status=status,
            favourite=favourite,
            rating=rating,
            label=label,
            since=since,
            until=until,
            trashed=deleted,
            limit=limit,
            newer=newer,
            at=at,
            sort=sort,
        )
        about = {name: getattr(page, name) for name in ("next", "previous", "total", "exact")}
        about["notes"] = list(self._context.query(search).notes)
        return cast(JobList, {"jobs": [self._views.card(job) for job in page.jobs], **about})

    def get_job(self, request: gr.Request, job_id: JobId) -> JobDetails:
        """All about a job: how far it is, its result, its inputs."""
        user = user_of(request)
        job = self._context.job(user, job_id)
        files, lineage = self._context.files_of(user, job), self._context.lineage(user, job_id)
        return cast(JobDetails, self._views.details(job, files, lineage))

    def cancel_job(self, request: gr.Request, job_id: JobId) -> None:
        """Stop a job that waits or runs; one that has ended stays as it is."""
        self._context.cancel(user_of(request), job_id)

    def cancel_jobs(self, request: gr.Request, workspace_id: Id) -> None:
        """Stop everything that waits or runs in a workspace."""
        self._context.cancel_all(user_of(request), workspace_id)

    def move_job(
        self,
        request: gr.Request,
        job_id: JobId,
        to: Annotated[Move, Field(description="One place up or down among the user's waiting jobs, or to the top")],
    ) -> None:
        """Have a waiting job start sooner or later; one that has started stays as it is."""
        self._context.move(user_of(request), job_id, to)

    def pause_jobs(
        self, request: gr.Request, paused: Annotated[bool, Field(description="False to go on")] = True
    ) -> None:
        """Start none of the user's waiting jobs until it goes on; what runs is left to run."""
        self._context.pause(user_of(request), paused)

    def run_job_again(self, request: gr.Request, job_id: JobId) -> Submitted:
        """Queue a job that has ended once more: with its seed if it came to nothing, else with a new one."""
        return _submitted(self._context.run_again(user_of(request), job_id))

    def delete_job(self, request: gr.Request, job_id: JobId) -> None:
        """Put a job into the bin; one that has not ended is cancelled."""
        self._context.delete_job(user_of(request), job_id)

    def delete_job_forever(self, request: gr.Request, job_id: JobId) -> None:
        """Delete a job that is in the bin; nothing brings it back."""
        self._context.delete_job_forever(user_of(request), job_id)

    def empty_bin(
        self,
        request: gr.Request,
        workspace_id: Annotated[Id | None, Field(description="Those of all workspaces if not given")] = None,
    ) -> int:
        """Delete everything in the bin; how many jobs that were."""
        return self._context.empty_bin(user_of(request), workspace_id)

    def undelete_job(self, request: gr.Request, job_id: JobId) -> None:
        """Take a job out of the bin."""
        self._context.undelete_job(user_of(request), job_id)

    def set_favourite(self, request: gr.Request, job_id: JobId, favourite: bool = True) -> None:
        """Mark a job as a favourite, or take the mark away."""
        self._context.set_favourite(user_of(request), job_id, favourite)

    def rate_job(
        self,
        request: gr.Request,
        job_id: JobId,
        rating: Annotated[int | None, Field(ge=1, le=5, description="Stars; none if not given")] = None,
    ) -> None:
        """Give a job 1 to 5 stars, or take them away."""
        self._context.rate(user_of(request), job_id, rating)

    def write_job(
        self,
        request: gr.Request,
        job_id: JobId,
        notation: Annotated[Notation, Field(description="a1111 is empty where that tool knows nothing of such a job")],
        address: Annotated[str, Field(description="Of this studio", max_length=500)] = "http://127.0.0.1:7860",
    ) -> str:
        """The inputs of a job as a text: JSON for `submit_job`, A1111's, or a call from Python."""
        return storable(self._context.inputs_in_notation(user_of(request), job_id, notation, address))

    def set_favourites(self, request: gr.Request, job_ids: JobIds, favourite: bool = True) -> list[str]:
        """Mark several jobs as favourites, or take the marks away; answers the ids of those that were there."""
        return list(self._context.set_favourites(user_of(request), job_ids, favourite))

    def label_jobs(
        self,
        request: gr.Request,
        job_ids: JobIds,
        label: Annotated[Name, Field(description="Such as portrait; it is made with its first job")],
        on: Annotated[bool, Field(description="False to take it away")] = True,
    ) -> list[str]:
        """Give several jobs a label, or take it away; answers the ids of those that changed."""
        return list(self._context.label_jobs(user_of(request), job_ids, label, on))

    def list_labels(self, request: gr.Request) -> list[Label]:
        """The user's labels by their names, and how many jobs have each."""
        return [{"name": one.name, "jobs": one.jobs} for one in self._context.labels(user_of(request))]

    def rename_label(self, request: gr.Request, label: Name, name: Name) -> list[str]:
        """Call a label something else in all jobs that have it; answers their ids."""
        return list(self._context.rename_label(user_of(request), label, name))

    def delete_label(self, request: gr.Request, label: Name) -> list[str]:
        """Take a label away from all jobs that have it; answers their ids."""
        return list(self._context.delete_label(user_of(request), label))

    def delete_jobs(self, request: gr.Request, job_ids: JobIds) -> list[str]:
        """Put several jobs into the bin; answers the ids of those that were not in it."""
        return list(self._context.delete_jobs(user_of(request), job_ids))

    def undelete_jobs(self, request: gr.Request, job_ids: JobIds) -> list[str]:
        """Take several jobs out of the bin; answers the ids of those that were in it."""
        return list(self._context.undelete_jobs(user_of(request), job_ids))

    def move_jobs(self, request: gr.Request, job_ids: JobIds, workspace_id: Id) -> dict[str, str | None]:
        """Put several jobs into another workspace; answers where those were that moved, by their ids."""
        return self._context.move_jobs(user_of(request), job_ids, workspace_id)

    def submit_job(
        self,
        request: gr.Request,
        model_id: ModelId,
        values: Values,
        workspace_id: Id | None = None,
        sources: Sources = (),
    ) -> Submitted:
        """Make a job of what a form holds; inputs that are not given have their defaults."""
        config = self._context.model(model_id)
        try:
            job = self._context.submit(user_of(request), workspace_id, model_id, form_values(config, values), sources)
        except InvalidValuesError as error:
            return {"job_id": None, "seed": None, "problems": error.fields}
        return _submitted(job)

    # Models

    def unload_model(self, request: gr.Request, model_id: ModelId) -> None:
        """Free the memory of a model that is loaded, after the job of it that may run; its next one loads it again."""
        user_of(request)
        self._context.unload(model_id)

    # Forms

    def reuse_job(
        self,
        request: gr.Request,
        job_id: JobId,
        part: Annotated[Part, Field(description="How much of the job comes back")] = Part.ALL,
        names: Annotated[Sequence[InputName] | None, Field(description="Only these inputs, in place of a part")] = None,
        seed: Seed = None,
        text: Text = "authored",
        model_id: Target = None,
        instead: Instead = None,
        now: Now = None,
    ) -> Filling:
        """The inputs of a job for a form; `submit_job` takes the values of the plan as they are."""
        user = user_of(request)
        return self._fillings.reuse(
            user,
            self._context.reuse_job_input(user, job_id),
            part=part,
            names=names,
            seed=seed,
            text=text,
            model_id=model_id,
            instead=instead,
            now=now,
        )

    def list_targets(self, request: gr.Request, job_id: JobId) -> list[ReuseTarget]:
        """The other models that a job can be reused in, first those that most of it comes over to."""
        return self._fillings.targets(user_of(request), job_id)

    def compare_job(
        self,
        request: gr.Request,
        job_id: JobId,
        seed: Seed = None,
        text: Text = "authored",
        model_id: Target = None,
        instead: Instead = None,
        now: Now = None,
    ) -> Comparison:
        """What a reuse would change, input by input."""
        user = user_of(request)
        event = self._context.reuse_job_input(user, job_id)
        return self._fillings.compare(user, event, seed=seed, text=text, model_id=model_id, instead=instead, now=now)

    def send_on(
        self,
        request: gr.Request,
        job_id: JobId,
        model_id: ModelId,
        parameter: Annotated[InputName, Field(description="The input that gets the output")],
        shows: Annotated[bool, Field(description="Whether the input shows in the form already")] = False,
        output: Annotated[int, Field(description="The output's place among those of the job")] = 0,
    ) -> Filling:
        """A job's output as an input of a model, and what must be chosen for that input to show."""
        user = user_of(request)
        return self._fillings.send_on(user, job_id, model_id, parameter, output=output, shows=shows)

    def read_file(
        self,
        request: gr.Request,
        file: UploadedFile,
        model_id: Annotated[ModelId, Field(description="The model whose inputs may take the file")],
        beside: Beside = "",
    ) -> ReadFile:
        """What a file says of how it was made, by this studio or another tool, and which inputs take it."""
        return self._fillings.read_file(user_of(request), user_file(file), model_id, beside)

    def reuse_file(
        self,
        request: gr.Request,
        file: UploadedFile,
        model_id: ModelId,
        names: Annotated[Sequence[InputName] | None, Field(description="Only these inputs")] = None,
        seed: Seed = None,
        now: Now = None,
        beside: Beside = "",
    ) -> Filling:
        """What a file says of how it was made as the inputs of a model; all other inputs stay as they are."""
        user, given = user_of(request), user_file(file)
        return self._fillings.reuse_file(user, given, model_id, names=names, seed=seed, now=now, beside=beside)

    def compare_file(
        self,
        request: gr.Request,
        file: UploadedFile,
        model_id: ModelId,
        seed: Seed = None,
        now: Now = None,
        beside: Beside = "",
    ) -> Comparison:
        """What `reuse_file` would change, input by input."""
        user, given = user_of(request), user_file(file)
        return self._fillings.compare_file(user, given, model_id, seed=seed, now=now, beside=beside)

    def use_file(
        self,
        request: gr.Request,
        file: UploadedFile,
        model_id: ModelId,
        parameter: Annotated[InputName, Field(description="The input that gets the file")],
        shows: Annotated[bool, Field(description="Whether the input shows in the form already")] = False,
    ) -> Filling:
        """A file as an input of a model, and what must be chosen for that input to show."""
        return self._fillings.use_file(user_of(request), user_file(file), model_id, parameter, shows=shows)

    def look_into(self, request: gr.Request, file: UploadedFile) -> Brought:
        """What an uploaded ZIP holds for `import_file`."""
        found = self._page_import.inspect(user_of(request), user_file(file))
        return {"is_archive": found.is_archive, "files": found.files}

    def import_file(
        self,
        request: gr.Request,
        file: UploadedFile,
        workspace_id: Id | None = None,
        start: Annotated[int, Field(ge=0, description="Of a ZIP, `done` of the answer before")] = 0,
        modified: Annotated[datetime | None, Field(description="When the file was changed last")] = None,
        beside: Beside = "",
    ) -> ImportedFiles:
        """Make finished jobs of an uploaded result, a ZIP of results, or a job that a studio wrote as a ZIP.

        What the user has already is not taken twice. Of a large ZIP a part is done: ask again until all is.
        """
        taken = self._page_import.take(user_of(request), user_file(file), workspace_id, start, modified, beside)
        counts = taken.tally.counts
        return {
            "done": taken.done,
            "of": taken.of,
            "jobs": counts[Fate.JOB],
            "there": counts[Fate.KNOWN],
            "silent": counts[Fate.SILENT],
            "refused": [{"name": storable(name), "text": storable(said)} for name, said in taken.tally.refused],
            "job_ids": list(taken.job_ids),
        }

    def reset_form(self, request: gr.Request, model_id: ModelId) -> Filling:
        """Every input of a model at its default."""
        user_of(request)
        return self._fillings.reset(model_id)

    def list_choices(
        self,
        request: gr.Request,
        model_id: ModelId,
        parameter: Annotated[InputName, Field(description="An input whose choices a folder or a service has")],
    ) -> Listed:
        """What can be chosen now; what is on no list is taken too."""
        user_of(request)
        return self._views.choices(model_id, parameter, self._context.choices(model_id, parameter))

    def recall_drafts(
        self,
        request: gr.Request,
        page: Annotated[str, Field(description="The page before this one")] = "",
        sent: Annotated[
            dict[str, int] | None, Field(description="By model the number of the draft that it sent as it went")
        ] = None,
    ) -> Recalled:
        """The forms as the user left them, the model and the seed that were chosen."""
        user_id = user_of(request)
        is_early = not self._drafts.has(user_id, page, sent or {})  # what comes meanwhile is in the answer already
        return self._fillings.recall(user_id, is_early=is_early)

    def keep_draft(
        self,
        request: gr.Request,
        model_id: ModelId,
        now: Annotated[dict[str, Any] | None, Field(description="What the form holds; else it is left as kept")] = None,
        part: Annotated[bool, Field(description="Whether `now` is only a part of the form")] = False,
        sources: Sources = (),
        selected: Annotated[ModelId | None, Field(description="The model that is chosen")] = None,
        number: Annotated[int, Field(description="Counts the drafts of a page: an older one is not kept")] = 0,
    ) -> KeptDraft:
        """Keep what a form holds until the user comes back."""
        return self._drafts.keep(
            user_of(request),
            str(request.session_hash),
            model_id,
            now,
            part=part,
            sources=sources,
            selected=selected,
            number=number,
        )

    def set_seed_mode(self, request: gr.Request, seed: SeedMode) -> None:
        """Which seed a reuse brings from now on unless it is said."""
        self._context.choose_seed_mode(user_of(request), seed)

    # Presets

    def list_presets(self, request: gr.Request) -> list[Preset]:
        """The user's presets of all workspaces, by their names."""
        return [self._preset(one) for one in self._presets.own(user_of(request))]

    def save_preset(
        self,
        request: gr.Request,
        name: Name,
        model_id: ModelId,
        values: Values,
        workspace_id: Annotated[Id | None, Field(description="The workspace that it is of; else the first")] = None,
    ) -> Preset:
        """Save what a form holds under a name; inputs that are not given have their defaults."""
        config = self._context.model(model_id)
        user = user_of(request)
        return self._preset(self._presets.save(user, workspace_id, name, config, form_values(config, values)))

    def overwrite_preset(
        self, request: gr.Request, preset_id: PresetId, model_id: ModelId, values: Values
    ) -> OverwrittenPreset:
        """Save what a form holds in place of what a preset held."""
        config = self._context.model(model_id)
        user = user_of(request)
        preset, before = self._presets.overwrite(user, preset_id, config, form_values(config, values))
        return {**self._preset(preset), "before": before}

    def rename_preset(self, request: gr.Request, preset_id: PresetId, name: Name) -> Preset:
        """Give a preset another name."""
        return self._preset(self._presets.rename(user_of(request), preset_id, name))

    def delete_preset(self, request: gr.Request, preset_id: PresetId) -> Preset:
        """Delete a preset, which can be put back for as long as a deleted job."""
        return self._preset(self._presets.delete(user_of(request), preset_id))

    def undelete_preset(self, request: gr.Request, preset_id: PresetId) -> Preset:
        """Undo the deletion of a preset."""
        return self._preset(self._presets.put_back(user_of(request), preset_id))

    def reuse_preset(
        self,
        request: gr.Request,
        preset_id: PresetId,
        part: Annotated[Part, Field(description="How much of the preset comes back")] = Part.ALL,
        names: Annotated[Sequence[InputName] | None, Field(description="Only these inputs, in place of a part")] = None,
        model_id: Target = None,
        instead: Instead = None,
        now: Now = None,
    ) -> Filling:
        """The inputs of a preset for a form, with the seed that it was saved with, as `reuse_job` gives a job's."""
        user = user_of(request)
        event = self._presets.reuse_input(user, preset_id)
        return self._fillings.reuse(
            user, event, part=part, names=names, seed="exact", model_id=model_id, instead=instead, now=now
        )

    def compare_preset(
        self,
        request: gr.Request,
        preset_id: PresetId,
        model_id: Target = None,
        instead: Instead = None,
        now: Now = None,
    ) -> Comparison:
        """What `reuse_preset` would change, input by input."""
        user = user_of(request)
        event = self._presets.reuse_input(user, preset_id)
        return self._fillings.compare(user, event, seed="exact", model_id=model_id, instead=instead, now=now)

    def _preset(self, preset: SavedPreset) -> Preset:
        config = self._context.find_model(preset.model_id)
        return {
            "id": preset.id,
            "name": preset.name,
            "workspace_id": preset.workspace_id,
            "model_id": preset.model_id,
            "model_name": config.name if config else preset.model_id,
            "saved_at": preset.updated_at.isoformat(),
        }

    # Workspaces

    def list_workspaces(self, request: gr.Request) -> list[Workspace]:
        """The user's workspaces, the oldest first."""
        return [{"id": one.id, "name": one.name} for one in self._context.own_workspaces(user_of(request))]

    def create_workspace(self, request: gr.Request, name: Name) -> Workspace:
        """Make a workspace."""
        made = self._context.create_workspace(user_of(request), name)
        return {"id": made.id, "name": made.name}

    def rename_workspace(self, request: gr.Request, workspace_id: Id, name: Name) -> Workspace:
        """Give a workspace another name."""
        renamed = self._context.rename_workspace(user_of(request), workspace_id, name)
        return {"id": renamed.id, "name": renamed.name}

    def delete_workspace(self, request: gr.Request, workspace_id: Id) -> Workspace:
        """Delete an empty workspace that is not the only one."""
        deleted = self._context.delete_workspace(user_of(request), workspace_id)
        return {"id": deleted.id, "name": deleted.name}

    def undelete_workspace(self, request: gr.Request, workspace_id: Id) -> Workspace:
        """Undo the deletion of a workspace."""
        there = self._context.put_back_workspace(user_of(request), workspace_id)
        return {"id": there.id, "name": there.name}


def _submitted(job: Job) -> Submitted:
    return {"job_id": job.id, "seed": None if job.seed is None else to_page(job.seed), "problems": {}}
