"""The event of a reuse, which jobs, files and presets are turned into."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from media_kinds import MediaKind
from storage.media.store import MediaInfo


class ReuseJobInput(BaseModel):
    """Everything a form needs to show a job's inputs again; whoever sends it knows nothing of forms.

    What comes from a file or a preset alone has no `job_id`; `preset` is what the user calls that. Media paths are keys
    of the media store; `files` has those that are the user's, there or gone. `resolved` has the texts as the model got
    them, where that had wildcards; `stored_as` says under which name the job has an option that goes by another one
    here; `config_snapshot` is the model's config as it was when the job was made. `incomplete` says that the job's
    record could not be read whole, so that only what stands here came back.
    """

    model_config = ConfigDict(frozen=True)

    job_id: str
    preset: str | None = None
    model_id: str
    type: MediaKind | None
    prompt: str | None = None
    options: dict[str, Any] = {}
    image_input_path: str | None = None
    video_input_path: str | None = None
    audio_input_path: str | None = None
    files: dict[str, MediaInfo] = {}
    seed: int | None = None
    resolved: dict[str, str] = {}
    stored_as: dict[str, str] = {}
    config_snapshot: dict[str, Any] | None = None
    incomplete: bool = False

    @property
    def what(self) -> Literal["job", "preset"]:
        """What the inputs are of, in a word for the user."""
        return "job" if self.preset is None else "preset"
