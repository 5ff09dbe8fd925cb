"""What the endpoints answer, as JSON."""

from typing import Any, Literal

from typing_extensions import TypedDict  # pydantic reads no other on Python 3.11

from media_kinds import MediaKind
from studio.inputs.restore import SeedMode


class File(TypedDict):
    """A stored file; `url` is below the address of the studio, `size` in bytes."""

    file: str
    name: str
    url: str
    size: int
    mime_type: str


class Line(TypedDict):
    """What became of one input, or without a name of the whole."""

    name: str
    label: str
    outcome: str
    detail: str


class Notice(TypedDict):
    """What to tell the user; `lines` are of what changed, `kept` the labels of what is as in the job, or `what` it is.

    `left` are those of what stays as the form has it.
    """

    text: str
    tone: Literal["good", "warn"]
    what: Literal["job", "preset", "file"]
    lines: list[Line]
    kept: list[str]
    left: list[str]


class FormSource(TypedDict):
    """A job that a form was filled from, and how; `parameter` is the input that took its output, else empty."""

    job_id: str
    kind: Literal["reuse", "input", "sweep", "retry", "import"]
    parameter: str


class FormPlan(TypedDict):
    """What the form of a model is to hold and to show, by the names of its inputs; the others stay as they are.

    The value of a file's input is a `File` or null, that of an input of several a list of them. `sources` go along when
    the form is submitted; `title` is the beginning of the job's prompt, else what it did, and empty without a job.
    """

    model_id: str
    type: MediaKind
    visible: dict[str, bool]
    values: dict[str, Any]
    sources: list[FormSource]
    title: str


class Filling(TypedDict):
    """How a form is filled; there is no plan when it stays as it is."""

    plan: FormPlan | None
    notice: Notice


class ReuseTarget(TypedDict):
    """A model that something of a job carries over to: as many inputs, of so many."""

    model_id: str
    name: str
    inputs: int
    of: int


class Shown(TypedDict):
    """A value in words; `url` is where the file is, `urls` where those of a list are."""

    kind: str
    text: str
    url: str | None
    urls: list[str]


class Difference(TypedDict):
    """One input as the form has it and as the job had it; `parents` decide whether it shows.

    `why_not` says why there is nothing to bring, else it is empty.
    """

    name: str
    label: str
    differs: bool
    parents: list[str]
    why_not: str
    now: Shown
    then: Shown


class Comparison(TypedDict):
    """What a reuse would change in the form of a model, the inputs that differ first."""

    model_id: str
    model_name: str
    rows: list[Difference]


class Fact(TypedDict):
    """Something that a file says of how it was made."""

    label: str
    text: str


class FileSays(TypedDict):
    """How another tool made a file; long texts are cut. `rest` is what this studio has no name for."""

    tool: str
    prompt: str | None
    model: str | None
    facts: list[Fact]
    rest: list[Fact]


class FileInput(TypedDict):
    """An input of a model that takes a file."""

    parameter: str
    label: str


class ReadFile(TypedDict):
    """What a file is and says.

    `file` is the stored file, none where it is no picture, film or sound: `refusal` says so. `says` is how it was made,
    if it tells that; `model_id` is the model to fill with it, and `words` say why. `inputs` are those of the model that
    was asked about which take the file, `elsewhere` names other models that do.
    """

    file: File | None
    kind: MediaKind | None
    refusal: str
    says: FileSays | None
    model_id: str
    words: str
    inputs: list[FileInput]
    elsewhere: list[str]


class Submitted(TypedDict):
    """The new job and its seed, or a sentence for each input that is not taken."""

    job_id: str | None
    seed: int | str | None
    problems: dict[str, str]


class Recalled(TypedDict):
    """The forms as the user left them, that of the chosen model first.

    Those `waiting` have files that cannot be reached now. `is_early` while what the page sent as it went is not dealt
    with.
    """

    user_id: str
    drafts: list[FormPlan]
    model_id: str | None
    waiting: list[str]
    seed: SeedMode
    notice: Notice | None
    is_early: bool


class KeptDraft(TypedDict):
    """What stands in the way: a sentence for each file that no job would take, and why nothing could be kept now."""

    refused: dict[str, str]
    fault: str


class ListedChoice(TypedDict):
    """What can be chosen; `picture` is the address of one that lies beside its file."""

    value: str
    label: str
    picture: str | None


class Listed(TypedDict):
    """The choices of a folder or a service; `hint` says why they may not be today's."""

    choices: list[ListedChoice]
    hint: str


class Preset(TypedDict):
    """A form that the user saved under a name; it is in no workspace when that was deleted. Times are ISO 8601."""

    id: str
    name: str
    workspace_id: str | None
    model_id: str
    model_name: str
    saved_at: str


class OverwrittenPreset(Preset):
    """`before` is a deleted preset with what it held: `undelete_preset` brings it back once its name is free."""

    before: str


class Label(TypedDict):
    """A label of the user's, and how many jobs have it, without those in the bin."""

    name: str
    jobs: int


class Workspace(TypedDict):
    """A workspace of the user's."""

    id: str
    name: str


class Result(TypedDict):
    """A file that a job made, and its place among them; `name` is what a download is called.

    `preview` is where a small picture of it is, `seed` the one that it was made with where it has one of its own.
    """

    place: int
    url: str
    preview: str
    kind: MediaKind
    name: str
    seed: int | None


class JobCard(TypedDict):
    """A job in short; `progress` is 0..1, times are ISO 8601. One that is damaged has the status "damaged".

    `title` is what a job without a prompt is called. A seed above 2^53 - 1 is a text of its digits, which endpoints
    take too.
    """

    id: str
    workspace_id: str | None
    status: str
    type: str | None
    model_id: str | None
    model_name: str
    title: str
    prompt: str | None
    seed: int | str | None
    created_at: str | None
    deleted: bool
    favourite: bool
    rating: int | None
    labels: list[str]
    progress: float | None
    progress_text: str | None
    result: Result | None
    outputs: list[Result]
    error: str | None


class JobList(TypedDict):
    """Some jobs, the newest first; `next` is the cursor of those after, and with `newer` `previous` of those before.

    Where `total` is not exact there are more. `notes` say what of a search looks like a field and was taken for text.
    """

    jobs: list[JobCard]
    next: str | None
    previous: str | None
    total: int
    exact: bool
    notes: list[str]


class Input(TypedDict):
    """One input of a job, in words; `url` is where its file is, `urls` where those of a list are."""

    name: str
    label: str
    kind: str
    text: str
    url: str | None
    urls: list[str]


class LinkedJob(TypedDict):
    """Another job, and in words how it belongs to one."""

    id: str
    status: str
    type: str | None
    model_name: str
    prompt: str | None
    preview: str | None
    deleted: bool
    how: list[str]


class JobDetails(JobCard):
    """All of a job: its inputs, times, and the log of a failure; what ran it, by name.

    The newest jobs that it came from and that came from it, and how many links to such jobs there are.
    """

    inputs: list[Input]
    finished_at: str | None
    deleted_at: str | None
    duration_s: float | None
    log: str | None
    sources: list[LinkedJob]
    source_count: int
    uses: list[LinkedJob]
    use_count: int


class Brought(TypedDict):
    """What a ZIP holds: jobs of a studio, or so many files that may be results."""

    is_archive: bool
    files: int


class LeftOut(TypedDict):
    """A file that cannot be taken, and why."""

    name: str
    text: str


class ImportedFiles(TypedDict):
    """How many files are done, and of those of this time how many became jobs, and why the others did not.

    `there` are jobs already, `silent` do not say how they were made; `job_ids` are jobs that a studio wrote.
    """

    done: int
    of: int
    jobs: int
    there: int
    silent: int
    refused: list[LeftOut]
    job_ids: list[str]
