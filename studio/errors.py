"""Everything the studio refuses, in one tree; each message is a sentence for the user that says what to do.

StudioError
├── JobNotFoundError        no such job, or another user's: both read the same
├── JobDamagedError         a job's record is damaged so far that it gives nothing back
├── CannotRunAgainError     a job's inputs do not all come back
├── JobKeptError            a job is not in the bin, and is not deleted for good
├── ModelNotFoundError      no model config of that id
├── ModelNotHereError       the worker that was to run a job does not have its model
├── UnloadError             a model's memory is not this user's to free
├── InvalidValuesError      values a model does not take, a message for each field
├── InputMissingError       a file that a job needs is gone
├── WildcardError           a wildcard of a text cannot be resolved
├── BackendNotReadyError    what runs the model is not set up
├── ModelSourceError        what models add was given cannot be made a model
├── SettingError            a setting, or what it names, cannot be used
├── EngineBusyError         another page has this data folder
└── WorkerBusyError         another worker already runs the jobs of this data folder

The rooms below have trees of their own (`storage.errors`, `model_configs.schema`, `backends.base`): what they say is
for people too, and passes through unchanged where nothing can be added.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path


class StudioError(Exception):
    """Base of everything the studio refuses."""


class JobNotFoundError(StudioError):
    """No job of this id belongs to the user; whether another user has it is not told."""

    def __init__(self, job_id: str) -> None:
        super().__init__("This job does not exist. It may have been deleted.")
        self.job_id = job_id


class JobDamagedError(StudioError):
    """Not even the model and the prompt of the job can be read."""

    def __init__(self) -> None:
        super().__init__("This job's record is damaged so far that nothing of it can be reused: delete the job.")


class CannotRunAgainError(StudioError):
    """What a job ran with does not all come back: its user has to look at the form first."""

    def __init__(self, lost: Sequence[str]) -> None:
        super().__init__(
            f"This job cannot run again as it was. {' '.join(lost)} Reuse it, look at the form and generate."
        )


class JobKeptError(StudioError):
    """Only what is in the bin can be deleted for good."""

    def __init__(self) -> None:
        super().__init__("This job is not deleted: put it into the bin first.")


class ModelNotFoundError(StudioError):
    """No model config has this id."""

    def __init__(self, model_id: str) -> None:
        super().__init__(f"The model {model_id} does not exist here any more: choose another one.")
        self.model_id = model_id


class ModelNotHereError(StudioError):
    """The page that took the job had the model; this worker does not."""

    def __init__(self, model_id: str) -> None:
        super().__init__(
            f"The worker that took this job does not have the model {model_id}: it was removed, or the worker is of an "
            "older version or set up with other models than the page. Where it has the model, run the job again."
        )


class UnloadError(StudioError):
    """Where anybody may come in, nobody takes a model from the others."""

    def __init__(self) -> None:
        super().__init__("Who runs this studio frees its memory: studio_ui.py models unload.")


class InvalidValuesError(StudioError):
    """Values that the model does not take; `fields` maps a parameter's name to a sentence for its field."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


class InputMissingError(StudioError):
    """A file that the job needs is not in the store any more."""

    def __init__(self, label: str) -> None:
        super().__init__(f"The file of {label} is gone: reuse the job, choose a file again and generate.")
        self.label = label


class WildcardError(StudioError):
    """A wildcard of a text cannot be resolved; the message names the file and says what to do about it."""


class BackendNotReadyError(StudioError):
    """What runs the model is not set up; the message is the backend's own."""


class ModelSourceError(StudioError):
    """What was given cannot be made a model, or must not."""


class SettingError(StudioError):
    """A setting, or what it names, cannot be used; the message is one line for whoever starts the studio."""

    def __init__(self, setting: str, problem: str) -> None:
        super().__init__(f"STUDIO_{setting.upper()}: {problem}")


class EngineBusyError(StudioError):
    """Another page holds the data folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"Another studio is running on {folder}: stop it, or choose another folder with --data-dir.")


class WorkerBusyError(StudioError):
    """Another worker holds the data folder; two of them would run every job twice."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"Another worker runs the jobs of {folder}: stop it, or choose another folder with --data-dir."
        )
