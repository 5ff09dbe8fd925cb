"""A studio in memory, for laws about what it decides and not about where things are kept."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from backends.base import Backend
from media_kinds import MediaKind
from model_configs.registry import Registry
from model_configs.schema import BackendSpec, ModelConfig
from storage.archive.jobs import JobArchives
from storage.drafts import DraftStore
from storage.jobs.links import Producers, Source
from storage.jobs.loaded import Loaded
from storage.jobs.queue import QueueStore
from storage.jobs.store import Job, JobBasics, JobStatus, JobStore, NewJob
from storage.media.store import MediaInfo, MediaStore
from storage.preferences import PreferenceStore
from storage.presets import PresetStore
from storage.workspaces import Workspace, WorkspaceStore
from studio.context import GivenFile, StudioContext
from studio.inputs.wildcards import Wildcards
from tests.strategies import MEDIA_KEYS

THEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
USER = "ann"
FILES = {
    key: MediaInfo(key, f"a {kind}", cast(MediaKind, kind), f"{kind}/x", size=1, width=None, height=None, duration=None)
    for kind, keys in MEDIA_KEYS.items()
    for key in keys
}


class Jobs:
    """Keeps jobs as a database does: what comes out has been JSON in between."""

    def __init__(self) -> None:
        self.kept: dict[str, Job] = {}

    def create(self, new: NewJob) -> Job:
        values = dict.fromkeys(Job.__dataclass_fields__) | {
            name: getattr(new, name) for name in NewJob.__dataclass_fields__ if name != "sources"
        }
        values |= {"options": json.loads(json.dumps(new.options)), "outputs": ()}
        values |= {"id": f"job-{len(self.kept)}", "status": JobStatus.QUEUED, "favourite": False, "created_at": THEN}
        job = self.kept[values["id"]] = Job(**values)
        return job

    def find(self, user_id: str, job_id: str) -> Job | None:
        job = self.kept.get(job_id)
        return job if job and job.user_id == user_id else None

    def find_with_files(self, user_id: str, job_id: str) -> tuple[Job, dict[str, MediaInfo]] | None:
        job = self.find(user_id, job_id)
        return None if job is None else (job, {key: FILES[key] for key in job.media})

    def basics(self, user_id: str, job_id: str) -> JobBasics | None:
        job = self.find(user_id, job_id)
        return job and JobBasics(job.id, job.model_id, job.prompt, job.type)

    def producers(self, user_id: str, keys: Collection[str]) -> dict[str, Producers]:
        return {}


class Media:
    """Has the files of MEDIA_KEYS, by name only: whoever tries to open one fails."""

    def key_of(self, path: Path) -> str | None:
        return str(path) if str(path) in FILES else None

    def find(self, user_id: str, key: str) -> MediaInfo | None:
        return FILES.get(key)

    def find_many(self, user_id: str, keys: Collection[str]) -> dict[str, MediaInfo]:
        return {key: FILES[key] for key in keys if key in FILES}

    def there(self, files: dict[str, MediaInfo]) -> dict[str, MediaInfo]:
        return files

    def uploaded(self, user_id: str, path: Path) -> bool:
        return False

    def check_room(self, user_id: str) -> None:
        pass


class Workspaces:
    def list(self, user_id: str) -> tuple[Workspace, ...]:
        return (Workspace("w", "Work", THEN),)

    def damaged(self, user_id: str) -> tuple[str, ...]:
        return ()

    def ensure_default(self, user_id: str) -> Workspace:
        return self.list(user_id)[0]


class Engine:
    """Has nothing loaded."""

    def loaded(self) -> tuple[Loaded, ...]:
        return ()

    def unload(self, model_id: str) -> None:
        pass


class Drafts:
    """Drafts as JSON, by user and model."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.from_jobs: dict[tuple[str, str], tuple[Source, ...]] = {}

    def save(
        self,
        user_id: str,
        model_id: str,
        values: Mapping[str, Any],
        media: Collection[str],
        sources: Sequence[Source] = (),
    ) -> None:
        self.kept[user_id, model_id] = json.dumps(values)
        self.from_jobs[user_id, model_id] = tuple(sources)

    def sources(self, user_id: str) -> dict[str, tuple[Source, ...]]:
        return {model: sources for (user, model), sources in self.from_jobs.items() if user == user_id}

    def all(self, user_id: str) -> dict[str, dict[str, Any]]:
        return {model: json.loads(text) for (user, model), text in self.kept.items() if user == user_id}

    def damaged(self, user_id: str) -> tuple[str, ...]:
        return ()

    def delete(self, user_id: str, model_id: str) -> None:
        self.kept.pop((user_id, model_id), None)


class Preferences:
    """Preferences by user and name."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get(self, user_id: str, name: str) -> str | None:
        return self.kept.get((user_id, name))

    def damaged(self, user_id: str) -> tuple[str, ...]:
        return ()

    def set(self, user_id: str, name: str, value: str) -> None:
        self.kept[user_id, name] = value


class Ready:
    """A backend that needs nothing."""

    spec_type = BackendSpec  # takes whatever stands in a file

    def ready(self, spec: BackendSpec) -> str | None:
        return None


def ready_backends(configs: Collection[ModelConfig]) -> dict[str, Backend]:
    return {config.backend.kind: cast(Backend, Ready()) for config in configs}


def memory_studio(*configs: ModelConfig) -> StudioContext:
    return StudioContext(
        registry=Registry({config.id: config for config in configs}),
        jobs=cast(JobStore, Jobs()),
        workspaces=cast(WorkspaceStore, Workspaces()),
        media=cast(MediaStore, Media()),
        archives=cast(JobArchives, None),
        drafts=cast(DraftStore, Drafts()),
        preferences=cast(PreferenceStore, Preferences()),
        presets=cast(PresetStore, None),
        backends=ready_backends(configs),
        engine=Engine(),
        queue_store=cast(QueueStore, None),
        wildcards=Wildcards(Path("wildcards of a studio in memory")),
        trash_days=30,
    )


def entered(config: ModelConfig, values: Mapping[str, Any], root: Path = Path()) -> dict[str, Any]:
    """The values as a form hands them in: files below `root` in place of media keys."""
    media = config.media()
    return {name: _given(value, root) if name in media else value for name, value in values.items()}


def _given(value: Any, root: Path) -> Any:
    if isinstance(value, list):
        return [_given(one, root) for one in value]
    return None if value is None else GivenFile(root / value, "a file")
